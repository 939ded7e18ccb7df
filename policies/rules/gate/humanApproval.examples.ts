import { deciderRoleExample, exampleArns, exampleOf, gatePipelineExample, gateStack, gateStages } from "../../gate/exampleGate"; // prettier-ignore
import { chatChannelTypes, subscriptionType, topicType } from "../../gate/resourceTypes";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample } from "../../harness/stackExamples";
import {
    allow,
    approvalAction,
    completeStages,
    pipelineExample,
    roleExample,
    sourceAction,
    stageExample,
} from "../../pipeline/exampleResources";

const people = "arn:aws:sns:eu-central-1:123456789012:demo-people";
const answer = "codepipeline:PutApprovalResult";
const approvalArn = "arn:aws:codepipeline:eu-central-1:123456789012:demo/Review/HumanApproval";
const topic = exampleOf(topicType, "demo-people");
const subscription = (protocol: unknown, endpoint: unknown = "team@example.com"): ExampleResource => ({
    type: subscriptionType,
    name: "people",
    props: { topic: people, protocol, endpoint },
});
const stages = (NotificationArn: unknown, name = "HumanApproval") => [
    stageExample("Source", sourceAction),
    ...gateStages,
    stageExample("Review", {
        ...approvalAction(NotificationArn === undefined ? {} : { NotificationArn }),
        name,
    }),
];

/** An automatic gate, and people who are asked after it. */
function reviewed(...more: ExampleResource[]): ExampleResource[] {
    return gateStack(gatePipelineExample(stages(people)), topic, ...more);
}
const approver = (...statements: Record<string, unknown>[]): ExampleResource =>
    roleExample("release-managers", [allow(answer, approvalArn), ...statements], "approver");
const start = "arn:aws:codepipeline:eu-central-1:123456789012:demo";

const bad = badExample;
const good = goodExample;

export const examples: RuleExample[] = [
    bad("only a function hears of it", reviewed(subscription("lambda", exampleArns.recorder)), "pipeline"),
    bad(
        "a queue that belongs to nobody",
        reviewed(subscription("sqs", exampleArns.recorderQueue)),
        "pipeline",
    ),
    bad("the gate's function hears of it and answers it", reviewed(subscription("lambda", exampleArns.decider), deciderRoleExample(allow(answer, [exampleArns.approval, approvalArn]))), "pipeline"), // prettier-ignore
    bad("an approver starts the pipeline", reviewed(subscription("email"), approver(allow("codepipeline:StartPipelineExecution", start))), "release-managers"), // prettier-ignore
    bad("an approver may do everything with pipelines", reviewed(subscription("email"), approver(allow("codepipeline:*", "*"))), "release-managers"), // prettier-ignore
    bad("an approver pushes code", reviewed(subscription("email"), approver(allow("codecommit:GitPush", "arn:aws:codecommit:eu-central-1:123456789012:demo"))), "release-managers"), // prettier-ignore
    bad("an approver merges", reviewed(subscription("email"), approver(allow("codecommit:Merge*", "*"))), "release-managers"), // prettier-ignore
    {
        ...bad("an approver of the configuration starts the pipeline", [pipelineExample(completeStages), roleExample("ops", [allow([answer, "codepipeline:StartPipelineExecution"], "*")])], "ops"), // prettier-ignore
        configuration: { approverRoles: ["ops"] },
    },
    good("people by e-mail, approvers who only approve", reviewed(subscription("email"), approver(allow("codepipeline:GetPipelineState", start)))), // prettier-ignore
    good(
        "a chat channel",
        reviewed(exampleOf(chatChannelTypes[0] ?? "", "chat", { snsTopicArns: [people] })),
    ),
    good("an approver pushes elsewhere", reviewed(subscription("https", "https://example.com/page"), approver(allow("codecommit:GitPush", "arn:aws:codecommit:eu-central-1:123456789012:docs")))), // prettier-ignore
    good("an automatic gate is no human approval", gateStack()),
    {
        ...good(
            "a topic outside the stack, by configuration",
            gateStack(gatePipelineExample(stages(people))),
        ),
        configuration: { externalReferences: [people] },
    },
    {
        ...good("another name is not declared to be human", gateStack(gatePipelineExample(stages(undefined, "Release")))), // prettier-ignore
    },
    {
        title: "nobody hears of it (PIPE-05)",
        shows: "absent",
        resources: gateStack(gatePipelineExample(stages(undefined))),
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
        resources: gateStack(gatePipelineExample(stages(unknown))),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
    {
        title: "a protocol that is not known yet",
        shows: "unknown",
        resources: reviewed(subscription(unknown)),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
    {
        title: "what an approver may do beside it is not known yet",
        shows: "unknown",
        resources: reviewed(subscription("email"), {
            type: "aws:iam/role:Role",
            name: "release-managers",
            props: {
                name: "release-managers",
                tags: { "gate:role": "approver" },
                inlinePolicies: [
                    { name: "own", policy: JSON.stringify({ Statement: [allow(answer, approvalArn)] }) },
                    { name: "more", policy: unknown },
                ],
            },
        }),
        expect: [{ resource: "release-managers", kind: "inconclusive" }],
    },
];
