/** BS-01: the buildspec says what it seems to say. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { buildspecOf, projectExample, scanCommand } from "../../pipeline/exampleResources";
import { projectBuildspec, projectType } from "../../pipeline/project";

export const parses: ResourceRule = {
    level: "resource",
    metadata: {
        id: "BS-01",
        family: "buildspec",
        title: "The buildspec is valid",
        rationale:
            "CodeBuild leaves out what it does not know: a phase with a misspelt name never runs, and with it the scan in it.",
        severity: "medium",
        remediation:
            "Write version 0.2, the phases install, pre_build, build and post_build, and lists of text commands.",
        references: ["AWS CodeBuild User Guide: build specification reference"],
    },
    types: [projectType],
    evaluate: (project) => {
        const buildspec = projectBuildspec(project);
        if (buildspec.kind === "unknown") return [inconclusive(buildspec, "the buildspec is not known yet")];
        if (buildspec.kind !== "inline") return [notApplicable("the buildspec is not in-line (CB-08)")];
        const { errors } = buildspec.analysis;
        if (errors.length === 0) return [pass];
        return [
            violation(
                `${buildspec.property} cannot be read: ${errors.join("; ")}.`,
                "Correct the buildspec: version 0.2, known phases and fields, commands as text.",
            ),
        ];
    },
    examples: [
        {
            title: "a tab breaks the YAML",
            shows: "bad",
            resources: [projectExample("scan", "version: 0.2\nphases:\n\tbuild:\n")],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a misspelt phase",
            shows: "bad",
            resources: [
                projectExample(
                    "scan",
                    `version: 0.2\nphases:\n  biuld:\n    commands: [${JSON.stringify(scanCommand)}]\n`,
                ),
            ],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "version 0.1",
            shows: "bad",
            resources: [projectExample("scan", "version: 0.1\nphases:\n  build:\n    commands: [make]\n")],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a colon makes a command a mapping",
            shows: "bad",
            resources: [
                projectExample(
                    "scan",
                    "version: 0.2\nphases:\n  build:\n    commands:\n      - echo note: done\n",
                ),
            ],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a valid buildspec",
            shows: "good",
            resources: [projectExample("scan", buildspecOf([scanCommand]))],
            expect: [],
        },
        {
            title: "a phase twice",
            shows: "bad",
            resources: [
                projectExample(
                    "scan",
                    "version: 0.2\nphases:\n  build:\n    commands: [a]\n  build:\n    commands: [b]\n",
                ),
            ],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "no buildspec",
            shows: "absent",
            resources: [projectExample("scan", undefined)],
            expect: [],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
