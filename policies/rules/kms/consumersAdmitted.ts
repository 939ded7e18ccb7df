/** KMS-04: what is encrypted with a key can be written and read by those who have to. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { readPolicyDocument, type Statement } from "../../iam/document";
import { matches, matchesAction } from "../../iam/matcher";
import { accountStatement, keyPolicyType, keyType, keyWith, policyOfKey } from "./key";

/**
 * Consumers, and who of them asks KMS: a service in its own name (then the key policy has to admit it), or a role (then
 * the policy has to admit the account, or that role). CloudWatch Logs User Guide, "Encrypt log data"; Amazon SNS and
 * ECR use the caller's permissions.
 */
const consumers: readonly { type: string; path: string[]; service?: string }[] = [
    { type: "aws:cloudwatch/logGroup:LogGroup", path: ["kmsKeyId"], service: "logs" },
    { type: "aws:codebuild/project:Project", path: ["encryptionKey"] },
    { type: "aws:ecr/repository:Repository", path: ["encryptionConfigurations", "0", "kmsKey"] },
    { type: "aws:dynamodb/table:Table", path: ["serverSideEncryption", "kmsKeyArn"] },
    { type: "aws:sns/topic:Topic", path: ["kmsMasterKeyId"] },
    { type: "aws:sqs/queue:Queue", path: ["kmsMasterKeyId"] },
    { type: "aws:lambda/function:Function", path: ["kmsKeyArn"] },
];

/** What a service needs to write with a key and to read again. */
const neededActions = ["kms:GenerateDataKey", "kms:Decrypt"];

function allows(
    statements: readonly Statement[],
    action: string,
    who: (principal: string) => boolean,
): boolean {
    return statements.some(
        ({ effect, actions, principals }) =>
            effect === "Allow" &&
            actions.values.some((pattern) => matchesAction(pattern, action)) !== actions.not &&
            principals !== null &&
            !principals.not &&
            Object.values(principals.byKind).flat().some(who),
    );
}

/** `logs.amazonaws.com`, or the regional name that CloudWatch Logs documents. */
function isService(principal: string, service: string): boolean {
    return (
        principal === "*" ||
        matches(`${service}.amazonaws.com*`, principal) ||
        matches(`${service}.*.amazonaws.com*`, principal)
    );
}

const isOfAccount = (principal: string): boolean =>
    principal === "*" || /^(?:\d{12}$|arn:[\w-]+:(?:iam|sts):)/.test(principal);

function judgeConsumer(
    property: string,
    service: string | undefined,
    document: PropertyReader,
    key: ResourceReader,
): Outcome {
    const policy = readPolicyDocument(document.raw);
    if (policy.kind === "unknown")
        return inconclusive(
            { property: `${key.name}.policy` },
            "whom the key policy admits is not known yet",
        );
    if (policy.kind === "malformed")
        return violation(
            `The policy of key ${key.name} cannot be read: it ${policy.why}.`,
            "Give the key a policy document as JSON.",
            { findingId: property },
        );
    const who = service === undefined ? isOfAccount : (principal: string) => isService(principal, service);
    const missing = neededActions.filter((action) => !allows(policy.statements, action, who));
    if (missing.length === 0) return pass;
    const whom = service === undefined ? "any role of the account" : `${service}.amazonaws.com`;
    return violation(
        `${property} is key ${key.name}, whose policy does not allow ${whom} ${missing.join(" and ")}: nothing can be written or read.`,
        service === undefined
            ? "Let the key policy allow the account (arn:…:root) or the roles that use it."
            : `Add a statement to the key policy for the service principal ${service}.<region>.amazonaws.com with kms:Encrypt*, kms:Decrypt*, kms:ReEncrypt*, kms:GenerateDataKey* and kms:Describe*.`,
        { findingId: property },
    );
}

function judge(graph: StackGraph, { type, path, service }: (typeof consumers)[number]): StackOutcome[] {
    const steps = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    return graph.ofType(type).flatMap((consumer) => {
        const reference = graph.reference(consumer, steps, [keyType]);
        const keys =
            reference.kind === "exact"
                ? [reference.resource]
                : reference.kind === "candidates"
                  ? reference.resources
                  : [];
        const outcomes = keys.map((key): Outcome => {
            const document = policyOfKey(key, graph);
            if (document.kind === "unknown")
                return inconclusive(
                    { property: `${key.name}.policy` },
                    "whom the key policy admits is not known yet",
                );
            if (document.kind === "known")
                return judgeConsumer(reference.property, service, document.value, key);
            // AWS's default policy admits the account and no service.
            if (document.kind === "absent" && service === undefined) return pass;
            return violation(
                `${reference.property} is key ${key.name}, whose policy ${document.kind === "absent" ? "is AWS's default and admits no service" : document.why}: nothing can be written.`,
                `Give the key a policy that admits the service principal ${service ?? ""}.<region>.amazonaws.com.`,
                { findingId: reference.property },
            );
        });
        const [first] = outcomes;
        if (first === undefined) return [];
        // Several keys may be meant: only what is true of all of them is said.
        const agreed = outcomes.every(({ kind }) => kind === first.kind);
        return about(
            consumer,
            agreed
                ? first
                : inconclusive({ property: reference.property }, "which key this is, is not known yet"),
        );
    });
}

const logGroup = (key: unknown, keys: string[] = ["key"]): ExampleResource => ({
    type: "aws:cloudwatch/logGroup:LogGroup",
    name: "logs",
    props: { name: "/builds", kmsKeyId: key },
    propertyDependencies: { kmsKeyId: keys },
});
const logStatement = {
    Effect: "Allow",
    Principal: { Service: "logs.us-east-1.amazonaws.com" },
    Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    Resource: "*",
};

export const consumersAdmitted: StackRule = {
    level: "stack",
    metadata: {
        id: "KMS-04",
        family: "kms",
        title: "Key policies admit whoever has to use the key",
        rationale:
            "A log group, a topic or a repository with a key that does not admit its service looks encrypted and is dead: creation fails, or events are dropped without a word.",
        severity: "high",
        remediation:
            "Let the key policy allow the account for what roles encrypt, and name the services that use the key in their own name, such as `logs.<region>.amazonaws.com`.",
        references: ["AWS KMS Developer Guide: key policies", "CloudWatch Logs User Guide: encrypt log data"],
    },
    relevantTypes: [keyType],
    evaluate: (graph) => consumers.flatMap((consumer) => judge(graph, consumer)),
    examples: [
        badExample(
            "a log group whose key does not name the service",
            [keyWith({ policy: accountStatement }), logGroup(unknown)],
            "logs",
        ),
        badExample(
            "the service may only decrypt",
            [
                keyWith({ policy: [accountStatement, { ...logStatement, Action: "kms:Decrypt" }] }),
                logGroup(unknown),
            ],
            "logs",
        ),
        badExample(
            "a table with a key for services only",
            [
                keyWith({ policy: logStatement }),
                {
                    type: "aws:dynamodb/table:Table",
                    name: "table",
                    props: { serverSideEncryption: { enabled: true, kmsKeyArn: unknown } },
                    propertyDependencies: { serverSideEncryption: ["key"] },
                },
            ],
            "table",
        ),
        badExample(
            "the service is refused",
            [keyWith({ policy: [accountStatement, { ...logStatement, Effect: "Deny" }] }), logGroup(unknown)],
            "logs",
        ),
        badExample("a policy that is no document", [keyWith({ policy: "{" }), logGroup(unknown)], "logs"),
        badExample(
            "a policy that is an object of something else",
            [keyWith({ policy: JSON.stringify({ Statement: "all" }) }), logGroup(unknown)],
            "logs",
        ),
        openExample(
            "statements that are not known yet",
            [keyWith({ policy: `{"Statement":${JSON.stringify(unknown)}}` }), logGroup(unknown)],
            "logs",
        ),
        goodExample("everybody, and two principals of which one is the service", [
            keyWith({ policy: { ...logStatement, Principal: "*" } }),
            {
                ...keyWith({
                    policy: {
                        ...logStatement,
                        Principal: { Service: ["sns.amazonaws.com", "logs.us-east-1.amazonaws.com"] },
                    },
                }),
                name: "other",
            },
            logGroup(unknown, ["key", "other"]),
        ]),
        goodExample("a topic with AWS's default policy, with an account's number, and with everybody", [
            keyWith({}),
            {
                ...keyWith({ policy: { ...accountStatement, Principal: { AWS: "123456789012" } } }),
                name: "b",
            },
            { ...keyWith({ policy: { ...accountStatement, Principal: "*" } }), name: "c" },
            ...["key", "b", "c"].map((key) => ({
                type: "aws:sns/topic:Topic",
                name: `topic-${key}`,
                props: { kmsMasterKeyId: unknown },
                propertyDependencies: { kmsMasterKeyId: [key] },
            })),
        ]),
        goodExample("the service is named", [
            keyWith({ policy: [accountStatement, logStatement] }),
            logGroup(unknown),
        ]),
        goodExample("named in a policy resource of its own", [
            keyWith({}),
            {
                type: keyPolicyType,
                name: "policy",
                props: {
                    keyId: unknown,
                    policy: JSON.stringify({ Statement: [accountStatement, logStatement] }),
                },
                propertyDependencies: { keyId: ["key"] },
            },
            logGroup(unknown),
        ]),
        goodExample("a key from elsewhere", [
            keyWith({ policy: accountStatement }),
            logGroup("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", []),
        ]),
        goodExample("a repository needs no more than the account", [
            keyWith({ policy: accountStatement }),
            {
                type: "aws:ecr/repository:Repository",
                name: "app",
                props: { encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: unknown }] },
                propertyDependencies: { encryptionConfigurations: ["key"] },
            },
        ]),
        absentExample("the default policy admits no service", [keyWith({}), logGroup(unknown)], "logs"),
        openExample("policy not known yet", [keyWith({ policy: unknown }), logGroup(unknown)], "logs"),
        {
            title: "one of two keys, and only one admits the service",
            shows: "unknown",
            resources: [
                keyWith({ policy: [accountStatement, logStatement] }),
                { ...keyWith({ policy: accountStatement }), name: "other" },
                logGroup(unknown, ["key", "other"]),
            ],
            expect: [{ resource: "logs", kind: "inconclusive" }],
        },
    ],
};
