import assert from "node:assert/strict";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import {
    connectionApplication,
    deliveredApplication,
    exampleAccount,
    exampleContext,
    examplePlatform,
} from "../application/testing/examplePlatform";
import type { Statement } from "../iamStatement";
import { applicationSteps } from "../pipeline/steps";
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

describe("the signing key's policy and the steps' permissions together", () => {
    const alias = signingKeyAlias(naming);
    const policy = signingKeyPolicy(exampleAccount, [role("demo-publish")], [role("demo-deploy-production")]);
    const everything = [{ Sid: "All", Effect: "Allow" as const, Action: ["kms:*"], Resource: ["*"] }];
    const steps = applicationSteps(exampleContext(deliveredApplication));
    const statementsOf = (name: string) => steps.find((step) => step.name === name)?.statements ?? [];

    async function may(who: string, statements: Statement[], action: string, context = {}): Promise<boolean> {
        const answer = await runSimulation(
            {
                request: {
                    // A role acts as a session of it.
                    principal: who.replace(/:iam:(.*):role\/(.*)$/, ":sts:$1:assumed-role/$2/session"),
                    action,
                    resource: {
                        resource:
                            "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
                        accountId: "123456789012",
                    },
                    contextVariables: { "aws:PrincipalArn": who, "kms:ResourceAliases": [alias], ...context },
                },
                identityPolicies: [{ name: "own", policy: { Version: "2012-10-17", Statement: statements } }],
                serviceControlPolicies: [],
                resourceControlPolicies: [],
                resourcePolicy: JSON.parse(policy) as object,
            },
            {},
        );
        assert.notEqual(answer.resultType, "error", JSON.stringify(answer));
        return answer.resultType !== "error" && answer.overallResult === "Allowed";
    }
    const asCosign = { "kms:MessageType": "DIGEST", "kms:SigningAlgorithm": "ECDSA_SHA_256" };
    const publish = role("demo-publish");
    const deploy = role("demo-deploy-production");
    const administrator = role("administrator").replace("portcullis-dev-", "");

    it("let the publish step sign as cosign does, and the deploy step verify", async () => {
        assert.equal(await may(publish, statementsOf("publish"), "kms:Sign", asCosign), true);
        for (const [who, name] of [
            [publish, "publish"],
            [deploy, "deploy-production"],
        ] as const) {
            for (const action of ["kms:DescribeKey", "kms:GetPublicKey"])
                assert.equal(await may(who, statementsOf(name), action), true, `${name} ${action}`);
        }
    });

    it("let nobody else sign, whatever IAM says, and nobody sign in another way", async () => {
        for (const who of [deploy, administrator, "arn:aws:iam::123456789012:user/mallory"])
            assert.equal(await may(who, everything, "kms:Sign", asCosign), false, who);
        for (const change of [{ "kms:MessageType": "RAW" }, { "kms:SigningAlgorithm": "ECDSA_SHA_384" }])
            assert.equal(await may(publish, everything, "kms:Sign", { ...asCosign, ...change }), false);
        for (const action of ["kms:CreateGrant", "kms:ReplicateKey", "kms:GetPublicKey"])
            assert.equal(await may(administrator, everything, action), false, action);
        assert.equal(await may(administrator, everything, "kms:PutKeyPolicy"), true);
        // The deploy step's own statements do not sign either.
        assert.equal(await may(publish, statementsOf("deploy-production"), "kms:Sign", asCosign), false);
        for (const { name, statements } of steps.filter((step) => step.name !== "publish"))
            assert.equal(await may(publish, statements, "kms:Sign", asCosign), false, name);
    });
});
