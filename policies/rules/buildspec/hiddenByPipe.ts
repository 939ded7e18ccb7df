/** BS-08: no pipe hides the exit status of a scanner. */
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { buildspecOf, projectExample, scanCommand } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onScanners } from "./onBuildspec";

const scan = (shell: string | undefined, ...commands: string[]) =>
    projectExample("scan", buildspecOf(commands, { env: { shell } }), "scanner");

export const hiddenByPipe: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-08",
        family: "buildspec",
        title: "No pipe hides the exit status of a scanner",
        rationale:
            "The status of a pipeline is that of its last command: `scan | tee log` succeeds because `tee` does.",
        severity: "high",
        remediation: "Use no pipe, or `env: shell: bash` and `set -o pipefail` before it.",
        references: ["AWS CodeBuild User Guide: build specification reference", "OWASP CICD-SEC-1"],
    },
    types: [projectType],
    evaluate: (project) =>
        onScanners(project, (scanner, property) =>
            scanner.hiddenByPipe
                ? [
                      violation(
                          `${property}, ${commandLabel(scanner)}: the pipe behind it hides its exit status.`,
                          "Set env.shell to bash and run set -o pipefail before it, or write to a file instead of a pipe.",
                          { findingId: commandLabel(scanner) },
                      ),
                  ]
                : [],
        ),
    examples: [
        {
            title: "into tee",
            shows: "bad",
            resources: [scan("bash", `${scanCommand} | tee scan.log`)],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "pipefail in a shell that does not know it",
            shows: "bad",
            resources: [scan(undefined, "set -o pipefail || true", `${scanCommand} | tee scan.log`)],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "pipefail switched off again",
            shows: "bad",
            resources: [scan("bash", "set -o pipefail", "set +o pipefail", `${scanCommand} | tee scan.log`)],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "pipefail in bash",
            shows: "good",
            resources: [scan("bash", "set -o pipefail", `${scanCommand} | tee scan.log`)],
            expect: [],
        },
        {
            title: "the scanner is the last command",
            shows: "good",
            resources: [scan(undefined, `echo y | ${scanCommand}`)],
            expect: [],
        },
        { title: "no pipe", shows: "absent", resources: [scan("bash", scanCommand)], expect: [] },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
