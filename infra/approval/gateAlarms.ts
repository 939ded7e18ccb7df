import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import { watchedNumbers } from "./alarms";
import type { ApprovalNames } from "./approvalNames";
import { alarmTopicPolicy } from "./topicPolicy";
import { watchdogMinutes } from "./watchdogSchedule";

/** Runs of the watchdog that may be missing before that is an alarm of its own. */
const missingRuns = 3;

/** Seconds over which a number is watched. */
const periodSeconds = 300;

export interface GateAlarmsArgs {
    names: ApprovalNames;
    platform: Pick<Platform, "account" | "naming" | "config" | "tags" | "pipelineKey" | "foundations">;
}

/** The gate's alarms, and the encrypted topic that tells the people in `approval.alarmEmails`. */
export class GateAlarms extends pulumi.ComponentResource {
    readonly topic: aws.sns.Topic;

    constructor(name: string, args: GateAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:approval:GateAlarms", name, {}, opts);
        const { names, platform } = args;
        const { account, naming, config, tags, pipelineKey } = platform;
        const { topics } = names;

        this.topic = new aws.sns.Topic(
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
                arn: this.topic.arn,
                policy: alarmTopicPolicy(account, topics.alarms.arn, `${naming.prefix}-`),
            },
            { parent: this.topic },
        );
        for (const email of [...config.approval.alarmEmails].sort()) {
            new aws.sns.TopicSubscription(
                `${name}-${email}`,
                { topic: this.topic.arn, protocol: "email", endpoint: email },
                { parent: this.topic },
            );
        }

        const alarm = (
            part: string,
            inputs: Omit<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmActions" | "okActions" | "tags">,
        ): void => {
            const physicalName = naming.physical("alarm", "approval", part);
            new aws.cloudwatch.MetricAlarm(
                `${name}-${part}`,
                {
                    name: physicalName,
                    alarmActions: [this.topic.arn],
                    okActions: [this.topic.arn],
                    tags: tags.tagsFor(physicalName),
                    ...inputs,
                },
                { parent: this, dependsOn: [policy] },
            );
        };

        for (const watched of watchedNumbers(names)) {
            alarm(watched.name, {
                alarmDescription: watched.description,
                namespace: watched.namespace,
                metricName: watched.metric,
                dimensions: watched.dimensions,
                statistic: watched.statistic,
                comparisonOperator: "GreaterThanOrEqualToThreshold",
                threshold: watched.from,
                period: periodSeconds,
                evaluationPeriods: watched.periods,
                treatMissingData: "notBreaching",
            });
        }

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
        alarm("watchdog-silent", {
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
        });
        this.registerOutputs({ topic: topics.alarms.name });
    }
}
