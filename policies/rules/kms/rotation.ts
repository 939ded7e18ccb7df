/** KMS-01: key material does not last for ever. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, notApplicable } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { isSymmetric, keyType, keyWith } from "./key";

export const rotation: ResourceRule = {
    level: "resource",
    metadata: {
        id: "KMS-01",
        family: "kms",
        title: "Symmetric keys are rotated by AWS",
        rationale:
            "Material that leaked once opens everything that was ever encrypted with it; rotation bounds that to a year.",
        severity: "medium",
        remediation: "Set `enableKeyRotation: true`. Asymmetric and HMAC keys cannot be rotated by AWS.",
        references: [
            "FSBP KMS.4",
            "checkov CKV_AWS_7",
            "trivy AWS-0065",
            "cdk-nag AwsSolutions-KMS5",
            "CIS AWS 5.0.0 3.6",
            "CIS AWS 7.0.0 4.6",
        ],
    },
    types: [keyType],
    evaluate: (key) => {
        const symmetric = isSymmetric(key);
        if (symmetric.kind === "unknown")
            return [inconclusive(symmetric, "whether the key can be rotated is not known yet")];
        if (symmetric.kind === "known" && !symmetric.value)
            return [notApplicable("AWS rotates symmetric keys only")];
        if (key.get("customKeyStoreId").kind !== "absent")
            return [notApplicable("keys of a custom key store are not rotated by AWS")];
        return [
            expectValue(key.boolean("enableKeyRotation"), {
                accepts: (enabled) => enabled,
                consequence: "the key material is never renewed",
                fix: "Set enableKeyRotation: true.",
            }),
        ];
    },
    remediation: { when: "always", changes: () => [{ path: ["enableKeyRotation"], value: true }] },
    examples: [
        badExample("switched off", [keyWith({ enableKeyRotation: false })], "key"),
        goodExample("rotated", [keyWith({ enableKeyRotation: true })]),
        goodExample("a key that signs", [
            keyWith({ keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "ECC_NIST_P256" }),
        ]),
        goodExample("a key of a custom key store", [keyWith({ customKeyStoreId: unknown })]),
        absentExample("not set", [keyWith({})], "key"),
        openExample("not known yet", [keyWith({ enableKeyRotation: unknown })], "key"),
        openExample("kind of key not known yet", [keyWith({ customerMasterKeySpec: unknown })], "key"),
    ],
};
