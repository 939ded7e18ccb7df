/** The Amazon ECS services that pipelines deliver to, and the roles that deploy there. */
import type { PackConfiguration } from "../harness/configuration";
import { is, valueOf, type ResourceReader } from "../harness/reader";
import type { Reference, StackGraph } from "../harness/stackGraph";
import { releaseByMetadata } from "../pipeline/classify";
import { pipelineType, readPipeline, type PipelineAction } from "../pipeline/pipelineModel";
import { roleType } from "../pipeline/project";
import { runsProductionImage } from "./imageTier";
import { taskDefinitionType } from "../rules/ecs/containers";

export const serviceType = "aws:ecs/service:Service";
const clusterType = "aws:ecs/cluster:Cluster";

/** An action of a pipeline that deploys to a service, and the role that it does so as. */
export interface Deployment {
    pipeline: ResourceReader;
    action: PipelineAction;
    /** The action's own role, else the pipeline's. */
    role: Reference;
    /** Whether the action has a role of its own. */
    ownRole: boolean;
}

export interface DeliveryService {
    tier: "production" | "other";
    /** For messages. */
    name: string;
    /** Null for a service that lives outside the stack. */
    service: ResourceReader | null;
    /** By which a permission can name it; patterns where cluster or name are not known yet. */
    arn: string;
    /** Whether cluster and name are known. */
    named: boolean;
    deployments: Deployment[];
}

/** Providers that change a service. */
const ecsProviders = new Set(["ECS", "CodeDeployToECS"]);

const cache = new WeakMap<StackGraph, DeliveryService[]>();

/**
 * Services with the tier tag, those that run an image of a production repository, and those that a Deploy action names. A
 * service of the stack is production when its images are, whatever its tag says, when its tag says so, or when a release
 * names it; without any of these it is nobody's delivery. Worked out once per graph.
 */
export function deliveryServices(graph: StackGraph, configuration: PackConfiguration): DeliveryService[] {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph, configuration)));
    return found;
}

export function productionServices(graph: StackGraph, configuration: PackConfiguration): DeliveryService[] {
    return deliveryServices(graph, configuration).filter(({ tier }) => tier === "production");
}

function collect(graph: StackGraph, configuration: PackConfiguration): DeliveryService[] {
    const found = new Map<string, DeliveryService>();
    for (const service of graph.ofType(serviceType)) {
        const tier = runsProduction(service, graph, configuration)
            ? "production"
            : valueOf(service.string("tags", configuration.repositoryTierTag));
        if (tier === undefined) continue;
        found.set(service.urn, inStack(service, tier === "production" ? "production" : "other", graph));
    }
    for (const pipeline of graph.ofType(pipelineType)) {
        const model = readPipeline(pipeline);
        if (model.kind !== "known") continue;
        for (const action of model.value.actions.filter(({ provider }) => ecsProviders.has(provider))) {
            const target = targetOf(action, pipeline, graph, configuration, found);
            if (target) target.deployments.push(deploymentOf(action, pipeline, graph));
        }
    }
    return [...found.values()];
}

function runsProduction(
    service: ResourceReader,
    graph: StackGraph,
    configuration: PackConfiguration,
): boolean {
    const task = taskDefinitionOf(service, graph);
    return task.kind === "exact" && runsProductionImage(task.resource, graph, configuration);
}

function targetOf(
    action: PipelineAction,
    pipeline: ResourceReader,
    graph: StackGraph,
    configuration: PackConfiguration,
    found: Map<string, DeliveryService>,
): DeliveryService | null {
    const released = releaseByMetadata(action, configuration).kind !== "no";
    const tier = released ? "production" : "other";
    const name = action.configuration.string("ServiceName");
    const cluster = action.configuration.string("ClusterName");
    const inside = serviceOf(valueOf(name), valueOf(cluster), pipeline, graph);
    const key = inside?.urn ?? `${valueOf(cluster) ?? "*"}/${valueOf(name) ?? `*${pipeline.name}${action.property}`}`; // prettier-ignore
    let target = found.get(key);
    if (!target) {
        target = inside
            ? inStack(inside, tier, graph)
            : {
                  tier,
                  name: valueOf(name) ?? `the target of ${pipeline.name}`,
                  service: null,
                  arn: serviceArn(valueOf(cluster), valueOf(name)),
                  named: name.kind === "known" && cluster.kind === "known",
                  deployments: [],
              };
        found.set(key, target);
    }
    return target;
}

/** Names of services are unique in their cluster only. A service whose name is not known yet is told by the dependencies. */
function serviceOf(
    name: string | undefined,
    cluster: string | undefined,
    pipeline: ResourceReader,
    graph: StackGraph,
): ResourceReader | null {
    const services = graph.ofType(serviceType);
    const same = services.filter((service) => name !== undefined && is(service.string("name"), name));
    const exact = same.find((service) => clusterName(service, graph) === cluster) ?? same[0];
    if (exact) return exact;
    const [only, ...others] = name === undefined ? graph.dependencies(pipeline, "stages", [serviceType]) : services.filter((service) => service.string("name").kind === "unknown"); // prettier-ignore
    return only && others.length === 0 ? only : null;
}

function inStack(service: ResourceReader, tier: DeliveryService["tier"], graph: StackGraph): DeliveryService {
    const name = valueOf(service.string("name"));
    const cluster = clusterName(service, graph);
    return {
        tier,
        name: name ?? service.name,
        service,
        arn: serviceArn(cluster, name),
        named: name !== undefined && cluster !== undefined,
        deployments: [],
    };
}

function clusterName(service: ResourceReader, graph: StackGraph): string | undefined {
    const given = service.string("cluster");
    if (given.kind === "absent") return "default";
    if (given.kind === "known") return given.value.replace(/^arn:.*:cluster\//, "");
    const cluster = graph.reference(service, ["cluster"], [clusterType]);
    return cluster.kind === "exact" ? valueOf(cluster.resource.string("name")) : undefined;
}

/** Service Authorization Reference, Amazon ECS: `service/<cluster>/<service>`. */
function serviceArn(cluster: string | undefined, name: string | undefined): string {
    return `arn:*:ecs:*:*:service/${cluster ?? "*"}/${name ?? "*"}`;
}

function deploymentOf(action: PipelineAction, pipeline: ResourceReader, graph: StackGraph): Deployment {
    const own = action.reader.get("roleArn").kind !== "absent";
    const role = own
        ? actionRole(action, pipeline, graph)
        : graph.reference(pipeline, ["roleArn"], [roleType]);
    return { pipeline, action, role, ownRole: own };
}

/** The role that the pipeline's role assumes for one action. */
export function actionRole(action: PipelineAction, pipeline: ResourceReader, graph: StackGraph): Reference {
    const given = action.reader.string("roleArn");
    if (given.kind === "known") return graph.referenceOfValue(given.value, given.property, [roleType]);
    if (given.kind !== "unknown") return { kind: "absent", property: given.property };
    // The engine records dependencies of `stages` as a whole.
    const candidates = graph.dependencies(pipeline, "stages", [roleType]);
    const [only] = candidates;
    if (only && candidates.length === 1) return { kind: "exact", resource: only, property: given.property };
    return only
        ? { kind: "candidates", resources: candidates, property: given.property }
        : { kind: "unknown", property: given.property };
}

/** The task definition that the service starts with; revisions that a pipeline registers are of the same family. */
export function taskDefinitionOf(service: ResourceReader, graph: StackGraph): Reference {
    const given = service.string("taskDefinition");
    if (given.kind !== "known") return graph.reference(service, ["taskDefinition"], [taskDefinitionType]);
    const exact = graph.referenceOfValue(given.value, given.property, [taskDefinitionType]);
    if (exact.kind === "exact") return exact;
    // `family` or `family:revision`, alone or at the end of an ARN.
    const family = given.value.replace(/^arn:.*:task-definition\//, "").replace(/:\d+$/, "");
    return graph.referenceOfValue(family, given.property, [taskDefinitionType]);
}
