/** SNS-03: nothing is published in clear text. */
import { topicPolicyType, topicType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, PropertyChange, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { attachedPolicy } from "../../iam/attachedPolicy";
import { clearTextDenial, deniesClearText } from "../../iam/clearTextDenial";
import { isPlainObject } from "../../harness/unknownValue";
import { parseJsonText } from "../../harness/jsonText";
import { exampleTopicArn, publishStatement, topicExample, topicPolicyExample, topicPolicyOf } from "./topic";

const metadata: RuleMetadata = {
    id: "SNS-03",
    family: "sns",
    title: "Topics take messages over TLS only",
    rationale:
        "A message that is published in clear text can be read and changed on its way; nothing but the topic's policy forbids it.",
    severity: "medium",
    remediation:
        "Add a statement to the topic policy that denies `sns:Publish` to everybody while `aws:SecureTransport` is false.",
    references: ["cdk-nag AwsSolutions-SNS3"],
};
const fix =
    'Add { Effect: "Deny", Principal: "*", Action: "sns:Publish", Resource: topicArn, Condition: { Bool: { "aws:SecureTransport": "false" } } } to the topic policy.';
const denial = clearTextDenial("sns:Publish", exampleTopicArn);
const allow = publishStatement({ AWS: "arn:aws:iam::123456789012:role/worker" });

export const topicTls: ResourceRule = {
    level: "resource",
    metadata,
    types: [topicPolicyType, topicType],
    evaluate: (resource) => [judgePolicy(resource)],
    remediation: { when: "always", changes: addDenial },
    examples: [
        badExample("clear text is not denied", [topicPolicyExample(allow)], "policy"),
        badExample("denied to one role only", [topicPolicyExample(allow, { ...denial, Principal: allow["Principal"] })], "policy"), // prettier-ignore
        badExample("something else is denied", [topicPolicyExample({ ...denial, Action: "sns:Subscribe" })], "policy"), // prettier-ignore
        goodExample("denied", [topicPolicyExample(allow, denial)]),
        goodExample("denied in the policy of the topic itself", [
            topicExample({ policy: JSON.stringify({ Statement: [{ ...denial, Action: "SNS:*" }] }) }),
        ]),
        absentExample("the policy of a topic is set elsewhere, or it has none", [topicExample()]),
        openExample("not known yet", [topicPolicyOf(unknown)], "policy"),
    ],
};

export const topicHasTlsPolicy: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [topicType],
    evaluate: (graph) => {
        const named = new Set<ResourceReader>();
        let open: string | null = null;
        for (const policy of graph.ofType(topicPolicyType)) {
            const reference = graph.reference(policy, ["arn"], [topicType]);
            if (reference.kind === "exact") named.add(reference.resource);
            else if (reference.kind === "unknown" || reference.kind === "candidates")
                open ??= `${policy.name}.arn`;
        }
        return graph.ofType(topicType).flatMap((topic) => {
            const own = topic.get("policy");
            if (named.has(topic) || own.kind === "known")
                return about(topic, notApplicable("the policy is judged where it stands"));
            if (own.kind === "unknown" || open !== null)
                return about(topic, inconclusive({ property: open ?? own.property }, `which policy ${topic.name} has is not known yet`)); // prettier-ignore
            return about(
                topic,
                violation(`${topic.name} has no topic policy, so it takes messages in clear text.`, fix),
            );
        });
    },
    examples: [
        badExample("one topic of two", [topicExample(), { ...topicExample(), name: "other", props: { name: "other" } }, topicPolicyExample(denial)], "other"), // prettier-ignore
        goodExample("a policy", [topicExample(), topicPolicyExample(denial)]),
        absentExample("no policy", [topicExample()], "news"),
        openExample(
            "a policy of which the topic is not known yet",
            [topicExample(), { ...topicPolicyExample(denial), props: { arn: unknown, policy: "{}" } }],
            "news",
        ),
    ],
};

function judgePolicy(resource: ResourceReader): Outcome {
    const document = attachedPolicy(resource);
    if (document.kind === "unknown")
        return inconclusive(document, "whether clear text is denied is not known yet");
    if (document.kind === "absent" && resource.type === topicType)
        return notApplicable("the topic has no policy of its own here");
    if (document.kind !== "known")
        return violation(`The topic policy cannot be read (${document.property}).`, fix);
    if (deniesClearText(document.statements, "sns:Publish")) return pass;
    return violation(
        `${document.property} does not deny clear text, so messages can be published without TLS.`,
        fix,
    );
}

/** Adds the Deny to a policy that can be read and says which topic it is for. */
function addDenial(resource: ResourceReader): PropertyChange[] {
    if (judgePolicy(resource).kind !== "violation") return [];
    const document = attachedPolicy(resource);
    const given = resource.get("policy");
    if (document.kind !== "known" || given.kind !== "known") return [];
    const [topicArn] = document.statements.flatMap(({ resources }) => (resources?.not ? [] : (resources?.values ?? []))); // prettier-ignore
    const parsed = typeof given.value === "string" ? parseJsonText(given.value) : null;
    const policy = parsed?.kind === "parsed" ? parsed.value : given.value;
    if (topicArn === undefined || !isPlainObject(policy)) return [];
    const statements: unknown[] = Array.isArray(policy["Statement"]) ? policy["Statement"] : [policy["Statement"]]; // prettier-ignore
    const mended = { ...policy, Statement: [...statements, clearTextDenial("sns:Publish", topicArn)] };
    return [{ path: ["policy"], value: JSON.stringify(mended) }];
}
