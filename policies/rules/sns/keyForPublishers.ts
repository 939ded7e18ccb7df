/** SNS-05: a service that publishes to an encrypted topic may use its key. */
import { topicType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { readPolicyDocument, type Statement } from "../../iam/document";
import { matches, matchesAction } from "../../iam/matcher";
import { servicePublishers, type ServicePublisher } from "./servicePublishers";
import { publishStatement, topicExample, topicPolicyExample } from "./topic";

const keyType = "aws:kms/key:Key";
const keyPolicyType = "aws:kms/keyPolicy:KeyPolicy";
const aliasType = "aws:kms/alias:Alias";
/** What Amazon SNS asks of a publisher (Amazon SNS Developer Guide, «Key management»). */
const neededActions = ["kms:GenerateDataKey", "kms:Decrypt"];

const statement = (Service: unknown, Action: unknown = ["kms:GenerateDataKey*", "kms:Decrypt"]) => ({
    Effect: "Allow",
    Principal: { Service },
    Action,
    Resource: "*",
});
const root = {
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::123456789012:root" },
    Action: "kms:*",
    Resource: "*",
};
const key = (policy: unknown): ExampleResource => ({
    type: keyType,
    name: "key",
    props: { policy: Array.isArray(policy) ? JSON.stringify({ Statement: policy }) : policy },
});
const encrypted: ExampleResource = {
    ...topicExample({ kmsMasterKeyId: unknown }),
    propertyDependencies: { kmsMasterKeyId: ["key"] },
};
const alarm: ExampleResource = {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    name: "alarm",
    props: { alarmActions: [unknown] },
    propertyDependencies: { alarmActions: ["news"] },
};
const target: ExampleResource = {
    type: "aws:cloudwatch/eventTarget:EventTarget",
    name: "target",
    props: { rule: "nightly", arn: unknown },
    propertyDependencies: { arn: ["news"] },
};

export const keyForPublishers: StackRule = {
    level: "stack",
    metadata: {
        id: "SNS-05",
        family: "sns",
        title: "Services that publish to an encrypted topic may use its key",
        rationale:
            "Without leave to use the key, what an alarm or a rule publishes is dropped in silence: everything looks in place and nobody is told.",
        severity: "high",
        remediation:
            "Allow the service `kms:GenerateDataKey*` and `kms:Decrypt` in the policy of the key, bounded by `aws:SourceAccount` or `aws:SourceArn` where the service sends them.",
        references: ["OWASP CICD-SEC-10"],
    },
    relevantTypes: [topicType],
    evaluate: (graph) => {
        const publishers = servicePublishers(graph);
        return graph
            .ofType(topicType)
            .flatMap((topic) => about(topic, ...judgeTopic(topic, publishers.get(topic) ?? [], graph)));
    },
    examples: [
        badExample("a rule, and a key for the account alone", [key([root]), encrypted, target], "news"),
        badExample("another service than the one that publishes", [key([root, statement("sns.amazonaws.com")]), encrypted, alarm], "news"), // prettier-ignore
        badExample("half of what is needed", [key([statement("events.amazonaws.com", "kms:Decrypt")]), encrypted, target], "news"), // prettier-ignore
        badExample(
            "a service that the topic's policy admits",
            [
                key([root]),
                encrypted,
                {
                    ...topicPolicyExample(publishStatement({ Service: "s3.amazonaws.com" })),
                    propertyDependencies: { arn: ["news"] },
                },
            ],
            "news",
        ),
        goodExample("both services may use it", [
            key([root, statement(["events.amazonaws.com", "cloudwatch.amazonaws.com"])]),
            encrypted,
            target,
            alarm,
        ]),
        goodExample("the key's policy as a resource of its own", [
            key(undefined),
            {
                type: keyPolicyType,
                name: "key-policy",
                props: { keyId: unknown, policy: JSON.stringify({ Statement: [statement("events.amazonaws.com")] }) },
                propertyDependencies: { keyId: ["key"] },
            },
            encrypted,
            target,
        ]), // prettier-ignore
        goodExample("through an alias", [
            key([statement("*.amazonaws.com")]),
            {
                type: aliasType,
                name: "alias",
                props: { name: "alias/news", targetKeyId: unknown },
                propertyDependencies: { targetKeyId: ["key"] },
            },
            topicExample({ kmsMasterKeyId: "alias/news" }),
            { ...target, props: { rule: "nightly", arn: "arn:aws:sns:eu-central-1:123456789012:news" } },
        ]), // prettier-ignore
        goodExample("no service publishes", [key([root]), encrypted]),
        goodExample("a key of another stack", [
            topicExample({ kmsMasterKeyId: "arn:aws:kms:eu-central-1:123456789012:key/1111" }),
            target,
        ]),
        absentExample("a key without a policy is for the account alone", [key(undefined), encrypted, target], "news"), // prettier-ignore
        absentExample("no key", [topicExample(), target]),
        openExample("the key's policy is not known yet", [key(unknown), encrypted, target], "news"),
        openExample(
            "a key of which nothing is known",
            [topicExample({ kmsMasterKeyId: unknown }), target],
            "news",
        ),
    ],
};

function judgeTopic(
    topic: ResourceReader,
    publishers: readonly ServicePublisher[],
    graph: StackGraph,
): Outcome[] {
    const id = filled(topic.string("kmsMasterKeyId"));
    if (id.kind === "absent") return [notApplicable("the topic has no key (SNS-01)")];
    if (publishers.length === 0) return [notApplicable("no service publishes to the topic")];
    const found = keyOf(topic, graph);
    if (found.kind === "unknown" || found.kind === "candidates")
        return [inconclusive(found, "which key the topic has is not known yet")];
    if (found.kind !== "exact") return [notApplicable("the key is not in the stack")];
    const statements = keyStatements(found.resource, graph);
    const services = [...new Set(publishers.map(({ service }) => service))];
    return services.map((service) => {
        if (statements === "unknown")
            return inconclusive(
                { property: `${found.resource.name}.policy` },
                `whether ${service} may use the key of ${topic.name} is not known yet`,
            );
        const lacking = neededActions.filter((action) => !mayUse(statements, service, action));
        if (lacking.length === 0) return pass;
        const [by] = publishers.filter((each) => each.service === service);
        if (by && publishers.every((each) => each.service !== service || !each.certain))
            return inconclusive({ property: by.by.name }, `whether ${service} publishes to ${topic.name} is not known yet`); // prettier-ignore
        return violation(
            `${service} publishes to ${topic.name} (${by?.by.name ?? ""}) and the policy of its key ${found.resource.name} does not allow it ${lacking.join(" and ")}, so what it says is dropped in silence.`,
            `Add a statement to the key's policy: Allow ${service} kms:GenerateDataKey* and kms:Decrypt.`,
            { findingId: service },
        );
    });
}

/** The key behind the id, ARN or alias of the topic. */
function keyOf(topic: ResourceReader, graph: StackGraph): Reference {
    const given = valueOf(topic.string("kmsMasterKeyId"));
    const name = given === undefined ? undefined : /(alias\/.+)$/.exec(given)?.[1];
    const reference =
        name === undefined
            ? graph.reference(topic, ["kmsMasterKeyId"], [keyType, aliasType])
            : graph.referenceOfValue(name, "kmsMasterKeyId", [aliasType]);
    return reference.kind === "exact" && reference.resource.type === aliasType
        ? graph.reference(reference.resource, ["targetKeyId"], [keyType])
        : reference;
}

function keyStatements(resource: ResourceReader, graph: StackGraph): Statement[] | "unknown" {
    const separate = graph.referrers(resource, [keyPolicyType], "keyId");
    const [open] = separate.possible;
    const holder = separate.certain[0] ?? resource;
    const policy = holder.get("policy");
    if (policy.kind === "absent") return open ? "unknown" : [];
    const document =
        policy.kind === "known" ? readPolicyDocument(policy.value) : { kind: "unknown" as const };
    if (document.kind === "unknown") return "unknown";
    return document.kind === "known" ? document.statements : [];
}

function mayUse(statements: readonly Statement[], service: string, action: string): boolean {
    return statements.some(
        ({ effect, actions, principals }) =>
            effect === "Allow" &&
            principals?.not === false &&
            [...(principals.byKind["Service"] ?? []), ...(principals.byKind["*"] ?? [])].some((name) => matches(name, service)) &&
            actions.values.some((pattern) => matchesAction(pattern, action)) !== actions.not,
    ); // prettier-ignore
}
