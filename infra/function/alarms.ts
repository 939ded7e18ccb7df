/** What of a function is watched, as data, so that a spec can read the whole list; and the alarms made of it. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import type { FunctionNames } from "./functionNames";

/** One number that CloudWatch watches. */
export interface Watched {
    /** Last part of the alarm's name. */
    name: string;
    description: string;
    namespace: string;
    metric: string;
    dimensions: Record<string, string>;
    statistic: "Sum" | "Maximum";
    /** The alarm is raised from this value on. */
    from: number;
    /** Periods of five minutes in a row for which it must be so. */
    periods: number;
}

/** Seconds over which a number is watched. */
export const periodSeconds = 300;

/**
 * A function that fails, may not run, or left events in its queue.
 * @param part first part of the alarms' names.
 * @param subject the function in a sentence, e.g. `the function watchdog of the approval gate`.
 */
export function watchedFunction(part: string, subject: string, names: FunctionNames): Watched[] {
    const base = {
        namespace: "AWS/Lambda",
        dimensions: { FunctionName: names.name },
        statistic: "Sum" as const,
        from: 1,
        periods: 1,
    };
    const sentence = `${subject.slice(0, 1).toUpperCase()}${subject.slice(1)}`;
    return [
        { ...base, name: `${part}-errors`, metric: "Errors", description: `${sentence} fails` },
        {
            ...base,
            name: `${part}-throttles`,
            metric: "Throttles",
            // When much happens at once, events have to wait for a while; that is no failure.
            periods: 3,
            description: `${sentence} is not allowed to run`,
        },
        {
            ...base,
            name: `${part}-failed`,
            namespace: "AWS/SQS",
            metric: "ApproximateNumberOfMessagesVisible",
            dimensions: { QueueName: names.failed.name },
            statistic: "Maximum",
            description: `An event for ${subject} could not be handled`,
        },
    ];
}

/** A topic that alarms are sent to, and its policy, without which CloudWatch may not. */
export interface AlarmTopic {
    topic: aws.sns.Topic;
    policy: aws.sns.TopicPolicy;
}

export interface AlarmsArgs {
    /** First part of the alarms' names after the stack's own. */
    area: string;
    watched: Watched[];
    alarmTopic: AlarmTopic;
    platform: Pick<Platform, "naming" | "tags">;
}

/** One alarm for each number. A number that nobody reports is no alarm. */
export class Alarms extends pulumi.ComponentResource {
    constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:function:Alarms", name, {}, opts);
        const { naming, tags } = args.platform;
        const { topic, policy } = args.alarmTopic;
        for (const watched of args.watched) {
            const physicalName = naming.physical("alarm", args.area, watched.name);
            new aws.cloudwatch.MetricAlarm(
                `${name}-${watched.name}`,
                {
                    name: physicalName,
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
                    alarmActions: [topic.arn],
                    okActions: [topic.arn],
                    tags: tags.tagsFor(physicalName),
                },
                { parent: this, dependsOn: [policy] },
            );
        }
        this.registerOutputs({});
    }
}
