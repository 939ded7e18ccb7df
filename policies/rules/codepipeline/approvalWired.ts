/** PIPE-05: somebody learns that an approval waits. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type {
    ExampleResource,
    Outcome,
    ResourceRule,
    RuleMetadata,
    StackOutcome,
    StackRule,
} from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { chatChannelsOf, gateModel, type ApprovalGate } from "../../gate/gateModel";
import { chatChannelTypes, subscriptionType, topicType } from "../../gate/resourceTypes";
import { isApproval } from "../../pipeline/classify";
import {
    approvalAction,
    approvalTopicArn,
    completeStages,
    pipelineExample,
    pipelineStack,
    stageExample,
} from "../../pipeline/exampleResources";
import { actionLabel, pipelineType, type PipelineAction } from "../../pipeline/pipelineModel";
import { onPipeline } from "./pipelineOutcome";

const metadata: RuleMetadata = {
    id: "PIPE-05",
    family: "codepipeline",
    title: "Somebody learns that an approval waits",
    rationale:
        "An approval without a topic, or with one that nobody is subscribed to, waits in silence until it times out; whoever is in a hurry then looks for a way around it.",
    severity: "high",
    remediation:
        "Set `NotificationArn` in the approval's configuration to an SNS topic with at least one subscription: the gate's function, or the addresses of the people who answer.",
    references: ["OWASP CICD-SEC-10"],
};

const fix = "Set configuration.NotificationArn to the ARN of an SNS topic that somebody is subscribed to.";
const asking = (configuration: Record<string, unknown>): unknown =>
    completeStages.with(3, stageExample("Approve", approvalAction(configuration)));

/** What the action's own configuration says. */
function announced(action: PipelineAction): Outcome {
    const label = actionLabel(action);
    const configuration = action.reader.get("configuration");
    const arn = action.configuration.get("NotificationArn");
    if (configuration.kind === "unknown" || arn.kind === "unknown")
        return notApplicable("the stack rule follows the reference to the topic");
    const found =
        arn.kind === "absent"
            ? "has no NotificationArn"
            : `has the NotificationArn ${JSON.stringify(arn.kind === "known" ? arn.value : null)}, which is not the ARN of an SNS topic`;
    const isTopic =
        arn.kind === "known" && typeof arn.value === "string" && /^arn:[\w-]+:sns:[^:]*:[^:]*:[^:]+$/.test(arn.value); // prettier-ignore
    if (isTopic) return pass;
    return violation(`${label} ${found}, so nobody learns that it waits.`, fix, { findingId: label });
}

export const approvalAnnounced: ResourceRule = {
    level: "resource",
    metadata,
    types: [pipelineType],
    evaluate: (pipeline) =>
        onPipeline(pipeline, (model) => {
            const outcomes = model.actions.filter(isApproval).map(announced);
            return outcomes.length > 0 ? outcomes : [notApplicable("there is no approval")];
        }),
    examples: [
        {
            title: "an approval that is announced nowhere",
            shows: "bad",
            resources: [pipelineExample(asking({ NotificationArn: undefined }))],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the name of a topic instead of its ARN",
            shows: "bad",
            resources: [pipelineExample(asking({ NotificationArn: "approvals" }))],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the second of two approvals",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample("Gate", approvalAction()),
                    stageExample("People", approvalAction({ NotificationArn: "" })),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "announced on a topic",
            shows: "good",
            resources: [pipelineExample(completeStages)],
            expect: [],
        },
        {
            title: "a topic that is not known yet is the stack rule's matter",
            shows: "good",
            resources: [pipelineExample(asking({ NotificationArn: unknown }))],
            expect: [],
        },
        {
            title: "no approval",
            shows: "absent",
            resources: [pipelineExample(completeStages.toSpliced(3, 1))],
            expect: [],
        },
        {
            title: "stages that are not known yet",
            shows: "unknown",
            resources: [pipelineExample(unknown)],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "a topic that is not known yet does not hide an approval without one",
            shows: "unknown",
            resources: [
                pipelineExample([
                    stageExample("Gate", approvalAction({ NotificationArn: unknown })),
                    stageExample("People", approvalAction({ NotificationArn: undefined })),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
    ],
};

/** Who is subscribed to the topic, or may be. */
function heard(gate: ApprovalGate, graph: StackGraph): Outcome {
    const label = actionLabel(gate.action);
    const { topic, subscriptions } = gate;
    switch (topic.kind) {
        case "absent":
            return notApplicable("it has no topic; the resource rule says so");
        case "external":
            return pass;
        case "dangling":
            return violation(
                `${label} is announced on ${topic.value}, which is not in the stack, so nothing shows that anybody learns of it.`,
                "Name a topic of the stack, or declare the one outside it in externalReferences.",
                { findingId: label },
            );
        case "unknown":
            return inconclusive(topic, `where ${label} is announced is not known yet`);
        case "exact":
            if (subscriptions.certain.length + gate.people.length > 0) return pass;
            if (subscriptions.possible.length > 0)
                return inconclusive(topic, `whether anybody is subscribed to ${topic.resource.name} is not known yet`); // prettier-ignore
            return violation(
                `${label} is announced on ${topic.resource.name}, and nobody is subscribed to it.`,
                "Subscribe the gate's function, or the people who answer.",
                { findingId: label },
            );
        case "candidates": {
            const each = topic.resources.map((resource) => ({
                certain: graph.referrers(resource, [subscriptionType], "topic").certain.length > 0,
                chat: chatChannelsOf(resource, graph).length > 0,
            }));
            return each.every(({ certain, chat }) => certain || chat)
                ? pass
                : inconclusive(topic, `on which of several topics ${label} is announced is not known yet`);
        }
    }
}

const subscription = (props: Record<string, unknown>): ExampleResource => ({
    type: subscriptionType,
    name: "approvers",
    props: { topic: approvalTopicArn, protocol: "email", endpoint: "release@example.com", ...props },
});
const standard = pipelineStack(completeStages);
const without = (...names: string[]): ExampleResource[] =>
    standard.filter(({ name }) => !names.includes(name));
const secondTopic: ExampleResource = { type: topicType, name: "alarms", props: { name: "alarms" } };

export const approvalHeard: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph) => {
        const { gates, unreadable } = gateModel(graph);
        return [
            ...unreadable.map(({ pipeline, property }): StackOutcome => ({
                resource: pipeline,
                outcome: inconclusive({ property }, "whether it has an approval is not known yet"),
            })),
            ...gates.map((gate): StackOutcome => ({ resource: gate.pipeline, outcome: heard(gate, graph) })),
        ];
    },
    examples: [
        {
            title: "a topic that nobody is subscribed to",
            shows: "bad",
            resources: without("approvers"),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a subscription of another topic",
            shows: "bad",
            resources: pipelineStack(
                completeStages,
                secondTopic,
                subscription({ topic: "arn:aws:sns:eu-central-1:123456789012:alarms" }),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a topic that does not exist",
            shows: "bad",
            resources: without("approvals", "approvers"),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        { title: "people are subscribed", shows: "good", resources: standard, expect: [] },
        {
            title: "a chat channel listens",
            shows: "good",
            resources: [
                ...without("approvers"),
                {
                    type: chatChannelTypes[0] ?? "",
                    name: "releases",
                    props: { configurationName: "releases", snsTopicArns: [approvalTopicArn] },
                },
            ],
            expect: [],
        },
        {
            title: "the topic is outside the stack, as declared",
            shows: "good",
            resources: without("approvals", "approvers"),
            configuration: { externalReferences: [approvalTopicArn] },
            expect: [],
        },
        {
            title: "the topic by the dependencies of the stages",
            shows: "good",
            resources: pipelineStack(completeStages, {
                ...pipelineExample(asking({ NotificationArn: unknown })),
                propertyDependencies: { stages: ["approvals"] },
            }),
            expect: [],
        },
        {
            title: "no approval",
            shows: "absent",
            resources: [pipelineExample(completeStages.toSpliced(3, 1))],
            expect: [],
        },
        {
            title: "a topic that is not known yet",
            shows: "unknown",
            resources: pipelineStack(asking({ NotificationArn: unknown })),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "one of two topics, and nobody is subscribed to the other",
            shows: "unknown",
            resources: pipelineStack(
                completeStages,
                {
                    ...pipelineExample(asking({ NotificationArn: unknown })),
                    propertyDependencies: { stages: ["approvals", "alarms"] },
                },
                secondTopic,
            ),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "which topic the subscription is for is not known yet",
            shows: "unknown",
            resources: pipelineStack(completeStages, subscription({ topic: unknown })),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
        {
            title: "a topic that is not known yet does not hide one that nobody hears",
            shows: "unknown",
            resources: pipelineStack(
                [
                    stageExample("Gate", approvalAction({ NotificationArn: unknown })),
                    stageExample(
                        "People",
                        approvalAction({ NotificationArn: "arn:aws:sns:eu-central-1:123456789012:alarms" }),
                    ),
                ],
                secondTopic,
            ),
            expect: [
                { resource: "pipeline", kind: "inconclusive" },
                { resource: "pipeline", kind: "violation" },
            ],
        },
        {
            title: "stages that are not known yet",
            shows: "unknown",
            resources: pipelineStack(unknown),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
