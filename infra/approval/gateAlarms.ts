import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import { Alarms, type AlarmTopic } from "../function/alarms";
import { silenceAlarm } from "../function/silenceAlarm";
import { watchedNumbers } from "./alarms";
import type { ApprovalNames } from "./approvalNames";
import { alarmTopicPolicy } from "./topicPolicy";

/** Minutes between two runs of the watchdog. */
export const watchdogMinutes = 5;

export interface GateAlarmsArgs {
    names: ApprovalNames;
    platform: Pick<Platform, "account" | "naming" | "config" | "tags" | "pipelineKey" | "foundations">;
}

/** The gate's alarms, and the encrypted topic that tells the people in `approval.alarmEmails`. */
export class GateAlarms extends pulumi.ComponentResource {
    readonly alarmTopic: AlarmTopic;

    constructor(name: string, args: GateAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:approval:GateAlarms", name, {}, opts);
        const { names, platform } = args;
        const { account, naming, config, tags, pipelineKey } = platform;
        const { topics } = names;

        const topic = new aws.sns.Topic(
            `${name}-topic`,
            {
                name: topics.alarms.name,
                displayName: "Approval gate alarms",
                kmsMasterKeyId: pipelineKey.arn,
                tags: tags.tagsFor(topics.alarms.name),
            },
            { parent: this, dependsOn: platform.foundations },
        );
        const policy = new aws.sns.TopicPolicy(
            `${name}-topic-policy`,
            {
                arn: topic.arn,
                policy: alarmTopicPolicy(account, topics.alarms.arn, `${naming.prefix}-`),
            },
            { parent: topic },
        );
        for (const email of [...config.approval.alarmEmails].sort()) {
            new aws.sns.TopicSubscription(
                `${name}-${email}`,
                { topic: topic.arn, protocol: "email", endpoint: email },
                { parent: topic },
            );
        }

        this.alarmTopic = { topic, policy };
        new Alarms(
            name,
            {
                area: "approval",
                watched: watchedNumbers(names),
                alarmTopic: this.alarmTopic,
                platform,
            },
            { parent: this },
        );

        // Without the watchdog a lost message or scan event would be waited for in vain.
        silenceAlarm(
            `${name}-watchdog-silent`,
            {
                nameParts: ["approval", "watchdog-silent"],
                subject: "The watchdog of the approval gate",
                functionName: names.functions.watchdog.name,
                minutes: watchdogMinutes,
                alarmTopic: this.alarmTopic,
                platform,
            },
            { parent: this },
        );
        this.registerOutputs({ topic: topics.alarms.name });
    }
}
