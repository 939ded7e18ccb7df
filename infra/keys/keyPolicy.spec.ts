import assert from "node:assert/strict";
import type { Account } from "../naming";
import { anchoreKeyPolicy, pipelineKeyPolicy } from "./keyPolicy";

const account: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};

interface Statement {
    Sid: string;
    Effect: string;
    Principal: Record<string, string>;
    Action: string[];
    Resource: string;
    Condition?: Record<string, Record<string, string | string[]>>;
}

function statements(policy: string): Record<string, Statement> {
    const document = JSON.parse(policy) as { Version: string; Statement: Statement[] };
    assert.equal(document.Version, "2012-10-17");
    return Object.fromEntries(document.Statement.map((statement) => [statement.Sid, statement]));
}

const root = { AWS: "arn:aws:iam::123456789012:root" };
const use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];
const via = (service: string) => `${service}.eu-central-1.amazonaws.com`;

describe("key policies", () => {
    const pipeline = statements(pipelineKeyPolicy(account, "portcullis-dev"));
    const anchore = statements(anchoreKeyPolicy(account, "portcullis-dev"));

    it("has exactly these statements", () => {
        const common = ["AdministerByIam", "UseThroughServices", "GrantToService", "RetireGrantOfService"];
        assert.deepEqual(Object.keys(pipeline), [
            ...common,
            "EncryptLogs",
            "PublishAlarms",
            "PublishNotifications",
        ]);
        assert.deepEqual(Object.keys(anchore), [...common, "EncryptDisks", "GrantDisks", "EncryptLogs"]);
    });

    it("lets IAM administer the keys without using them", () => {
        for (const policy of [pipeline, anchore]) {
            const { Principal, Action, Condition } = policy["AdministerByIam"] as Statement;
            assert.deepEqual(Principal, root);
            assert.equal(Condition, undefined);
            const forbidden = Action.filter((action) =>
                /Decrypt|Encrypt|DataKey|CreateGrant|\*/.test(action),
            );
            assert.deepEqual(forbidden, []);
            // KMS refuses a policy that its author could not change any more.
            assert.ok(Action.includes("kms:PutKeyPolicy"));
        }
    });

    it("lets roles use the pipeline key through these services only", () => {
        assert.deepEqual(pipeline["UseThroughServices"], {
            Sid: "UseThroughServices",
            Effect: "Allow",
            Principal: root,
            Action: use,
            Resource: "*",
            Condition: {
                StringEquals: {
                    "kms:ViaService": [
                        "s3",
                        "ecr",
                        "codebuild",
                        "codepipeline",
                        "sns",
                        "dynamodb",
                        "lambda",
                    ].map(via),
                },
            },
        });
        assert.deepEqual(pipeline["GrantToService"]?.Condition, {
            StringEquals: { "kms:ViaService": ["ecr", "dynamodb", "lambda"].map(via) },
            Bool: { "kms:GrantIsForAWSResource": "true" },
        });
    });

    it("lets roles use the Anchore key through RDS and SSM only", () => {
        assert.deepEqual(anchore["UseThroughServices"]?.Condition, {
            StringEquals: { "kms:ViaService": [via("rds"), via("ssm")] },
        });
        assert.deepEqual(anchore["RetireGrantOfService"], {
            Sid: "RetireGrantOfService",
            Effect: "Allow",
            Principal: root,
            Action: ["kms:RetireGrant"],
            Resource: "*",
            Condition: { StringEquals: { "kms:ViaService": [via("rds")] } },
        });
    });

    it("names a principal * only together with this account and EC2", () => {
        for (const statement of [...Object.values(pipeline), ...Object.values(anchore)]) {
            if (Object.values(statement.Principal).includes("*")) {
                assert.deepEqual(statement.Condition?.["StringEquals"], {
                    "kms:CallerAccount": "123456789012",
                    "kms:ViaService": via("ec2"),
                });
            }
        }
        assert.deepEqual(anchore["GrantDisks"]?.Condition?.["Bool"], { "kms:GrantIsForAWSResource": "true" });
        assert.deepEqual(anchore["GrantDisks"]?.Action, ["kms:CreateGrant"]);
    });

    it("lets CloudWatch Logs encrypt the stack's own log groups only", () => {
        const group = "arn:aws:logs:eu-central-1:123456789012:log-group:";
        assert.deepEqual(pipeline["EncryptLogs"], {
            Sid: "EncryptLogs",
            Effect: "Allow",
            Principal: { Service: via("logs") },
            Action: use,
            Resource: "*",
            Condition: {
                ArnLike: {
                    "kms:EncryptionContext:aws:logs:arn": [
                        `${group}portcullis-dev-*`,
                        `${group}/aws/codebuild/portcullis-dev-*`,
                        `${group}/aws/lambda/portcullis-dev-*`,
                    ],
                },
            },
        });
        assert.deepEqual(anchore["EncryptLogs"]?.Condition?.["ArnLike"], {
            "kms:EncryptionContext:aws:logs:arn": [
                `${group}portcullis-dev-*`,
                `${group}/aws/rds/instance/portcullis-dev-*`,
            ],
        });
    });

    it("lets notification rules publish to encrypted topics, through Amazon SNS", () => {
        assert.deepEqual(pipeline["PublishNotifications"], {
            Sid: "PublishNotifications",
            Effect: "Allow",
            Principal: { Service: "codestar-notifications.amazonaws.com" },
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Resource: "*",
            Condition: { StringEquals: { "kms:ViaService": via("sns") } },
        });
    });

    it("lets CloudWatch publish alarms of this account to encrypted topics", () => {
        assert.deepEqual(pipeline["PublishAlarms"], {
            Sid: "PublishAlarms",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Resource: "*",
            Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        });
    });
});
