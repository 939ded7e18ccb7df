/** Alarms of the stack by what they watch. */
import { is, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { alarmType } from "./resourceTypes";

/** What an alarm must watch: a metric of one resource. */
export interface WatchedMetric {
    /** e.g. `AWS/Lambda` */
    namespace: string;
    /** e.g. `Errors` */
    metric: string;
    /** Dimension that names the resource, e.g. `FunctionName`. */
    dimension: string;
    resource: ResourceReader;
}

/** Runs of a function that failed. */
export const errorsOf = (resource: ResourceReader): WatchedMetric => ({
    namespace: "AWS/Lambda",
    metric: "Errors",
    dimension: "FunctionName",
    resource,
});

/** Messages that wait in a queue. */
export const messagesIn = (resource: ResourceReader): WatchedMetric => ({
    namespace: "AWS/SQS",
    metric: "ApproximateNumberOfMessagesVisible",
    dimension: "QueueName",
    resource,
});

/** Alarms on the metric; `possible` where which resource they watch is not known yet. */
export function alarmsOn(
    { namespace, metric, dimension, resource }: WatchedMetric,
    graph: StackGraph,
): { certain: ResourceReader[]; possible: ResourceReader[] } {
    const result: { certain: ResourceReader[]; possible: ResourceReader[] } = { certain: [], possible: [] };
    for (const alarm of graph.ofType(alarmType)) {
        const names = [alarm.string("namespace"), alarm.string("metricName")] as const;
        const wanted = [namespace, metric] as const;
        if (names.some((reading, index) => reading.kind !== "unknown" && !is(reading, wanted[index] ?? "")))
            continue;
        const target = graph.reference(alarm, ["dimensions", dimension], [resource.type]);
        const open = names.some((reading) => reading.kind === "unknown");
        if (target.kind === "exact" && target.resource === resource)
            (open ? result.possible : result.certain).push(alarm);
        else if (
            target.kind === "unknown" ||
            (target.kind === "candidates" && target.resources.includes(resource))
        )
            result.possible.push(alarm);
    }
    return result;
}
