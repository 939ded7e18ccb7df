import { changed, exampleOf, functionExample } from "../../gate/exampleGate";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    allow,
    completeStages,
    pipelineStack,
    pushActions,
    repositoryArnExample,
    roleExample,
} from "../../pipeline/exampleResources";
import { roleType } from "../../pipeline/project";
import { keyType } from "../../signing/signingKeys";

const account = "123456789012";
const publishRole = `arn:aws:iam::${account}:role/publish-role`;
const anyKey = `arn:aws:kms:eu-central-1:${account}:key/*`;
const token = `arn:aws:secretsmanager:eu-central-1:${account}:secret:git/token-??????`;
const signing = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/demo-signing" } };
const other = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/demo-data" } };

const administration = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: ["kms:PutKeyPolicy", "kms:DescribeKey"],
    Resource: "*",
};
const signsAs = (arn: string) => ({
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: "kms:Sign",
    Resource: "*",
    Condition: { ArnEquals: { "aws:PrincipalArn": arn } },
});
const keyWith = (policy: unknown): ExampleResource => ({
    type: keyType,
    name: "signing",
    props: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "ECC_NIST_P256", policy },
});
const policyOf = (...statements: unknown[]): string => JSON.stringify({ Statement: statements });
const key = keyWith(policyOf(administration, signsAs(publishRole)));
const alias: ExampleResource = {
    type: "aws:kms/alias:Alias",
    name: "signing-alias",
    props: { name: "alias/demo-signing", targetKeyId: unknown },
    propertyDependencies: { targetKeyId: ["signing"] },
};
const publisher = roleExample(
    "publish-role",
    [allow(pushActions, repositoryArnExample("production")), allow("kms:Sign", anyKey, signing)],
    "publisher",
);
const stack = (...more: ExampleResource[]): ExampleResource[] => [
    ...pipelineStack(completeStages, publisher, ...more.filter(({ name }) => name !== "signing")),
    more.find(({ name }) => name === "signing") ?? key,
    alias,
];
const builder = (...statements: Record<string, unknown>[]) =>
    roleExample("build-role", statements, "builder");
const merger = [
    functionExample("merger", { deadLetterConfig: undefined }),
    roleExample("merger-role", [allow("secretsmanager:GetSecretValue", token)], "merger"),
];

export const examples: RuleExample[] = [
    badExample("the builder signs with every key", stack(builder(allow("kms:Sign", "*"))), "build-role"),
    badExample("the builder signs with this key, by its alias", stack(builder(allow("kms:S*", anyKey, signing))), "build-role"), // prettier-ignore
    badExample("the builder lets others sign", stack(builder(allow("kms:CreateGrant", "*"))), "build-role"),
    badExample("the key's policy lets the build sign", stack(keyWith(policyOf(administration, signsAs(`arn:aws:iam::${account}:role/build-role`)))), "signing"), // prettier-ignore
    badExample(
        "the key's policy leaves signing to IAM",
        stack(keyWith(policyOf({ ...administration, Action: "kms:*" }))),
        "signing",
    ),
    badExample(
        "a service may sign",
        stack(keyWith(policyOf({ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "kms:Sign", Resource: "*" }))), // prettier-ignore
        "signing",
    ),
    badExample(
        "the builder reads the token that merges",
        stack(...merger, builder(allow("secretsmanager:GetSecretValue", "*"))),
        "build-role",
    ),
    badExample(
        "the builder reads a secret that is declared to be the release's",
        stack(
            exampleOf("aws:secretsmanager/secret:Secret", "signing-secret", {
                name: "cosign",
                tags: { "gate:role": "signing" },
            }),
            builder(allow("secretsmanager:GetSecretValue", token.replace("git/token", "cosign"))),
        ),
        "build-role",
    ),
    goodExample("only the publisher signs", stack()),
    goodExample("the builder signs with another key", stack(builder(allow("kms:Sign", anyKey, other)))),
    goodExample("the builder verifies signatures", stack(builder(allow(["kms:Verify", "kms:GetPublicKey"], "*")))), // prettier-ignore
    goodExample(
        "the token is read by those who merge and comment, other secrets by the build",
        stack(
            ...merger,
            functionExample("reviewer", { deadLetterConfig: undefined }),
            roleExample("reviewer-role", [allow("secretsmanager:GetSecretValue", token)], "reviewer"),
            builder(allow("secretsmanager:GetSecretValue", token.replace("git/token", "npm/token"))),
        ),
    ),
    {
        title: "a key without a policy of its own",
        shows: "absent",
        resources: stack(keyWith(undefined)),
        expect: [{ resource: "signing", kind: "violation" }],
    },
    {
        title: "a key that encrypts",
        shows: "absent",
        resources: [changed(key, { keyUsage: undefined }), builder(allow("kms:Sign", "*"))],
        expect: [],
    },
    openExample("the key's policy is not known yet", stack(keyWith(unknown)), "signing"),
    openExample(
        "which key the builder may sign with is not known yet",
        stack(builder(allow("kms:Sign", anyKey.replace("*", "1234")))),
        "build-role",
    ),
    openExample(
        "a policy that is not known yet",
        stack({
            type: roleType,
            name: "build-role",
            props: { name: "build-role", inlinePolicies: [{ policy: unknown }] },
        }),
        "build-role",
    ),
];
