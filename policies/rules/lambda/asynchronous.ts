/** Which functions are started without anybody waiting for the answer, and where their failures go. */
import { deadLetterPath, onFailurePath } from "../../gate/failurePath";
import { functionReference, functionStarts, resourcesOf } from "../../gate/functionStart";
import { eventInvokeConfigType, functionType, permissionType } from "../../gate/resourceTypes";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { bucketNotificationType } from "./function";

export interface AsynchronousStart {
    /** The subscription, target, schedule, notification or permission that says so. */
    by: ResourceReader;
    certain: boolean;
}

/** Services that hand over an event and do not wait (AWS Lambda Developer Guide, «Invoking Lambda with events»). */
const handingOver: ReadonlySet<string> = new Set([
    "events.amazonaws.com",
    "s3.amazonaws.com",
    "sns.amazonaws.com",
    "config.amazonaws.com",
    "codecommit.amazonaws.com",
    "ses.amazonaws.com",
]);

/** By function; what only fills a queue or is read from a stream is not among them. */
export function asynchronousStarts(graph: StackGraph): ReadonlyMap<ResourceReader, AsynchronousStart[]> {
    const found = new Map<ResourceReader, AsynchronousStart[]>();
    const add = (resource: ResourceReader, start: AsynchronousStart): void => {
        found.set(resource, [...(found.get(resource) ?? []), start]);
    };
    for (const { kind, source, mapping, certain, function: started } of functionStarts(graph))
        if (kind !== "mapping" && mapping === null) add(started, { by: source, certain });
    const addReference = (reference: Reference, by: ResourceReader): void => {
        for (const started of resourcesOf(reference))
            add(started, { by, certain: reference.kind === "exact" });
    };
    for (const by of graph.ofType(bucketNotificationType)) {
        const list = by.list("lambdaFunctions");
        if (list.kind === "unknown") addReference(graph.reference(by, ["lambdaFunctions"], [functionType]), by); // prettier-ignore
        (valueOf(list) ?? []).forEach((_, index) =>
            addReference(
                functionReference(graph, by, ["lambdaFunctions", index, "lambdaFunctionArn"]).reference,
                by,
            ),
        );
    }
    for (const by of graph.ofType(permissionType))
        if (handingOver.has(valueOf(by.string("principal")) ?? ""))
            addReference(functionReference(graph, by, ["function"]).reference, by);
    return found;
}

export type FailureKept = "yes" | "no" | { unknown: string };

/** Whether what a function fails to handle goes anywhere: by its dead-letter queue or by an invoke configuration. */
export function failuresKept(graph: StackGraph): (resource: ResourceReader) => FailureKept {
    const kept = new Set<ResourceReader>();
    const open = new Map<ResourceReader, string>();
    for (const config of graph.ofType(eventInvokeConfigType)) {
        const { target, property } = onFailurePath(config, graph);
        if (target.kind === "absent") continue;
        const { reference } = functionReference(graph, config, ["functionName"]);
        for (const resource of resourcesOf(reference))
            if (reference.kind === "exact") kept.add(resource);
            else open.set(resource, `${config.name}.functionName`);
        if (reference.kind === "unknown")
            for (const resource of graph.ofType(functionType))
                open.set(resource, `${config.name}.${property}`);
    }
    return (resource) => {
        if (kept.has(resource) || deadLetterPath(resource, graph).target.kind !== "absent") return "yes";
        const property = open.get(resource);
        return property === undefined ? "no" : { unknown: property };
    };
}
