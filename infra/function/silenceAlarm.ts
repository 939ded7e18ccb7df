import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import type { AlarmTopic } from "./alarms";

/** Runs that may be missing before that is an alarm. */
const missingRuns = 3;

export interface SilenceAlarmArgs {
    /** Parts of the alarm's name after the stack's own. */
    nameParts: string[];
    /** The function in a sentence, e.g. `The watchdog of the approval gate`. */
    subject: string;
    functionName: string;
    /** Minutes between two runs. */
    minutes: number;
    alarmTopic: AlarmTopic;
    platform: Pick<Platform, "naming" | "tags">;
}

/**
 * The alarm for silence: what a schedule runs has not run with success for three times in a row. It is raised once when
 * the stack is new, until the first run.
 */
export function silenceAlarm(
    name: string,
    args: SilenceAlarmArgs,
    opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
    const { nameParts, subject, functionName, minutes, alarmTopic, platform } = args;
    const { naming, tags } = platform;
    const runs = (id: string, metricName: string) => ({
        id,
        returnData: false,
        metric: {
            namespace: "AWS/Lambda",
            metricName,
            dimensions: { FunctionName: functionName },
            stat: "Sum",
            period: minutes * 60,
        },
    });
    const physicalName = naming.physical("alarm", ...nameParts);
    return new aws.cloudwatch.MetricAlarm(
        name,
        {
            name: physicalName,
            alarmDescription: `${subject} has not run for ${missingRuns * minutes} minutes`,
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
            alarmActions: [alarmTopic.topic.arn],
            okActions: [alarmTopic.topic.arn],
            tags: tags.tagsFor(physicalName),
        },
        { ...opts, dependsOn: [alarmTopic.policy] },
    );
}
