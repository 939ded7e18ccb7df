/** PUL-06: taking the guarded resource away does not silence its rule. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { stackOfUrn } from "../../harness/stackName";
import { registryScanningType, repositoryTier, repositoryType, type RepositoryTier } from "../ecr/repository";

const pipelineType = "aws:codepipeline/pipeline:Pipeline";

/** `maybe` names the property that would tell. */
type Presence = { kind: "present" } | { kind: "missing" } | { kind: "maybe"; property: string };

interface Requirement {
    what: string;
    fix: string;
    find(graph: StackGraph, configuration: PackConfiguration): Presence;
}

const requirements: Requirement[] = [
    {
        what: "a staging repository",
        fix: "Declare an aws.ecr.Repository with the tag tier: staging.",
        find: (graph, configuration) => repositoryOfTier("staging", graph, configuration),
    },
    {
        what: "a production repository",
        fix: "Declare an aws.ecr.Repository with the tag tier: production.",
        find: (graph, configuration) => repositoryOfTier("production", graph, configuration),
    },
    {
        what: "a pipeline",
        fix: "Declare an aws.codepipeline.Pipeline.",
        find: (graph) => firstOf(graph.ofType(pipelineType).map((): Presence => ({ kind: "present" }))),
    },
    {
        what: "an approval action",
        fix: 'Add an action with category "Approval", owner "AWS" and provider "Manual" before the release.',
        find: (graph) => firstOf(graph.ofType(pipelineType).map(approvalIn)),
    },
    {
        what: "a registry scanning configuration",
        fix: "Declare an aws.ecr.RegistryScanningConfiguration, or say with the setting registryScanning that it is external.",
        find: (graph, configuration) => scanningIn(graph, configuration),
    },
];

const complete: ExampleResource[] = [
    { type: repositoryType, name: "staging", props: { name: "s", tags: { tier: "staging" } } },
    { type: repositoryType, name: "production", props: { name: "p", tags: { tier: "production" } } },
    {
        type: pipelineType,
        name: "pipeline",
        props: {
            name: "pipe",
            stages: [{ name: "Approve", actions: [{ name: "Approve", category: "Approval" }] }],
        },
    },
    { type: registryScanningType, name: "registry", props: { scanType: "ENHANCED", rules: [] } },
];
const without = (name: string) => complete.filter((resource) => resource.name !== name);
const declared = { coverage: ["pipeline" as const] };
const missing = { resource: null, kind: "violation" as const };

export const minimumCoverage: StackRule = {
    level: "stack",
    metadata: {
        id: "PUL-06",
        family: "pulumi",
        title: "A stack that declares a pipeline contains all of its gate",
        rationale:
            "Rules judge what is there. Whoever deletes the guarded resource would otherwise also delete the complaint.",
        severity: "critical",
        remediation:
            "Bring the missing resource back. A stack declares the coverage `pipeline` by the setting `coverage`, by the " +
            "setting `coverageProjects` (names of Pulumi projects) or by the stack tag `portcullis:coverage`.",
        references: ["OWASP CICD-SEC-1", "pulumi-policy issue 299"],
        neverExempt: true,
    },
    evaluate: (graph, configuration) => {
        if (!declaresPipeline(graph, configuration)) {
            return about(null, notApplicable("the stack does not declare the coverage pipeline"));
        }
        return requirements.flatMap((requirement) => about(null, judge(requirement, graph, configuration)));
    },
    examples: [
        {
            title: "production repository deleted",
            shows: "bad",
            configuration: declared,
            resources: without("production"),
            expect: [missing],
        },
        {
            title: "pipeline without approval",
            shows: "bad",
            configuration: declared,
            resources: [
                ...without("pipeline"),
                {
                    type: pipelineType,
                    name: "pipeline",
                    props: { stages: [{ name: "Build", actions: [{ name: "Build", category: "Build" }] }] },
                },
            ],
            expect: [missing],
        },
        {
            title: "declared by the name of the project",
            shows: "bad",
            configuration: { coverageProjects: ["example"] },
            resources: without("registry"),
            expect: [missing],
        },
        { title: "one of each", shows: "good", configuration: declared, resources: complete, expect: [] },
        {
            title: "scanning is configured outside the stack",
            shows: "good",
            configuration: { ...declared, registryScanning: "external" },
            resources: without("registry"),
            expect: [],
        },
        { title: "a stack that declares nothing", shows: "good", resources: [], expect: [] },
        {
            title: "everything deleted",
            shows: "absent",
            configuration: declared,
            resources: [],
            expect: requirements.map(() => missing),
        },
        {
            title: "stages not known yet, and a repository that may be the one",
            shows: "unknown",
            configuration: declared,
            resources: [
                { type: repositoryType, name: "first", props: { name: unknown } },
                ...without("pipeline").filter((resource) => resource.name !== "staging"),
                { type: pipelineType, name: "pipeline", props: { stages: unknown } },
            ],
            expect: [
                { resource: null, kind: "inconclusive" },
                { resource: null, kind: "inconclusive" },
            ],
        },
    ],
};

function judge(requirement: Requirement, graph: StackGraph, configuration: PackConfiguration): Outcome {
    const presence = requirement.find(graph, configuration);
    if (presence.kind === "present") return pass;
    if (presence.kind === "maybe")
        return inconclusive(presence, `whether the stack has ${requirement.what} is not known yet`);
    return violation(
        `The stack declares a delivery pipeline but lacks ${requirement.what}.`,
        requirement.fix,
        {
            findingId: requirement.what,
        },
    );
}

function declaresPipeline(graph: StackGraph, configuration: PackConfiguration): boolean {
    if (configuration.coverage.includes("pipeline")) return true;
    const project = stackOfUrn(graph.resources[0]?.urn ?? "")?.project;
    return project !== undefined && configuration.coverageProjects.includes(project);
}

function repositoryOfTier(
    tier: RepositoryTier,
    graph: StackGraph,
    configuration: PackConfiguration,
): Presence {
    return firstOf(
        graph.ofType(repositoryType).map((repository): Presence => {
            const reading = repositoryTier(repository, configuration);
            if (reading.kind === "unknown")
                return { kind: "maybe", property: `${repository.name}.${reading.property}` };
            return { kind: reading.kind === "tier" && reading.tier === tier ? "present" : "missing" };
        }),
    );
}

function approvalIn(pipeline: ResourceReader): Presence {
    const stages = pipeline.list("stages");
    if (stages.kind === "unknown") return { kind: "maybe", property: `${pipeline.name}.${stages.property}` };
    return firstOf(
        (valueOf(stages) ?? []).flatMap((stage): Presence[] => {
            const actions = stage.list("actions");
            if (actions.kind === "unknown")
                return [{ kind: "maybe", property: `${pipeline.name}.${actions.property}` }];
            return (valueOf(actions) ?? []).map((action): Presence => {
                const category = action.string("category");
                if (category.kind === "unknown")
                    return { kind: "maybe", property: `${pipeline.name}.${category.property}` };
                return { kind: is(category, "Approval") ? "present" : "missing" };
            });
        }),
    );
}

function scanningIn(graph: StackGraph, configuration: PackConfiguration): Presence {
    if (configuration.registryScanning === "external" || graph.ofType(registryScanningType).length > 0) {
        return { kind: "present" };
    }
    // Repositories that all scan by themselves need no registry configuration; one that does not is enough to need it.
    const repositories = graph.ofType(repositoryType);
    const flags = repositories.map((repository) =>
        repository.boolean("imageScanningConfiguration", "scanOnPush"),
    );
    return { kind: flags.length > 0 && flags.every((flag) => is(flag, true)) ? "present" : "missing" };
}

/** Present if any is, else maybe if any may be, else missing. */
function firstOf(presences: readonly Presence[]): Presence {
    return (
        presences.find((presence) => presence.kind === "present") ??
        presences.find((presence) => presence.kind === "maybe") ?? { kind: "missing" }
    );
}
