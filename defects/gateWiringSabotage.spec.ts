/**
 * Ways to cut or to widen the wiring of the automatic approval: who hears of it, who announces it, who answers it and what
 * starts them. Each change of the provisioned stack is noticed by exactly the rules named.
 */
import assert from "node:assert/strict";
import { types, useProvisionedStack, type SabotagedStack } from "./testing/provisionedStack";

type Properties = Record<string, unknown>;
type Change = (stack: SabotagedStack) => void;

const account = "123456789012";
const arn = (service: string, rest: string): string =>
    `arn:aws:${service}:us-east-1:${account}:${rest.replace("~", "portcullis-prod-")}`;
const decider = "approval-scan-event";
const recorder = "approval-recorder";
const pipeline = "sample-delivery-pipeline";
const gateApproval = arn("codepipeline", "~sample-delivery/Approve/GateApproval");
const topicPolicy = "aws:sns/topicPolicy:TopicPolicy";
const queuePolicy = "aws:sqs/queuePolicy:QueuePolicy";
const registry = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration";
const queue = "aws:sqs/queue:Queue";

/** Sets properties of one resource; undefined takes one away. */
function set(type: string, ending: string, values: Properties): Change {
    return (stack) => {
        stack.change(type, ending, (inputs) => {
            Object.assign(inputs, values);
            for (const [key, value] of Object.entries(values)) if (value === undefined) inputs[key] = null;
        });
    };
}

const remove =
    (type: string, ending: string): Change =>
    (stack) => {
        stack.remove(type, ending);
    };

const grant =
    (role: string, action: string, resource: string): Change =>
    (stack) => {
        stack.grant(role, [action], [resource]);
    };

const decide = (change: (text: string) => string): Change => (stack) => {
    stack.roleDocument(`${decider}-role`, change);
}; // prettier-ignore

const pattern = (values: Properties): Change => (stack) => {
    stack.change(types.eventRule, "approval-scan", (inputs) => {
        const given = JSON.parse(String(inputs["eventPattern"])) as Properties;
        inputs["eventPattern"] = JSON.stringify({ ...given, ...values });
    });
}; // prettier-ignore

/** Changes the configuration of the gate's approval. */
const approval = (values: Properties): Change => (stack) => {
    stack.stages((stages) => {
        const [gate] = stages.find(({ name }) => name === "Approve")?.["actions"] as { configuration: Properties }[]; // prettier-ignore
        assert.ok(gate);
        gate.configuration = { ...gate.configuration, ...values };
        for (const [key, value] of Object.entries(values)) if (value === undefined) delete gate.configuration[key]; // prettier-ignore
        return stages;
    });
}; // prettier-ignore

const topicStatements = (change: (statements: Properties[]) => Properties[]): Change => (stack) => {
    stack.change(topicPolicy, "approval-topic-policy", (inputs) => {
        const document = JSON.parse(String(inputs["policy"])) as { Statement: Properties[] };
        inputs["policy"] = JSON.stringify({ ...document, Statement: change(document.Statement) });
    });
}; // prettier-ignore
const withoutDeny = (statements: Properties[]): Properties[] =>
    statements.filter(({ Sid }) => Sid !== "NobodyElsePublishes");

const mayStart = (ending: string, source: unknown): Change => set(types.permission, ending, { sourceArn: source }); // prettier-ignore

const sabotages: [title: string, change: Change, noticed: string[]][] = [
    ["the topic may not start the recorder", remove(types.permission, "approval-topic-permission"), ["GATE-01 approval-topic-recorder"]], // prettier-ignore
    ["any topic of the world may start the recorder", mayStart("approval-topic-permission", undefined), ["GATE-01 approval-topic-recorder", "LAM-06 approval-topic-permission"]], // prettier-ignore
    ["the alarms' topic may start the recorder", mayStart("approval-topic-permission", arn("sns", "~gate-alarms")), ["GATE-01 approval-topic-recorder"]], // prettier-ignore
    ["the recorder wants other messages", set(types.subscription, "approval-topic-recorder", { filterPolicy: '{"stage":["prod"]}' }), ["GATE-01 approval-topic-recorder"]], // prettier-ignore
    ["nobody records the approval", remove(types.subscription, "approval-topic-recorder"), ["GATE-01 approval-topic", `PIPE-05 ${pipeline}`]], // prettier-ignore
    [
        "the topic has no policy",
        remove(topicPolicy, "approval-topic-policy"),
        ["GATE-02 approval-topic", "SNS-03 approval-topic"],
    ],
    ["the whole account announces approvals", topicStatements((all) => withoutDeny(all).map((each) => (each["Effect"] === "Allow" ? { ...each, Condition: {} } : each))), ["GATE-02 approval-topic"]], // prettier-ignore
    ["alarms are sent to the approvals' topic", topicStatements((all) => [...withoutDeny(all), { Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" }, Action: "sns:Publish", Resource: arn("sns", "~approvals") }]), ["GATE-02 approval-topic"]], // prettier-ignore
    [
        "the Deny is gone, and a scan step may announce",
        (stack) => {
            topicStatements(withoutDeny)(stack);
            grant("scan-grype-role", "sns:Publish", arn("sns", "~approvals"))(stack);
        },
        ["GATE-02 sample-delivery-scan-grype-role"],
    ],
    ["the decider may not answer", decide((text) => text.replace("codepipeline:PutApprovalResult", "codepipeline:GetPipeline")), [`GATE-03 ${pipeline}`]], // prettier-ignore
    [
        "the decider is gone",
        remove(types.function, decider),
        [
            "BYP-08 approval-scan-event-role",
            "EVB-02 approval-scan-target",
            `GATE-03 ${pipeline}`,
            "GATE-12 approval-scan-event-role",
        ],
    ],
    ["the recorder runs as the decider", set(types.function, recorder, { role: `arn:aws:iam::${account}:role/portcullis-prod-approval-scan-event` }), ["BYP-08 approval-recorder-role", `GATE-03 ${pipeline}`, "GATE-05 approval-recorder", "GATE-12 approval-recorder-role"]], // prettier-ignore
    ["the recorder may answer", grant("approval-recorder-role", "codepipeline:PutApprovalResult", gateApproval), ["BYP-02 approval-recorder-role", `GATE-03 ${pipeline}`]], // prettier-ignore
    ["the decider may answer every approval of the pipeline", decide((text) => text.replace("/Approve/GateApproval", "/*")), ["GATE-04 approval-scan-event-role"]], // prettier-ignore
    ["the decider may answer every region's", decide((text) => text.replace(`codepipeline:us-east-1:${account}:portcullis-prod-sample-delivery/Approve`, `codepipeline:*:${account}:portcullis-prod-sample-delivery/Approve`)), ["GATE-04 approval-scan-event-role"]], // prettier-ignore
    ["the recorder has no queue", set(types.function, recorder, { deadLetterConfig: undefined }), ["GATE-05 approval-recorder", "LAM-02 approval-recorder"]], // prettier-ignore
    ["the decider's queue is one that it may not send to", set(types.function, decider, { deadLetterConfig: { targetArn: arn("sqs", "~approval-recorder-failed") } }), ["GATE-05 approval-scan-event"]], // prettier-ignore
    ["the stream drops what fails", set(types.eventSourceMapping, "approval-stream", { destinationConfig: undefined }), ["GATE-05 approval-stream", "LAM-10 approval-stream"]], // prettier-ignore
    [
        "the recorder's queue is gone",
        remove(queue, "approval-recorder-failed"),
        ["GATE-05 approval-recorder"],
    ],
    ...[0, -1, undefined].map((value): (typeof sabotages)[number] => [`the decider has ${value} runs reserved`, set(types.function, decider, { reservedConcurrentExecutions: value }), ["GATE-06 approval-scan-event", "LAM-03 approval-scan-event"]]), // prettier-ignore
    ["the recorder is switched off", set(types.function, recorder, { reservedConcurrentExecutions: 0 }), ["GATE-06 approval-recorder", "LAM-03 approval-recorder"]], // prettier-ignore
    ["the rule is switched off", set(types.eventRule, "approval-scan", { state: "DISABLED" }), ["EVB-01 approval-scan", "GATE-07 approval-scan"]], // prettier-ignore
    ["a lost scan event goes nowhere", set(types.eventTarget, "approval-scan-target", { deadLetterConfig: undefined }), ["EVB-02 approval-scan-target", "GATE-07 approval-scan-target"]], // prettier-ignore
    ["the queue does not let EventBridge in", remove(queuePolicy, "approval-scan-event-failed-policy"), ["GATE-07 approval-scan-target"]], // prettier-ignore
    ["events are retried as long as EventBridge likes", set(types.eventTarget, "approval-scan-target", { retryPolicy: undefined }), ["EVB-02 approval-scan-target", "GATE-07 approval-scan-target"]], // prettier-ignore
    ["the rule may not start the decider", remove(types.permission, "approval-scan-permission"), ["EVB-02 approval-scan-target", "GATE-07 approval-scan-target"]], // prettier-ignore
    ["any rule of the world may start the decider", mayStart("approval-scan-permission", undefined), ["GATE-07 approval-scan-target", "GATE-10 approval-scan-permission", "LAM-06 approval-scan-permission"]], // prettier-ignore
    ["the rule starts the recorder", set(types.eventTarget, "approval-scan-target", { arn: arn("lambda", "function:~approval-recorder") }), ["EVB-02 approval-scan-target", "GATE-07 approval-scan-event"]], // prettier-ignore
    ["the rule is gone", (stack) => { remove(types.eventRule, "approval-scan")(stack); remove(types.eventTarget, "approval-scan-target")(stack); }, ["GATE-07 approval-scan-event", "GATE-10 approval-scan-permission"]], // prettier-ignore
    [
        "the rule waits for findings",
        pattern({ "detail-type": ["Inspector2 Finding"] }),
        ["GATE-08 approval-scan"],
    ],
    ["the rule waits for basic scans", pattern({ source: ["aws.ecr"], "detail-type": ["ECR Image Scan"], detail: { "repository-name": ["portcullis-prod-sample-staging"] } }), ["GATE-08 approval-scan"]], // prettier-ignore
    ["the registry scans in the basic way", set(registry, "registry-scanning-configuration", { scanType: "BASIC" }), ["ECR-09 registry-scanning-configuration", "GATE-08 approval-scan"]], // prettier-ignore
    ["the rule is on a bus of its own", set(types.eventRule, "approval-scan", { eventBusName: "gate" }), ["GATE-08 approval-scan"]], // prettier-ignore
    ["the approval is announced nowhere", approval({ NotificationArn: undefined }), [`PIPE-05 ${pipeline}`]],
    ["the approval is announced on a topic that does not exist", approval({ NotificationArn: arn("sns", "~nothing") }), [`PIPE-05 ${pipeline}`]], // prettier-ignore
    ["the people's approval reaches nobody", remove(types.subscription, "approval-team@example.com"), [`PIPE-05 ${pipeline}`]], // prettier-ignore
];

describe("Sabotage of the automatic approval's wiring", () => {
    const stack = useProvisionedStack({ approval: { human: { emails: ["team@example.com"] } } });
    /** The engine's images by tag are a known weakness of their own. */
    const findings = (change?: Change): string[] =>
        stack()
            .findings(change)
            .filter((each) => !each.startsWith("ECS-02 "));

    it("is not needed for a clean result", () => {
        assert.deepEqual(findings(), []);
    });

    for (const [title, change, noticed] of sabotages) {
        it(`is noticed by ${noticed.join(", ")}: ${title}`, () => {
            assert.deepEqual(findings(change), [...noticed].sort());
        });
    }
});
