import assert from "node:assert/strict";
import { exampleAccount, exampleTopicArns } from "../application/testing/examplePlatform";
import { alarmTopicPolicy, announcementPolicy, type Subscriber } from "./topicPolicy";

const role = (app: string) => `arn:aws:iam::123456789012:role/portcullis-dev-${app}-delivery`;
const recorder: Subscriber = {
    protocol: "lambda",
    functionArn: "arn:aws:lambda:eu-central-1:123456789012:function:recorder",
};

function onlyOverTls(topicArn: string) {
    return {
        Sid: "OnlyOverTls",
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
}

describe("announcementPolicy", () => {
    const topic = exampleTopicArns.gate;

    it("lets exactly the pipelines publish, over TLS, and the recorder alone subscribe", () => {
        const publish = { Action: "sns:Publish", Resource: topic };
        assert.deepEqual(
            JSON.parse(announcementPolicy(exampleAccount, topic, [role("shop"), role("demo")], recorder)),
            {
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
                        Sid: "OnlyTheRecorderSubscribes",
                        Effect: "Deny",
                        Principal: "*",
                        Action: "sns:Subscribe",
                        Resource: topic,
                        Condition: { StringNotEquals: { "sns:Endpoint": recorder.functionArn } },
                    },
                    onlyOverTls(topic),
                ],
            },
        );
    });

    it("for people lets anybody subscribe by e-mail whom IAM lets, and by nothing else", () => {
        const policy = announcementPolicy(exampleAccount, exampleTopicArns.people, [role("demo")], {
            protocol: "email",
        });
        const { Statement } = JSON.parse(policy) as { Statement: { Sid: string; Action: string }[] };
        assert.deepEqual(
            Statement.filter(({ Action }) => Action === "sns:Subscribe"),
            [
                {
                    Sid: "OnlyByEmail",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "sns:Subscribe",
                    Resource: exampleTopicArns.people,
                    Condition: { StringNotEquals: { "sns:Protocol": "email" } },
                },
            ],
        );
    });

    it("does not depend on the order of the applications", () => {
        assert.equal(
            announcementPolicy(exampleAccount, topic, [role("a"), role("b")], recorder),
            announcementPolicy(exampleAccount, topic, [role("b"), role("a")], recorder),
        );
    });

    it("is refused without a publisher", () => {
        assert.throws(
            () => announcementPolicy(exampleAccount, topic, [], recorder),
            new Error("an approval topic needs at least one pipeline that may publish to it"),
        );
    });
});

describe("alarmTopicPolicy", () => {
    it("lets the stack's own alarms publish, and nobody who is not a service", () => {
        const topic = "arn:aws:sns:eu-central-1:123456789012:portcullis-dev-gate-alarms";
        assert.deepEqual(JSON.parse(alarmTopicPolicy(exampleAccount, topic, "portcullis-dev-")), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "AlarmsPublish",
                    Effect: "Allow",
                    Principal: { Service: "cloudwatch.amazonaws.com" },
                    Action: "sns:Publish",
                    Resource: topic,
                    Condition: {
                        StringEquals: { "aws:SourceAccount": "123456789012" },
                        ArnLike: {
                            "aws:SourceArn":
                                "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:portcullis-dev-*",
                        },
                    },
                },
                {
                    Sid: "OnlyServicesPublish",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "sns:Publish",
                    Resource: topic,
                    Condition: { Bool: { "aws:PrincipalIsAWSService": "false" } },
                },
                onlyOverTls(topic),
            ],
        });
    });
});
