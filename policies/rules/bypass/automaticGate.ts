/**
 * What an automatic gate is made of, for BYP-03: whoever changes one of these decides when and by what code an approval is
 * answered or a revision starts, or takes away what would tell of a failure. The gate's tables are GATE-12's. Verbs: Service Authorization
 * Reference of each service.
 */
import { alarmsOn, errorsOf, messagesIn } from "../../gate/alarms";
import { failedQueues } from "../../gate/failedQueues";
import { gateFunctionRoles, gateFunctions } from "../../gate/gateFunctions";
import { everyGateFunction, guardFunctionRoles } from "../../gate/guardFunctions";
import { automaticGates } from "../../gate/gateModel";
import { eventRuleType, eventTargetType, scheduleType } from "../../gate/resourceTypes";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import type { Permission } from "../../iam/effectivePermissions";
import { bucketName, bucketVerbs, objectVerbs } from "./deliveryBuckets";
import { keyAllows, roleVerbs, type Grip } from "./grip";

/** Verbs that change what a function runs, how often and for whom. */
export const functionVerbs = [
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:DeleteFunction",
    "lambda:PutFunctionConcurrency",
    "lambda:DeleteFunctionConcurrency",
    "lambda:PutFunctionEventInvokeConfig",
    "lambda:UpdateFunctionEventInvokeConfig",
    "lambda:DeleteFunctionEventInvokeConfig",
    "lambda:PutFunctionCodeSigningConfig",
    "lambda:DeleteFunctionCodeSigningConfig",
    "lambda:CreateFunctionUrlConfig",
    "lambda:UpdateFunctionUrlConfig",
    "lambda:AddPermission",
    "lambda:RemovePermission",
    "lambda:PutRuntimeManagementConfig",
    "lambda:PublishVersion",
    "lambda:CreateAlias",
    "lambda:UpdateAlias",
] as const;

/** Verbs on what connects a function with a stream or queue. */
export const mappingVerbs = [
    "lambda:CreateEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
] as const;

/** Verbs that change who hears of an approval, and who may announce one. */
export const topicVerbs = [
    "sns:SetTopicAttributes",
    "sns:DeleteTopic",
    "sns:AddPermission",
    "sns:RemovePermission",
    "sns:Subscribe",
    "sns:Unsubscribe",
    "sns:SetSubscriptionAttributes",
] as const;

const verbs = {
    role: [...roleVerbs, "iam:PassRole"],
    rule: [
        "events:PutRule",
        "events:DeleteRule",
        "events:DisableRule",
        "events:PutTargets",
        "events:RemoveTargets",
    ],
    schedule: ["scheduler:UpdateSchedule", "scheduler:DeleteSchedule"],
    scheduleGroup: ["scheduler:DeleteScheduleGroup"],
    topic: topicVerbs,
    queue: [
        "sqs:PurgeQueue",
        "sqs:DeleteQueue",
        "sqs:SetQueueAttributes",
        "sqs:AddPermission",
        "sqs:RemovePermission",
    ],
    alarm: [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DisableAlarmActions",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:SetAlarmState",
    ],
    logs: ["logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:PutRetentionPolicy"],
    registry: ["ecr:PutRegistryScanningConfiguration"],
    inspector: [
        "inspector2:Disable",
        "inspector2:UpdateConfiguration",
        "inspector2:CreateFilter",
        "inspector2:UpdateFilter",
    ],
} as const;

/** Name of a resource, and whether it is known; `*` stands in for one that is not. */
function named(
    resource: ResourceReader,
    property = "name",
): { name: string; certain: boolean; what: string } {
    const name = valueOf(resource.string(property));
    return { name: name ?? "*", certain: name !== undefined, what: name ?? resource.name };
}

function gripOn(
    resource: ResourceReader,
    list: readonly string[],
    ...forms: ((name: string) => string)[]
): Grip {
    const { name, certain, what } = named(resource);
    return { what, certain, verbs: list, arns: forms.map((form) => form(name)) };
}

/** By its own name and by any of its versions and aliases. */
export const functionForms = [
    (name: string): string => `arn:*:lambda:*:*:function:${name}`,
    (name: string): string => `arn:*:lambda:*:*:function:${name}:*`,
];

/** What the function runs, and what feeds it from streams and queues. */
export function functionGrips(resource: ResourceReader, list: readonly string[]): Grip[] {
    const grip = gripOn(resource, list, ...functionForms);
    return [
        grip,
        {
            ...grip,
            what: `the event source mappings of ${grip.what}`,
            verbs: mappingVerbs,
            arns: ["arn:*:lambda:*:*:event-source-mapping:*"],
            spared: (_, permission) => !keyAllows(permission, "lambda:functionarn", grip.arns),
        },
    ];
}

/** Everything of the automatic gates of the stack, and of what guards around them; nothing where people answer all approvals. */
export function automaticGateGrips(graph: StackGraph): Grip[] {
    const automatic = gateFunctions(graph).length > 0;
    const functions = everyGateFunction(graph);
    if (functions.length === 0) return [];
    const queues = [...failedQueues(graph, functions).keys()];
    const rules = new Set<ResourceReader>();
    const schedules = new Set<ResourceReader>();
    const alarms = new Set<ResourceReader>();
    const topics = new Set(automaticGates(graph).flatMap(({ topics: all }) => all));
    for (const { function: resource, starts } of functions) {
        for (const alarm of alarmsOn(errorsOf(resource), graph).certain) alarms.add(alarm);
        for (const { source } of starts) {
            if (source.type === scheduleType) schedules.add(source);
            if (source.type !== eventTargetType) continue;
            const rule = graph.reference(source, ["rule"], [eventRuleType]);
            if (rule.kind === "exact") rules.add(rule.resource);
        }
    }
    for (const resource of queues)
        for (const alarm of alarmsOn(messagesIn(resource), graph).certain) alarms.add(alarm); // prettier-ignore
    return [
        ...functions.flatMap(({ function: each }) => functionGrips(each, functionVerbs)),
        ...[...gateFunctionRoles(graph), ...guardFunctionRoles(graph)].map((each) => ({
            ...gripOn(each, verbs.role, (name) => `arn:*:iam::*:role/${name}`),
            spared: (verb: string, permission: Permission) =>
                verb === "iam:PassRole" &&
                !keyAllows(permission, "iam:passedtoservice", ["lambda.amazonaws.com"]),
        })),
        ...functions.flatMap(({ function: each }) => codeGrips(each, graph)),
        ...[...rules].map((each) => gripOn(each, verbs.rule, (name) => `arn:*:events:*:*:rule/${busPrefix(each)}${name}`)), // prettier-ignore
        ...[...schedules].map(
            (each) =>
            gripOn(each, verbs.schedule, (name) => `arn:*:scheduler:*:*:schedule/${valueOf(each.string("groupName")) ?? "default"}/${name}`), // prettier-ignore
        ),
        ...[...schedules].map((each) => ({ ...groupOf(each), verbs: verbs.scheduleGroup })),
        ...[...topics].map(
            (each) =>
            gripOn(each, verbs.topic, (name) => `arn:*:sns:*:*:${name}`, (name) => `arn:*:sns:*:*:${name}:*`), // prettier-ignore
        ),
        ...queues.map((each) => gripOn(each, verbs.queue, (name) => `arn:*:sqs:*:*:${name}`)),
        ...[...alarms].map((each) =>
            gripOn(each, verbs.alarm, (name) => `arn:*:cloudwatch:*:*:alarm:${name}`),
        ),
        ...functions.map(
            ({ function: each }) =>
            gripOn(each, verbs.logs, (name) => `arn:*:logs:*:*:log-group:/aws/lambda/${name}`, (name) => `arn:*:logs:*:*:log-group:/aws/lambda/${name}:*`), // prettier-ignore
        ),
        ...(automatic ? accountGrips : []),
    ];
}

/** The object from which the next deployment takes what the function runs. */
function codeGrips(resource: ResourceReader, graph: StackGraph): Grip[] {
    const key = resource.string("s3Key");
    if (key.kind === "absent" && resource.get("s3Bucket").kind === "absent") return [];
    const bucket = bucketName(resource, ["s3Bucket"], graph);
    const certain = bucket !== "*" && key.kind === "known";
    const what = `the code of ${resource.name}`;
    return [
        { what, certain, verbs: objectVerbs, arns: [`arn:*:s3:::${bucket}/${valueOf(key) ?? "*"}`] },
        { what, certain: bucket !== "*", verbs: bucketVerbs, arns: [`arn:*:s3:::${bucket}`] },
    ];
}

/** What the gate waits for and counts; it belongs to the account. */
const accountGrips: Grip[] = [
    {
        what: "the registry's scanning, which the gate waits for",
        verbs: verbs.registry,
        arns: ["arn:*:ecr:*:*:registry"],
        certain: true,
    },
    {
        what: "Amazon Inspector, whose findings the gate counts",
        verbs: verbs.inspector,
        arns: ["arn:*:inspector2:*:*:owner/*/filter/*"],
        certain: true,
    },
];

/** The group in which a schedule is; `default` where none is named. */
function groupOf(schedule: ResourceReader): Pick<Grip, "what" | "arns" | "certain"> {
    const group = schedule.string("groupName");
    const name = group.kind === "absent" ? "default" : (valueOf(group) ?? "*");
    return {
        what: `the schedules of the group ${name === "*" ? `of ${schedule.name}` : name}`,
        arns: [`arn:*:scheduler:*:*:schedule-group/${name}`],
        certain: name !== "*",
    };
}

/** Rules of another bus than the default one are called `<bus>/<rule>`. */
function busPrefix(rule: ResourceReader): string {
    const bus = valueOf(rule.string("eventBusName")) ?? "default";
    return bus === "default" || bus.endsWith("/default") ? "" : `${bus.split("/").pop() ?? "*"}/`;
}
