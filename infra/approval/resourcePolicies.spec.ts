import assert from "node:assert/strict";
import { exampleLiterals } from "../application/testing/examplePlatform";
import { approvalNames } from "./approvalNames";
import { failedQueuePolicy } from "../function/queuePolicy";
import { gateTablePolicy } from "./tablePolicy";

const { account, naming } = exampleLiterals();
const names = approvalNames(account, naming);

describe("gateTablePolicy", () => {
    it("lets nobody but the gate write, nobody change part of a record or delete one", () => {
        const table = "arn:aws:dynamodb:eu-central-1:123456789012:table/portcullis-dev-approvals";
        assert.deepEqual(JSON.parse(gateTablePolicy(names)), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "OnlyTheGateWrites",
                    Effect: "Deny",
                    Principal: "*",
                    Action: ["dynamodb:PutItem"],
                    Resource: table,
                    Condition: {
                        ArnNotEquals: {
                            "aws:PrincipalArn": ["recorder", "scan-event", "watchdog"].map(
                                (part) => `arn:aws:iam::123456789012:role/portcullis-dev-approval-${part}`,
                            ),
                        },
                    },
                },
                {
                    Sid: "WholeRecordsOnly",
                    Effect: "Deny",
                    Principal: "*",
                    Action: [
                        "dynamodb:BatchWriteItem",
                        "dynamodb:DeleteItem",
                        "dynamodb:PartiQLDelete",
                        "dynamodb:PartiQLInsert",
                        "dynamodb:PartiQLUpdate",
                        "dynamodb:UpdateItem",
                    ],
                    Resource: table,
                },
            ],
        });
    });
});

describe("failedQueuePolicy", () => {
    const queue = names.functions.recorder.failed;
    const onlyOverTls = {
        Sid: "OnlyOverTls",
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: queue.arn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
    };

    it("lets a service send for our resources only, over TLS", () => {
        const sourceArns = [names.topics.requests.arn];
        assert.deepEqual(
            JSON.parse(
                failedQueuePolicy(queue, [{ sid: "Undelivered", service: "sns.amazonaws.com", sourceArns }]),
            ),
            {
                Version: "2012-10-17",
                Statement: [
                    {
                        Sid: "Undelivered",
                        Effect: "Allow",
                        Principal: { Service: "sns.amazonaws.com" },
                        Action: "sqs:SendMessage",
                        Resource:
                            "arn:aws:sqs:eu-central-1:123456789012:portcullis-dev-approval-recorder-failed",
                        Condition: {
                            ArnEquals: {
                                "aws:SourceArn": [
                                    "arn:aws:sns:eu-central-1:123456789012:portcullis-dev-approvals",
                                ],
                            },
                        },
                    },
                    onlyOverTls,
                ],
            },
        );
    });

    it("lets no service send where only roles of ours do", () => {
        assert.deepEqual(JSON.parse(failedQueuePolicy(queue, [])), {
            Version: "2012-10-17",
            Statement: [onlyOverTls],
        });
    });
});
