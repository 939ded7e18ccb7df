/** ECR-08: the images that run cannot be deleted by accident. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { isDisposable } from "../../harness/stackName";
import { repositoryLabel, repositoryTier, repositoryType } from "./repository";

const production = (props: Record<string, unknown>, protect: boolean): ExampleResource => ({
    type: repositoryType,
    name: "app",
    props: { name: "app", tags: { tier: "production" }, ...props },
    protect,
});

export const productionProtection: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECR-08",
        family: "ecr",
        title: "Production repositories cannot be deleted with their images",
        rationale:
            "One mistaken rename or destroy with forceDelete takes every released image away, and with them the running " +
            "service's next restart.",
        severity: "high",
        remediation:
            "Leave `forceDelete` out and set the resource option `protect: true` on repositories of the production tier. " +
            "Stacks that may be thrown away are named in the setting `disposableStacks`.",
        references: ["OWASP CICD-SEC-9"],
    },
    types: [repositoryType],
    evaluate: (resource, configuration) => {
        const tier = repositoryTier(resource, configuration);
        if (isDisposable(resource.urn, configuration))
            return [notApplicable("the settings allow this stack to be destroyed")];
        if (tier.kind === "unknown") {
            return [inconclusive(tier, "whether this is a production repository is not known yet")];
        }
        const isProduction =
            (tier.kind === "tier" && tier.tier === "production") ||
            (tier.kind === "several" && tier.tiers.includes("production"));
        if (!isProduction) return [notApplicable("not a production repository")];
        const label = repositoryLabel(resource);
        const outcomes: Outcome[] = [];
        const forceDelete = resource.boolean("forceDelete");
        if (forceDelete.kind === "unknown") {
            outcomes.push(
                inconclusive(
                    forceDelete,
                    "whether the repository can be deleted with its images is not known yet",
                ),
            );
        } else if (forceDelete.kind === "malformed" || (forceDelete.kind === "known" && forceDelete.value)) {
            outcomes.push(
                violation(
                    `Production repository ${label} is deleted together with its images (forceDelete is true).`,
                    "Leave forceDelete out or set it to false.",
                    { findingId: "forceDelete" },
                ),
            );
        }
        if (!resource.protect) {
            outcomes.push(
                violation(
                    `Production repository ${label} is not protected against deletion by Pulumi.`,
                    "Add the resource option protect: true.",
                    { findingId: "protect" },
                ),
            );
        }
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        {
            title: "deleted with its images",
            shows: "bad",
            resources: [production({ forceDelete: true }, true)],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "production by its name",
            shows: "bad",
            resources: [{ type: repositoryType, name: "app", props: { name: "team/app-prod" } }],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "protected",
            shows: "good",
            resources: [production({ forceDelete: false }, true)],
            expect: [],
        },
        {
            title: "not production",
            shows: "good",
            resources: [production({ forceDelete: true, tags: { tier: "candidate" } }, false)],
            expect: [],
        },
        {
            title: "a stack that may be destroyed",
            shows: "good",
            configuration: { disposableStacks: ["exam*"] },
            resources: [production({ forceDelete: true }, false)],
            expect: [],
        },
        {
            title: "protection left out",
            shows: "absent",
            resources: [production({}, false)],
            expect: [{ resource: "app", kind: "violation" }],
        },
        {
            title: "flag not known yet does not hide the missing protection",
            shows: "unknown",
            resources: [production({ forceDelete: unknown }, false)],
            expect: [
                { resource: "app", kind: "inconclusive" },
                { resource: "app", kind: "violation" },
            ],
        },
        {
            title: "neither tag nor name known",
            shows: "unknown",
            resources: [{ type: repositoryType, name: "app", props: { name: unknown } }],
            expect: [{ resource: "app", kind: "inconclusive" }],
        },
    ],
};
