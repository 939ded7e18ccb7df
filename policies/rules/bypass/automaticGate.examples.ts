import { exampleArns, exampleOf, functionExample, gateStack } from "../../gate/exampleGate";
import { scheduleType, subscriptionType } from "../../gate/resourceTypes";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { allow, completeStages, pipelineExample, roleExample } from "../../pipeline/exampleResources";

const account = "123456789012";
const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:eu-central-1:${account}:${resource}`;
const watchdog = [
    functionExample("watchdog"),
    roleExample("watchdog-role", [allow("sqs:SendMessage", arn("sqs", "watchdog-failed"))], "watchdog"),
    exampleOf("aws:sqs/queue:Queue", "watchdog-failed"),
    exampleOf(scheduleType, "watchdog-schedule", {
        scheduleExpression: "rate(5 minutes)",
        target: {
            arn: arn("lambda", "function:watchdog"),
            deadLetterConfig: { arn: arn("sqs", "watchdog-failed") },
        },
    }),
];
const holding = (
    actions: string | string[],
    resource: string,
    condition?: Record<string, unknown>,
): ExampleResource => roleExample("build-role", [allow(actions, resource, condition)], "builder");

const uploaded = [
    ...gateStack({
        ...functionExample("decider", { s3Bucket: "demo-code", s3Key: "decider.zip" }),
    }),
];

const refused: [title: string, actions: string | string[], resource: string][] = [
    ["what the decider runs", "lambda:UpdateFunctionCode", exampleArns.decider],
    ["the decider's settings, by wildcard", "lambda:Update*", arn("lambda", "function:dec*")],
    ["the recorder's concurrency", "lambda:PutFunctionConcurrency", exampleArns.recorder],
    ["what wakes it: the watchdog", "lambda:UpdateFunctionConfiguration", arn("lambda", "function:watchdog")],
    ["who may start the recorder", "lambda:AddPermission", exampleArns.recorder],
    ["which stream starts it", "lambda:UpdateEventSourceMapping", "*"],
    ["what a function's role may do", "iam:PutRolePolicy", `arn:aws:iam::${account}:role/decider-role`],
    ["which code runs as the decider", "iam:PassRole", `arn:aws:iam::${account}:role/*`],
    ["whether scans are heard of", "events:DisableRule", exampleArns.rule],
    ["which function hears of scans", ["events:PutTargets", "events:RemoveTargets"], arn("events", "rule/*")],
    ["the watchdog's schedule", "scheduler:UpdateSchedule", arn("scheduler", "schedule/default/watchdog-schedule")], // prettier-ignore
    ["the watchdog's schedule, with its group", "scheduler:DeleteScheduleGroup", arn("scheduler", "schedule-group/default")], // prettier-ignore
    ["the runtime of the decider", "lambda:PutRuntimeManagementConfig", exampleArns.decider],
    ["which version of the decider runs", "lambda:PublishVersion", exampleArns.decider],
    ["by which other name the decider is started", "lambda:CreateAlias", exampleArns.decider],
    [
        "which policies the decider has not",
        "iam:DetachRolePolicy",
        `arn:aws:iam::${account}:role/decider-role`,
    ],
    ["what the recorder can no longer do", "iam:DeleteRolePolicy", `arn:aws:iam::${account}:role/recorder-role`], // prettier-ignore
    ["the most that a function may do", "iam:PutRolePermissionsBoundary", `arn:aws:iam::${account}:role/*`],
    ["who hears of approvals", "sns:Unsubscribe", "*"],
    ["who may publish approvals", "sns:SetTopicAttributes", exampleArns.topic],
    ["what failed in the recorder", "sqs:PurgeQueue", exampleArns.recorderQueue],
    ["what failed in the watchdog", "sqs:DeleteQueue", arn("sqs", "watchdog-failed")],
    ["who is told of errors", "cloudwatch:DisableAlarmActions", arn("cloudwatch", "alarm:decider-errors")],
    ["who is told of lost events", "cloudwatch:DeleteAlarms", arn("cloudwatch", "alarm:*-queue")],
    ["the decider's log", "logs:DeleteLogGroup", arn("logs", "log-group:/aws/lambda/decider:*")],
    ["what the registry scans", "ecr:PutRegistryScanningConfiguration", "*"],
    ["which findings Inspector shows", "inspector2:CreateFilter", "*"],
];

/** The decider, the rule and so on belong to somebody else. */
const elsewhere = [
    arn("lambda", "function:decider-of-another"),
    arn("lambda", "function:docs"),
    arn("events", "rule/nightly"),
    arn("sns", "demo-approvals-people"),
    arn("sqs", "orders"),
    arn("cloudwatch", "alarm:orders"),
    arn("scheduler", "schedule/default/nightly"),
    arn("logs", "log-group:/aws/lambda/docs:*"),
    arn("scheduler", "schedule-group/nightly"),
    `arn:aws:iam::${account}:role/docs`,
];
const everyVerb = [
    "lambda:Update*",
    "lambda:AddPermission",
    "events:*Rule",
    "events:PutTargets",
    "sns:Set*",
    "sns:Subscribe",
    "sqs:PurgeQueue",
    "cloudwatch:DeleteAlarms",
    "scheduler:DeleteSchedule*",
    "lambda:PutRuntimeManagementConfig",
    "logs:DeleteLogGroup",
    "iam:PassRole",
    "iam:PutRole*",
    "iam:D*RolePolicy",
];

export const automaticGateExamples: RuleExample[] = [
    {
        title: "automatic gate: the builder may put another program where the decider's comes from",
        shows: "bad",
        resources: [...uploaded, holding("s3:PutObject", "arn:aws:s3:::demo-code/*")],
        expect: [{ resource: "build-role", kind: "violation" }],
    },
    {
        title: "automatic gate: the builder writes elsewhere in that bucket",
        shows: "good",
        resources: [...uploaded, holding("s3:PutObject", "arn:aws:s3:::demo-code/docs/*")],
        expect: [],
    },
    ...refused.map(([title, actions, resource]): RuleExample => ({
        title: `automatic gate: the builder may change ${title}`,
        shows: "bad",
        resources: [...gateStack(...watchdog), holding(actions, resource)],
        expect: [{ resource: "build-role", kind: "violation" }],
    })),
    {
        title: "automatic gate: the same verbs on what belongs to others",
        shows: "good",
        resources: [
            ...gateStack(...watchdog),
            ...elsewhere.map((resource, index) => roleExample(`role-${index}`, [allow(everyVerb, resource)])),
        ],
        expect: [],
    },
    {
        title: "automatic gate: roles may be passed to tasks only",
        shows: "good",
        resources: [
            ...gateStack(),
            holding("iam:PassRole", "*", {
                StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
            }),
        ],
        expect: [],
    },
    {
        title: "automatic gate: event source mappings of another function",
        shows: "good",
        resources: [
            ...gateStack(),
            holding("lambda:UpdateEventSourceMapping", "*", {
                ArnLike: { "lambda:FunctionArn": arn("lambda", "function:docs") },
            }),
        ],
        expect: [],
    },
    {
        title: "people answer all approvals: rules and functions are nobody's gate",
        shows: "good",
        resources: [
            pipelineExample(completeStages),
            functionExample("docs"),
            { type: subscriptionType, name: "people", props: { topic: exampleArns.topic, protocol: "email", endpoint: "team@example.com" } }, // prettier-ignore
            roleExample("ops", [allow(everyVerb.filter((verb) => !/^(?:iam|ecr|sns|sqs):/.test(verb)), "*")]), // prettier-ignore
        ],
        expect: [],
    },
    {
        title: "automatic gate: the rule's name is not known yet",
        shows: "unknown",
        resources: [
            ...gateStack({
                ...exampleOf("aws:cloudwatch/eventRule:EventRule", "demo-scans"),
                props: { name: unknown },
            }).map((resource) =>
                // prettier-ignore
                resource.name === "decider-target"
                    ? { ...resource, props: { ...resource.props, rule: unknown }, propertyDependencies: { rule: ["demo-scans"] } } // prettier-ignore
                    : resource,
            ),
            holding("events:DisableRule", arn("events", "rule/anything")),
        ],
        expect: [{ resource: "build-role", kind: "inconclusive" }],
    },
];
