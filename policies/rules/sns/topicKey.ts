/** SNS-01: topics are encrypted, with a key that their publishers may use. */
import { topicType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { attachedPolicy } from "../../iam/attachedPolicy";
import { servicePublishers } from "./servicePublishers";
import { publishStatement, topicExample } from "./topic";

const metadata: RuleMetadata = {
    id: "SNS-01",
    family: "sns",
    title: "Topics are encrypted with a key that their publishers may use",
    rationale:
        "Messages say what is weak and what is waiting to be approved; the AWS managed key cannot be shared with services, so what an alarm or a rule publishes under it is lost.",
    severity: "medium",
    remediation:
        "Set `kmsMasterKeyId` to a customer managed key whose policy lets the publishing services use it (SNS-05).",
    references: ["FSBP SNS.1", "checkov CKV_AWS_26", "trivy AWS-0095", "trivy AWS-0136"],
};
const fix = "Set kmsMasterKeyId to a customer managed key.";
const keyArn = "arn:aws:kms:eu-central-1:123456789012:key/1111";
const managedKey = /(?:^|:)alias\/aws\/sns$/;

const admitting = (kmsMasterKeyId: string): ExampleResource[] => {
    const policy = JSON.stringify({ Statement: [publishStatement({ Service: "events.amazonaws.com" })] });
    return [topicExample({ kmsMasterKeyId, policy })];
};

export const topicKey: ResourceRule = {
    level: "resource",
    metadata,
    types: [topicType],
    evaluate: (resource) => {
        const key = filled(resource.string("kmsMasterKeyId"));
        // The ARN of a key is an output: not known yet is enough to see that a key is set.
        if (key.kind === "known" && managedKey.test(key.value)) return [judgeOwnPolicy(resource)];
        if (key.kind === "known" || key.kind === "unknown") return [pass];
        const read = key.kind === "malformed" ? key.why : "is not set";
        return [violation(`The topic ${resource.name} is not encrypted (kmsMasterKeyId ${read}).`, fix)];
    },
    examples: [
        badExample("a key that is empty text", [topicExample({ kmsMasterKeyId: "" })], "news"),
        badExample("the AWS managed key, and a service that may publish", admitting("alias/aws/sns"), "news"),
        goodExample("a customer managed key", [topicExample({ kmsMasterKeyId: keyArn })]),
        goodExample("a customer managed key, and a service that may publish", admitting(keyArn)),
        goodExample("a key that is not known yet is set", [topicExample({ kmsMasterKeyId: unknown })]),
        absentExample("no key", [topicExample()], "news"),
        openExample(
            "the AWS managed key, and a policy that is not known yet",
            [topicExample({ kmsMasterKeyId: "alias/aws/sns", policy: unknown })],
            "news",
        ),
    ],
};

const alarm: ExampleResource = {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    name: "alarm",
    props: { alarmActions: [unknown] },
    propertyDependencies: { alarmActions: ["news"] },
};
const managed = topicExample({ kmsMasterKeyId: "alias/aws/sns" });

export const topicKeyOfServices: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [topicType],
    evaluate: (graph) => {
        const publishers = servicePublishers(graph);
        return graph.ofType(topicType).flatMap((topic) => {
            const key = valueOf(topic.string("kmsMasterKeyId"));
            if (key === undefined || !managedKey.test(key))
                return about(topic, notApplicable("the topic does not use the AWS managed key"));
            const [first, ...others] = publishers.get(topic) ?? [];
            if (first === undefined) return about(topic, notApplicable("no service publishes to the topic"));
            if (![first, ...others].some(({ certain }) => certain))
                return about(topic, inconclusive({ property: first.by.name }, `whether ${first.service} publishes to ${topic.name} is not known yet`)); // prettier-ignore
            return about(
                topic,
                violation(
                    `${first.service} publishes to ${topic.name} (${first.by.name}), which has the AWS managed key (kmsMasterKeyId): the service may not use it, and what it says is dropped.`,
                    fix,
                ),
            );
        });
    },
    examples: [
        badExample("an alarm, and the AWS managed key", [managed, alarm], "news"),
        goodExample("the AWS managed key where only roles publish", [managed]),
        goodExample("an alarm, and a customer managed key", [topicExample({ kmsMasterKeyId: keyArn }), alarm]), // prettier-ignore
        absentExample("no key is the other half's finding", [topicExample(), alarm]),
        openExample(
            "an alarm that may mean the topic",
            [
                managed,
                { ...topicExample(), name: "other", props: { name: "other" } },
                { ...alarm, props: { alarmActions: unknown }, propertyDependencies: { alarmActions: ["news", "other"] } },
            ],
            "news",
        ), // prettier-ignore
    ],
};

/** The topic's own policy may say that a service publishes. */
function judgeOwnPolicy(resource: ResourceReader): Outcome {
    const document = attachedPolicy(resource);
    if (document.kind === "unknown")
        return inconclusive(
            document,
            "whether a service publishes with the AWS managed key is not known yet",
        );
    if (document.kind !== "known") return pass;
    const services = document.statements.flatMap(({ effect, principals }) =>
        effect === "Allow" && principals?.not === false ? (principals.byKind["Service"] ?? []) : [],
    );
    const [service] = services;
    if (service === undefined) return pass;
    return violation(
        `The policy of ${resource.name} lets ${service} publish, which may not use the AWS managed key (kmsMasterKeyId): what it says is dropped.`,
        fix,
    );
}
