/** SQS-01: queues are encrypted, and strangers or clear text do not reach them. */
import { queuePolicyType, queueType } from "../../gate/resourceTypes";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { attachedPolicy } from "../../iam/attachedPolicy";
import { clearTextDenial, deniesClearText } from "../../iam/clearTextDenial";
import { publicPolicyOutcomes } from "../../iam/publicStatements";
import { exampleQueueArn, queueExample } from "./queue";

const arn = exampleQueueArn("work");
const queue = (props: Record<string, unknown> = {}) => [queueExample("work", props)];
const policy = (...statements: Record<string, unknown>[]): ExampleResource[] => [
    { type: queuePolicyType, name: "policy", props: { queueUrl: "work", policy: JSON.stringify({ Statement: statements }) } },
]; // prettier-ignore
const send = (Principal: unknown) => ({
    Effect: "Allow",
    Principal,
    Action: "sqs:SendMessage",
    Resource: arn,
});
const denial = clearTextDenial("sqs:*", arn);
const topic = {
    ...send({ Service: "sns.amazonaws.com" }),
    Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:sns:eu-central-1:123456789012:news" } },
};

export const protectedQueue: ResourceRule = {
    level: "resource",
    metadata: {
        id: "SQS-01",
        family: "sqs",
        title: "Queues are encrypted, not public, and reached over TLS only",
        rationale:
            "Whoever may send to a queue starts what empties it, and whoever may receive reads and removes what waits there.",
        severity: "medium",
        remediation:
            "Leave `sqsManagedSseEnabled` on (new queues have it) or set `kmsMasterKeyId`. In a queue policy name who may come, and deny everything while `aws:SecureTransport` is false.",
        references: [
            "FSBP SQS.1",
            "FSBP SQS.3",
            "checkov CKV_AWS_27",
            "checkov CKV_AWS_168",
            "checkov CKV_AWS_387",
            "trivy AWS-0096",
            "trivy AWS-0097",
            "cdk-nag AwsSolutions-SQS2",
            "cdk-nag AwsSolutions-SQS4",
        ],
    },
    types: [queueType, queuePolicyType],
    evaluate: (resource) => [
        ...(resource.type === queueType ? [judgeEncryption(resource)] : []),
        ...judgePolicy(resource),
    ],
    remediation: {
        when: "always",
        changes: (resource) =>
            resource.type === queueType && judgeEncryption(resource).kind === "violation"
                ? [{ path: ["sqsManagedSseEnabled"], value: true }]
                : [],
    },
    examples: [
        badExample("not encrypted", queue({ sqsManagedSseEnabled: false }), "work"),
        badExample("everybody may send", policy(send("*"), denial), "policy"),
        badExample("clear text", policy(topic), "policy"),
        badExample(
            "clear text, in the queue's own policy",
            queue({ policy: JSON.stringify({ Statement: [topic] }) }),
            "work",
        ),
        goodExample("a key of Amazon SQS", queue({ sqsManagedSseEnabled: true })),
        goodExample("a key of the customer", queue({ sqsManagedSseEnabled: false, kmsMasterKeyId: unknown })),
        goodExample("one topic, over TLS", policy(topic, denial)),
        absentExample("new queues are encrypted", queue()),
        openExample("not known yet", queue({ sqsManagedSseEnabled: unknown }), "work"),
        openExample("a policy that is not known yet", queue({ policy: unknown }), "work"),
    ],
};

/** Amazon SQS encrypts new queues with a key of its own unless it is told not to (SQS Developer Guide, SSE-SQS). */
function judgeEncryption(resource: ResourceReader): Outcome {
    const key = filled(resource.string("kmsMasterKeyId"));
    if (key.kind === "known" || key.kind === "unknown") return pass;
    const managed = resource.boolean("sqsManagedSseEnabled");
    if (managed.kind === "absent" && key.kind === "absent") return pass;
    if (is(managed, true)) return pass;
    if (managed.kind === "unknown")
        return inconclusive(managed, "whether the queue is encrypted is not known yet");
    const read = key.kind === "malformed" ? `kmsMasterKeyId ${key.why}` : managed.kind === "malformed" ? `sqsManagedSseEnabled ${managed.why}` : "sqsManagedSseEnabled is false and kmsMasterKeyId is not set"; // prettier-ignore
    return violation(
        `${resource.name} is not encrypted: ${read}.`,
        "Set sqsManagedSseEnabled: true, or kmsMasterKeyId.",
        { findingId: "encryption" },
    );
}

function judgePolicy(resource: ResourceReader): Outcome[] {
    const outcomes = publicPolicyOutcomes(resource, ["policy"], {
        consequence: "strangers can send to the queue, or empty it",
        fix: "Name who may come in Principal, or bound the statement by aws:SourceArn or aws:SourceAccount.",
        absent: resource.type === queueType ? "accepted" : "refused",
        boundingKeys: ["aws:SourceOwner", "aws:SourceVpc", "aws:SourceVpce", "aws:userid"],
    });
    const document = attachedPolicy(resource);
    if (document.kind !== "known" || deniesClearText(document.statements, "sqs:SendMessage")) return outcomes;
    return [
        ...outcomes,
        violation(
            `${document.property} does not deny clear text, so messages can be sent without TLS.`,
            'Add { Effect: "Deny", Principal: "*", Action: "sqs:*", Resource: queueArn, Condition: { Bool: { "aws:SecureTransport": "false" } } }.',
            { findingId: "tls" },
        ),
    ];
}
