import assert from "node:assert/strict";
import {
    connectionApplication,
    deliveredApplication,
    exampleAccount,
    examplePlatform,
} from "../application/testing/examplePlatform";
import { only, recordResources } from "../testing/recordedStack";
import { readSigningKey, signingKeyAlias, signingKeyPolicy, signWithKey } from "./signingKey";
import { Signing } from "./signing";

const { naming } = examplePlatform();
const role = (name: string): string => `arn:aws:iam::123456789012:role/portcullis-dev-${name}`;
const root = { AWS: "arn:aws:iam::123456789012:root" };

async function recorded(protection: "protected" | "deletable") {
    const { resources } = await recordResources(() => {
        const platform = examplePlatform({
            protection,
            applications: [deliveredApplication, connectionApplication],
        });
        new Signing("signing", platform);
    });
    return resources;
}

interface Policy {
    Statement: { Sid: string; Action: string[]; Condition?: object }[];
}

describe("the signing key", () => {
    it("is one for signatures, with an alias, deleted late and not at all where the stack is protected", async () => {
        for (const [protection, days] of [
            ["protected", 30],
            ["deletable", 7],
        ] as const) {
            const resources = await recorded(protection);
            assert.equal(resources.length, 2);
            const { policy: _policy, tags, ...inputs } = only(resources, "signing-key").inputs;
            assert.deepEqual(inputs, {
                description: "Signs the digests that the delivery pipelines release",
                keyUsage: "SIGN_VERIFY",
                customerMasterKeySpec: "ECC_NIST_P256",
                deletionWindowInDays: days,
            });
            assert.equal((tags as Record<string, string>)["Name"], "portcullis-dev-signing");
            assert.deepEqual(only(resources, "signing-key-alias").inputs, {
                name: "alias/portcullis-dev-signing",
                targetKeyId: "signing-key-key-id",
            });
        }
    });

    it("signs for the publish steps alone, as cosign does, and shows its public half to who verifies", async () => {
        const { policy } = only(await recorded("protected"), "signing-key").inputs;
        const { Statement } = JSON.parse(policy as string) as Policy;
        const [administer, ...others] = Statement;
        assert.deepEqual(others, [
            {
                Sid: "SignReleases",
                Effect: "Allow",
                Principal: root,
                Action: ["kms:Sign"],
                Resource: "*",
                Condition: {
                    ArnEquals: { "aws:PrincipalArn": [role("demo-publish"), role("shop-front-publish")] },
                    StringEquals: { "kms:MessageType": "DIGEST", "kms:SigningAlgorithm": "ECDSA_SHA_256" },
                },
            },
            {
                Sid: "ReadPublicKey",
                Effect: "Allow",
                Principal: root,
                Action: ["kms:DescribeKey", "kms:GetPublicKey"],
                Resource: "*",
                // The other application has no service, so nothing verifies for it.
                Condition: {
                    ArnEquals: {
                        "aws:PrincipalArn": [
                            role("demo-deploy-production"),
                            role("demo-publish"),
                            role("shop-front-publish"),
                        ],
                    },
                },
            },
        ]);
        assert.equal(administer?.Sid, "AdministerByIam");
        assert.equal(administer.Condition, undefined);
        const uses = administer.Action.filter((action) =>
            /\*|Sign|CreateGrant|GetPublicKey|Crypt|Derive|Mac|DataKey|ReEncrypt/i.test(action),
        );
        assert.deepEqual(uses, []);
        // KMS refuses a policy that its author could not change any more.
        assert.ok(administer.Action.includes("kms:PutKeyPolicy"));
    });

    it("names each role once, in a stable order", () => {
        assert.equal(
            signingKeyPolicy(exampleAccount, ["b", "a"], ["a", "c"]),
            signingKeyPolicy(exampleAccount, ["a", "b"], ["c", "a", "a"]),
        );
    });

    it("is named by its alias in the steps' permissions", () => {
        const condition = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": signingKeyAlias(naming) } };
        const base = {
            Effect: "Allow",
            Resource: ["arn:aws:kms:eu-central-1:123456789012:key/*"],
            Condition: condition,
        };
        assert.deepEqual(signWithKey(exampleAccount, naming), {
            Sid: "SignRelease",
            Action: ["kms:Sign"],
            ...base,
        });
        assert.deepEqual(readSigningKey(exampleAccount, naming), {
            Sid: "ReadSigningKey",
            Action: ["kms:DescribeKey", "kms:GetPublicKey"],
            ...base,
        });
    });
});
