/** BS-06: the scanner is told to fail. */
import { tamperingBefore } from "../../buildspec/analysis";
import { inconclusive, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleExample } from "../../harness/rule";
import {
    buildspecOf,
    projectExample,
    reportCommand,
    scanCommand,
    verifyCommand,
} from "../../pipeline/exampleResources";
import { projectType, projectVariables } from "../../pipeline/project";
import { tamperedVariable } from "../../pipeline/tamperedVariable";
import { commandLabel, onScanners } from "./onBuildspec";

const scan = (...commands: string[]) => projectExample("scan", buildspecOf(commands), "scanner");

const describe =
    "aws ecr describe-image-scan-findings --repository-name demo --image-id imageTag=1 --query imageScanFindings.findingSeverityCounts.CRITICAL --output text";
const reporting: [string, ...string[]][] = [
    ["trivy without --exit-code", "trivy image $IMAGE"],
    ["trivy with exit code 0", "trivy image --exit-code 0 $IMAGE"],
    ["grype without --fail-on", "grype $IMAGE"],
    ["grype whose report nobody judges", "grype $IMAGE -o json > grype.json"],
    [
        "lacework without --fail_on_severity",
        "lacework vulnerability container scan index.docker.io demo/app latest",
    ],
    ["docker scout without --exit-code", "docker scout cves $IMAGE"],
    ["trufflehog without --fail", "trufflehog git file://."],
    ["hadolint with --no-fail", "hadolint --no-fail Dockerfile"],
    ["hadolint with --no-fail by a variable", "HADOLINT_NOFAIL=1 hadolint Dockerfile"],
    ["hadolint with a threshold that nothing reaches", "hadolint -t none Dockerfile"],
    ["trivy without a database of vulnerabilities to compare with", "trivy image --scanners secret $IMAGE"],
    ["Inspector's findings are only listed", "aws inspector2 list-findings"],
    ["checkov with --soft-fail", "checkov -d . --soft-fail"],
    ["anchore lists vulnerabilities", "anchore-cli image vuln $IMAGE all"],
    [
        "ECR findings are only printed",
        "aws ecr describe-image-scan-findings --repository-name demo --image-id imageTag=1",
    ],
    [
        "a vendor's container writes a report",
        "docker run --rm -v /var/run/docker.sock:/var/run/docker.sock accuknox/accuknox-container-scan:latest $IMAGE",
    ],
    ["trivy in a container", "docker run --rm aquasec/trivy:0.74.0 image $IMAGE"],
    ["a detached container", "docker run -d aquasec/trivy:0.74.0 image --exit-code 1 $IMAGE"],
    ...["--check", "-c", "--version", "--help"].map((option): [string, ...string[]] => [
        `node ${option} runs no gate`,
        "grype $IMAGE -o json > grype.json",
        verifyCommand,
        reportCommand.replace("gate", `node ${option} gate.cjs`),
    ]),
    [
        "the gate that judges the report is a file without a checksum",
        "grype $IMAGE -o json > grype.json",
        reportCommand.replace("gate", "node gate.cjs"),
    ],
    ["gitleaks with exit code 0", "gitleaks detect --exit-code 0"],
    [
        "anchore lists vulnerabilities in its container",
        "docker run anchore/engine-cli:v0.9.4 anchore-cli image vuln $IMAGE all",
    ],
    ["a scanner in an image of another name", "docker run --rm tools/all grype $IMAGE"],
    [
        "a count that changes nothing",
        `COUNT=$(${describe})`,
        'if [ "$COUNT" -gt 0 ]; then echo "findings"; fi',
    ],
    ["a count of something else", `COUNT=$(ls | wc -l)`, describe, '[ "$COUNT" -eq 0 ] || exit 1'],
    [
        "a count that a condition leaves out",
        `COUNT=$(${describe})`,
        'if [ "$STRICT" = yes ]; then [ "$COUNT" -eq 0 ] || exit 1; fi',
    ],
];
const tampered: [string, ...string[]][] = [
    ["hash -p before the scan", "hash -p /bin/true node", scanCommand],
    ["set -n before the scan", `set -n\n${scanCommand}`],
    ["set -o noexec before the scan", `set -eo noexec\n${scanCommand}`],
    ["a trap between the commands", `trap 'set +e' DEBUG\n${scanCommand}`],
    ["NODE_OPTIONS for the scan alone", `NODE_OPTIONS="--require ./x.js" ${scanCommand}`],
    ["NODE_OPTIONS by env", `env NODE_OPTIONS=--require=./x.js ${scanCommand}`],
    ["NODE_OPTIONS exported", "export NODE_OPTIONS=--require=./x.js", scanCommand],
    ["node trusts whoever answers", `NODE_TLS_REJECT_UNAUTHORIZED=0 ${scanCommand}`],
    ["BASH_ENV declared", "declare -x BASH_ENV=./profile", scanCommand],
    ["ENV names a file", "export ENV=./profile", scanCommand],
    ["LD_PRELOAD set", "LD_PRELOAD=./x.so", scanCommand],
    ["another address answers for AWS", "export AWS_ENDPOINT_URL=https://aws.example.com", scanCommand],
    ["another address answers for S3", `AWS_ENDPOINT_URL_S3=https://s3.example.com ${scanCommand}`],
    ["settings for AWS come from a file", "export AWS_CONFIG_FILE=./config", scanCommand],
    ["PATH begins with the work area", "export PATH=.:$PATH", scanCommand],
    ["PATH has an empty entry", 'PATH=":$PATH"', scanCommand],
    ["PATH ends with the work area", 'PATH+=":."', scanCommand],
    ["PATH begins with the source directory", 'PATH="$CODEBUILD_SRC_DIR/bin:$PATH"', scanCommand],
];
const undisturbed: [string, ...string[]][] = [
    ["PATH with an absolute directory", "export PATH=/opt/tools:$PATH", scanCommand],
    ["PATH with an absolute directory behind", 'export PATH+=":/opt/tools"', scanCommand],
    ["PATH with the home directory", 'export PATH="$HOME/.local/bin:$PATH"', scanCommand],
    ["node verifies who answers", "export NODE_TLS_REJECT_UNAUTHORIZED=1", scanCommand],
    ["node is given more memory", "export NODE_OPTIONS=--max-old-space-size=4096", scanCommand],
    ["NODE_OPTIONS emptied", "export NODE_OPTIONS=", scanCommand],
    ["ENV is the name of an environment", "export ENV=production", scanCommand],
    ["set -e and a trap that cleans up", `set -euo pipefail\ntrap 'rm -rf cache' EXIT\n${scanCommand}`],
    ["hash -r forgets nothing that matters", "hash -r", scanCommand],
    ["what comes after the scan", scanCommand, "export NODE_OPTIONS=--require=./x.js"],
];
const settings = (variables: Record<string, string>): ExampleResource =>
    projectExample("scan", buildspecOf([scanCommand], { env: { variables } }), "scanner");
const projectSettings = (name: string, value: unknown): ExampleResource =>
    projectExample("scan", buildspecOf([scanCommand]), "scanner", {
        environment: {
            image: "aws/codebuild/standard:7.0",
            environmentVariables: [{ name, value }],
        },
    });

const failing: [string, ...string[]][] = [
    ["trivy with --exit-code 1", "trivy image --exit-code 1 $IMAGE"],
    ["grype with --fail-on", "grype $IMAGE --fail-on high"],
    ["grype judged by the gate", "grype $IMAGE -o json > grype.json", reportCommand],
    [
        "grype --file judged by the gate",
        "./grype registry:$IMAGE --output json --file grype.json",
        reportCommand,
    ],
    [
        "grype judged by a gate whose file was compared with its checksum",
        verifyCommand,
        "grype $IMAGE -o json > grype.json",
        reportCommand.replace("gate", "node gate.cjs"),
    ],
    ["anchore evaluates its policy", "anchore-cli evaluate check $IMAGE"],
    ["gitleaks fails by itself", "gitleaks detect"],
    [
        "ECR's count is compared with a number",
        `COUNT=$(${describe})`,
        'if [ "$COUNT" -gt 0 ]; then exit 1; fi',
    ],
    ["the count itself is the test", `test "$(${describe})" -eq 0`],
    ["by arithmetic", `COUNT=$(${describe})`, "if (( COUNT > 0 )); then exit 1; fi"],
    [
        "a count of the report that trivy wrote",
        "trivy image --format json --output report.json $IMAGE",
        "COUNT=$(jq '[.Results[].Vulnerabilities[]?] | length' report.json)\nif [ $COUNT -ne 0 ]; then echo findings; exit 1; fi",
    ],
    ["a list that syft pipes into grype", "syft $IMAGE -o json | grype --fail-on high"],
    [
        "anchore evaluates in its container",
        "docker run anchore/engine-cli:v0.9.4 anchore-cli evaluate check $IMAGE",
    ],
    ["hadolint in a container", "docker run --rm -i hadolint/hadolint < Dockerfile"],
    ["the gate fails by itself", scanCommand],
    [
        "the gate lints",
        "gate lint --dockerfile Dockerfile --rules rules.yaml --threshold warning --hadolint ./hadolint",
    ],
    [
        "the gate looks for secrets",
        'gate secrets --repository . --head "$COMMIT_ID" --tool gitleaks --tool-path ./gitleaks',
    ],
    ["an advisory gate is PIPE-01's matter", `${scanCommand} --advisory`],
    ["asking for the version is no scan", "grype --version", "trivy --version"],
];

const examples = (shows: RuleExample["shows"], cases: [string, ...string[]][]): RuleExample[] =>
    cases.map(([title, ...commands]) => ({
        title,
        shows,
        resources: [scan(...commands)],
        expect: shows === "bad" ? [{ resource: "scan", kind: "violation" }] : [],
    }));

export const scannerFails: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-06",
        family: "buildspec",
        title: "Scanners are told to fail",
        rationale:
            "Most scanners exit 0 whatever they find. Without the right option the step is green for the worst image.",
        severity: "critical",
        remediation:
            "Add the option that makes the scanner fail, or judge its report with `gate scan --report`.",
        references: ["NIST SP 800-190 4.1.1"],
    },
    types: [projectType],
    evaluate: (project) =>
        onScanners(project, (scanner, property, analysis): Outcome[] => {
            const variables = projectVariables(project);
            const tampering =
                tamperingBefore(analysis, scanner) ??
                (Array.isArray(variables) ? tamperedVariable(variables) : null);
            if (tampering)
                return [
                    violation(
                        `${property}, ${commandLabel(scanner)}: it need not be what runs: ${tampering.reason}.`,
                        "Remove the setting: a scan runs as its words say.",
                        { findingId: commandLabel(scanner) },
                    ),
                ];
            if (!Array.isArray(variables))
                return [
                    inconclusive(
                        { property: variables.unknown },
                        `${commandLabel(scanner)}: the settings that it runs with are not known`,
                    ),
                ];
            // An advisory gate keeps its report as evidence; whether another scan can fail is PIPE-01.
            if (scanner.failing.kind === "yes" || scanner.judgedLater || scanner.tool === "gate") return [];
            const label = commandLabel(scanner);
            if (scanner.failing.kind === "unknown")
                return [inconclusive({ property }, `${label}: ${scanner.failing.why}`)];
            return [
                violation(`${property}, ${label}: ${scanner.failing.why}.`, scanner.failing.fix, {
                    findingId: label,
                }),
            ];
        }),
    examples: [
        ...examples("bad", reporting),
        ...examples("good", failing),
        ...examples("bad", tampered),
        ...examples("good", undisturbed),
        {
            title: "NODE_OPTIONS in the variables of the buildspec",
            shows: "bad",
            resources: [settings({ NODE_OPTIONS: "--require ./x.js" })],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "NODE_OPTIONS in the variables of the project",
            shows: "bad",
            resources: [projectSettings("NODE_OPTIONS", "--require ./x.js")],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a variable of the project that changes nothing",
            shows: "good",
            resources: [projectSettings("LOG_LEVEL", "debug")],
            expect: [],
        },
        {
            title: "NODE_OPTIONS whose value cannot be read",
            shows: "unknown",
            resources: [scan('export NODE_OPTIONS="$(cat options)"', scanCommand)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
        { title: "no scanner", shows: "absent", resources: [scan("make")], expect: [] },
        {
            title: "an exit code from a variable",
            shows: "unknown",
            resources: [scan("trivy image --exit-code $CODE $IMAGE")],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
