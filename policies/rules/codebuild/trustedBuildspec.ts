/** CB-08: the application cannot change how it is judged. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { projectExample, scanBuildspec } from "../../pipeline/exampleResources";
import { gateRole, projectBuildspec, projectType } from "../../pipeline/project";

/**
 * Roles whose project only judges the source itself; its buildspec may come with the source. A review is none of them: who
 * proposes a change would say how it is judged.
 */
const untrustedRoles = new Set(["builder", "lint", "test"]);

export const trustedBuildspec: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-08",
        family: "codebuild",
        title: "Scan and promotion steps bring their own commands",
        rationale:
            "If the buildspec is a file of the application's repository, one commit replaces the scan by `true`. An empty `source.buildspec` means exactly that file.",
        severity: "high",
        remediation: "Put the buildspec in-line into `source.buildspec`.",
        references: ["OWASP CICD-SEC-4", "OWASP CICD-SEC-1"],
    },
    types: [projectType],
    evaluate: (project) => {
        const role = gateRole(project);
        if (role !== null && untrustedRoles.has(role))
            return [notApplicable(`a ${role} may be told by its source what to do`)];
        const tags = project.get("tags");
        if (role === null && tags.kind === "unknown")
            return [inconclusive(tags, "what the project is for is not known yet")];
        const buildspec = projectBuildspec(project);
        const what =
            role === null ? "What the project is for is not declared, and" : `The project is a ${role}, and`;
        const fix =
            "Put the buildspec in-line into source.buildspec; a project that only builds or lints needs the tag gate:role=builder or lint.";
        switch (buildspec.kind) {
            case "inline":
                return [pass];
            case "unknown":
                return [inconclusive(buildspec, "where the commands come from is not known yet")];
            case "object":
                return [
                    inconclusive(
                        buildspec,
                        `whether ${buildspec.arn} can be changed by others cannot be read here`,
                    ),
                ];
            case "file":
                return [
                    violation(
                        `${what} ${buildspec.property} is ${buildspec.path}, a file of the source that it judges.`,
                        fix,
                    ),
                ];
        }
    },
    examples: [
        {
            title: "a file of the source",
            shows: "bad",
            resources: [projectExample("scan", "ci/scan.yml", "scanner")],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a review by the commands of whoever proposes the change",
            shows: "bad",
            resources: [projectExample("review", "buildspec.yml", "review")],
            expect: [{ resource: "review", kind: "violation" }],
        },
        {
            title: "a project whose purpose nobody declares",
            shows: "bad",
            resources: [projectExample("run", "buildspec.yml")],
            expect: [{ resource: "run", kind: "violation" }],
        },
        {
            title: "in-line",
            shows: "good",
            resources: [projectExample("scan", scanBuildspec, "scanner")],
            expect: [],
        },
        {
            title: "a builder",
            shows: "good",
            resources: [projectExample("build", "buildspec.yml", "builder")],
            expect: [],
        },
        {
            title: "empty means the repository's own file",
            shows: "absent",
            resources: [projectExample("publish", undefined, "publisher")],
            expect: [{ resource: "publish", kind: "violation" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", unknown, "scanner")],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
        {
            title: "an object in a bucket",
            shows: "unknown",
            resources: [projectExample("scan", "arn:aws:s3:::buildspecs/scan.yml", "scanner")],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};
