/** Who may put something into a service: the roles of its own deployments, and who may become those. */
import type { ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { gateModel } from "../gate/gateModel";
import { isEntrant, type Entrant } from "../iam/roleEntrants";
import { gateRole, projectBuildspec, roleType } from "../pipeline/project";
import { projectsOf } from "../pipeline/projectsOfRole";
import { arnOf } from "../pipeline/resourceArn";
import type { DeliveryService } from "./deliveryServices";

/** What a role deploys with: nothing but the pipeline's own action, or commands of a project. */
export type DeployerKind = "action" | "commands";

/**
 * Whether the principal is the service's deployer: the role of a Deploy action that no project and no function runs as, or
 * the role of the one project that is declared to deploy (`gate:role=deployer`) and whose commands do. Null when it is neither.
 */
export function deployerOf(
    principal: ResourceReader,
    target: DeliveryService,
    graph: StackGraph,
): DeployerKind | null {
    if (principal.type !== roleType) return null;
    const projects = projectsOf(principal, graph);
    const [project, ...others] = projects;
    if (project)
        return others.length === 0 && gateRole(project) === "deployer" && deploys(project)
            ? "commands"
            : null;
    if (runsFunction(principal, graph)) return null;
    return target.deployments.some(({ role }) => role.kind === "exact" && role.resource === principal)
        ? "action"
        : null;
}

function deploys(project: ResourceReader): boolean {
    const buildspec = projectBuildspec(project);
    return buildspec.kind === "inline" && buildspec.analysis.deliveries.some(({ kind }) => kind === "deploy");
}

function runsFunction(role: ResourceReader, graph: StackGraph): boolean {
    return gateModel(graph).functions.some(
        (each) => each.role.kind === "exact" && each.role.resource === role,
    );
}

/** Roles of the actions that deploy to the service, each with the pipelines that may assume it. */
export function deployRoles(
    targets: readonly DeliveryService[],
    graph: StackGraph,
): { role: ResourceReader; pipelineRoles: string[] }[] {
    const found = new Map<ResourceReader, string[]>();
    for (const { pipeline, role, ownRole } of targets.flatMap(({ deployments }) => deployments)) {
        if (!ownRole || role.kind !== "exact") continue;
        const runs = graph.reference(pipeline, ["roleArn"], [roleType]);
        const names = found.get(role.resource) ?? [];
        if (runs.kind === "exact") names.push(arnOf(runs.resource));
        found.set(role.resource, names);
    }
    return [...found].map(([role, pipelineRoles]) => ({ role, pipelineRoles }));
}

/** Only a pipeline's own role becomes the role of its action (CodePipeline User Guide, `roleArn` of an action). */
export function admitsDeployer(entrant: Entrant, pipelineRoles: readonly string[]): boolean {
    if (entrant.kind === "service") return /^codepipeline\.amazonaws\.com(?:\.cn)?$/.test(entrant.name);
    return pipelineRoles.some((arn) => isEntrant(entrant, arn));
}
