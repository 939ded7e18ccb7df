/** BS-16: a verdict is not the presence of a word. */
import { textSearch } from "../../buildspec/textSearch";
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import { buildspecOf, projectExample } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onBuildspec } from "./onBuildspec";

const scan = (...commands: string[]): ExampleResource =>
    projectExample("scan", buildspecOf(commands), "scanner");
const examples = (shows: "bad" | "good", cases: [title: string, ...commands: string[]][]): RuleExample[] =>
    cases.map(([title, ...commands]) => ({
        title,
        shows,
        resources: [scan(...commands)],
        expect: shows === "bad" ? [{ resource: "scan", kind: "violation" }] : [],
    }));
const written = "trivy image --format json -o out $IMAGE";

export const textSearchVerdict: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-16",
        family: "buildspec",
        title: "Verdicts are not the presence of a word in a report",
        rationale:
            "An empty report, an error message and a report in a new format do not have the word CRITICAL in them, so all of them pass; and a package whose name has the word in it fails.",
        severity: "medium",
        remediation:
            "Use the exit status of the scanner, judge its report with `gate scan --report`, or count over the parsed severity field with `jq` after checking that the report is complete.",
        references: ["OWASP CICD-SEC-1"],
    },
    types: [projectType],
    evaluate: (project) =>
        onBuildspec(project, (analysis, property) =>
            analysis.commands.flatMap((command): Outcome[] => {
                const searched = textSearch(command, analysis);
                if (searched === null) return [];
                const label = commandLabel(command);
                return [
                    violation(
                        `${property}, ${label}: it looks for a word in ${searched}, and an empty or changed report passes.`,
                        "Judge by the scanner's exit status, or by a count over the parsed severity field.",
                        { findingId: label },
                    ),
                ];
            }),
        ),
    examples: [
        ...examples("bad", [
            ["the word CRITICAL", "grep -q CRITICAL report.json"],
            ["in a condition", 'if grep "CRITICAL" results/report.json; then exit 1; else echo good; fi'],
            ["negated", "! grep -iE 'high|critical' scan.log"],
            ["counted", 'COUNT=$(grep -c CRITICAL report.json)\n[ "$COUNT" -eq 0 ]'],
            ["behind cat", "cat report.json | grep -q '\"CRITICAL\"' && exit 1"],
            ["what the scanner prints", "grype $IMAGE | grep -q Critical && exit 1"],
            ["what the scanner prints, through tee", "grype $IMAGE | tee log | grep -q Critical && exit 1"], // prettier-ignore
            ["a file that the scanner wrote", written, "if grep -q CRITICAL out; then exit 1; fi"],
            ["by redirection", "grep -q CRITICAL < report.txt"],
            ["by awk", "if awk '/CRITICAL/ { exit 1 }' report.json; then echo good; fi"],
            ["by comparing a text", 'OUT=$(cat report.json)\nif [[ "$OUT" == *CRITICAL* ]]; then exit 1; fi'],
            ["inside a shell", "sh -c 'grep -q CRITICAL report.json'"],
        ]),
        ...examples("good", [
            ["a count over the parsed field", 'test "$(jq \'[.[] | select(.severity == "CRITICAL" or .severity == "HIGH")] | length\' report.json)" -eq 0'], // prettier-ignore
            ["the exit status", "trivy image --exit-code 1 $IMAGE"],
            ["shown only", "grep CRITICAL report.txt || true"],
            ["another word", "grep -q FROM Dockerfile", "grep -q '\"name\"' package.json"],
            ["another file", "grep -q critical src/styles"],
            ["the digest in what docker says", 'docker image inspect app | grep -F "app@$DIGEST"'],
        ]),
        { title: "nothing is searched", shows: "absent", resources: [scan("make")], expect: [] },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
