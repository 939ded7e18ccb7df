/**
 * What an action of a pipeline is: approval, scan or release. Explicit, because everything else rests on it; tags
 * (`gate:role`, `tier`) and the name patterns of the configuration decide where the resources leave it open.
 */
import type { BuildspecAnalysis } from "../buildspec/analysis";
import type { PackConfiguration } from "../harness/configuration";
import type { ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { effectivePermissions, mayDo } from "../iam/effectivePermissions";
import { repositoryTier, repositoryType, tiersOfName } from "../rules/ecr/repository";
import { deliveryTier, targetRepository } from "./deliveryTarget";
import {
    pipelineType,
    readPipeline,
    variableReferences,
    type PipelineAction,
    type PipelineModel,
} from "./pipelineModel";
import { asRunBy, commandsAnalysis, gateRole, projectBuildspec, projectRole, projectType } from "./project";
import { projectsOf } from "./projectsOfRole";
import { repositoryArn } from "./resourceArn";

export { mayBeScan, scanEvidence, type ScanEvidence } from "./scanEvidence";
export { isBefore, isBeside } from "./pipelineModel";

/** A manual approval. A stage condition alone is none: `codepipeline:OverrideStageCondition` overrides it. */
export function isApproval(action: PipelineAction): boolean {
    return action.category === "Approval";
}

/** Providers that put something into operation, whatever category they are used under. */
const releaseProviders = new Set([
    "ECS",
    "CodeDeploy",
    "CodeDeployToECS",
    "CloudFormation",
    "CloudFormationStackSet",
    "EKS",
    "ElasticBeanstalk",
    "AppConfig",
    "Lambda-Deploy",
]);

/** Configuration keys that name what a Deploy action changes. */
const targetKeys = [
    "ServiceName",
    "ClusterName",
    "RepositoryName",
    "ECRRepositoryName",
    "FunctionName",
    "StackName",
    "ApplicationName",
    "DeploymentGroupName",
    "EnvironmentName",
    "BucketName",
];

export type Release =
    { kind: "yes"; why: string } | { kind: "no" } | { kind: "unknown"; why: string; property: string };

/** From the action alone: category, provider and configuration. */
export function releaseByMetadata(action: PipelineAction, configuration: PackConfiguration): Release {
    if (action.provider === "ECRBuildAndPublish") {
        const name = action.configuration.string("ECRRepositoryName");
        if (name.kind !== "known")
            return { kind: "unknown", why: "its repository is not known yet", property: name.property };
        return tiersOfName(name.value, configuration).includes("production")
            ? { kind: "yes", why: `it publishes to ${name.value}` }
            : { kind: "no" };
    }
    if (action.provider === "Commands") {
        const commands = action.reader.strings("commands");
        if (commands.kind !== "known" || commands.value.unknownCount > 0)
            return {
                kind: "unknown",
                why: "its commands are not known yet",
                property: `${action.property}.commands`,
            };
        return releaseByCommands(
            commandsAnalysis(commands.value.values),
            configuration,
            `${action.property}.commands`,
        );
    }
    if (action.category !== "Deploy" && !releaseProviders.has(action.provider)) return { kind: "no" };
    const tiers = targetKeys.flatMap((key) => {
        const value = action.configuration.string(key);
        return value.kind === "known" ? tiersOfName(value.value, configuration) : [];
    });
    if ((tiers.length > 0 || action.declaredStaging) && !tiers.includes("production")) return { kind: "no" };
    return {
        kind: "yes",
        why: action.category === "Deploy" ? "its category is Deploy" : `its provider is ${action.provider}`,
    };
}

/** Over the whole stack: also projects whose commands release or whose role can write production. */
export function release(
    action: PipelineAction,
    graph: StackGraph,
    configuration: PackConfiguration,
): Release {
    const own = releaseByMetadata(action, configuration);
    if (own.kind !== "unknown" && action.category === "Deploy") {
        const tier = targetTier(action, graph, configuration);
        if (tier === null) return own;
        return tier === "production" ? { kind: "yes", why: "the tag of its target says production" } : { kind: "no" }; // prettier-ignore
    }
    if (own.kind !== "no" || action.provider !== "CodeBuild") return own;
    const name = action.configuration.string("ProjectName");
    if (name.kind !== "known")
        return {
            kind: "unknown",
            why: "its project is not known yet",
            property: `${action.property}.configuration.ProjectName`,
        };
    const reference = graph.referenceOfValue(name.value, name.property, [projectType]);
    if (reference.kind !== "exact")
        return { kind: "unknown", why: `project ${name.value} is not in the stack`, property: name.property };
    const project = asRunBy(action, reference.resource);
    // Only what the project does by itself is the same for all its actions.
    return project === reference.resource
        ? projectRelease(project, graph, configuration)
        : judgeProject(project, graph, configuration);
}

/** What the tier tag of the service or the like in the stack says that the action changes; null where there is none. */
function targetTier(
    action: PipelineAction,
    graph: StackGraph,
    configuration: PackConfiguration,
): string | null {
    const tiers = ["ServiceName", "RepositoryName"].flatMap((key): string[] => {
        const value = action.configuration.string(key);
        if (value.kind !== "known") return [];
        const reference = graph.referenceOfValue(value.value, value.property, [
            "aws:ecs/service:Service",
            repositoryType,
        ]);
        if (reference.kind !== "exact") return [];
        const tag = reference.resource.string("tags", configuration.repositoryTierTag);
        return tag.kind === "known" ? [tag.value] : [];
    });
    return tiers.includes("production") ? "production" : (tiers[0] ?? null);
}

const releasesByGraph = new WeakMap<StackGraph, Map<ResourceReader, Release>>();

/** Does running this project put an image into production? Worked out once per project and graph. */
export function projectRelease(
    project: ResourceReader,
    graph: StackGraph,
    configuration: PackConfiguration,
): Release {
    let known = releasesByGraph.get(graph);
    if (!known) releasesByGraph.set(graph, (known = new Map<ResourceReader, Release>()));
    let result = known.get(project);
    if (!result) known.set(project, (result = judgeProject(project, graph, configuration)));
    return result;
}

function judgeProject(project: ResourceReader, graph: StackGraph, configuration: PackConfiguration): Release {
    const buildspec = projectBuildspec(project);
    const commands: Release =
        buildspec.kind === "inline"
            ? releaseByCommands(buildspec.analysis, configuration, buildspec.property, graph)
            : {
                  kind: "unknown",
                  why: "its buildspec cannot be read from here",
                  property: buildspec.property,
              };
    if (commands.kind === "yes") return commands;
    const role = projectRole(project, graph);
    if (!role)
        return commands.kind === "no"
            ? { kind: "no" }
            : {
                  kind: "unknown",
                  why: "neither its commands nor its role can be read",
                  property: "serviceRole",
              };
    const reach = productionReach(role, graph, configuration);
    if (reach.kind === "unknown") return commands.kind === "no" ? { kind: "no" } : reach;
    // Where nothing says what production is, a push to some repository may be the release.
    if (reach.kind === "no")
        return commands.kind === "unknown" && releaseIsHidden(graph, configuration)
            ? commands
            : { kind: "no" };
    const users = projectsOf(role, graph);
    // A role that several projects share is a fault of its own (PIPE-16); here the commands decide.
    return users.length > 1 && commands.kind === "no" ? { kind: "no" } : reach;
}

/** Neither a repository of the stack is known to be production's, nor does an action deploy: something else must release. */
function releaseIsHidden(graph: StackGraph, configuration: PackConfiguration): boolean {
    const repositories = graph.ofType(repositoryType).map((each) => repositoryTier(each, configuration));
    if (repositories.length === 0 || repositories.some(({ kind }) => kind !== "none")) return false;
    return !graph.ofType(pipelineType).some((pipeline) => {
        const model = readPipeline(pipeline);
        return model.kind === "known" && model.value.actions.some(({ category }) => category === "Deploy");
    });
}

function releaseByCommands(
    analysis: BuildspecAnalysis,
    configuration: PackConfiguration,
    property: string,
    graph?: StackGraph,
): Release {
    let doubt: Release | null = null;
    for (const delivery of analysis.deliveries) {
        if (delivery.kind !== "push" && delivery.kind !== "copy" && delivery.kind !== "deploy") continue;
        const tier = deliveryTier(delivery, analysis, configuration, graph);
        if (tier === "production")
            return {
                kind: "yes",
                why: `it runs ${delivery.tool} on ${targetRepository(delivery, analysis) ?? "production"}`,
            };
        if (delivery.kind === "deploy" && tier === "none")
            return { kind: "yes", why: `it deploys with ${delivery.tool}` };
        if (tier === "none" || tier === "unknown")
            doubt = {
                kind: "unknown",
                why: `the tier of ${delivery.target ?? "its target"} cannot be told`,
                property,
            };
    }
    if (doubt) return doubt;
    if (analysis.errors.length > 0 || analysis.unreadable.length > 0)
        return { kind: "unknown", why: "some of its commands cannot be read", property };
    return { kind: "no" };
}

/** Can the role write a production repository of the stack? */
export function productionReach(
    role: ResourceReader,
    graph: StackGraph,
    configuration: PackConfiguration,
): Release {
    const permissions = effectivePermissions(graph).find((entry) => entry.principal === role);
    if (!permissions) return { kind: "no" };
    let doubt: Release = { kind: "no" };
    for (const repository of graph.ofType(repositoryType)) {
        const tier = repositoryTier(repository, configuration);
        if (tier.kind === "tier" && tier.tier !== "production") continue;
        if (tier.kind === "none") continue;
        const answer = mayDo(permissions, "ecr:PutImage", repositoryArn(repository));
        const certain = tier.kind === "tier" || tier.kind === "several";
        if (answer.kind === "yes" && certain)
            return { kind: "yes", why: `its role ${role.name} can push to ${repository.name}` };
        if (answer.kind !== "no")
            doubt = {
                kind: "unknown",
                why: `whether its role ${role.name} can push to ${repository.name} is not known`,
                property: "serviceRole",
            };
    }
    return doubt;
}

/** Does the approval's text name an image digest by a variable of an earlier action? (PIPE-06) */
export function namesDigest(action: PipelineAction): boolean {
    return digestReferences(action).length > 0;
}

/** `#{ns.VAR}` in the approval's custom data or link whose variable is a digest. */
export function digestReferences(action: PipelineAction): { namespace: string; variable: string }[] {
    return ["CustomData", "ExternalEntityLink"].flatMap((key) => {
        const text = action.configuration.string(key);
        return text.kind === "known"
            ? variableReferences(text.value).filter(({ variable }) => /digest/i.test(variable))
            : [];
    });
}

/** Declared to be the delivery pipeline of an application. */
export function isDelivery(pipeline: ResourceReader): boolean {
    return gateRole(pipeline) === "delivery";
}

export interface ClassifiedAction {
    action: PipelineAction;
    release: Release;
}

/** Releases of a pipeline, as seen from the resource alone or over the stack. */
export function releases(
    model: PipelineModel,
    judge: (action: PipelineAction) => Release,
): {
    certain: ClassifiedAction[];
    unknown: (ClassifiedAction & { release: Extract<Release, { kind: "unknown" }> })[];
} {
    const certain: ClassifiedAction[] = [];
    const unknown: (ClassifiedAction & { release: Extract<Release, { kind: "unknown" }> })[] = [];
    for (const action of model.actions) {
        const found = judge(action);
        if (found.kind === "yes") certain.push({ action, release: found });
        else if (found.kind === "unknown") unknown.push({ action, release: found });
    }
    return { certain, unknown };
}
