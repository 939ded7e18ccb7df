import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { exampleKeyArn, examplePlatform } from "../application/testing/examplePlatform";
import { approvalNames } from "../approval/approvalNames";
import { GateAlarms } from "../approval/gateAlarms";
import { only, recordStack, type RecordedResource } from "../testing/recordedStack";
import { Notifications, tellsSomebody } from "./notifications";

const slack = { workspaceId: "T012345678", channelId: "C012345678" };
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const tags = (Name: string, more: Record<string, string> = {}) => ({
    Team: "delivery",
    Project: "portcullis",
    Stack: "dev",
    ManagedBy: "pulumi",
    Name,
    ...more,
});

async function recorded(notifications: Record<string, unknown>): Promise<RecordedResource[]> {
    const resources = await recordStack(() => {
        const platform = examplePlatform({ notifications });
        const names = approvalNames(platform.account, platform.naming);
        const { alarmTopic } = new GateAlarms("gate", { names, platform });
        const pipelines = ["demo", "shop-front"].map((application) => ({
            application,
            // Stands for a delivery pipeline: a rule has to wait for it.
            pipeline: new aws.codepipeline.Pipeline(`${application}-pipeline`, {
                name: `portcullis-dev-${application}-delivery`,
                roleArn: "arn:aws:iam::123456789012:role/example",
                artifactStores: [],
                stages: [],
            }),
        }));
        new Notifications("notifications", { platform, alarmTopic, pipelines });
    });
    return resources.filter(({ name }) => name.startsWith("notifications"));
}

describe("notifications", () => {
    let resources: RecordedResource[];
    before(async () => {
        resources = await recorded({ emails: ["b@example.com", "a@example.com"], slack });
    });

    it("are these resources and no other", () => {
        assert.deepEqual(
            resources.map(({ type, name }) => `${type} ${name}`).sort(),
            [
                "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration notifications-chat",
                "aws:codestarnotifications/notificationRule:NotificationRule notifications-demo",
                "aws:codestarnotifications/notificationRule:NotificationRule notifications-shop-front",
                "aws:iam/role:Role notifications-chat-role",
                "aws:sns/topic:Topic notifications-topic",
                "aws:sns/topicPolicy:TopicPolicy notifications-topic-policy",
                "aws:sns/topicSubscription:TopicSubscription notifications-a@example.com",
                "aws:sns/topicSubscription:TopicSubscription notifications-b@example.com",
            ].sort(),
        );
    });

    it("go through an encrypted topic, to which notification rules publish and nobody else", () => {
        assert.deepEqual(only(resources, "notifications-topic").inputs, {
            name: "portcullis-dev-notifications",
            displayName: "Releases",
            kmsMasterKeyId: exampleKeyArn,
            tags: tags("portcullis-dev-notifications"),
        });
        const Resource = arn("sns", "portcullis-dev-notifications");
        const deny = { Effect: "Deny", Principal: "*", Action: "sns:Publish", Resource };
        assert.deepEqual(
            JSON.parse(only(resources, "notifications-topic-policy").inputs["policy"] as string),
            {
                Version: "2012-10-17",
                Statement: [
                    {
                        Sid: "NotificationRulesPublish",
                        Effect: "Allow",
                        Principal: { Service: "codestar-notifications.amazonaws.com" },
                        Action: "sns:Publish",
                        Resource,
                        Condition: { StringEqualsIfExists: { "aws:SourceAccount": "123456789012" } },
                    },
                    {
                        ...deny,
                        Sid: "OnlyServicesPublish",
                        Condition: { Bool: { "aws:PrincipalIsAWSService": "false" } },
                    },
                    { ...deny, Sid: "OnlyOverTls", Condition: { Bool: { "aws:SecureTransport": "false" } } },
                ],
            },
        );
    });

    it("tell of each delivery pipeline what waits, fails, is stopped or has been deployed", () => {
        for (const application of ["demo", "shop-front"]) {
            assert.deepEqual(only(resources, `notifications-${application}`).inputs, {
                name: `portcullis-dev-${application}-delivery`,
                resource: arn("codepipeline", `portcullis-dev-${application}-delivery`),
                detailType: "FULL",
                eventTypeIds: [
                    "codepipeline-pipeline-manual-approval-failed",
                    "codepipeline-pipeline-manual-approval-needed",
                    "codepipeline-pipeline-pipeline-execution-canceled",
                    "codepipeline-pipeline-pipeline-execution-failed",
                    "codepipeline-pipeline-pipeline-execution-succeeded",
                ],
                status: "ENABLED",
                targets: [{ type: "SNS", address: arn("sns", "portcullis-dev-notifications") }],
                tags: tags(`portcullis-dev-${application}-delivery`),
            });
        }
    });

    it("reach each person by e-mail", () => {
        assert.deepEqual(only(resources, "notifications-a@example.com").inputs, {
            topic: arn("sns", "portcullis-dev-notifications"),
            protocol: "email",
            endpoint: "a@example.com",
        });
    });

    it("reach a Slack channel with the gate's alarms, and give the channel no way to do anything", () => {
        assert.deepEqual(only(resources, "notifications-chat").inputs, {
            configurationName: "portcullis-dev-notifications",
            slackTeamId: "T012345678",
            slackChannelId: "C012345678",
            iamRoleArn: "arn:aws:iam::123456789012:role/portcullis-dev-notifications-chat",
            guardrailPolicyArns: ["arn:aws:iam::aws:policy/AWSDenyAll"],
            userAuthorizationRequired: true,
            loggingLevel: "ERROR",
            snsTopicArns: [
                arn("sns", "portcullis-dev-notifications"),
                arn("sns", "portcullis-dev-gate-alarms"),
            ],
            tags: tags("portcullis-dev-notifications"),
        });
        const { assumeRolePolicy, ...role } = only(resources, "notifications-chat-role").inputs;
        assert.deepEqual(role, {
            name: "portcullis-dev-notifications-chat",
            description: "Of the Slack channel that is told about releases; may do nothing",
            tags: tags("portcullis-dev-notifications-chat", { "gate:role": "chat" }),
        });
        assert.deepEqual(JSON.parse(assumeRolePolicy as string), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "OnlyForOurResource",
                    Effect: "Allow",
                    Principal: { Service: "chatbot.amazonaws.com" },
                    Action: "sts:AssumeRole",
                    Condition: { StringEqualsIfExists: { "aws:SourceAccount": "123456789012" } },
                },
            ],
        });
        assert.equal(
            resources.filter(({ type }) => /policy/i.test(type) && !/topicPolicy/.test(type)).length,
            0,
        );
    });

    it("leave Slack out where none is named, and are there for whoever is told", async () => {
        const mailed = await recorded({ emails: ["a@example.com"] });
        assert.deepEqual(
            mailed.filter(({ type }) => /chatbot|iam/.test(type)),
            [],
        );
        assert.deepEqual(
            [{ emails: [] }, { emails: ["a@example.com"] }, { emails: [], slack }].map((notifications) =>
                tellsSomebody({ notifications }),
            ),
            [false, true, true],
        );
    });
});
