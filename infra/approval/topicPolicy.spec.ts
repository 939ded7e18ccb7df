import assert from "node:assert/strict";
import { exampleAccount, exampleTopicArn } from "../application/testing/examplePlatform";
import { approvalTopicPolicy } from "./topicPolicy";

const role = (app: string) => `arn:aws:iam::123456789012:role/portcullis-dev-${app}-delivery`;

describe("approvalTopicPolicy", () => {
    it("lets exactly the pipelines publish, over TLS", () => {
        const document = JSON.parse(
            approvalTopicPolicy(exampleAccount, exampleTopicArn, [role("shop"), role("demo")]),
        ) as unknown;
        const publish = { Action: "sns:Publish", Resource: exampleTopicArn };
        assert.deepEqual(document, {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "PipelinesPublish",
                    Effect: "Allow",
                    Principal: { AWS: "arn:aws:iam::123456789012:root" },
                    ...publish,
                    Condition: { ArnEquals: { "aws:PrincipalArn": [role("demo"), role("shop")] } },
                },
                {
                    Sid: "NobodyElsePublishes",
                    Effect: "Deny",
                    Principal: "*",
                    ...publish,
                    Condition: { ArnNotEquals: { "aws:PrincipalArn": [role("demo"), role("shop")] } },
                },
                {
                    Sid: "OnlyOverTls",
                    Effect: "Deny",
                    Principal: "*",
                    ...publish,
                    Condition: { Bool: { "aws:SecureTransport": "false" } },
                },
            ],
        });
    });

    it("does not depend on the order of the applications", () => {
        assert.equal(
            approvalTopicPolicy(exampleAccount, exampleTopicArn, [role("a"), role("b")]),
            approvalTopicPolicy(exampleAccount, exampleTopicArn, [role("b"), role("a")]),
        );
    });

    it("is refused without a publisher", () => {
        assert.throws(
            () => approvalTopicPolicy(exampleAccount, exampleTopicArn, []),
            /at least one pipeline/,
        );
    });
});
