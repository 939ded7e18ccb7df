/** ECR-14: what is built and what is released are different repositories. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { projectExample, buildspecOf } from "../../pipeline/exampleResources";
import { pipelineType } from "../../pipeline/pipelineModel";
import { projectType } from "../../pipeline/project";
import { repositoryTier, repositoryType, type RepositoryTier } from "./repository";

const repository = (name: string, tier?: string, physicalName: unknown = name): ExampleResource => ({
    type: repositoryType,
    name,
    props: { name: physicalName, ...(tier === undefined ? {} : { tags: { tier } }) },
});

export const separateTiers: StackRule = {
    level: "stack",
    metadata: {
        id: "ECR-14",
        family: "ecr",
        title: "Staging and production are different repositories",
        rationale:
            "Where builds may push into the repository that production pulls from, an image is in production before " +
            "anybody has scanned or approved it.",
        severity: "critical",
        remediation:
            "Declare one repository that builds push to (tier `candidate` or `staging`) and another one (tier " +
            "`production`) that only the promotion step writes to.",
        references: ["NIST SP 800-190 4.2", "OWASP CICD-SEC-9"],
    },
    relevantTypes: [repositoryType],
    evaluate: (graph, configuration) => {
        const repositories = graph.ofType(repositoryType);
        return [
            ...doubleRoles(repositories, configuration),
            ...missingTiers(graph, repositories, configuration),
        ];
    },
    examples: [
        {
            title: "one repository for everything",
            shows: "bad",
            resources: [
                repository("app", "production"),
                projectExample("build", buildspecOf(["docker push app"])),
            ],
            expect: [{ resource: null, kind: "violation" }],
        },
        {
            title: "one name for two tiers",
            shows: "bad",
            resources: [
                repository("app-staging", "staging", "team/app"),
                repository("app-production", "production", "team/app"),
            ],
            expect: [{ resource: "app-production", kind: "violation" }],
        },
        {
            title: "a name that says both tiers",
            shows: "bad",
            resources: [
                repository("both", undefined, "staging-and-production"),
                repository("c", "candidate"),
                repository("p", "production"),
            ],
            expect: [{ resource: "both", kind: "violation" }],
        },
        {
            title: "candidate, staging and production",
            shows: "good",
            resources: [
                repository("c", "candidate"),
                repository("s", "staging"),
                repository("p", "production"),
            ],
            expect: [],
        },
        {
            title: "told by their names",
            shows: "good",
            resources: [repository("s", undefined, "app-staging"), repository("p", undefined, "app-prod")],
            expect: [],
        },
        {
            title: "production's repositories in a stack of their own",
            shows: "good",
            resources: [repository("a", "production"), repository("tools", "tooling")],
            expect: [],
        },
        { title: "a stack without repositories", shows: "good", resources: [], expect: [] },
        {
            title: "nothing says which tier they have",
            shows: "absent",
            resources: [repository("a"), repository("b")],
            expect: [{ resource: null, kind: "violation" }],
        },
        {
            title: "a name that is not known yet may be the missing one",
            shows: "unknown",
            resources: [repository("p", "production"), repository("s", undefined, unknown)],
            expect: [{ resource: "s", kind: "inconclusive" }],
        },
        {
            title: "names not known yet do not matter where tags say the tier",
            shows: "unknown",
            resources: [repository("p", "production", unknown), repository("s", "staging", unknown)],
            expect: [],
        },
    ],
};

/** What builds or releases images. */
const deliveryTypes = [
    projectType,
    pipelineType,
    "docker:index/image:Image",
    "docker-build:index:Image",
    "awsx:ecr:Image",
];
const pushTiers: RepositoryTier[] = ["candidate", "staging"];

function doubleRoles(repositories: ResourceReader[], configuration: PackConfiguration): StackOutcome[] {
    const fix = "Use one repository for builds and another for releases, each with its own tier tag.";
    const roleByName = new Map<string, boolean>();
    return repositories.flatMap((repository) => {
        const tier = repositoryTier(repository, configuration);
        if (tier.kind === "several" && tier.tiers.includes("production")) {
            return about(
                repository,
                violation(
                    `The name of repository ${repository.name} says several tiers: ${tier.tiers.join(", ")}.`,
                    fix,
                ),
            );
        }
        const name = valueOf(repository.string("name"));
        if (name === undefined || tier.kind !== "tier" || tier.tier === "tooling") return [];
        const isProduction = tier.tier === "production";
        const earlier = roleByName.get(name);
        roleByName.set(name, isProduction);
        if (earlier === undefined || earlier === isProduction) return [];
        return about(
            repository,
            violation(`Repository ${name} is declared both as a build's push target and as production.`, fix),
        );
    });
}

function missingTiers(
    graph: StackGraph,
    repositories: ResourceReader[],
    configuration: PackConfiguration,
): StackOutcome[] {
    const readings = repositories.map((repository) => ({
        repository,
        tier: repositoryTier(repository, configuration),
    }));
    const has = (tiers: RepositoryTier[]) =>
        readings.some(({ tier }) => tier.kind === "tier" && tiers.includes(tier.tier));
    const open = readings.find(({ tier }) => tier.kind === "unknown");
    const missing = [
        ...(has(pushTiers) ? [] : ["candidate or staging"]),
        ...(has(["production"]) ? [] : ["production"]),
    ];
    if (missing.length === 0) return about(null, pass);
    // A team may keep the other tier in another stack or account; then nothing here writes or reads both.
    const allDeclared = readings.every(({ tier }) => tier.kind === "tier");
    if (allDeclared && graph.ofType(...deliveryTypes).length === 0)
        return about(
            null,
            notApplicable("every repository has its tier, and nothing in the stack builds or releases"),
        );
    if (open && open.tier.kind === "unknown") {
        return about(
            open.repository,
            inconclusive(
                open.tier,
                `whether the stack has a repository of tier ${missing.join(" and one of tier ")} is not known yet`,
            ),
        );
    }
    return about(
        null,
        violation(
            `The stack has repositories but none of tier ${missing.join(", and none of tier ")}, so builds and releases cannot be kept apart.`,
            `Declare ${missing.map((tiers) => `a repository with the tag ${configuration.repositoryTierTag}: ${tiers.split(" ")[0]}`).join(" and ")}.`,
            { findingId: missing.join("|") },
        ),
    );
}
