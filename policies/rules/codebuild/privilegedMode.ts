/** CB-01: only the project that builds images runs privileged. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { buildBuildspec, projectExample, scanBuildspec } from "../../pipeline/exampleResources";
import { gateRole, projectBuildspec, projectType } from "../../pipeline/project";

const environment = (privilegedMode: unknown) => ({
    environment: { image: "aws/codebuild/standard:7.0", privilegedMode },
});

export const privilegedMode: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-01",
        family: "codebuild",
        title: "Only image builders run privileged",
        rationale:
            "A privileged build container has root on its host's devices. A scanner or promoter that has it can be taken over by the image that it reads.",
        severity: "high",
        remediation:
            "Set `environment.privilegedMode` to false; for the one project that builds images, tag it `gate:role=builder`.",
        references: ["NIST SP 800-190 4.4.3", "Checkov CKV_AWS_316", "FSBP CodeBuild.5 (retired 2024-03-16)"],
        publicEquivalent: true,
    },
    types: [projectType],
    evaluate: (project) => {
        const environment = project.object("environment");
        if (environment.kind === "malformed")
            return [violation(`${environment.property} ${environment.why}.`, "Give an object.")];
        const privileged = project.boolean("environment", "privilegedMode");
        if (privileged.kind === "unknown")
            return [inconclusive(privileged, "whether the build runs privileged is not known yet")];
        if (privileged.kind === "malformed")
            return [violation(`${privileged.property} ${privileged.why}.`, "Set it to false.")];
        if (privileged.kind === "absent" || !privileged.value) return [pass];
        return [builds(project, privileged.property)];
    },
    remediation: {
        when: "always",
        // Only where it is certain that nothing is built: a builder would stop building.
        changes: (project) => {
            const privileged = project.boolean("environment", "privilegedMode");
            if (privileged.kind !== "known" || !privileged.value) return [];
            return builds(project, privileged.property).kind === "violation"
                ? [{ path: ["environment", "privilegedMode"], value: false }]
                : [];
        },
    },
    examples: [
        {
            title: "a privileged scanner",
            shows: "bad",
            resources: [projectExample("scan", scanBuildspec, "scanner", environment(true))],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a scanner that is declared a builder",
            shows: "bad",
            resources: [projectExample("scan", scanBuildspec, "builder", environment(true))],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "the builder",
            shows: "good",
            resources: [projectExample("build", buildBuildspec, "builder", environment(true))],
            expect: [],
        },
        {
            title: "not set",
            shows: "absent",
            resources: [projectExample("scan", scanBuildspec, "scanner")],
            expect: [],
        },
        {
            title: "no buildspec to prove that it builds",
            shows: "absent",
            resources: [projectExample("build", undefined, "builder", environment(true))],
            expect: [{ resource: "build", kind: "inconclusive" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [projectExample("scan", scanBuildspec, "scanner", environment(unknown))],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

function builds(project: ResourceReader, property: string): Outcome {
    const role = gateRole(project);
    const fix = "Set environment.privilegedMode to false.";
    if (role !== null && role !== "builder")
        return violation(`${property} is true, but the project is a ${role} (tag gate:role).`, fix);
    const buildspec = projectBuildspec(project);
    if (buildspec.kind === "unknown")
        return inconclusive(buildspec, "whether the project builds images is not known yet");
    if (buildspec.kind !== "inline") {
        if (role === "builder")
            return inconclusive(
                buildspec,
                "the project is declared a builder, but its buildspec cannot be read from here",
            );
        return violation(
            `${property} is true, and nothing shows that the project builds images.`,
            `${fix} A builder needs the tag gate:role=builder and an in-line buildspec.`,
        );
    }
    if (buildspec.analysis.deliveries.some((delivery) => delivery.kind === "build")) return pass;
    if (buildspec.analysis.unreadable.length > 0)
        return inconclusive(buildspec, "some commands of the buildspec cannot be read");
    return violation(`${property} is true, but no command of the buildspec builds an image.`, fix);
}
