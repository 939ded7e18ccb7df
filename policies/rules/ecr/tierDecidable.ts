/** ECR-16: every repository says which tier it is of. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule, RuleExample } from "../../harness/rule";
import { repositoryLabel, repositoryTier, repositoryTiers, repositoryType } from "./repository";

const repository = (props: Record<string, unknown>, name = "app"): ExampleResource => ({
    type: repositoryType,
    name,
    props,
});
const bad: RuleExample["expect"] = [{ resource: "app", kind: "violation" }];

export const tierDecidable: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECR-16",
        family: "ecr",
        title: "The tier of every repository can be told",
        rationale:
            "Rules about production can only protect repositories that are known to be production; one that says nothing is protected by none of them.",
        severity: "low",
        remediation:
            "Tag the repository `tier`: `candidate`, `staging`, `production` or `tooling`; or teach the pack your names by the setting `repositoryTiers`.",
        references: ["OWASP CICD-SEC-9"],
    },
    types: [repositoryType],
    evaluate: (resource, configuration) => {
        const tier = repositoryTier(resource, configuration);
        const tag = configuration.repositoryTierTag;
        const label = repositoryLabel(resource);
        const fix = `Add tags: { ${tag}: … } with one of ${repositoryTiers.join(", ")}.`;
        if (tier.kind === "tier") return [pass];
        if (tier.kind === "unknown") return [inconclusive(tier, "of which tier it is is not known yet")];
        return [
            violation(
                tier.kind === "several"
                    ? `name: ${label} fits the names of several tiers (${tier.tiers.join(", ")}), and tags.${tag} names none of them.`
                    : `tags.${tag} names no tier, and neither does the name of repository ${label}.`,
                fix,
            ),
        ];
    },
    examples: [
        { title: "neither tag nor name", shows: "bad", resources: [repository({ name: "team/app" })], expect: bad }, // prettier-ignore
        {
            title: "a tag that is no tier",
            shows: "bad",
            resources: [repository({ name: "team/app", tags: { tier: "gold" } })],
            expect: bad,
        },
        {
            title: "a name that says two",
            shows: "bad",
            resources: [repository({ name: "staging-and-production" })],
            expect: bad,
        },
        {
            title: "by its tag",
            shows: "good",
            resources: [repository({ name: unknown, tags: { tier: "staging" } })],
            expect: [],
        },
        { title: "by its name", shows: "good", resources: [repository({ name: "app-prod" })], expect: [] },
        { title: "nothing at all", shows: "absent", resources: [repository({})], expect: bad },
        {
            title: "a tag that is not known yet does not hide the next",
            shows: "unknown",
            resources: [
                repository({ name: "team/app", tags: { tier: unknown } }, "first"),
                repository({ name: "team/app" }),
            ],
            expect: [{ resource: "first", kind: "inconclusive" }, ...bad],
        },
    ],
};
