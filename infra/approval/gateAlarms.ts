import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import { Alarms, type AlarmTopic } from "../function/alarms";
import { watchedNumbers } from "./alarms";
import type { ApprovalNames } from "./approvalNames";
import { alarmTopicPolicy } from "./topicPolicy";

/** Minutes between two runs of the watchdog. */
export const watchdogMinutes = 5;

/** Runs of the watchdog that may be missing before that is an alarm of its own. */
const missingRuns = 3;

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

        // The one alarm for silence: without the watchdog a lost message or scan event would be waited for in vain. It is
        // raised once when the stack is new, until the watchdog has run.
        const dimensions = { FunctionName: names.functions.watchdog.name };
        const runs = (id: string, metricName: string) => ({
            id,
            returnData: false,
            metric: {
                namespace: "AWS/Lambda",
                metricName,
                dimensions,
                stat: "Sum",
                period: watchdogMinutes * 60,
            },
        });
        const physicalName = naming.physical("alarm", "approval", "watchdog-silent");
        new aws.cloudwatch.MetricAlarm(
            `${name}-watchdog-silent`,
            {
                name: physicalName,
                alarmDescription: `The watchdog of the approval gate has not run for ${missingRuns * watchdogMinutes} minutes`,
                metricQueries: [
                    {
                        id: "successes",
                        expression: "FILL(invocations, 0) - FILL(errors, 0)",
                        label: "Successful runs",
                        returnData: true,
                    },
                    runs("invocations", "Invocations"),
                    runs("errors", "Errors"),
                ],
                comparisonOperator: "LessThanThreshold",
                threshold: 1,
                evaluationPeriods: missingRuns,
                datapointsToAlarm: missingRuns,
                treatMissingData: "breaching",
                alarmActions: [topic.arn],
                okActions: [topic.arn],
                tags: tags.tagsFor(physicalName),
            },
            { parent: this, dependsOn: [policy] },
        );
        this.registerOutputs({ topic: topics.alarms.name });
    }
}
