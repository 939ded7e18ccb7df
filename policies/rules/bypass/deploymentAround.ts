/** BYP-05: nobody deploys to production around the pipeline. */
import { admitsDeployer, deployerOf, deployRoles } from "../../delivery/deployers";
import {
    productionServices,
    serviceType,
    taskDefinitionOf,
    type DeliveryService,
} from "../../delivery/deliveryServices";
import { isIdlePipelineRole } from "../../delivery/idlePipelineRoles";
import { functionType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { about, notApplicable, pass } from "../../harness/outcome";
import { is, valueOf, type ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions, mayDo, type PrincipalPermissions } from "../../iam/effectivePermissions";
import { pipelineType } from "../../pipeline/pipelineModel";
import { roleType } from "../../pipeline/project";
import { arnOf } from "../../pipeline/resourceArn";
import { functionVerbs } from "./automaticGate";
import { examples } from "./deploymentAround.examples";
import { holdOutcomes, keyAllows, type Grip } from "./grip";
import { roleTrust } from "./roleTrust";

/**
 * Verbs that start something else in a service, or put another service in its place; with UpdateService goes the whole
 * deployment configuration, its hooks too, which no condition key tells apart. Service Authorization Reference, Amazon ECS.
 */
const serviceVerbs = [
    "ecs:UpdateService",
    "ecs:CreateService",
    "ecs:DeleteService",
    "ecs:CreateTaskSet",
    "ecs:UpdateTaskSet",
    "ecs:DeleteTaskSet",
    "ecs:UpdateServicePrimaryTaskSet",
] as const;

/** Verbs that start tasks without a service. */
const taskVerbs = ["ecs:RunTask", "ecs:StartTask"] as const;

/** Task and execution role of the service's task definition, as far as they are in the stack. */
function taskRoles(task: ResourceReader | null, graph: StackGraph): ResourceReader[] {
    if (!task) return [];
    return ["taskRoleArn", "executionRoleArn"].flatMap((property) => {
        const role = graph.reference(task, [property], [roleType]);
        return role.kind === "exact" ? [role.resource] : [];
    });
}

/** What of the service can be taken hold of, by a principal that may register task definitions or not. */
export function serviceGrips(
    target: DeliveryService,
    entry: PrincipalPermissions,
    graph: StackGraph,
): Grip[] {
    const { name, service, arn, named } = target;
    const reference = service ? taskDefinitionOf(service, graph) : null;
    const task = reference?.kind === "exact" ? reference.resource : null;
    const family = task ? valueOf(task.string("family")) : undefined;
    const grips: Grip[] = [
        {
            what: name,
            arns: [arn, `${arn.replace(":service/", ":task-set/")}/*`],
            verbs: serviceVerbs,
            certain: named,
        },
    ];
    if (family !== undefined)
        grips.push({
            what: `tasks of ${name}`,
            arns: [`arn:*:ecs:*:*:task-definition/${family}:*`],
            verbs: taskVerbs,
            certain: true,
            spared: (_, permission) => !keyAllows(permission, "ecs:cluster", [arn.replace(":service/", ":cluster/").replace(/\/[^/]*$/, "")]), // prettier-ignore
        });
    const registers = mayDo(entry, "ecs:RegisterTaskDefinition", "arn:*:ecs:*:*:task-definition/*");
    if (registers.kind === "yes")
        grips.push(
            ...taskRoles(task, graph).map((role): Grip => ({
                what: `${role.name}, as which a task definition of its own then runs,`,
                arns: [arnOf(role)],
                verbs: ["iam:PassRole"],
                certain: role.string("name").kind === "known",
                spared: (_, permission) =>
                    !keyAllows(permission, "iam:passedtoservice", ["ecs-tasks.amazonaws.com"]),
            })),
        );
    return grips;
}

/** Functions that serve production, and deployments of CodeDeploy. */
function otherGrips(graph: StackGraph, configuration: PackConfiguration): Grip[] {
    const functions = graph
        .ofType(functionType)
        .filter((each) => is(each.string("tags", configuration.repositoryTierTag), "production"));
    const groups = graph.ofType("aws:codedeploy/deploymentGroup:DeploymentGroup");
    return [
        ...functions.map((each): Grip => ({
            what: each.name,
            arns: [arnOf(each)],
            verbs: functionVerbs,
            certain: each.string("name").kind === "known",
        })),
        ...groups.map((group): Grip => {
            const names = [group.string("appName"), group.string("deploymentGroupName")].map(valueOf);
            return {
                what: `deployments of ${group.name}`,
                arns: [`arn:*:codedeploy:*:*:deploymentgroup:${names.map((name) => name ?? "*").join("/")}`],
                verbs: ["codedeploy:CreateDeployment", "codedeploy:UpdateDeploymentGroup"],
                certain: names.every((name) => name !== undefined),
            };
        }),
    ];
}

const remediation =
    "Leave `ecs:UpdateService`, task sets, `ecs:RunTask` and `ecs:RegisterTaskDefinition` with `iam:PassRole` on production services to the role of the pipeline's own Deploy action (`roleArn` of the action), which only the pipeline's role may assume and nothing else runs as.";

function trustOutcomes(targets: readonly DeliveryService[], graph: StackGraph): StackOutcome[] {
    return deployRoles(targets, graph).flatMap(({ role, pipelineRoles }) =>
        roleTrust({
            role,
            who: "the role that deploys to production",
            way: "a way to production around the pipeline",
            fix: "Let only the pipeline's role assume it: its ARN as the principal, or in the condition aws:PrincipalArn.",
            admits: (entrant) => admitsDeployer(entrant, pipelineRoles),
        }),
    );
}

/** Roles that deploy by CodeDeploy or update functions as an action of a pipeline. */
function deploysByAction(principal: ResourceReader, targets: readonly DeliveryService[]): boolean {
    return targets.some(({ deployments }) =>
        deployments.some(({ role }) => role.kind === "exact" && role.resource === principal),
    );
}

export const deploymentAround: StackRule = {
    level: "stack",
    metadata: {
        id: "BYP-05",
        family: "bypass",
        title: "Nobody deploys to production around the pipeline",
        rationale:
            "Who can update a production service, or start a task with its roles, needs no scan, no approval and no pipeline: whatever image they name runs.",
        severity: "critical",
        remediation,
        references: ["OWASP CICD-SEC-1", "OWASP CICD-SEC-5"],
    },
    relevantTypes: [serviceType, pipelineType, functionType],
    evaluate: (graph, configuration) => {
        const targets = productionServices(graph, configuration);
        const others = otherGrips(graph, configuration);
        if (targets.length + others.length === 0)
            return about(null, notApplicable("the stack delivers to no production service"));
        const outcomes = effectivePermissions(graph).flatMap((entry) => {
            const { principal } = entry;
            if (isIdlePipelineRole(principal, graph)) return [];
            const grips = targets
                .filter((target) => deployerOf(principal, target, graph) === null)
                .flatMap((target) => serviceGrips(target, entry, graph));
            const all = deploysByAction(principal, targets) ? grips : [...grips, ...others];
            return holdOutcomes(
                entry,
                all,
                ({ what, verb }, path) =>
                    `It may ${verb} on ${what} in production, past the pipeline and its gate: ${path}.`,
                remediation.replaceAll("`", ""),
            );
        });
        outcomes.push(...trustOutcomes(targets, graph));
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
