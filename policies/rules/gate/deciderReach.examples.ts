import {
    changed,
    exampleArns,
    exampleOf,
    functionExample,
    gateStack,
    permissionExample,
    scanTargetExample,
    streamMappingExample,
} from "../../gate/exampleGate";
import { scheduleType, topicType } from "../../gate/resourceTypes";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample } from "../../harness/stackExamples";
import { allow, completeStages, pipelineExample, roleExample } from "../../pipeline/exampleResources";

const url = (functionName: unknown): ExampleResource => ({
    type: "aws:lambda/functionUrl:FunctionUrl",
    name: "address",
    props: { functionName, authorizationType: "AWS_IAM" },
});
const permission = (principal: unknown, more: Record<string, unknown> = {}): ExampleResource =>
    changed(permissionExample("grant", "decider", "events", exampleArns.rule), { principal, ...more });
const holding = (actions: string | string[], resource: string): ExampleResource =>
    roleExample("build-role", [allow(actions, resource)], "builder");
const scheduled = [
    exampleOf(scheduleType, "nightly", {
        target: { arn: exampleArns.decider, roleArn: "arn:aws:iam::123456789012:role/scheduler-role" },
    }),
    roleExample("scheduler-role", [allow("lambda:InvokeFunction", exampleArns.decider)]),
];

const bad = (title: string, resources: ExampleResource[], found: string): RuleExample =>
    badExample(title, [...gateStack(), ...resources], found);
const good = (title: string, ...resources: ExampleResource[]): RuleExample =>
    goodExample(title, [...gateStack(), ...resources]);

export const examples: RuleExample[] = [
    ...(
        [
            ["starts it", "lambda:InvokeFunction", exampleArns.decider],
            ["starts one of its versions", "lambda:InvokeFunction", `${exampleArns.decider}:*`],
            ["may do everything to functions", "lambda:*", "*"],
            ["changes its code", "lambda:UpdateFunctionCode", exampleArns.decider],
            ["changes its settings", "lambda:updatefunctionconfiguration", exampleArns.decider],
            ["switches it off", "lambda:PutFunctionConcurrency", "*"],
            ["feeds it from another stream", "lambda:CreateEventSourceMapping", "*"],
            ["lets others start it", "lambda:AddPermission", exampleArns.decider],
        ] as const
    ).map(([title, action, resource]) =>
        bad(`a role of the stack ${title}`, [holding(action, resource)], "build-role"),
    ),
    bad("an address of its own", [url("decider")], "address"),
    bad(
        "every rule of every account",
        [permission("events.amazonaws.com", { sourceArn: undefined })],
        "grant",
    ),
    bad("every rule of the account", [permission("events.amazonaws.com", { sourceArn: "arn:aws:events:eu-central-1:123456789012:rule/*" })], "grant"), // prettier-ignore
    bad("a rule of somebody else", [permission("events.amazonaws.com", { sourceArn: "arn:aws:events:eu-central-1:123456789012:rule/theirs" })], "grant"), // prettier-ignore
    bad("another service", [permission("s3.amazonaws.com")], "grant"),
    bad("anybody", [permission("*")], "grant"),
    bad("an account", [permission("123456789012", { sourceArn: undefined })], "grant"),
    bad("a topic of the stack that announces no approval", [exampleOf(topicType, "news"), permission("sns.amazonaws.com", { sourceArn: "arn:aws:sns:eu-central-1:123456789012:news" })], "grant"), // prettier-ignore
    bad("a principal that is no text", [permission(["events.amazonaws.com"])], "grant"),
    bad("a permission by the function's ARN", [permission("*", { function: exampleArns.decider })], "grant"),
    {
        title: "a stream of somebody else",
        shows: "bad",
        resources: gateStack(changed(streamMappingExample, { eventSourceArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/theirs/stream/1" })), // prettier-ignore
        expect: [{ resource: "decider-stream", kind: "violation" }],
    },
    good("the rule, the stream and nobody else"),
    good("the topic of the approvals", permission("sns.amazonaws.com", { sourceArn: exampleArns.topic })),
    good("a schedule with a role of its own", ...scheduled),
    good("another function", functionExample("docs"), url("docs"), holding("lambda:*", "arn:aws:lambda:eu-central-1:123456789012:function:docs")), // prettier-ignore
    good("who may only look", holding(["lambda:GetFunction", "lambda:ListFunctions"], "*"), permission("123456789012", { action: "lambda:GetFunction" })), // prettier-ignore
    {
        ...good("a rule outside the stack, by configuration", permission("events.amazonaws.com", { sourceArn: "arn:aws:events:eu-central-1:123456789012:rule/shared" })), // prettier-ignore
        configuration: { externalReferences: ["arn:aws:events:*:rule/shared"] },
    },
    {
        title: "people answer all approvals",
        shows: "absent",
        resources: [pipelineExample(completeStages), functionExample("docs"), url("docs"), holding("lambda:*", "*")], // prettier-ignore
        expect: [],
    },
    {
        title: "who may start it is not known yet",
        shows: "unknown",
        resources: [...gateStack(), permission(unknown)],
        expect: [{ resource: "grant", kind: "inconclusive" }],
    },
    {
        title: "the rule's ARN is not known yet, and nothing says which it is",
        shows: "unknown",
        resources: [...gateStack(), permission("events.amazonaws.com", { sourceArn: unknown })],
        expect: [{ resource: "grant", kind: "inconclusive" }],
    },
    {
        title: "the rule's ARN is not known yet, but it is the stack's",
        shows: "unknown",
        resources: [
            ...gateStack(scanTargetExample),
            { ...permission("events.amazonaws.com", { sourceArn: unknown }), propertyDependencies: { sourceArn: ["demo-scans"] } }, // prettier-ignore
        ],
        expect: [],
    },
    {
        title: "whose address it is, is not known yet",
        shows: "unknown",
        resources: [...gateStack(), url(unknown)],
        expect: [{ resource: "address", kind: "inconclusive" }],
    },
    {
        title: "a policy that is not known yet",
        shows: "unknown",
        resources: [
            ...gateStack(),
            { type: "aws:iam/role:Role", name: "build-role", props: { name: "build-role", inlinePolicies: [{ policy: unknown }] } }, // prettier-ignore
        ],
        expect: [{ resource: "build-role", kind: "inconclusive" }],
    },
];
