/** BS-05: the phase of a scan stops the build. */
import { violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { buildspecOf, projectExample, scanCommand } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onScanners } from "./onBuildspec";

const scan = (build: Record<string, unknown>, commands = [scanCommand]) =>
    projectExample("scan", buildspecOf(commands, { build }), "scanner");

export const continuesAfterFailure: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-05",
        family: "buildspec",
        title: "A failed scan phase ends the build",
        rationale:
            "With `on-failure: CONTINUE` CodeBuild goes on to the next phase after a failed scan; commands in `finally` run after the phase has been decided.",
        severity: "critical",
        remediation: "Set `on-failure: ABORT`, and keep scanners in `commands`.",
        references: ["AWS CodeBuild User Guide: build specification reference"],
    },
    types: [projectType],
    evaluate: (project) =>
        onScanners(project, (scanner, property) => {
            const label = commandLabel(scanner);
            if (scanner.inFinally)
                return [
                    violation(
                        `${property}, ${label}: the scanner runs in finally, after the phase has been decided.`,
                        "Move it to the commands of the phase.",
                        { findingId: label },
                    ),
                ];
            if (scanner.onFailure !== "CONTINUE") return [];
            return [
                violation(
                    `${property}, ${label}: phase ${scanner.phase} has on-failure CONTINUE, so the build goes on after a failed scan.`,
                    `Set phases.${scanner.phase}.on-failure to ABORT.`,
                    { findingId: label },
                ),
            ];
        }),
    examples: [
        {
            title: "the phase continues",
            shows: "bad",
            resources: [scan({ "on-failure": "CONTINUE" })],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "the scan in finally",
            shows: "bad",
            resources: [scan({ finally: [scanCommand] }, ["echo build"])],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "the phase aborts",
            shows: "good",
            resources: [scan({ "on-failure": "ABORT" })],
            expect: [],
        },
        { title: "not set: the build fails", shows: "absent", resources: [scan({})], expect: [] },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
