/** LAM-10: what is read from a queue or stream and fails neither blocks the rest nor gets lost. */
import { functionReference, mappingSource } from "../../gate/functionStart";
import { eventSourceMappingType, functionType, queueType, tableType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, valueOf, type Reading, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { exampleArn, workerExample } from "./function";

const streamType = "aws:kinesis/stream:Stream";
/** Defaults of Amazon SQS (VisibilityTimeout) and AWS Lambda (Timeout), in seconds. */
const defaultVisibility = 30;
const defaultTimeout = 3;

const queue = (props: Record<string, unknown>): ExampleResource => ({
    type: queueType,
    name: "work",
    props: { name: "work", ...props },
});
const mapping = (props: Record<string, unknown>): ExampleResource => ({
    type: eventSourceMappingType,
    name: "mapping",
    props: {
        functionName: "worker",
        eventSourceArn: exampleArn("sqs", "work"),
        functionResponseTypes: ["ReportBatchItemFailures"],
        ...props,
    },
});
const worker = workerExample({ timeout: 30 });
const stream = {
    eventSourceArn: exampleArn("dynamodb", "table/requests/stream/2026-01-01T00:00:00.000"),
    startingPosition: "TRIM_HORIZON",
    destinationConfig: { onFailure: { destinationArn: exampleArn("sqs", "failed") } },
};

export const eventSources: StackRule = {
    level: "stack",
    metadata: {
        id: "LAM-10",
        family: "lambda",
        title: "Failures of queues and streams neither block the rest nor get lost",
        rationale:
            "One message that cannot be handled is handled again and again with all that came with it; a queue that shows a message too soon has it handled twice.",
        severity: "medium",
        remediation:
            "Set `functionResponseTypes` to `ReportBatchItemFailures`. Give a stream `destinationConfig.onFailure`, and `bisectBatchOnFunctionError` where the function does not report. Make the queue's `visibilityTimeoutSeconds` six times the function's `timeout`.",
        references: [
            "cdk-nag LambdaEventSourceMappingDestination",
            "cdk-nag LambdaEventSourceSQSVisibilityTimeout",
        ],
    },
    relevantTypes: [eventSourceMappingType],
    evaluate: (graph) =>
        graph.ofType(eventSourceMappingType).flatMap((each) => {
            const outcomes = judgeMapping(each, graph);
            return about(each, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    examples: [
        badExample("as long as the function may run", [worker, queue({ visibilityTimeoutSeconds: 30 }), mapping({})], "mapping"), // prettier-ignore
        badExample("one failure is a failure of all", [worker, queue({ visibilityTimeoutSeconds: 180 }), mapping({ functionResponseTypes: [] })], "mapping"), // prettier-ignore
        badExample("what a stream cannot deliver is lost", [worker, mapping({ ...stream, destinationConfig: undefined })], "mapping"), // prettier-ignore
        badExample("one record blocks a shard", [worker, mapping({ ...stream, functionResponseTypes: undefined })], "mapping"), // prettier-ignore
        goodExample("six times, and failures are reported", [worker, queue({ visibilityTimeoutSeconds: 180 }), mapping({})]), // prettier-ignore
        goodExample("the defaults of both", [workerExample(), queue({}), mapping({})]),
        goodExample("one message at a time", [workerExample(), queue({}), mapping({ batchSize: 1, functionResponseTypes: undefined })]), // prettier-ignore
        goodExample("a stream", [worker, mapping(stream)]),
        goodExample("a stream that is halved", [worker, mapping({ ...stream, functionResponseTypes: undefined, bisectBatchOnFunctionError: true })]), // prettier-ignore
        goodExample("a topic of Kafka", [
            worker,
            mapping({
                eventSourceArn: exampleArn("kafka", "cluster/news/1111"),
                topics: ["news"],
                functionResponseTypes: undefined,
                destinationConfig: stream.destinationConfig,
            }),
        ]),
        goodExample("a queue of another stack", [worker, mapping({ eventSourceArn: exampleArn("sqs", "elsewhere") })]), // prettier-ignore
        absentExample("failures are not reported", [worker, queue({ visibilityTimeoutSeconds: 180 }), mapping({ functionResponseTypes: undefined })], "mapping"), // prettier-ignore
        {
            title: "what it reads from is not known yet, by its dependencies a queue",
            shows: "good",
            resources: [
                worker,
                queue({ visibilityTimeoutSeconds: 180 }),
                {
                    ...mapping({ eventSourceArn: unknown }),
                    propertyDependencies: { eventSourceArn: ["work"] },
                },
            ],
            expect: [],
        },
        openExample("what it reads from is not known yet", [worker, mapping({ eventSourceArn: unknown })], "mapping"), // prettier-ignore
        openExample("how long a message is hidden is not known yet", [worker, queue({ visibilityTimeoutSeconds: unknown }), mapping({})], "mapping"), // prettier-ignore
    ],
};

type SourceKind = "queue" | "stream" | "broker" | "other" | { unknown: string };

function sourceKind(each: ResourceReader, graph: StackGraph): SourceKind {
    const given = filled(each.string("eventSourceArn"));
    if (given.kind === "absent")
        return each.get("selfManagedEventSource").kind === "absent" ? "other" : "broker";
    if (given.kind === "known") {
        const service = given.value.split(":")[2];
        if (service === "sqs") return "queue";
        if (service === "dynamodb" || service === "kinesis") return "stream";
        return service === "kafka" ? "broker" : "other";
    }
    const types = new Set(graph.dependencies(each, "eventSourceArn", [queueType, tableType, streamType]).map(({ type }) => type)); // prettier-ignore
    const [only] = types;
    if (only === undefined || types.size > 1) return { unknown: given.property };
    return only === queueType ? "queue" : "stream";
}

function judgeMapping(each: ResourceReader, graph: StackGraph): Outcome[] {
    const kind = sourceKind(each, graph);
    if (typeof kind === "object")
        return [inconclusive({ property: kind.unknown }, "what the function reads from is not known yet")];
    if (kind === "other") return [notApplicable("neither a queue nor a stream")];
    if (kind === "queue") return [...judgeReports(each, "queue"), ...judgeVisibility(each, graph)];
    return [...judgeDestination(each), ...(kind === "stream" ? judgeReports(each, "stream") : [])];
}

/** A batch of one is a message of its own. */
function judgeReports(each: ResourceReader, kind: "queue" | "stream"): Outcome[] {
    if (is(each.number("batchSize"), 1)) return [];
    if (kind === "stream" && is(each.boolean("bisectBatchOnFunctionError"), true)) return [];
    const reports = each.strings("functionResponseTypes");
    if (reports.kind === "known" && reports.value.values.includes("ReportBatchItemFailures")) return [];
    if (reports.kind === "unknown" || (reports.kind === "known" && reports.value.unknownCount > 0))
        return [inconclusive(reports, "whether the function reports what failed is not known yet")];
    return [
        violation(
            `One failure makes ${each.name} deliver the whole batch again (functionResponseTypes has no ReportBatchItemFailures).`,
            'Set functionResponseTypes: ["ReportBatchItemFailures"] and let the function answer with batchItemFailures.',
            { findingId: "functionResponseTypes" },
        ),
    ];
}

function judgeDestination(each: ResourceReader): Outcome[] {
    const destination = filled(each.string("destinationConfig", "onFailure", "destinationArn"));
    // An ARN is an output: not known yet is enough to see that one is set.
    if (destination.kind === "known" || destination.kind === "unknown") return [];
    return [
        violation(
            `What ${each.name} gives up is lost (destinationConfig.onFailure.destinationArn is not set).`,
            "Set destinationConfig: { onFailure: { destinationArn: queue.arn } }.",
            { findingId: "destinationConfig" },
        ),
    ];
}

/** AWS Lambda Developer Guide, «Using Lambda with Amazon SQS»: at least six times the function's timeout. */
function judgeVisibility(each: ResourceReader, graph: StackGraph): Outcome[] {
    const source = mappingSource(graph, each);
    const target = functionReference(graph, each, ["functionName"]).reference;
    if (source.kind !== "exact" || target.kind !== "exact" || target.resource.type !== functionType)
        return [];
    const visibility = source.resource.number("visibilityTimeoutSeconds");
    const timeout = target.resource.number("timeout");
    for (const [resource, reading] of [[source.resource, visibility], [target.resource, timeout]] as const) // prettier-ignore
        if (reading.kind === "unknown")
            return [inconclusive({ property: `${resource.name}.${reading.property}` }, "whether a message is hidden for long enough is not known yet")]; // prettier-ignore
    const hidden = secondsOf(visibility, defaultVisibility);
    const needed = 6 * secondsOf(timeout, defaultTimeout);
    if (hidden >= needed) return [];
    return [
        violation(
            `${source.resource.name} shows a message again after ${hidden} seconds (visibilityTimeoutSeconds), while ${target.resource.name} may still be at it: six times its timeout are ${needed}.`,
            `Set visibilityTimeoutSeconds: ${needed} on ${source.resource.name}.`,
            { findingId: "visibility" },
        ),
    ];
}

function secondsOf(reading: Reading<number>, fallback: number): number {
    return reading.kind === "absent" ? fallback : (valueOf(reading) ?? 0);
}
