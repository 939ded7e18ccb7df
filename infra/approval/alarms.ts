/** What of the gate is watched: as data, so that a spec can read the whole list. */
import { approvalFunctionNames } from "../../lambdas/bundle";
import { metricsNamespace, type alarmingFacts } from "../../gate/approval/effects";
import { watchedFunction, type Watched } from "../function/alarms";
import type { ApprovalNames } from "./approvalNames";

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
        ...approvalFunctionNames.flatMap((part) =>
            watchedFunction(part, `the function ${part} of the approval gate`, names.functions[part]),
        ),
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
