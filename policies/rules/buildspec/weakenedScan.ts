/** BS-07 and BS-18: a scanner that can fail is not told to overlook what it should see. */
import { severityEquality } from "../../buildspec/severityEquality";
import type { Weakness } from "../../buildspec/scannerUse";
import { inconclusive, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleExample, RuleMetadata } from "../../harness/rule";
import { buildspecOf, projectExample, reportCommand } from "../../pipeline/exampleResources";
import { projectBuildspec, projectType, projectVariables } from "../../pipeline/project";
import { commandLabel, onScanners } from "./onBuildspec";

const scan = (...commands: string[]) => projectExample("scan", buildspecOf(commands), "scanner");

function rule(metadata: RuleMetadata, about: Weakness["about"], examples: RuleExample[]): ResourceRule {
    return {
        level: "resource",
        metadata,
        types: [projectType],
        evaluate: (project) => {
            const byOptions = onScanners(project, (scanner, property): Outcome[] => {
                const label = commandLabel(scanner);
                const variables = projectVariables(project);
                const found = scanner.weaknesses
                    .filter((weakness) => weakness.about === about)
                    .map(({ why, fix }) =>
                        violation(`${property}, ${label}: ${why}.`, fix, { findingId: `${label}|${why}` }),
                    );
                return found.length > 0 || Array.isArray(variables)
                    ? found
                    : [inconclusive({ property: variables.unknown }, `${label}: its settings are not known`)];
            });
            const byEquality = about === "threshold" ? equalityOutcomes(project) : [];
            if (byEquality.length === 0) return byOptions;
            const silent = new Set<Outcome["kind"]>(["pass", "notApplicable"]);
            return [...byEquality, ...byOptions.filter(({ kind }) => !silent.has(kind))];
        },
        examples: [
            ...examples,
            { title: "no scanner", shows: "absent", resources: [scan("make")], expect: [] },
            {
                title: "not known yet",
                shows: "unknown",
                resources: [projectExample("scan", unknown)],
                expect: [{ resource: "scan", kind: "inconclusive" }],
            },
        ],
    };
}

/** A threshold that minds one severity and none above it, wherever the report is from. */
function equalityOutcomes(project: ResourceReader): Outcome[] {
    const buildspec = projectBuildspec(project);
    const found = buildspec.kind === "inline" ? severityEquality(buildspec.analysis) : null;
    if (!found) return [];
    const label = commandLabel(found.command);
    return [
        violation(
            `${buildspec.property}, ${label}: it looks for findings of exactly one severity, and lets ${found.missing.join(" and ")} through.`,
            "Count the findings at or above the threshold: critical as well as high.",
            { findingId: `${label}|equality` },
        ),
    ];
}

function cases(shows: "bad" | "good", list: [title: string, ...commands: string[]][]): RuleExample[] {
    return list.map(([title, ...commands]) => ({
        title,
        shows,
        resources: [scan(...commands)],
        expect: shows === "bad" ? [{ resource: "scan", kind: "violation" }] : [],
    }));
}

export const weakenedThreshold = rule(
    {
        id: "BS-07",
        family: "buildspec",
        title: "Scanners are not told to overlook findings",
        rationale:
            "A scan that leaves out what has no fix, minds one severity only or skips rules is green for an image that the policy would refuse, and nobody sees the difference.",
        severity: "high",
        remediation:
            "Let the scanner report everything, and decide in one place what is accepted: the gate policy and its waivers.",
        references: ["OWASP CICD-SEC-1"],
    },
    "threshold",
    [
        ...cases("bad", [
            ["trivy leaves out what has no fix", "trivy image --exit-code 1 --ignore-unfixed $IMAGE"],
            ["trivy minds critical findings only", "trivy image --exit-code 1 --severity CRITICAL $IMAGE"],
            ["trivy has a list of exceptions", "trivy image --exit-code 1 --ignorefile accepted $IMAGE"],
            [
                "trivy leaves out what has no fix, by a variable",
                "TRIVY_IGNORE_UNFIXED=true trivy image --exit-code 1 $IMAGE",
            ],
            ["grype leaves out what has no fix", "grype $IMAGE --fail-on high --only-fixed"],
            ["grype fails on critical findings only", "grype $IMAGE --fail-on critical"],
            [
                "the report that the gate judges has no findings without a fix",
                "grype $IMAGE --only-fixed -o json > grype.json",
                reportCommand,
            ],
            [
                "lacework minds critical findings only",
                "lacework vulnerability container scan index.docker.io demo/app latest --fail_on_severity critical",
            ],
            [
                "lacework fails on findings with a fix only",
                "lacework vulnerability container scan index.docker.io demo/app latest --fail_on_fixable",
            ],
            ["hadolint skips a rule", "hadolint --ignore DL3002 Dockerfile"],
            ["hadolint skips rules by a variable", "HADOLINT_IGNORE=DL3002,DL3008 hadolint Dockerfile"],
            ["trufflehog reports only secrets that work", "trufflehog git file://. --fail --only-verified"],
            ["gitleaks has a list of accepted findings", "gitleaks git --baseline-path accepted.json ."],
            [
                "exactly High",
                `COUNT=$(jq '[.vulnerabilities[] | select(.severity=="High")] | length' report.json)`,
            ],
            [
                "exactly what a variable says",
                `jq --arg s "$FAIL_WHEN" '.vulnerabilities[] | select(.severity == $s)' report.json`,
            ],
            ["exactly critical", `jq '[.[] | select(.Severity == "CRITICAL")] | length' report.json`],
            ["the shell compares one", `for i in 1; do [ "$SEVERITY" = "High" ] && exit 1; done`],
        ]),
        ...cases("good", [
            ["trivy minds high and critical", "trivy image --exit-code 1 --severity HIGH,CRITICAL $IMAGE"],
            ["grype fails on high findings", "grype $IMAGE --fail-on high"],
            [
                "high or critical",
                `jq '[.[] | select(.severity == "HIGH" or .severity == "CRITICAL")] | length' report.json`,
            ],
            [
                "one after the other",
                `A=$(jq '[.[] | select(.severity=="High")] | length' r.json)`,
                `B=$(jq '[.[] | select(.severity=="Critical")] | length' r.json)`,
            ],
            ["a filter of something else", `jq '.[] | select(.name == "High")' report.json`],
            ["hadolint with a configuration of its own", "hadolint --config rules.yaml Dockerfile"],
        ]),
        {
            title: "a variable of the project leaves findings out",
            shows: "bad",
            resources: [
                projectExample("scan", buildspecOf(["grype $IMAGE --fail-on high"]), "scanner", {
                    environment: {
                        image: "aws/codebuild/standard:7.0",
                        environmentVariables: [{ name: "GRYPE_ONLY_FIXED", value: "true" }],
                    },
                }),
            ],
            expect: [{ resource: "scan", kind: "violation" }],
        },
    ],
);

export const weakenedHistory = rule(
    {
        id: "BS-18",
        family: "buildspec",
        title: "Secret scans see every commit that was pushed",
        rationale:
            "A secret that one commit added and the next took away is still in the history for everybody who can clone it. And secret scanners end with 0 and no findings when a commit of the range is not in the clone.",
        severity: "medium",
        remediation: "Scan with `gate secrets`, or scan the whole history.",
        references: ["OWASP CICD-SEC-6"],
    },
    "history",
    [
        ...cases("bad", [
            ["gitleaks looks at files only", "gitleaks detect --no-git"],
            ["gitleaks looks at a directory", "gitleaks dir ."],
            ["gitleaks with a range that nobody resolved", 'gitleaks git --log-opts="$BASE..$HEAD" .'],
            ["trufflehog stops after one commit", "trufflehog git file://. --fail --max-depth=1"],
            [
                "trufflehog since a commit that may not be there",
                "trufflehog git file://. --fail --since-commit $BASE",
            ],
        ]),
        ...cases("good", [
            ["gitleaks on the whole history", "gitleaks git ."],
            ["trufflehog on the whole history", "trufflehog git file://. --fail"],
            ["the gate resolves the range", "gate secrets --repository . --head $COMMIT_ID --tool gitleaks"],
        ]),
    ],
);
