/** What AWS KMS refuses. Limits: AWS KMS API reference, CreateKey, CreateAlias, EnableKeyRotation. */
import { isObject } from "../../engine/wire";
import type { Wire, WireObject } from "../../engine/wire";
import type { InputRules } from "../valueRules";
import { isKnown, oneOf, policyDocument, text, whole } from "../valueRules";

/** Key specs and what a key of each can be made for. */
const usages: Record<string, string[]> = {
    SYMMETRIC_DEFAULT: ["ENCRYPT_DECRYPT"],
    ...Object.fromEntries(
        ["RSA_2048", "RSA_3072", "RSA_4096"].map((spec) => [spec, ["ENCRYPT_DECRYPT", "SIGN_VERIFY"]]),
    ),
    ...Object.fromEntries(
        ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"].map((spec) => [
            spec,
            ["SIGN_VERIFY", "KEY_AGREEMENT"],
        ]),
    ),
    ECC_NIST_EDWARDS25519: ["SIGN_VERIFY"],
    ECC_SECG_P256K1: ["SIGN_VERIFY"],
    ...Object.fromEntries(["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"].map((spec) => [spec, ["SIGN_VERIFY"]])),
    ...Object.fromEntries(
        ["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"].map((spec) => [spec, ["GENERATE_VERIFY_MAC"]]),
    ),
    // China only.
    SM2: ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"],
};

/** Somebody in the account must be able to change the policy again, or CreateKey refuses it (lockout check). */
function lockedOut(policy: Wire | undefined): boolean {
    let document: Wire;
    try {
        document = JSON.parse(String(policy)) as Wire;
    } catch {
        return false;
    }
    const statements = isObject(document) ? [document["Statement"] ?? []].flat().filter(isObject) : [];
    return !statements.some(({ Effect, Principal, Action }) => {
        const principals = isObject(Principal ?? null) ? (Principal as WireObject)["AWS"] : Principal;
        const actions = [Action ?? []].flat().map(String);
        return (
            Effect === "Allow" &&
            principals !== undefined &&
            actions.some((action) => ["*", "kms:*", "kms:Put*", "kms:PutKeyPolicy"].includes(action))
        );
    });
}

function keyProblems(inputs: WireObject): string[] {
    const spec = inputs["customerMasterKeySpec"] ?? "SYMMETRIC_DEFAULT";
    const usage = inputs["keyUsage"] ?? "ENCRYPT_DECRYPT";
    const rotates = inputs["enableKeyRotation"] === true;
    const symmetric = spec === "SYMMETRIC_DEFAULT";
    const policy = inputs["policy"];
    return [
        ...(isKnown(spec) &&
        isKnown(usage) &&
        !(usages[String(spec)] ?? [String(usage)]).includes(String(usage))
            ? [
                  `keyUsage ${String(usage)} is not for ${String(spec)}, which is for ${usages[String(spec)]?.join(" or ")}`,
              ]
            : []),
        ...(isKnown(spec) && !symmetric && rotates
            ? [`enableKeyRotation is for SYMMETRIC_DEFAULT only, not for ${String(spec)}`]
            : []),
        ...(isKnown(inputs["rotationPeriodInDays"]) && !rotates
            ? ["rotationPeriodInDays needs enableKeyRotation"]
            : []),
        ...(isKnown(policy) && inputs["bypassPolicyLockoutSafetyCheck"] !== true && lockedOut(policy)
            ? ["policy lets nobody in the account change it again (kms:PutKeyPolicy)"]
            : []),
    ];
}

export const keyRules: Record<string, InputRules> = {
    "aws:kms/key:Key": {
        properties: {
            description: text(0, 8192),
            customerMasterKeySpec: oneOf(...Object.keys(usages)),
            keyUsage: oneOf("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"),
            deletionWindowInDays: whole(7, 30, "days"),
            rotationPeriodInDays: whole(90, 2560, "days"),
            policy: policyDocument(32_768),
        },
        together: keyProblems,
    },
    "aws:kms/alias:Alias": {
        properties: {
            name: (value, where) => [
                ...text(
                    7,
                    256,
                    /^alias\/[a-zA-Z0-9/_-]+$/,
                    "alias/, then letters, digits, / _ and -",
                )(value, where),
                ...(String(value).startsWith("alias/aws/") ? [`${where}: alias/aws/ belongs to AWS`] : []),
            ],
        },
    },
};
