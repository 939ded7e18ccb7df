/** PIPE-16: who runs the pipeline, who builds and who releases are different roles. */
import { actionRole } from "../../delivery/deliveryServices";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { Outcome, StackOutcome, StackRule } from "../../harness/rule";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { productionReach, projectRelease, release } from "../../pipeline/classify";
import { actionLabel, pipelineType, readPipeline, type PipelineAction } from "../../pipeline/pipelineModel";
import { gateRole, projectType, roleType } from "../../pipeline/project";
import { projectOf } from "../../pipeline/projectOfAction";
import { separateIdentitiesExamples } from "./separateIdentities.examples";

/** A role by which resources can be compared: the stack's own, or the text that names one outside. */
interface Identity {
    key: string;
    label: string;
    role: ResourceReader | null;
}

function identityOf(reference: Reference): Identity | null {
    if (reference.kind === "exact")
        return { key: reference.resource.urn, label: reference.resource.name, role: reference.resource };
    if (reference.kind === "external" || reference.kind === "dangling")
        return { key: reference.value, label: reference.value, role: null };
    return null;
}

/** Projects of the stack by the role that they run as. */
interface Users extends Identity {
    projects: ResourceReader[];
}

function usersOfRoles(graph: StackGraph): {
    byRole: Map<string, Users>;
    of: Map<ResourceReader, Identity | null>;
} {
    const byRole = new Map<string, Users>();
    const of = new Map<ResourceReader, Identity | null>();
    for (const project of graph.ofType(projectType)) {
        const identity = identityOf(graph.reference(project, ["serviceRole"], [roleType]));
        of.set(project, identity);
        if (!identity) continue;
        const users = byRole.get(identity.key);
        if (users) users.projects.push(project);
        else byRole.set(identity.key, { ...identity, projects: [project] });
    }
    return { byRole, of };
}

const publishers = new Set(["publisher", "promoter"]);

/** Why the role of these projects must serve one of them alone; null when it need not. */
function releasingBy(
    { projects, role }: Users,
    graph: StackGraph,
    configuration: PackConfiguration,
): string | null {
    const releasing = projects.find(
        (project) =>
            publishers.has(gateRole(project) ?? "") ||
            projectRelease(project, graph, configuration).kind === "yes",
    );
    if (releasing) return `${releasing.name} releases with it`;
    const reach = role ? productionReach(role, graph, configuration) : null;
    return reach?.kind === "yes" ? reach.why : null;
}

export const separateIdentities: StackRule = {
    level: "stack",
    metadata: {
        id: "PIPE-16",
        family: "codepipeline",
        title: "The pipeline, its builds and its releases have roles of their own",
        rationale:
            "A build runs whatever the source says. With the pipeline's role, or with that of the release, it can start, change or skip what is to judge it.",
        severity: "high",
        remediation:
            "Give the pipeline, each CodeBuild project and the promoter a role of its own, and each Deploy action a `roleArn`.",
        references: ["OWASP CICD-SEC-2", "OWASP CICD-SEC-5"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) => {
        const { byRole, of } = usersOfRoles(graph);
        const said = new Set<string>();
        const outcomes = graph.ofType(pipelineType).flatMap((pipeline): StackOutcome[] => {
            const own = identityOf(graph.reference(pipeline, ["roleArn"], [roleType]));
            const users = own ? byRole.get(own.key) : undefined;
            if (own && users) said.add(own.key);
            return about(pipeline, ...pipelineOutcomes({ pipeline, own, users, of, graph, configuration }));
        });
        for (const users of byRole.values()) {
            if (users.projects.length < 2 || said.has(users.key)) continue;
            const why = releasingBy(users, graph, configuration);
            if (why === null) continue;
            const names = users.projects.map(({ name }) => name).join(", ");
            outcomes.push(
                ...about(
                    users.role ?? users.projects[0] ?? null,
                    violation(
                        `${users.label} is the serviceRole of ${names}, and ${why}: each of them can release.`,
                        "Give the project that releases a role of its own.",
                        { findingId: users.label },
                    ),
                ),
            );
        }
        return outcomes.length > 0 ? outcomes : about(null, notApplicable("the stack has no pipeline"));
    },
    examples: separateIdentitiesExamples,
};

interface Question {
    pipeline: ResourceReader;
    /** Null where it cannot be told. */
    own: Identity | null;
    /** Projects that run as the pipeline's own role. */
    users: Users | undefined;
    of: Map<ResourceReader, Identity | null>;
    graph: StackGraph;
    configuration: PackConfiguration;
}

function pipelineOutcomes({ pipeline, own, users, of, graph, configuration }: Question): Outcome[] {
    const model = readPipeline(pipeline);
    if (model.kind === "absent") return [notApplicable("the pipeline has no stages")];
    const outcomes: Outcome[] = [];
    if (own && users)
        outcomes.push(
            violation(
                `roleArn is ${own.label}, which is also the serviceRole of ${users.projects.map(({ name }) => name).join(", ")}: what these build acts as the pipeline.`,
                "Give each project a role of its own.",
                { findingId: own.label },
            ),
        );
    if (model.kind !== "known") {
        outcomes.push(inconclusive(model, "with which roles the pipeline releases is not known yet"));
        return outcomes;
    }
    for (const action of model.value.actions) {
        if (action.provider === "CodeBuild" || release(action, graph, configuration).kind !== "yes") continue;
        outcomes.push(...actionOutcomes(action, pipeline, own, graph));
    }
    if (outcomes.some(({ kind }) => kind === "violation")) return outcomes;
    const projects = model.value.actions.flatMap((action) => projectOf(action, graph) ?? []);
    const open = projects.find((project) => of.get(project) === null);
    const named = pipeline.get("roleArn").kind !== "absent";
    if (own === null && named && projects.length > 0)
        outcomes.push(inconclusive({ property: "roleArn" }, "whether the pipeline shares its role with a project is not known yet")); // prettier-ignore
    else if (open)
        outcomes.push(inconclusive({ property: `${open.name}.serviceRole` }, "whether the project shares its role is not known yet")); // prettier-ignore
    return outcomes.length > 0 ? outcomes : [pass];
}

/** A release that the pipeline carries out by itself has a role for that. */
function actionOutcomes(
    action: PipelineAction,
    pipeline: ResourceReader,
    own: Identity | null,
    graph: StackGraph,
): Outcome[] {
    const reference = actionRole(action, pipeline, graph);
    const role = identityOf(reference);
    if (reference.kind !== "absent" && (role === null || role.key !== own?.key)) return [];
    const read = reference.kind === "absent" ? "is not set" : "is the pipeline's own role";
    return [
        violation(
            `${action.property}.roleArn ${read}: ${actionLabel(action)} releases as the pipeline, so whatever else the pipeline does can release too.`,
            "Give the action a roleArn of its own that the pipeline's role may assume.",
            { findingId: actionLabel(action) },
        ),
    ];
}
