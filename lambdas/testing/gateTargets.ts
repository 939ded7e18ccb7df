import type { CapturedStack } from "./capturedStack";
import type { Permissions } from "./permissions";

/** One thing that nobody may do to the gate, but for those who are named. */
export interface Forbidden {
    action: string;
    resource: string;
    context?: Record<string, string>;
    /** Names of the roles that may. */
    roles: string[];
}

const lambdaActions = [
    "AddPermission",
    "CreateAlias",
    "CreateFunctionUrlConfig",
    "DeleteFunction",
    "DeleteFunctionConcurrency",
    "DeleteFunctionEventInvokeConfig",
    "InvokeFunction",
    "PublishVersion",
    "PutFunctionCodeSigningConfig",
    "PutFunctionConcurrency",
    "PutFunctionEventInvokeConfig",
    "PutRuntimeManagementConfig",
    "RemovePermission",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
    "UpdateFunctionEventInvokeConfig",
];
const mappingActions = ["DeleteEventSourceMapping", "UpdateEventSourceMapping"];
const tableActions = [
    "BatchWriteItem",
    "DeleteItem",
    "DeleteResourcePolicy",
    "DeleteTable",
    "PartiQLDelete",
    "PartiQLInsert",
    "PartiQLUpdate",
    "PutItem",
    "PutResourcePolicy",
    "UpdateContinuousBackups",
    "UpdateItem",
    "UpdateTable",
    "UpdateTimeToLive",
];
const ruleActions = ["DeleteRule", "DisableRule", "PutRule", "PutTargets", "RemoveTargets"];
const scheduleActions = ["DeleteSchedule", "UpdateSchedule"];
const topicActions = [
    "AddPermission",
    "DeleteTopic",
    "Publish",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
];
const queueActions = [
    "AddPermission",
    "DeleteMessage",
    "DeleteQueue",
    "PurgeQueue",
    "ReceiveMessage",
    "RemovePermission",
    "SetQueueAttributes",
];
const alarmActions = ["DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm", "SetAlarmState"];
const logActions = ["DeleteLogGroup", "DeleteRetentionPolicy", "PutRetentionPolicy"];
const roleActions = [
    "AttachRolePolicy",
    "DeleteRole",
    "DeleteRolePolicy",
    "PassRole",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
];
const pipelineActions = ["DeletePipeline", "UpdatePipeline"];
const keyActions = ["DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion"];

/** Everything of the approval gate in a captured stack, and who may touch it: read off the stack, name by name. */
export function forbiddenTo(stack: CapturedStack): Forbidden[] {
    const { partition, region, accountId } = stack.account;
    const nameOf = (value: unknown): string => String(value).split(/[/:]/).at(-1) ?? "";
    const arns = (type: string, part = "-approval"): string[] =>
        stack
            .all(type)
            .map(({ properties }) => String(properties["arn"]))
            .filter((arn) => arn.includes(part));
    const each = (
        service: string,
        actions: string[],
        resources: string[],
        roles: Forbidden["roles"] = [],
    ): Forbidden[] =>
        resources.flatMap((resource) =>
            actions.map((action) => ({ action: `${service}:${action}`, resource, roles })),
        );
    const functions = stack
        .all("aws:lambda/function:Function")
        .map(({ properties }) => ({
            arn: String(properties["arn"]),
            name: String(properties["name"]),
            role: nameOf(properties["role"]),
        }))
        .filter(({ name }) => name.includes("-approval-"));
    const writers = functions.map(({ role }) => role);
    const decider = writers.filter((role) => role.endsWith("-scan-event"));
    const pipelines = stack.all("aws:codepipeline/pipeline:Pipeline").map(({ properties }) => properties);
    const approvals = pipelines.flatMap((pipeline) =>
        (pipeline["stages"] as { name: string; actions: { name: string; category: string }[] }[]).flatMap(
            (stage) =>
                stage.actions
                    .filter(({ category }) => category === "Approval")
                    .map(({ name }) => ({ name, arn: `${String(pipeline["arn"])}/${stage.name}/${name}` })),
        ),
    );
    // Pipelines of reviews ask for no approval.
    const publishers = pipelines
        .filter((pipeline) => approvals.some(({ arn }) => arn.startsWith(`${String(pipeline["arn"])}/`)))
        .map((pipeline) => nameOf(pipeline["roleArn"]));
    const schedules = stack.all("aws:scheduler/schedule:Schedule").map(({ properties }) => properties);

    return [
        // A human approval is for people: no role of the stack may answer it either.
        ...approvals.flatMap(({ name, arn }) =>
            each("codepipeline", ["PutApprovalResult"], [arn], name === "GateApproval" ? decider : []),
        ),
        ...each(
            "codepipeline",
            pipelineActions,
            pipelines.map((pipeline) => String(pipeline["arn"])),
        ),
        ...pipelines.flatMap((pipeline) =>
            each(
                "codepipeline",
                ["DisableStageTransition", "EnableStageTransition", "OverrideStageCondition"],
                [`${String(pipeline["arn"])}/Approve`],
            ),
        ),
        ...functions.flatMap(({ arn }) =>
            lambdaActions.map((action) => ({
                action: `lambda:${action}`,
                resource: arn,
                roles:
                    action === "InvokeFunction"
                        ? schedules
                              .map(({ target }) => target as { arn: string; roleArn: string })
                              .filter((target) => target.arn === arn)
                              .map(({ roleArn }) => nameOf(roleArn))
                        : [],
            })),
        ),
        ...stack
            .all("aws:lambda/eventSourceMapping:EventSourceMapping")
            .flatMap(({ properties }) =>
                each("lambda", mappingActions, [
                    String(
                        properties["arn"] ??
                            `arn:${partition}:lambda:${region}:${accountId}:event-source-mapping:${String(properties["uuid"])}`,
                    ),
                ]),
            ),
        ...arns("aws:dynamodb/table:Table").flatMap((table) =>
            tableActions.map((action) => ({
                action: `dynamodb:${action}`,
                resource: table,
                roles: action === "PutItem" ? writers : [],
            })),
        ),
        ...each("events", ruleActions, arns("aws:cloudwatch/eventRule:EventRule")),
        ...each(
            "scheduler",
            scheduleActions,
            schedules.map(({ arn }) => String(arn)),
        ),
        ...stack.all("aws:sns/topic:Topic").flatMap(({ properties }) => {
            const arn = String(properties["arn"]);
            const isAlarms = arn.endsWith("-alarms");
            return topicActions.map((action) => ({
                action: `sns:${action}`,
                resource: arn,
                roles: action === "Publish" && !isAlarms ? publishers : [],
            }));
        }),
        ...each("sqs", queueActions, arns("aws:sqs/queue:Queue")),
        ...each("cloudwatch", alarmActions, arns("aws:cloudwatch/metricAlarm:MetricAlarm")),
        ...each(
            "logs",
            logActions,
            arns("aws:cloudwatch/logGroup:LogGroup").map((arn) => arn.replace(/:\*$/, "")),
        ),
        ...each("iam", roleActions, arns("aws:iam/role:Role")),
        ...each("kms", keyActions, arns("aws:kms/key:Key", ":key/")),
    ];
}

/**
 * Roles that may do to the gate what they should not, or may not what they should, one line each; empty when all is as
 * declared.
 * @param among names of the roles that are looked at; all of the stack unless given.
 */
export async function trespasses(
    stack: CapturedStack,
    permissions: Permissions,
    among: readonly string[] = permissions.roles,
): Promise<string[]> {
    const found: string[] = [];
    for (const { action, resource, roles } of forbiddenTo(stack)) {
        for (const role of among) {
            const { isAllowed, problem } = await permissions.judge({ role }, { action, resource });
            if (problem !== null) found.push(`${action} on ${resource}: ${problem}`);
            if (isAllowed === roles.includes(role)) continue;
            found.push(`${role} ${isAllowed ? "may" : "may not"} ${action} on ${resource}`);
        }
    }
    return found;
}

/** Services that could be given a permission by a policy of the gate's resources. */
const services = [
    "cloudwatch.amazonaws.com",
    "codebuild.amazonaws.com",
    "codepipeline.amazonaws.com",
    "codestar-notifications.amazonaws.com",
    "events.amazonaws.com",
    "lambda.amazonaws.com",
    "s3.amazonaws.com",
    "scheduler.amazonaws.com",
    "sns.amazonaws.com",
];

/** What AWS services may do to the gate on behalf of one resource, as `service action resource`. */
export async function servicesThatMay(
    stack: CapturedStack,
    permissions: Permissions,
    sourceArn: string,
): Promise<string[]> {
    const found: string[] = [];
    for (const { action, resource } of forbiddenTo(stack)) {
        // Only a resource's own policy allows a service anything.
        if (!permissions.hasPolicy(resource)) continue;
        for (const service of services) {
            const { isAllowed } = await permissions.judge({ service, sourceArn }, { action, resource });
            if (isAllowed) found.push(`${service} ${action} ${resource.split(":").at(-1)}`);
        }
    }
    return found;
}
