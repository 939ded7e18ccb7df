/** ECR-02: a tag, once pushed, always means the same image. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule } from "../../harness/rule";
import { makeImmutable, mutabilityOutcomes } from "./immutability";
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
    evaluate: (resource, configuration) =>
        mutabilityOutcomes(resource, `repository ${repositoryLabel(resource)}`, fix, configuration),
    remediation: makeImmutable,
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
            title: "exclusions without a filter",
            shows: "absent",
            resources: [
                repository({
                    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
                    imageTagMutabilityExclusionFilters: [],
                }),
            ],
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
