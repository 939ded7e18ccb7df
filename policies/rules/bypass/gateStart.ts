/** BYP-04: nobody but the pipeline runs the gate's steps, and nobody runs them with other commands. */
import type { PackConfiguration } from "../../harness/configuration";
import { isIdlePipelineRole } from "../../delivery/idlePipelineRoles";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, type ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import type { Conditions, Statement } from "../../iam/document";
import {
    effectivePermissions,
    mayDo,
    type Permission,
    type PrincipalPermissions,
} from "../../iam/effectivePermissions";
import { isSubset } from "../../iam/matcher";
import { pipelinesOf } from "../../pipeline/identities";
import { actionLabel, pipelineType, readPipeline } from "../../pipeline/pipelineModel";
import { projectOf } from "../../pipeline/projectOfAction";
import { projectType, roleType } from "../../pipeline/project";
import { arnOf } from "../../pipeline/resourceArn";
import { examples } from "./gateStart.examples";
import { judgingProjects } from "./gateProjects";
import { holdOutcomes, type Grip, type Hold } from "./grip";
import { permissionPath } from "./permissionPath";

/** Verbs by which a build starts, and those of them by which its commands can be replaced. */
const startVerbs = ["codebuild:StartBuild", "codebuild:StartBuildBatch", "codebuild:RetryBuild", "codebuild:RetryBuildBatch"] as const; // prettier-ignore
const overridingVerbs = ["codebuild:StartBuild", "codebuild:StartBuildBatch"] as const;

/** The key says only that there are other commands: `false` means that there are (AWS CodeBuild condition keys). */
const buildspecKey = "codebuild:source.buildspec";

/** The conditions are this one test and nothing else. */
function isOnlyNull(conditions: Conditions, value: "true" | "false"): boolean {
    const operators = Object.entries(conditions);
    const [operator, keys] = operators[0] ?? [];
    if (operators.length !== 1 || operator?.toLowerCase() !== "null") return false;
    const entries = Object.entries(keys ?? {});
    const [key, values] = entries[0] ?? [];
    return entries.length === 1 && key?.toLowerCase() === buildspecKey && values?.length === 1 && values[0]?.toLowerCase() === value; // prettier-ignore
}

/** An Allow that holds only for builds with their own commands. */
function allowsOwnCommands({ conditions }: Permission): boolean {
    return Object.entries(conditions).some(([operator, keys]) =>
        Object.entries(keys).some(
            ([key, values]) =>
                key.toLowerCase() === buildspecKey && isOnlyNull({ [operator]: { [key]: values } }, "true"),
        ),
    );
}

function deniesOtherCommands(statement: Statement, verb: string, arn: string): boolean {
    const { effect, actions, resources, conditions } = statement;
    if (effect !== "Deny" || actions.not || resources?.not || !isOnlyNull(conditions, "false")) return false;
    return (
        actions.values.some((pattern) => isSubset(verb.toLowerCase(), pattern.toLowerCase())) &&
        (resources === null ||
            resources.values.some((pattern) => isSubset(arn, pattern) || namesProject(pattern, arn)))
    );
}

/** The literal ARN of the project whose account and region the question leaves open. */
function namesProject(pattern: string, arn: string): boolean {
    if (/[*?]/.test(pattern)) return false;
    const [own, asked] = [pattern, arn].map((each) => each.split(":").slice(5).join(":"));
    return own === asked && !/[*?]/.test(asked ?? "*");
}

const fix =
    "Add a Deny of codebuild:StartBuild and codebuild:StartBuildBatch with the condition Null { codebuild:source.buildspec: false } to the pipeline's role.";

/** The pipeline's role starts builds, with their own commands only. */
function pipelineOutcomes(entry: PrincipalPermissions, projects: readonly ResourceReader[]): StackOutcome[] {
    const { principal, grants } = entry;
    for (const project of projects) {
        const arn = arnOf(project);
        for (const verb of overridingVerbs) {
            const answer = mayDo(entry, verb, arn);
            if (answer.kind === "no") continue;
            if (grants.some(({ statement }) => deniesOtherCommands(statement, verb, arn))) continue;
            if (answer.kind === "unknown") {
                const [doubt] = answer.doubts;
                return about(
                    principal,
                    inconclusive(
                        { property: doubt?.property ?? "policy" },
                        `whether it may start ${project.name} with other commands is not known: ${doubt?.why ?? ""}`,
                    ),
                );
            }
            const open = answer.permissions.find((each) => !allowsOwnCommands(each));
            if (!open) continue;
            // A Deny in a document that is not known yet would settle it.
            if (entry.doubts.length > 0)
                return about(
                    principal,
                    inconclusive(
                        { property: entry.doubts[0]?.property ?? "policy" },
                        `whether something denies it to start ${project.name} with other commands is not known`,
                    ),
                );
            return about(
                principal,
                violation(
                    `${principal.name} starts ${project.name}, a step of the gate, and nothing denies it to put other commands in their place for one run (buildspecOverride): ${permissionPath(principal.name, verb, open)}.`,
                    fix,
                    { findingId: `${principal.name}|${verb}|buildspec` },
                ),
            );
        }
    }
    return [];
}

/** An action of a pipeline may replace the commands of its project too (AWS CodePipeline, "AWS CodeBuild build and test action reference"). */
function actionOutcomes(projects: readonly ResourceReader[], graph: StackGraph): StackOutcome[] {
    return graph.ofType(pipelineType).flatMap((pipeline) => {
        const model = readPipeline(pipeline);
        return (model.kind === "known" ? model.value.actions : []).flatMap((action) => {
            const override = filled(action.configuration.string("BuildspecOverride"));
            const project = projectOf(action, graph);
            if (override.kind === "absent" || !project || !projects.includes(project)) return [];
            if (override.kind === "unknown")
                return about(
                    pipeline,
                    inconclusive(override, `whether ${actionLabel(action)} runs its project's own commands is not known yet`),
                );
            return about(
                pipeline,
                violation(
                    `${actionLabel(action)} replaces the commands of ${project.name} (${override.property}): what every rule read there is not what runs.`,
                    "Remove BuildspecOverride and give the project the commands.",
                    { findingId: `${pipeline.name}|${action.property}|BuildspecOverride` },
                ),
            );
        });
    });
} // prettier-ignore

function gripOn(project: ResourceReader): Grip {
    return {
        what: project.name,
        arns: [arnOf(project)],
        verbs: startVerbs,
        certain: project.string("name").kind === "known",
    };
}

const sentence = ({ what, verb }: Hold, path: string): string =>
    `It may ${verb} on ${what}, which is part of the gate: ${path}.`;

function judged(
    entry: PrincipalPermissions,
    projects: readonly ResourceReader[],
    graph: StackGraph,
): StackOutcome[] {
    const { principal } = entry;
    if (
        principal.type === roleType &&
        (pipelinesOf(principal, graph).length > 0 || isIdlePipelineRole(principal, graph))
    )
        return pipelineOutcomes(entry, projects);
    return holdOutcomes(
        entry,
        projects.map(gripOn),
        sentence,
        "Grant codebuild:StartBuild on these projects to the pipeline's role alone.",
    );
}

export const gateStart: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-04",
        family: "bypass",
        title: "Only the pipeline starts the steps that judge and release, with their own commands",
        severity: "critical",
        rationale:
            "StartBuild can replace the commands of a project for one run (`buildspecOverride`): who may start the publishing step may run anything as the publisher.",
        remediation:
            "Grant codebuild:StartBuild on these projects to the pipeline's role alone, and deny it there when the request brings commands of its own: `Null { codebuild:source.buildspec: false }`, the only operator that this key knows.",
        references: ["OWASP CICD-SEC-4", "OWASP CICD-SEC-5"],
    },
    relevantTypes: [pipelineType, projectType],
    evaluate: (graph, configuration: PackConfiguration) => {
        const projects = judgingProjects(graph, configuration);
        if (projects.length === 0) return about(null, notApplicable("no step judges or releases"));
        const outcomes = [
            ...actionOutcomes(projects, graph),
            ...effectivePermissions(graph).flatMap((entry) => judged(entry, projects, graph)),
        ];
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
