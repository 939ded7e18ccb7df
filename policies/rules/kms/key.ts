/** Keys of AWS KMS, and the policy of each wherever it stands. */
import type { PropertyReader, Reading, ResourceReader } from "../../harness/reader";
import { valueOf } from "../../harness/reader";
import type { ExampleResource } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";

export const keyType = "aws:kms/key:Key";
export const keyPolicyType = "aws:kms/keyPolicy:KeyPolicy";

/** Whether the key encrypts and decrypts with one and the same secret; asymmetric and HMAC keys do not rotate. */
export function isSymmetric(key: ResourceReader): Reading<boolean> {
    const usage = key.string("keyUsage");
    if (usage.kind === "unknown") return usage;
    const spec = key.string("customerMasterKeySpec");
    if (spec.kind === "unknown") return spec;
    const symmetric =
        (valueOf(usage) ?? "ENCRYPT_DECRYPT") === "ENCRYPT_DECRYPT" &&
        (valueOf(spec) ?? "SYMMETRIC_DEFAULT") === "SYMMETRIC_DEFAULT";
    return { kind: "known", value: symmetric, property: spec.property };
}

/** The policy document of a key: its own, or that of a key policy resource; absent is AWS's default for the account. */
export function policyOfKey(key: ResourceReader, graph: StackGraph): Reading<PropertyReader> {
    const own = key.json("policy");
    const { certain, possible } = graph.referrers(key, [keyPolicyType], "keyId");
    const [separate] = certain;
    if (separate) return separate.json("policy");
    if (own.kind === "absent" && possible[0])
        return { kind: "unknown", property: `${possible[0].name}.keyId` };
    return own;
}

/** Smallest key for examples, called `key`; its policy as an object. */
export function keyWith(props: Record<string, unknown>): ExampleResource {
    const { policy, ...rest } = props;
    return {
        type: keyType,
        name: "key",
        props: {
            description: "Images",
            ...rest,
            ...(typeof policy === "object" && policy !== null
                ? { policy: JSON.stringify({ Version: "2012-10-17", Statement: [policy].flat() }) }
                : { policy }),
        },
    };
}

/** The statement that lets IAM policies of the account speak for the key. */
export const accountStatement = {
    Sid: "Account",
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::123456789012:root" },
    Action: "kms:*",
    Resource: "*",
};
