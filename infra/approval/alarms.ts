/** What of the gate is watched: as data, so that a spec can read the whole list. */
import { functionNames } from "../../lambdas/bundle";
import { metricsNamespace, type alarmingFacts } from "../../gate/approval/effects";
import type { ApprovalNames } from "./approvalNames";

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

/** Milliseconds that a change of the table may wait for the function: a fifth of the hour for which it is kept trying. */
const streamAgeMilliseconds = 12 * 60 * 1_000;

/** What each fact means that needs a person. */
const alarming: Record<(typeof alarmingFacts)[number], string> = {
    RequestUnreadable:
        "An approval request could not be read and was rejected: somebody changed the pipeline",
    AnsweredByOthers: "A gate approval was answered by somebody who is not the gate",
    RequestOverdue: "An approval request is still open after it had to be decided",
};

/** Everything that raises an alarm at once. A number that nobody reports is no alarm. */
export function watchedNumbers(names: ApprovalNames): Watched[] {
    return [
        ...functionNames.flatMap((part): Watched[] => {
            const dimensions = { FunctionName: names.functions[part].name };
            const base = {
                namespace: "AWS/Lambda",
                dimensions,
                statistic: "Sum" as const,
                from: 1,
                periods: 1,
            };
            return [
                {
                    ...base,
                    name: `${part}-errors`,
                    metric: "Errors",
                    description: `The function ${part} of the approval gate fails`,
                },
                {
                    ...base,
                    name: `${part}-throttles`,
                    metric: "Throttles",
                    // When many images are scanned anew at once, events have to wait for a while; that is no failure.
                    periods: 3,
                    description: `The function ${part} of the approval gate is not allowed to run`,
                },
            ];
        }),
        ...functionNames.map((part): Watched => ({
            name: `${part}-failed`,
            namespace: "AWS/SQS",
            metric: "ApproximateNumberOfMessagesVisible",
            dimensions: { QueueName: names.functions[part].failed.name },
            statistic: "Maximum",
            from: 1,
            periods: 1,
            description: `An event for the function ${part} of the approval gate could not be handled`,
        })),
        {
            name: "stream-age",
            namespace: "AWS/Lambda",
            metric: "IteratorAge",
            dimensions: { FunctionName: names.functions["scan-event"].name },
            statistic: "Maximum",
            from: streamAgeMilliseconds,
            periods: 1,
            description: "Approval requests wait for the function that decides",
        },
        ...Object.entries(alarming).map(([metric, description]): Watched => ({
            name: metric.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase(),
            namespace: metricsNamespace,
            metric,
            dimensions: { service: names.service },
            statistic: "Sum",
            from: 1,
            periods: 1,
            description,
        })),
    ];
}
