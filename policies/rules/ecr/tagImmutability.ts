/** ECR-02: a tag, once pushed, always means the same image. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { repositoryLabel, repositoryType } from "./repository";

const fix = 'Set imageTagMutability: "IMMUTABLE"; pull and deploy by digest where a moving name was used.';

const repository = (props: Record<string, unknown>): ExampleResource => ({
    type: repositoryType,
    name: "app",
    props: { name: "app", ...props },
});

export const tagImmutability: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECR-02",
        family: "ecr",
        title: "Image tags are immutable",
        rationale:
            "Whoever can move a tag can put another image under a name that was already scanned and approved.",
        severity: "high",
        remediation:
            "Set `imageTagMutability: IMMUTABLE`. `IMMUTABLE_WITH_EXCLUSION` is accepted when every exclusion filter is " +
            "among the setting `immutabilityExclusions` (by default only `sha256-*`, the tags of signatures).",
        references: [
            "FSBP ECR.2",
            "NIST SP 800-190 4.2.2",
            "checkov CKV_AWS_51",
            "trivy AWS-0031",
            "SLSA v1.0 Build-L3",
        ],
        publicEquivalent: true,
    },
    types: [repositoryType],
    evaluate: (resource, configuration) => {
        const mutability = resource.string("imageTagMutability");
        const label = repositoryLabel(resource);
        if (mutability.kind === "unknown") {
            return [inconclusive(mutability, "whether tags can be moved is not known yet")];
        }
        const value = mutability.kind === "known" ? mutability.value : undefined;
        if (value === "IMMUTABLE") return [pass];
        if (value !== "IMMUTABLE_WITH_EXCLUSION") {
            const read = value === undefined ? "not set, and the default is MUTABLE" : value;
            return [
                violation(
                    `Tags of repository ${label} can be moved to another image (imageTagMutability is ${read}).`,
                    fix,
                ),
            ];
        }
        const filters = resource.list("imageTagMutabilityExclusionFilters");
        if (filters.kind === "unknown") {
            return [inconclusive(filters, "which tags stay movable is not known yet")];
        }
        if (filters.kind !== "known") {
            return [
                violation(`Repository ${label} excludes tags from immutability without saying which.`, fix),
            ];
        }
        const outcomes = filters.value.flatMap((entry) => {
            const filter = entry.string("filter");
            if (filter.kind === "unknown")
                return [inconclusive(filter, "which tags stay movable is not known yet")];
            if (filter.kind === "known" && configuration.immutabilityExclusions.includes(filter.value))
                return [];
            const text = filter.kind === "known" ? `"${filter.value}"` : "without a filter text";
            return [
                violation(
                    `Tags of repository ${label} can be moved to another image: the exclusion ${text} at ` +
                        `${entry.property} is not among the accepted ones (${configuration.immutabilityExclusions.join(", ")}).`,
                    fix,
                    { findingId: filter.kind === "known" ? filter.value : entry.property },
                ),
            ];
        });
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        {
            title: "mutable",
            shows: "bad",
            resources: [repository({ imageTagMutability: "MUTABLE" })],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "mutable with exceptions is mutable",
            shows: "bad",
            resources: [repository({ imageTagMutability: "MUTABLE_WITH_EXCLUSION" })],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "an exclusion for release tags",
            shows: "bad",
            resources: [
                repository({
                    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
                    imageTagMutabilityExclusionFilters: [
                        { filter: "sha256-*", filterType: "WILDCARD" },
                        { filter: "latest*", filterType: "WILDCARD" },
                    ],
                }),
            ],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "immutable",
            shows: "good",
            resources: [repository({ imageTagMutability: "IMMUTABLE" })],
            expect: [],
        },
        {
            title: "an exclusion for signature tags only",
            shows: "good",
            resources: [
                repository({
                    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
                    imageTagMutabilityExclusionFilters: [{ filter: "sha256-*", filterType: "WILDCARD" }],
                }),
            ],
            expect: [],
        },
        {
            title: "not set: the service's default is mutable",
            shows: "absent",
            resources: [repository({ imageTagMutability: null })],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "exclusions without filters",
            shows: "absent",
            resources: [repository({ imageTagMutability: "IMMUTABLE_WITH_EXCLUSION" })],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [repository({ imageTagMutability: unknown })],
            expect: [{ resource: "app", kind: "inconclusive" }],
        },
        {
            title: "a filter that is not known yet does not hide the next",
            shows: "unknown",
            resources: [
                repository({
                    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
                    imageTagMutabilityExclusionFilters: [{ filter: unknown }, { filter: "*" }],
                }),
            ],
            expect: [
                { resource: "app", kind: "inconclusive" },
                { resource: "app", kind: "violation" },
            ],
        },
    ],
};
