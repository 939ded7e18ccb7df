/** CB-06: the build image is known exactly. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { matchesAny } from "../../harness/wildcard";
import { projectExample, scanBuildspec } from "../../pipeline/exampleResources";
import { projectType } from "../../pipeline/project";

const withImage = (image: unknown) =>
    projectExample("scan", scanBuildspec, "scanner", { environment: { image } });

export const buildImage: ResourceRule = {
    level: "resource",
    metadata: {
        id: "CB-06",
        family: "codebuild",
        title: "Build images are managed by AWS or pinned by digest",
        rationale:
            "Whoever can move the tag of the build image runs code with the role of the step that scans or publishes.",
        severity: "high",
        remediation:
            "Use a curated image (`aws/codebuild/…:<version>`), or an image of an allowed registry as `…@sha256:…`.",
        references: ["NIST SP 800-190 4.1.5", "OWASP CICD-SEC-3"],
        publicEquivalent: true,
    },
    types: [projectType],
    evaluate: (project, configuration) => {
        const image = project.string("environment", "image");
        if (image.kind === "unknown") return [inconclusive(image, "the build image is not known yet")];
        if (image.kind !== "known") return [notApplicable("the project has no build image")];
        return [judged(image.value, image.property, configuration)];
    },
    examples: [
        {
            title: "latest of a curated image",
            shows: "bad",
            resources: [withImage("aws/codebuild/standard:latest")],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a tag of another image",
            shows: "bad",
            resources: [withImage("public.ecr.aws/docker/library/node:24")],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a digest of a registry that is not allowed",
            shows: "bad",
            resources: [withImage(`registry.example.com/tools@sha256:${"a".repeat(64)}`)],
            expect: [{ resource: "scan", kind: "violation" }],
        },
        {
            title: "a curated image",
            shows: "good",
            resources: [withImage("aws/codebuild/amazonlinux-x86_64-standard:5.0")],
            expect: [],
        },
        {
            title: "pinned by digest",
            shows: "good",
            resources: [withImage(`public.ecr.aws/docker/library/node@sha256:${"a".repeat(64)}`)],
            expect: [],
        },
        { title: "no image", shows: "absent", resources: [withImage(undefined)], expect: [] },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [withImage(unknown)],
            expect: [{ resource: "scan", kind: "inconclusive" }],
        },
    ],
};

function judged(image: string, property: string, configuration: PackConfiguration): Outcome {
    const fix =
        "Name a curated image with its version, or an image of an allowed registry by digest (…@sha256:…).";
    if (/^aws\/codebuild\/[\w./-]+:[\w.-]+$/.test(image))
        return /:latest$/.test(image)
            ? violation(`${property} is ${image}, which changes without notice.`, fix)
            : pass;
    if (!/@sha256:[0-9a-f]{64}$/.test(image))
        return violation(`${property} is ${image}, which is not pinned by digest.`, fix);
    const repository = image.replace(/@.*$/, "").replace(/:[^/]*$/, "");
    // An allowed registry may be given with a path; everything below it is allowed.
    const parts = repository.split("/");
    const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    if (prefixes.some((prefix) => matchesAny(configuration.allowedRegistries, prefix))) return pass;
    return violation(
        `${property} is ${image}, whose registry is not on the list of allowed registries.`,
        fix,
    );
}
