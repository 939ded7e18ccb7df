/** ECR-04: old images expire, but releases are kept. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { lifecyclePolicyType, repositoryLabel, repositoryTier, repositoryType } from "./repository";

const expireUntagged = {
    rulePriority: 1,
    selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
    action: { type: "expire" },
};
const keep = (countNumber: number, tagStatus = "any") => ({
    rulePriority: 2,
    selection: {
        tagStatus,
        ...(tagStatus === "tagged" ? { tagPatternList: ["*"] } : {}),
        countType: "imageCountMoreThan",
        countNumber,
    },
    action: { type: "expire" },
});
const repository = (tier: string, name = "app"): ExampleResource => ({
    type: repositoryType,
    name,
    props: { name: `team/${name}`, tags: { tier } },
});
const policy = (rules: object[] | string, of: unknown = "team/app", name = "lifecycle"): ExampleResource => ({
    type: lifecyclePolicyType,
    name,
    props: { repository: of, policy: typeof rules === "string" ? rules : JSON.stringify({ rules }) },
});

export const lifecycle: StackRule = {
    level: "stack",
    metadata: {
        id: "ECR-04",
        family: "ecr",
        title: "Every repository expires untagged images and keeps its releases",
        rationale:
            "Left-over images are old vulnerabilities that can still be deployed; a rule that expires releases takes away " +
            "what a rollback needs.",
        severity: "medium",
        remediation:
            "Add a lifecycle policy that expires untagged images after some days. On production repositories let rules " +
            "for tagged images count (`imageCountMoreThan`) and keep at least the number of the setting " +
            "`retainedReleaseImages`.",
        references: ["FSBP ECR.3", "NIST SP 800-190 4.2.2"],
        publicEquivalent: true,
    },
    relevantTypes: [repositoryType],
    evaluate: (graph, configuration) =>
        graph
            .ofType(repositoryType)
            .flatMap((resource) => about(resource, ...judgeRepository(graph, resource, configuration))),
    examples: [
        {
            title: "production keeps one image of any kind",
            shows: "bad",
            resources: [repository("production"), policy([expireUntagged, keep(1)])],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "production expires releases by age",
            shows: "bad",
            resources: [
                repository("production"),
                policy([
                    expireUntagged,
                    {
                        selection: { tagStatus: "any", countType: "sinceImagePushed", countNumber: 90 },
                        action: { type: "expire" },
                    },
                ]),
            ],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "a name that says several tiers, production among them",
            shows: "bad",
            resources: [
                { type: repositoryType, name: "app", props: { name: "staging-and-production" } },
                policy([expireUntagged, keep(1)], "staging-and-production"),
            ],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "signature tags are no releases",
            shows: "good",
            resources: [
                repository("production"),
                policy([
                    expireUntagged,
                    {
                        selection: {
                            tagStatus: "tagged",
                            tagPatternList: ["sha256-*"],
                            countType: "imageCountMoreThan",
                            countNumber: 1,
                        },
                        action: { type: "expire" },
                    },
                ]),
            ],
            expect: [],
        },
        {
            title: "untagged images stay for ever",
            shows: "bad",
            resources: [repository("candidate"), policy([keep(50, "tagged")])],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "text that is not JSON",
            shows: "bad",
            resources: [repository("candidate"), policy("{rules: []")],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "what is done with untagged images is no expiry",
            shows: "bad",
            resources: [
                repository("candidate"),
                policy([{ ...expireUntagged, action: { type: "transition" } }]),
            ],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "one of the patterns is no signature",
            shows: "bad",
            resources: [
                repository("production"),
                policy([
                    expireUntagged,
                    {
                        selection: {
                            tagStatus: "tagged",
                            tagPatternList: ["sha256-*", "v*"],
                            countType: "imageCountMoreThan",
                            countNumber: 1,
                        },
                        action: { type: "expire" },
                    },
                ]),
            ],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "a candidate repository keeps few images",
            shows: "good",
            resources: [repository("candidate"), policy([expireUntagged, keep(1)])],
            expect: [],
        },
        {
            title: "exactly as many releases as asked",
            shows: "good",
            configuration: { retainedReleaseImages: 10 },
            resources: [repository("production"), policy([expireUntagged, keep(10, "tagged")])],
            expect: [],
        },
        {
            title: "untagged expire, fifty releases are kept",
            shows: "good",
            resources: [repository("production"), policy([expireUntagged, keep(50, "tagged")])],
            expect: [],
        },
        {
            title: "the policy finds its repository by dependency when the name is not known yet",
            shows: "good",
            resources: [
                repository("candidate"),
                { ...policy([expireUntagged], unknown), propertyDependencies: { repository: ["app"] } },
            ],
            expect: [],
        },
        {
            title: "no lifecycle policy; the other repository's does not count",
            shows: "absent",
            resources: [
                repository("candidate"),
                repository("candidate", "other"),
                policy([expireUntagged], "team/other"),
            ],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "document not known yet",
            shows: "unknown",
            resources: [repository("candidate"), policy(unknown)],
            expect: [{ resource: "app", kind: "inconclusive" }],
        },
        {
            title: "whether it is a production repository is not known yet",
            shows: "unknown",
            resources: [
                { ...repository("candidate"), props: { name: "team/app", tags: unknown } },
                policy([expireUntagged, keep(1)]),
            ],
            expect: [{ resource: "app", kind: "inconclusive" }],
        },
        {
            title: "policy of a repository that is not known yet, with two it can be",
            shows: "unknown",
            resources: [
                repository("candidate"),
                repository("candidate", "other"),
                {
                    ...policy([expireUntagged], unknown),
                    propertyDependencies: { repository: ["app", "other"] },
                },
            ],
            expect: [
                { resource: "app", kind: "inconclusive" },
                { resource: "other", kind: "inconclusive" },
            ],
        },
    ],
};

function judgeRepository(
    graph: StackGraph,
    repository: ResourceReader,
    configuration: PackConfiguration,
): Outcome[] {
    const label = repositoryLabel(repository);
    const { certain, possible } = graph.referrers(repository, [lifecyclePolicyType], "repository");
    const [lifecyclePolicy] = certain;
    if (!lifecyclePolicy) {
        const [candidate] = possible;
        if (candidate) {
            return [
                inconclusive(
                    { property: `${candidate.name}.repository` },
                    "whether this lifecycle policy belongs to the repository is not known yet",
                ),
            ];
        }
        return [
            violation(
                `Repository ${label} has no lifecycle policy, so untagged images stay for ever.`,
                "Add an aws.ecr.LifecyclePolicy for it that expires untagged images after 14 days.",
            ),
        ];
    }
    const document = lifecyclePolicy.json("policy");
    const place = `${lifecyclePolicy.name}.policy`;
    if (document.kind === "unknown") {
        return [inconclusive({ property: place }, "what the lifecycle policy expires is not known yet")];
    }
    const rules = document.kind === "known" ? document.value.list("rules") : document;
    if (rules.kind === "unknown") {
        return [inconclusive({ property: place }, "what the lifecycle policy expires is not known yet")];
    }
    if (rules.kind !== "known") {
        const why = rules.kind === "malformed" ? rules.why : "has no rules";
        return [
            violation(
                `The lifecycle policy of repository ${label} cannot be read: ${place} ${why}.`,
                "Write it as JSON.stringify({ rules: [ … ] }).",
            ),
        ];
    }
    return judgeRules(rules.value, repository, configuration);
}

function judgeRules(
    rules: PropertyReader[],
    repository: ResourceReader,
    configuration: PackConfiguration,
): Outcome[] {
    const label = repositoryLabel(repository);
    const expiring = rules.filter((rule) => valueOf(rule.string("action", "type")) === "expire");
    const statusOf = (rule: PropertyReader) => valueOf(rule.string("selection", "tagStatus"));
    const outcomes: Outcome[] = [];
    if (!expiring.some((rule) => ["untagged", "any"].includes(statusOf(rule) ?? ""))) {
        outcomes.push(
            violation(
                `No rule of the lifecycle policy of repository ${label} expires untagged images.`,
                'Add a rule with selection { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 }.',
                { findingId: "untagged" },
            ),
        );
    }
    const tier = repositoryTier(repository, configuration);
    if (tier.kind === "unknown") {
        outcomes.push(inconclusive(tier, "whether this is a production repository is not known yet"));
    } else if (
        tier.kind === "tier"
            ? tier.tier === "production"
            : tier.kind === "several" && tier.tiers.includes("production")
    ) {
        for (const rule of expiring) {
            if (statusOf(rule) === "untagged" || onlySignatures(rule, configuration)) continue;
            const kept = valueOf(rule.number("selection", "countNumber")) ?? 0;
            const counts = valueOf(rule.string("selection", "countType")) === "imageCountMoreThan";
            if (counts && kept >= configuration.retainedReleaseImages) continue;
            outcomes.push(
                violation(
                    `The lifecycle policy of production repository ${label} can delete releases: ${rule.property} ` +
                        (counts
                            ? `keeps only ${kept} images.`
                            : "deletes tagged images by age, however few are left."),
                    `Use countType "imageCountMoreThan" with countNumber ${configuration.retainedReleaseImages} or more.`,
                    { findingId: rule.property },
                ),
            );
        }
    }
    return outcomes.length > 0 ? outcomes : [pass];
}

/** Rules that only select tags outside immutability (signatures) delete no release. */
function onlySignatures(rule: PropertyReader, configuration: PackConfiguration): boolean {
    const patterns = valueOf(rule.strings("selection", "tagPatternList"))?.values ?? [];
    return (
        patterns.length > 0 &&
        patterns.every((pattern) => configuration.immutabilityExclusions.includes(pattern))
    );
}
