/** What runs for pull requests: their pipelines and projects, and everything that runs as one of their roles. */
import { actionRole } from "../delivery/deliveryServices";
import { guardsOf } from "../gate/guardFunctions";
import type { PackConfiguration } from "../harness/configuration";
import { valueOf, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { isApproval, isDelivery, release } from "../pipeline/classify";
import { pipelineType, readPipeline } from "../pipeline/pipelineModel";
import { projectOf } from "../pipeline/projectOfAction";
import { gateRole, projectRole, projectType, roleType } from "../pipeline/project";

const webhookType = "aws:codebuild/webhook:Webhook";

/** A role that pull requests reach, and by what. */
export interface ReviewRole {
    role: ResourceReader;
    /** Pipeline, project or function, for messages. */
    by: ResourceReader;
    /** `answers`: the function that comments, which runs nothing of the pull request. */
    kind: "runs" | "answers";
}

export interface Reviews {
    pipelines: ResourceReader[];
    projects: ResourceReader[];
    roles: ReviewRole[];
}

/** Declared by its tag; or started by pull requests while nothing in it approves or releases for certain. */
export function isReview(
    pipeline: ResourceReader,
    graph: StackGraph,
    configuration: PackConfiguration,
): boolean {
    if (gateRole(pipeline) === "review") return true;
    if (isDelivery(pipeline) || !startedByPullRequests(pipeline)) return false;
    const model = readPipeline(pipeline);
    return (
        model.kind === "known" &&
        !model.value.actions.some(
            (action) => isApproval(action) || release(action, graph, configuration).kind === "yes",
        )
    );
}

function startedByPullRequests(pipeline: ResourceReader): boolean {
    const triggers = valueOf(pipeline.list("triggers")) ?? [];
    return triggers.some((trigger) => (valueOf(trigger.list("gitConfiguration", "pullRequests")) ?? []).length > 0); // prettier-ignore
}

/** Projects that a web hook starts for pull requests. */
function hookedProjects(graph: StackGraph): ResourceReader[] {
    return graph.ofType(webhookType).flatMap((webhook) => {
        const groups = valueOf(webhook.list("filterGroups")) ?? [];
        const events = groups.flatMap((group) => valueOf(group.list("filters")) ?? []);
        const requests = events.some((filter) =>
            /PULL_REQUEST/.test(valueOf(filter.string("pattern")) ?? ""),
        );
        const project = graph.reference(webhook, ["projectName"], [projectType]);
        // Without any filter every pull request starts a build.
        return (requests || events.length === 0) && project.kind === "exact" ? [project.resource] : [];
    });
}

/** Projects that the actions of the pipelines run, each once. */
export function projectsIn(pipelines: readonly ResourceReader[], graph: StackGraph): Set<ResourceReader> {
    return new Set(
        pipelines.flatMap((pipeline) => {
            const model = readPipeline(pipeline);
            return model.kind === "known"
                ? model.value.actions.flatMap((action) => projectOf(action, graph) ?? [])
                : [];
        }),
    );
}

export function reviewsOf(graph: StackGraph, configuration: PackConfiguration): Reviews {
    const pipelines = graph
        .ofType(pipelineType)
        .filter((pipeline) => isReview(pipeline, graph, configuration));
    const projects = [...new Set([...projectsIn(pipelines, graph), ...hookedProjects(graph)])];
    const roles = new Map<ResourceReader, ReviewRole>();
    const add = (role: ResourceReader | null, by: ResourceReader, kind: ReviewRole["kind"]): void => {
        if (role && !roles.has(role)) roles.set(role, { role, by, kind });
    };
    for (const pipeline of pipelines) {
        const own = graph.reference(pipeline, ["roleArn"], [roleType]);
        add(own.kind === "exact" ? own.resource : null, pipeline, "runs");
        const model = readPipeline(pipeline);
        for (const action of model.kind === "known" ? model.value.actions : []) {
            const role = actionRole(action, pipeline, graph);
            add(role.kind === "exact" ? role.resource : null, pipeline, "runs");
        }
    }
    for (const project of projects) add(projectRole(project, graph), project, "runs");
    for (const { function: resource, role } of guardsOf(graph, "reviewer"))
        add(role.kind === "exact" ? role.resource : null, resource, "answers");
    return { pipelines, projects, roles: [...roles.values()] };
}
