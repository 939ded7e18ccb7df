/** EVB-02, resource half: what a target cannot be given is kept, and tried again for a time that somebody chose. */
import { eventTargetType } from "../../gate/resourceTypes";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { targetExample } from "./eventRule";

export const deliveredEventsMetadata: RuleMetadata = {
    id: "EVB-02",
    family: "eventbridge",
    title: "Targets exist, may be started, and lose no event",
    rationale:
        "An event that cannot be delivered is gone after a day, and nobody is told; a target that does not exist or may not be started never works at all.",
    severity: "medium",
    remediation:
        "Set `deadLetterConfig.arn` to a queue and `retryPolicy`. Add an `aws.lambda.Permission` for a function, a policy for a queue or topic, or `roleArn` for what EventBridge starts with a role. A target outside the stack is named in the setting `externalReferences`.",
    references: ["cdk-nag EventBusDLQ", "OWASP CICD-SEC-10"],
};

export const keptEvents: ResourceRule = {
    level: "resource",
    metadata: deliveredEventsMetadata,
    types: [eventTargetType],
    evaluate: (resource) => [judgeQueue(resource), judgeRetries(resource)],
    examples: [
        badExample("no queue", [targetExample({ deadLetterConfig: undefined })], "target"),
        badExample("no queue named", [targetExample({ deadLetterConfig: {} })], "target"),
        goodExample("a queue, and retries", [targetExample()]),
        goodExample("a queue that is not known yet is set", [targetExample({ deadLetterConfig: { arn: unknown } })]), // prettier-ignore
        absentExample("retries by default", [targetExample({ retryPolicy: undefined })], "target"),
        openExample("not known yet", [targetExample({ deadLetterConfig: unknown })], "target"),
    ],
};

function judgeQueue(resource: ResourceReader): Outcome {
    const config = resource.object("deadLetterConfig");
    if (config.kind === "unknown")
        return inconclusive(config, "whether events that cannot be delivered are kept is not known yet");
    const queue = config.kind === "known" ? filled(config.value.string("arn")) : config;
    if (queue.kind === "known" || queue.kind === "unknown") return pass;
    return violation(
        `${resource.name} loses events that it cannot be given (deadLetterConfig.arn ${queue.kind === "malformed" ? queue.why : "is not set"}).`,
        "Set deadLetterConfig: { arn: queue.arn }, and let events.amazonaws.com send to the queue.",
        { findingId: "deadLetterConfig" },
    );
}

function judgeRetries(resource: ResourceReader): Outcome {
    const policy = resource.object("retryPolicy");
    if (policy.kind === "unknown")
        return inconclusive(policy, "for how long events are tried again is not known yet");
    if (policy.kind === "known") return pass;
    return violation(
        `${resource.name} is given an event again for a day and 185 times, because nobody chose (retryPolicy ${policy.kind === "malformed" ? policy.why : "is not set"}).`,
        "Set retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 20 }.",
        { findingId: "retryPolicy" },
    );
}
