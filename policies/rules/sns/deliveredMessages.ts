/** SNS-04: what is said on a topic arrives, and not in clear text. */
import { subscriptionType } from "../../gate/resourceTypes";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";

const failed = "arn:aws:sqs:eu-central-1:123456789012:failed";
const redrivePolicy = JSON.stringify({ deadLetterTargetArn: failed });
const subscription = (protocol: unknown, more: Record<string, unknown> = {}): ExampleResource[] => [
    {
        type: subscriptionType,
        name: "subscription",
        props: {
            topic: "arn:aws:sns:eu-central-1:123456789012:news",
            protocol,
            endpoint: "someone",
            ...more,
        },
    },
];

/** Protocols to people and devices, where there is nothing to deliver again from a queue. */
const toPeople = new Set(["email", "email-json", "sms", "application"]);

export const deliveredMessages: ResourceRule = {
    level: "resource",
    metadata: {
        id: "SNS-04",
        family: "sns",
        title: "Subscriptions use TLS and keep what could not be delivered",
        rationale:
            "A message to an http address can be read and changed on its way; one that could not be delivered is gone after the retries unless a queue keeps it.",
        severity: "medium",
        remediation:
            "Use `https`. Set `redrivePolicy` with the ARN of a queue whose policy lets sns.amazonaws.com send. A subscription by e-mail waits until somebody confirms it: name it among the outputs of the stack, so that somebody does.",
        references: ["cdk-nag SNSRedrivePolicy", "NIST SP 800-53 r5 SC-8"],
    },
    types: [subscriptionType],
    evaluate: (resource) => {
        const protocol = filled(resource.string("protocol"));
        if (protocol.kind === "unknown")
            return [inconclusive(protocol, "how messages are delivered is not known yet")];
        if (protocol.kind !== "known")
            return [violation("The subscription names no protocol that can be read.", "Set protocol.")];
        const name = protocol.value.toLowerCase();
        const outcomes: Outcome[] =
            name === "http"
                ? [
                      violation(
                          `${resource.name} delivers in clear text (protocol is "http").`,
                          'Set protocol: "https" and an endpoint that begins with https://.',
                          { findingId: "protocol" },
                      ),
                  ]
                : [];
        outcomes.push(
            toPeople.has(name)
                ? notApplicable("messages to people are not played again")
                : judgeRedrive(resource),
        );
        return outcomes;
    },
    examples: [
        badExample("clear text", subscription("http", { redrivePolicy }), "subscription"),
        badExample("a policy without a queue", subscription("lambda", { redrivePolicy: "{}" }), "subscription"), // prettier-ignore
        badExample("a policy that is no JSON", subscription("lambda", { redrivePolicy: "{" }), "subscription"), // prettier-ignore
        goodExample("https, and a queue", subscription("https", { redrivePolicy })),
        goodExample("a queue that is not known yet is set", subscription("sqs", { redrivePolicy: unknown })),
        goodExample("people", subscription("email")),
        absentExample("nothing keeps what is lost", subscription("lambda"), "subscription"),
        openExample("not known yet", subscription(unknown), "subscription"),
    ],
};

function judgeRedrive(resource: ResourceReader): Outcome {
    const fix = "Set redrivePolicy: JSON.stringify({ deadLetterTargetArn: queue.arn }).";
    const given = filled(resource.string("redrivePolicy"));
    const redrive = resource.json("redrivePolicy");
    // The policy names the ARN of a queue, which is an output: not known yet is enough to see that it is set.
    if (redrive.kind === "unknown") return pass;
    const queue = redrive.kind === "known" ? redrive.value.string("deadLetterTargetArn") : redrive;
    if (queue.kind === "unknown") return pass;
    if (queue.kind === "known" && /^arn:[\w-]+:sqs:/.test(queue.value)) return pass;
    return violation(
        `What ${resource.name} cannot deliver is lost (redrivePolicy ${given.kind === "absent" ? "is not set" : "names no queue"}).`,
        fix,
        { findingId: "redrivePolicy" },
    );
}
