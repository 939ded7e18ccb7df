/** KMS-02: who may use and change a key is written down, and it is not everybody. */
import { expectValue } from "../../harness/expectation";
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { publicPolicyOutcomes } from "../../iam/publicStatements";
import { accountStatement, keyPolicyType, keyType, keyWith } from "./key";

const metadata: RuleMetadata = {
    id: "KMS-02",
    family: "kms",
    title: "Keys have a policy of their own that does not admit everybody",
    rationale:
        "The key policy is the last word on who decrypts. A star in it opens evidence, images and secrets to any AWS account; a policy that locks the account out makes them unreadable for good.",
    severity: "critical",
    remediation:
        "Give the key a `policy` that names the account or roles, bound statements for services by `kms:CallerAccount` or `kms:ViaService`, and leave `bypassPolicyLockoutSafetyCheck` out.",
    references: ["FSBP KMS.5", "checkov CKV_AWS_33", "checkov CKV2_AWS_64"],
};

export const keyPolicy: ResourceRule = {
    level: "resource",
    metadata,
    types: [keyType, keyPolicyType],
    evaluate: (resource) => [
        ...publicPolicyOutcomes(resource, ["policy"], {
            consequence: "any AWS account can use or change the key",
            fix: 'Name the account or roles in Principal, or add Condition { StringEquals: { "kms:CallerAccount": … } }.',
            absent: resource.type === keyPolicyType ? "refused" : "accepted",
            boundingKeys: ["kms:CallerAccount", "kms:ViaService"],
        }),
        expectValue(resource.boolean("bypassPolicyLockoutSafetyCheck"), {
            accepts: (bypass) => !bypass,
            absent: "accepted",
            consequence: "a policy with a mistake locks everybody out of the key for good",
            fix: "Leave bypassPolicyLockoutSafetyCheck out.",
            findingId: "bypassPolicyLockoutSafetyCheck",
        }),
    ],
    examples: [
        badExample(
            "everybody may do everything",
            [keyWith({ policy: { Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" } })],
            "key",
        ),
        badExample(
            "the lockout check is bypassed",
            [keyWith({ policy: accountStatement, bypassPolicyLockoutSafetyCheck: true })],
            "key",
        ),
        badExample(
            "a policy resource for everybody",
            [
                {
                    type: keyPolicyType,
                    name: "policy",
                    props: {
                        keyId: unknown,
                        policy: JSON.stringify({
                            Statement: [
                                accountStatement,
                                {
                                    Effect: "Allow",
                                    Principal: { AWS: "*" },
                                    Action: "kms:Decrypt",
                                    Resource: "*",
                                },
                            ],
                        }),
                    },
                },
            ],
            "policy",
        ),
        goodExample("the account", [keyWith({ policy: accountStatement })]),
        goodExample("everybody of the account, through a service", [
            keyWith({
                policy: [
                    accountStatement,
                    {
                        Effect: "Allow",
                        Principal: { AWS: "*" },
                        Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
                        Resource: "*",
                        Condition: {
                            StringEquals: {
                                "kms:CallerAccount": "123456789012",
                                "kms:ViaService": "sns.us-east-1.amazonaws.com",
                            },
                        },
                    },
                ],
            }),
        ]),
        absentExample(
            "a policy resource without a document",
            [{ type: keyPolicyType, name: "policy", props: { keyId: unknown, policy: null } }],
            "policy",
        ),
        openExample("not known yet", [keyWith({ policy: unknown })], "key"),
    ],
};

const separatePolicy: ExampleResource = {
    type: keyPolicyType,
    name: "policy",
    props: { keyId: unknown, policy: JSON.stringify({ Statement: [accountStatement] }) },
    propertyDependencies: { keyId: ["key"] },
};

/** Only the whole stack shows whether the policy stands in a resource of its own. */
export const keyPolicyPresent: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [keyType],
    evaluate: (graph) =>
        graph.ofType(keyType).flatMap((key) => {
            // What it says is the other half's to judge.
            if (key.get("policy").kind !== "absent") return about(key, pass);
            const { certain, possible } = graph.referrers(key, [keyPolicyType], "keyId");
            if (certain.length > 0) return about(key, pass);
            if (possible[0])
                return about(
                    key,
                    inconclusive(
                        { property: `${possible[0].name}.keyId` },
                        "whether this policy belongs to the key is not known yet",
                    ),
                );
            return about(
                key,
                violation(
                    "The key has no policy of its own: every role of the account with kms:* on it decrypts, and no service is named.",
                    "Give the key a policy that names who administers and who uses it.",
                    // AWS's default admits the account only: worth saying, not worth stopping for.
                    { findingId: "default", severity: "medium" },
                ),
            );
        }),
    examples: [
        badExample("the default policy", [keyWith({})], "key"),
        goodExample("a policy of its own", [keyWith({ policy: accountStatement })]),
        goodExample("a policy in a resource of its own", [keyWith({}), separatePolicy]),
        absentExample("an empty stack", []),
        {
            title: "a policy of one of two keys does not hide either",
            shows: "unknown",
            resources: [
                keyWith({}),
                { ...keyWith({}), name: "other" },
                { ...separatePolicy, propertyDependencies: { keyId: ["key", "other"] } },
            ],
            expect: [
                { resource: "key", kind: "inconclusive" },
                { resource: "other", kind: "inconclusive" },
            ],
        },
    ],
};
