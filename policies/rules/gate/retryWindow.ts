/**
 * How long each event for a function is tried again. Defaults: EventBridge User Guide, "How EventBridge retries delivering
 * events" (24 hours); Lambda Developer Guide, "Configuring error handling settings for asynchronous invocation" (six
 * hours) and "Create an event source mapping" (-1: as long as the stream keeps its records, 24 hours for DynamoDB).
 */
import type { GateFunction } from "../../gate/gateModel";
import { functionReference, resourcesOf } from "../../gate/functionStart";
import { eventInvokeConfigType, tableType } from "../../gate/resourceTypes";
import type { Reading, ResourceReader } from "../../harness/reader";
import { mappingSource } from "../../gate/functionStart";
import type { StackGraph } from "../../harness/stackGraph";

const day = 86_400;
const asynchronousDefault = 6 * 3_600;

export interface RetryWindow {
    /** The resource that says so, or the function where nothing does. */
    source: ResourceReader;
    age:
        | { kind: "known"; seconds: number; property: string }
        | { kind: "unknown"; property: string }
        | { kind: "malformed"; property: string };
    what: string;
}

function age(reading: Reading<number>, fallback: number): RetryWindow["age"] {
    const { kind, property } = reading;
    if (kind === "unknown" || kind === "malformed") return { kind, property };
    const seconds = kind === "known" && reading.value !== -1 ? reading.value : fallback;
    return { kind: "known", seconds, property };
}

/** Of the function's event rules, streams and asynchronous invocations. A target without a retry policy is GATE-07's. */
export function retryWindows(gateFunction: GateFunction, graph: StackGraph): RetryWindow[] {
    const windows: RetryWindow[] = [];
    const { function: resource, starts } = gateFunction;
    for (const { kind, source, mapping } of starts) {
        if (mapping !== null) continue;
        if (kind === "rule" && source.get("retryPolicy").kind !== "absent")
            windows.push({ source, age: age(source.number("retryPolicy", "maximumEventAgeInSeconds"), day), what: "a scan event" }); // prettier-ignore
        if (kind === "mapping" && resourcesOf(mappingSource(graph, source)).some(({ type }) => type === tableType))
            windows.push({ source, age: age(source.number("maximumRecordAgeInSeconds"), day), what: "a record of the table's stream" }); // prettier-ignore
    }
    const asynchronous = starts.some(({ kind, mapping }) => kind !== "mapping" && mapping === null);
    if (!asynchronous) return windows;
    const configs = graph
        .ofType(eventInvokeConfigType)
        .filter((each) => resourcesOf(functionReference(graph, each, ["functionName"]).reference).includes(resource)); // prettier-ignore
    const what = "an event that the function could not handle";
    for (const source of configs)
        windows.push({ source, age: age(source.number("maximumEventAgeInSeconds"), asynchronousDefault), what }); // prettier-ignore
    if (configs.length === 0)
        windows.push({
            source: resource,
            age: {
                kind: "known",
                seconds: asynchronousDefault,
                property: "maximumEventAgeInSeconds (default)",
            },
            what,
        });
    return windows;
}
