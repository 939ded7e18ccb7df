/** BS-04: post_build runs after a failed build; what it delivers must ask first. */
import { notApplicable, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { buildspecOf, projectExample, scanCommand } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";
import { commandLabel, onBuildspec } from "./onBuildspec";

const push = "docker push registry.example.com/demo/prod:1";
const run = (postBuild: unknown, build: Record<string, unknown> = {}) =>
    projectExample(
        "build",
        buildspecOf(["docker build -t demo .", scanCommand], { build, phases: { post_build: postBuild } }),
        "builder",
    );

export const pushAfterFailure: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-04",
        family: "buildspec",
        title: "Nothing is delivered after a failed scan",
        rationale:
            "CodeBuild runs post_build even when build failed. A push there, after a scan in build, delivers the image that the scan refused.",
        severity: "critical",
        remediation:
            "Set `on-failure: ABORT` on the phase of the scan, or test `CODEBUILD_BUILD_SUCCEEDING` before the push.",
        references: ["AWS CodeBuild User Guide: build phase transitions"],
    },
    types: [projectType],
    evaluate: (project) =>
        onBuildspec(project, (analysis, property) => {
            if (analysis.scanners.length === 0) return [notApplicable("no command is a scanner")];
            return analysis.deliveries.flatMap((delivery): Outcome[] => {
                if (delivery.kind !== "push" && delivery.kind !== "copy" && delivery.kind !== "deploy")
                    return [];
                // In the phase of the scan itself a swallowed result is BS-02's finding.
                const after = delivery.runsAfterFailureOf.find(
                    (scanner) => scanner.phase !== delivery.phase || delivery.inFinally,
                );
                if (!after) return [];
                const label = commandLabel(delivery);
                return [
                    violation(
                        `${property}, ${label}: it runs although ${commandLabel(after)} failed.`,
                        `Set phases.${after.phase}.on-failure to ABORT, or guard the command with [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ].`,
                        { findingId: label },
                    ),
                ];
            });
        }),
    examples: [
        {
            title: "an unguarded push in post_build",
            shows: "bad",
            resources: [run({ commands: [push] })],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "a guard that asks for the opposite",
            shows: "bad",
            resources: [run({ commands: [`if [ "$CODEBUILD_BUILD_SUCCEEDING" = 0 ]; then ${push}; fi`] })],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "the guard's variable is overwritten",
            shows: "bad",
            resources: [
                run({
                    commands: [
                        "CODEBUILD_BUILD_SUCCEEDING=1",
                        `[ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ] && ${push}`,
                    ],
                }),
            ],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "a push in finally",
            shows: "bad",
            resources: [run({ commands: ["echo done"] }, { finally: [push], "on-failure": "ABORT" })],
            expect: [{ resource: "build", kind: "violation" }],
        },
        {
            title: "a guard",
            shows: "good",
            resources: [run({ commands: [`if [ "$CODEBUILD_BUILD_SUCCEEDING" = 1 ]; then ${push}; fi`] })],
            expect: [],
        },
        {
            title: "a guard that ends the phase",
            shows: "good",
            resources: [run({ commands: ['[ "$CODEBUILD_BUILD_SUCCEEDING" -eq 1 ] || exit 1', push] })],
            expect: [],
        },
        {
            title: "the scan phase aborts",
            shows: "good",
            resources: [run({ commands: [push] }, { "on-failure": "ABORT" })],
            expect: [],
        },
        { title: "no push", shows: "absent", resources: [run({ commands: ["echo done"] })], expect: [] },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("build", unknown)],
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
    ],
};
