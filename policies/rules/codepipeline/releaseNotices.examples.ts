import { subscriptionType, topicType } from "../../gate/resourceTypes";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    completeStages,
    pipelineExample,
    pipelineStack,
    scanStep,
    sourceAction,
    stageExample,
} from "../../pipeline/exampleResources";

const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const failed = "codepipeline-pipeline-pipeline-execution-failed";
const waits = "codepipeline-pipeline-manual-approval-needed";

const rule = (more: Record<string, unknown> = {}): ExampleResource => ({
    type: "aws:codestarnotifications/notificationRule:NotificationRule",
    name: "notices",
    props: {
        name: "notices",
        resource: arn("codepipeline", "demo"),
        detailType: "FULL",
        eventTypeIds: [failed, waits],
        targets: [{ address: arn("sns", "people"), type: "SNS" }],
        ...more,
    },
});
const topic: ExampleResource = { type: topicType, name: "people", props: { name: "people" } };
const subscription: ExampleResource = {
    type: subscriptionType,
    name: "somebody",
    props: { topic: arn("sns", "people"), protocol: "email", endpoint: "team@example.com" },
};
const stack = (...more: ExampleResource[]): ExampleResource[] => [...pipelineStack(completeStages), ...more];
const events = (pattern: unknown): ExampleResource[] => [
    { type: "aws:cloudwatch/eventRule:EventRule", name: "states", props: { name: "states", eventPattern: JSON.stringify(pattern) } }, // prettier-ignore
    { type: "aws:cloudwatch/eventTarget:EventTarget", name: "states-target", props: { rule: "states", arn: arn("sns", "people") } }, // prettier-ignore
];
const chat: ExampleResource = {
    type: "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
    name: "chat",
    props: { configurationName: "chat", snsTopicArns: [arn("sns", "people")] },
};
const nobody = [
    { resource: "pipeline", kind: "violation" as const },
    { resource: "pipeline", kind: "violation" as const },
];

export const examples: RuleExample[] = [
    {
        title: "a rule without a target",
        shows: "bad",
        resources: stack(topic, subscription, rule({ targets: [] })),
        expect: nobody,
    },
    {
        title: "a topic that nobody is subscribed to",
        shows: "bad",
        resources: stack(topic, rule()),
        expect: nobody,
    },
    {
        title: "a rule that is switched off",
        shows: "bad",
        resources: stack(topic, subscription, rule({ status: "DISABLED" })),
        expect: nobody,
    },
    {
        title: "a rule for another pipeline",
        shows: "bad",
        resources: stack(topic, subscription, rule({ resource: arn("codepipeline", "other") })),
        expect: nobody,
    },
    badExample("failures only, though there is an approval", stack(topic, subscription, rule({ eventTypeIds: [failed] })), "pipeline"), // prettier-ignore
    goodExample("failures and approvals, by e-mail", stack(topic, subscription, rule())),
    goodExample("in a chat channel that reads the topic", stack(topic, chat, rule())),
    goodExample(
        "by EventBridge",
        stack(
            topic,
            subscription,
            ...events({ source: ["aws.codepipeline"], detail: { pipeline: ["demo"], state: ["FAILED", "STARTED"] } }), // prettier-ignore
        ),
    ),
    goodExample("a pipeline that releases nothing", [
        pipelineExample([stageExample("Source", sourceAction), stageExample("Test", scanStep)]),
    ]),
    { title: "no rule at all", shows: "absent", resources: stack(), expect: nobody },
    {
        title: "for which pipeline the rule is, is not known yet",
        shows: "unknown",
        resources: stack(topic, subscription, rule({ resource: unknown })),
        expect: [
            { resource: "pipeline", kind: "inconclusive" },
            { resource: "pipeline", kind: "inconclusive" },
        ],
    },
    openExample("stages that are not known yet", [pipelineExample(unknown)], "pipeline"),
];
