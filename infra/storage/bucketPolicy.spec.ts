import assert from "node:assert/strict";
import type { Account } from "../naming";
import { artifactBucketPolicy, evidenceBucketPolicy } from "./bucketPolicy";

const account: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};

interface Statement {
    Sid: string;
}

function statements(policy: string): Statement[] {
    return (JSON.parse(policy) as { Statement: Statement[] }).Statement;
}

const both = ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"];
const objects = ["arn:aws:s3:::bucket/*"];
const shared = [
    {
        Sid: "OnlyOverTls",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: both,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
        Sid: "OnlyOwnAccount",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: both,
        Condition: { StringNotEquals: { "aws:PrincipalAccount": "123456789012" } },
    },
    {
        Sid: "OnlyKms",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:PutObject"],
        Resource: objects,
        Condition: {
            StringNotEquals: { "s3:x-amz-server-side-encryption": "aws:kms" },
            Null: { "s3:x-amz-server-side-encryption": "false" },
        },
    },
];

describe("bucket policies", () => {
    it("artifacts: TLS, own account, KMS", () => {
        assert.deepEqual(statements(artifactBucketPolicy(account, "bucket")), shared);
    });

    it("evidence: besides that, never deleted and written once", () => {
        assert.deepEqual(statements(evidenceBucketPolicy(account, "bucket")), [
            ...shared,
            {
                Sid: "NeverDelete",
                Effect: "Deny",
                Principal: "*",
                Action: ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"],
                Resource: objects,
            },
            {
                Sid: "WriteOnce",
                Effect: "Deny",
                Principal: "*",
                Action: ["s3:PutObject"],
                Resource: objects,
                Condition: {
                    Null: { "s3:if-none-match": "true" },
                    Bool: { "s3:ObjectCreationOperation": "true" },
                },
            },
        ]);
    });
});
