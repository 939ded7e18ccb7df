/** PIPE-01's examples over the whole stack: what proves a scan, and what only looks like one. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import {
    basicScanPattern,
    changed,
    deciderRoleExample,
    gateStack,
    gateStackWithout,
    scanRuleExample,
} from "../../gate/exampleGate";
import {
    actionExample,
    buildspecOf,
    completeStages,
    deployStep,
    pipelineExample,
    pipelineStack,
    projectExample,
    publishStep,
    reportCommand,
    scanBuildspec,
    scanCommand,
    scanStep,
    stageExample,
    testStage,
    verifyCommand,
} from "../../pipeline/exampleResources";

const handedDigest = completeStages.with(
    2,
    testStage({
        ...scanStep,
        configuration: {
            ProjectName: "scan",
            EnvironmentVariables: JSON.stringify([{ name: "IMAGE_DIGEST", value: "#{Build.IMAGE_DIGEST}" }]),
        },
    }),
);
const candidate = "registry.example.com/demo/candidate@$IMAGE_DIGEST";
const grypeReport = (subject: string): string => `grype "${subject}" --output json --file grype.json`;
const digestReport = reportCommand.replace("$IMAGE", candidate);
const otherSubjects: [title: string, ...commands: string[]][] = [
    ["another image is scanned", "grype docker.io/library/alpine:3 --fail-on high"],
    ["another image is scanned, by a variable", "IMAGE=alpine:3", 'trivy image --exit-code 1 "$IMAGE"'],
    ["the report is of another image", grypeReport("registry:alpine:3"), digestReport],
    ["a directory is scanned", "grype dir:. --fail-on high"],
    ["a file is scanned", "grype file:app.jar --fail-on high"],
    ["a path is scanned", "grype ./app --fail-on high"],
    ["a list of packages is scanned", "grype sbom:app.json --fail-on high"],
    ["the report is of a directory", grypeReport("dir:."), digestReport],
    ["the report came along", digestReport],
    ["another report is judged", grypeReport(candidate).replace("grype.json", "other.json"), digestReport],
    ["the report is written too late", digestReport, grypeReport(candidate)],
];
const sameSubjects: [title: string, ...commands: string[]][] = [
    ["grype scans it", `grype "${candidate}" --fail-on high`],
    ["grype's report is judged", grypeReport(`registry:${candidate}`), digestReport],
    ["grype's report is judged, through tee", `grype "${candidate}" -o json | tee grype.json`, digestReport],
    [
        "a container's report is judged",
        `docker run --rm -v "$PWD:/out" anchore/grype "${candidate}" -o json --file /out/grype.json`,
        digestReport,
    ],
    ["the reference is put together before", `IMAGE="${candidate}"`, 'grype "$IMAGE" --fail-on high'],
];

const nodeScan = scanCommand.replace("gate", "node gate.cjs");
const unverified: [title: string, ...commands: string[]][] = [
    ["never compared with a checksum", nodeScan],
    ["compared too late", nodeScan, verifyCommand],
    ["a failed comparison is swallowed", `${verifyCommand} || true`, nodeScan],
    [
        "a failed comparison is hidden by a pipe",
        verifyCommand.replace("set -eo pipefail\n", "") + " | cat",
        nodeScan,
    ],
    ["another file is compared", verifyCommand.replace("gate.cjs", "gate-policy.json"), nodeScan],
    ["compared with itself", "sha256sum gate.cjs | sha256sum --check", nodeScan],
    ["compared with a list that came along", "sha256sum --check gate.cjs.sha256", nodeScan],
    ["written by a redirection", verifyCommand, "echo > gate.cjs", nodeScan],
    ["written by a group's redirection", verifyCommand, "{ echo; } > ./gate.cjs", nodeScan],
    ["written by a loop's redirection", verifyCommand, "for x in a; do echo; done > gate.cjs", nodeScan],
    ["copied over", verifyCommand, "cp other.js gate.cjs", nodeScan],
    ["copied over from a directory", verifyCommand, "cp other/gate.cjs .", nodeScan],
    ["moved over", verifyCommand, "mv other.js gate.cjs", nodeScan],
    ["downloaded again", verifyCommand, "curl -fsSo gate.cjs https://example.com/x", nodeScan],
    ["downloaded again from S3", verifyCommand, "aws s3 cp s3://bucket/x gate.cjs", nodeScan],
    ["another directory", verifyCommand, "cd elsewhere", nodeScan],
    ["compared in another directory", `(cd elsewhere; ${verifyCommand})`, nodeScan],
    ["written by an inner shell", verifyCommand, "sh -c 'cp other.js gate.cjs'", nodeScan],
    ["run by a node of the work area", verifyCommand, `./${nodeScan}`],
    ["an unknown gate of the work area", `./${scanCommand}`],
];
const verified: [title: string, ...commands: string[]][] = [
    ["compared with a checksum", verifyCommand, nodeScan],
    ["compared in the directory that it runs in", 'cd "$(mktemp -d)"', verifyCommand, nodeScan],
    ["another directory for a while", verifyCommand, "(cd web && ls)", nodeScan],
    ["compared in a here-document", `sha256sum -c <<'EOF'\n${"a".repeat(64)}  gate.cjs\nEOF`, nodeScan],
    [
        "read, listed and copied to elsewhere",
        verifyCommand,
        "ls -l gate.cjs",
        "cp gate.cjs evidence/tool.js",
        nodeScan,
    ],
    ["fetched, then compared", "aws s3 cp s3://bucket/x gate.cjs", verifyCommand, nodeScan],
];

const withoutGateLink: [title: string, resources: ExampleResource[]][] = [
    ["no function may answer (GATE-03)", gateStack(deciderRoleExample())],
    ["the rule is switched off (GATE-07)", gateStack(changed(scanRuleExample, { state: "DISABLED" }))],
    [
        "the rule waits for the wrong events (GATE-08)",
        gateStack(changed(scanRuleExample, { eventPattern: JSON.stringify(basicScanPattern) })),
    ],
    [
        "only the table's stream starts the function",
        gateStackWithout("demo-scans", "decider-target", "rule-starts-decider"),
    ],
    [
        "people answer the approval that names the digest",
        [pipelineExample([...completeStages.slice(0, 2), ...completeStages.slice(3, 4), stageExample("Deploy", deployStep)])], // prettier-ignore
    ],
];

const overridden = (buildspec: string): Record<string, unknown> => ({
    ...scanStep,
    configuration: { ProjectName: "scan", BuildspecOverride: buildspec },
});

export const provenScanExamples: RuleExample[] = [
    {
        title: "a project that only says that it scans",
        shows: "bad",
        resources: pipelineStack(
            completeStages,
            projectExample("scan", buildspecOf(["echo scanning"]), "scanner"),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the only scan records its verdict and always succeeds",
        shows: "bad",
        resources: pipelineStack(
            completeStages,
            projectExample("scan", buildspecOf([`${scanCommand} --advisory`]), "scanner"),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    ...["--check", "-c", "--version", "--help"].map((option): RuleExample => ({
        title: `node ${option} does not run the gate`,
        shows: "bad",
        resources: pipelineStack(
            completeStages,
            projectExample(
                "scan",
                buildspecOf([verifyCommand, nodeScan.replace("node", `node ${option}`)]),
                "scanner",
            ),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    })),
    ...otherSubjects.map(([title, ...commands]): RuleExample => ({
        title: `the digest is handed over, but ${title}`,
        shows: "bad",
        resources: pipelineStack(handedDigest, projectExample("scan", buildspecOf(commands), "scanner")),
        expect: [{ resource: "pipeline", kind: "violation" }],
    })),
    ...sameSubjects.map(([title, ...commands]): RuleExample => ({
        title: `the digest is handed over, and ${title}`,
        shows: "good",
        resources: pipelineStack(handedDigest, projectExample("scan", buildspecOf(commands), "scanner")),
        expect: [],
    })),
    {
        title: "the report may be written by commands that cannot be read",
        shows: "unknown",
        resources: pipelineStack(
            completeStages,
            projectExample("scan", buildspecOf(["make report", reportCommand]), "scanner"),
        ),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
    ...unverified.map(([title, ...commands]): RuleExample => ({
        title: `the gate's file: ${title}`,
        shows: "bad",
        resources: pipelineStack(completeStages, projectExample("scan", buildspecOf(commands), "scanner")),
        expect: [{ resource: "pipeline", kind: "violation" }],
    })),
    ...verified.map(([title, ...commands]): RuleExample => ({
        title: `the gate's file: ${title}`,
        shows: "good",
        resources: pipelineStack(completeStages, projectExample("scan", buildspecOf(commands), "scanner")),
        expect: [],
    })),
    {
        title: "a setting before the scan that replaces what runs",
        shows: "bad",
        resources: pipelineStack(
            completeStages,
            projectExample("scan", buildspecOf(["hash -p /bin/true gate", scanCommand]), "scanner"),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the pipeline loads a module into the scan",
        shows: "bad",
        resources: pipelineStack(
            completeStages.with(
                2,
                testStage({
                    ...scanStep,
                    configuration: {
                        ProjectName: "scan",
                        EnvironmentVariables: JSON.stringify([
                            { name: "NODE_OPTIONS", value: "--require ./x.js" },
                        ]),
                    },
                }),
            ),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    ...(
        [
            ["NODE_OPTIONS", "--require ./x.js", "bad", "loads a module into"],
            ["BASH_ENV", "./profile", "bad", "has a file run before"],
            ["AWS_ENDPOINT_URL_S3", "https://s3.example.com", "bad", "says who is asked for the evidence of"],
            ["BASH_ENV", "#{Build.PROFILE}", "unknown", "may have a file run before"],
            ["IMAGE_DIGEST", "#{Build.IMAGE_DIGEST}", "good", "hands the digest to"],
        ] as const
    ).map(([name, value, shows, what]): RuleExample => ({
        title: `the pipeline ${what} the verdict of the release`,
        shows,
        resources: pipelineStack(
            completeStages.with(
                4,
                stageExample("Publish", {
                    ...publishStep,
                    configuration: {
                        ProjectName: "publish",
                        EnvironmentVariables: JSON.stringify([{ name, value }]),
                    },
                }),
            ),
        ),
        expect:
            shows === "good"
                ? []
                : [{ resource: "pipeline", kind: shows === "bad" ? "violation" : "inconclusive" }],
    })),
    {
        title: "the pipeline switches the scan to advisory",
        shows: "bad",
        resources: pipelineStack(
            completeStages.with(
                2,
                testStage({
                    ...scanStep,
                    configuration: {
                        ProjectName: "scan",
                        EnvironmentVariables: JSON.stringify([{ name: "GATE_ADVISORY", value: "true" }]),
                    },
                }),
            ),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the exit status of the scan is lost",
        shows: "bad",
        resources: pipelineStack(
            completeStages,
            projectExample("scan", buildspecOf([`${scanCommand} || true`]), "scanner"),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "scan after the release",
        shows: "bad",
        resources: pipelineStack([
            ...completeStages.slice(0, 2),
            stageExample("Publish", publishStep),
            stageExample("Test", scanStep),
        ]),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "no scan at all",
        shows: "bad",
        resources: pipelineStack(completeStages.toSpliced(2, 1)),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    ...withoutGateLink.map(([title, resources]): RuleExample => ({
        title: `no scan action, and ${title}`,
        shows: "bad",
        resources,
        expect: [{ resource: "pipeline", kind: "violation" }],
    })),
    {
        title: "no scan action, and scan events answer the approval",
        shows: "good",
        resources: gateStack(),
        expect: [],
    },
    {
        title: "no scan action, and whether scan events answer the approval is not known yet",
        shows: "unknown",
        resources: gateStack(changed(scanRuleExample, { eventPattern: unknown })),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
    {
        title: "the complete pipeline",
        shows: "good",
        resources: pipelineStack(completeStages),
        expect: [],
    },
    {
        title: "the staging image is not scanned although the release asks for it",
        shows: "bad",
        resources: pipelineStack(completeStages.with(2, stageExample("Test", scanStep))),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "both scans are recorded for the same stage",
        shows: "bad",
        resources: pipelineStack(
            completeStages,
            projectExample("scan-staging", buildspecOf([scanCommand]), "scanner"),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "an image scanner that does not look for vulnerabilities",
        shows: "bad",
        resources: pipelineStack(
            completeStages,
            projectExample(
                "scan",
                buildspecOf(["trivy image --exit-code 1 --scanners secret $IMAGE"]),
                "scanner",
            ),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "whether the staging image is scanned is not known yet",
        shows: "unknown",
        resources: pipelineStack(completeStages, projectExample("scan-staging", unknown, "scanner")),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
    {
        title: "one advisory scan beside one that can fail",
        shows: "good",
        resources: pipelineStack(
            completeStages.with(
                2,
                testStage(
                    scanStep,
                    actionExample("Anchore", "Test", "CodeBuild", { ProjectName: "anchore" }),
                ),
            ),
            projectExample("anchore", buildspecOf([`${scanCommand} --advisory`]), "scanner"),
        ),
        expect: [],
    },
    {
        title: "the project does not exist",
        shows: "absent",
        resources: pipelineStack(completeStages).filter((resource) => resource.name !== "scan"),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the action puts other commands in the place of the scanner's",
        shows: "bad",
        resources: pipelineStack(completeStages.with(2, testStage(overridden(buildspecOf(["echo scan"]))))),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the action gives the scanner's commands",
        shows: "good",
        resources: pipelineStack(
            completeStages.with(2, testStage(overridden(scanBuildspec))),
            projectExample("scan", buildspecOf(["echo scan"]), "scanner"),
        ),
        expect: [],
    },
    {
        title: "commands of the action that are not known yet",
        shows: "unknown",
        resources: pipelineStack(completeStages.with(2, testStage(overridden(unknown)))),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
    {
        title: "a buildspec that is not known yet",
        shows: "unknown",
        resources: pipelineStack(completeStages, projectExample("scan", unknown, "scanner")),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
    {
        title: "declared a scanner, not verified",
        shows: "unknown",
        resources: pipelineStack(completeStages, projectExample("scan", "scan.yml", "scanner")),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
    {
        title: "a variable of the pipeline may switch the scan off",
        shows: "unknown",
        resources: pipelineStack(
            completeStages.with(
                2,
                testStage({
                    ...scanStep,
                    configuration: {
                        ProjectName: "scan",
                        EnvironmentVariables: JSON.stringify([
                            { name: "GATE_ADVISORY", value: "#{variables.mode}" },
                        ]),
                    },
                }),
            ),
        ),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
];
