import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { applicationNames } from "../application/applicationNames";
import type { Platform } from "../application/platform";
import type { AlarmTopic } from "../function/alarms";
import type { StackConfig } from "../config/schema";
import { trust } from "../iamStatement";
import { notificationNames, type NotificationNames } from "./notificationNames";
import { notificationTopicPolicy } from "./topicPolicy";

/**
 * What people are told of a delivery pipeline: somebody is asked for an approval (the gate too, which answers by itself),
 * an approval was refused, the execution failed or was stopped, or all of it succeeded, which means that the image is
 * published and, where there is a service, deployed. Ids from the Developer Tools console User Guide, "Events for
 * notification rules on pipelines".
 */
export const eventTypeIds = [
    "codepipeline-pipeline-manual-approval-failed",
    "codepipeline-pipeline-manual-approval-needed",
    "codepipeline-pipeline-pipeline-execution-canceled",
    "codepipeline-pipeline-pipeline-execution-failed",
    "codepipeline-pipeline-pipeline-execution-succeeded",
] as const;

export interface NotificationsArgs {
    platform: Platform;
    /** Where the gate's alarms go; the Slack channel is told them as well. */
    alarmTopic: AlarmTopic;
    /** The delivery pipelines: a rule is about one that exists. */
    pipelines: { application: string; pipeline: aws.codepipeline.Pipeline }[];
}

/** Whether anybody is to be told. */
export function tellsSomebody({
    notifications: { emails, slack },
}: Pick<StackConfig, "notifications">): boolean {
    return emails.length > 0 || slack !== undefined;
}

/** Tells people by e-mail, and a Slack channel, what happens in the delivery pipelines. */
export class Notifications extends pulumi.ComponentResource {
    readonly names: NotificationNames;

    constructor(name: string, args: NotificationsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:notifications:Notifications", name, {}, opts);
        const { platform, alarmTopic, pipelines } = args;
        const { account, naming, config, tags, pipelineKey } = platform;
        const names = notificationNames(account, naming);
        this.names = names;

        const topic = new aws.sns.Topic(
            `${name}-topic`,
            {
                name: names.topic.name,
                displayName: "Releases",
                kmsMasterKeyId: pipelineKey.arn,
                tags: tags.tagsFor(names.topic.name),
            },
            { parent: this, dependsOn: platform.foundations },
        );
        const policy = new aws.sns.TopicPolicy(
            `${name}-topic-policy`,
            { arn: topic.arn, policy: notificationTopicPolicy(account, names.topic.arn) },
            { parent: topic },
        );
        for (const email of [...config.notifications.emails].sort()) {
            new aws.sns.TopicSubscription(
                `${name}-${email}`,
                { topic: topic.arn, protocol: "email", endpoint: email },
                { parent: topic, dependsOn: [policy] },
            );
        }
        for (const { application, pipeline } of pipelines) {
            const physicalName = names.rule(application);
            new aws.codestarnotifications.NotificationRule(
                `${name}-${application}`,
                {
                    name: physicalName,
                    resource: applicationNames(account, naming, application).pipeline.arn,
                    detailType: "FULL",
                    eventTypeIds: [...eventTypeIds],
                    status: "ENABLED",
                    targets: [{ type: "SNS", address: names.topic.arn }],
                    tags: tags.tagsFor(physicalName),
                },
                // The service sends a message to a new target, and refuses one that it may not publish to.
                { parent: this, dependsOn: [topic, policy, pipeline] },
            );
        }
        if (config.notifications.slack !== undefined) {
            this.tellSlack(name, config.notifications.slack, { topic, policy }, alarmTopic, platform);
        }
        this.registerOutputs({ topic: names.topic.name });
    }

    /**
     * Amazon Q Developer in chat applications, which posts what the topics say. Its role may do nothing, and the guardrail
     * denies everything to whatever role a member of the channel would choose: a chat must not become a way to the gate.
     * Without a guardrail the service's default allows administration.
     */
    private tellSlack(
        name: string,
        { workspaceId, channelId }: NonNullable<StackConfig["notifications"]["slack"]>,
        own: AlarmTopic,
        alarms: AlarmTopic,
        { account, tags }: Platform,
    ): void {
        const { chat } = this.names;
        const role = new aws.iam.Role(
            `${name}-chat-role`,
            {
                name: chat.role.name,
                description: "Of the Slack channel that is told about releases; may do nothing",
                assumeRolePolicy: trust("chatbot.amazonaws.com", "OnlyForOurResource", {
                    StringEqualsIfExists: { "aws:SourceAccount": account.accountId },
                }),
                tags: tags.tagsFor(chat.role.name, { "gate:role": "chat" }),
            },
            { parent: this },
        );
        new aws.chatbot.SlackChannelConfiguration(
            `${name}-chat`,
            {
                configurationName: chat.configuration,
                slackTeamId: workspaceId,
                slackChannelId: channelId,
                iamRoleArn: role.arn,
                guardrailPolicyArns: [`arn:${account.partition}:iam::aws:policy/AWSDenyAll`],
                userAuthorizationRequired: true,
                loggingLevel: "ERROR",
                snsTopicArns: [own.topic.arn, alarms.topic.arn],
                tags: tags.tagsFor(chat.configuration),
            },
            { parent: this, dependsOn: [own.policy, alarms.policy] },
        );
    }
}
