/** The queues in which events end that an automatic gate could not handle. */
import { valueOf, type ResourceReader } from "../harness/reader";
import type { Reference, StackGraph } from "../harness/stackGraph";
import { failurePaths } from "./failurePath";
import type { FunctionStart } from "./functionStart";
import { gateFunctions } from "./gateFunctions";
import type { GateFunction } from "./gateModel";
import { queueType, scheduleType, subscriptionType } from "./resourceTypes";

/** Where the service that starts the function puts what it could not deliver; event targets are in `failurePaths`. */
function undelivered({ source }: FunctionStart, graph: StackGraph): Reference[] {
    if (source.type === scheduleType)
        return [graph.reference(source, ["target", "deadLetterConfig", "arn"], [queueType])];
    if (source.type !== subscriptionType) return [];
    const redrive = source.json("redrivePolicy");
    if (redrive.kind === "unknown") return [graph.reference(source, ["redrivePolicy"], [queueType])];
    const arn = redrive.kind === "known" ? valueOf(redrive.value.string("deadLetterTargetArn")) : undefined;
    return arn === undefined ? [] : [graph.referenceOfValue(arn, redrive.property, [queueType])];
}

/** Each queue of the stack once, with the function whose events it keeps. */
export function failedQueues(
    graph: StackGraph,
    functions: readonly GateFunction[] = gateFunctions(graph),
): Map<ResourceReader, ResourceReader> {
    const found = new Map<ResourceReader, ResourceReader>();
    for (const { function: resource, starts } of functions) {
        const references = [
            ...failurePaths(resource, starts, graph).map(({ target }) => target),
            ...starts.flatMap((start) => undelivered(start, graph)),
        ];
        for (const reference of references)
            if (
                reference.kind === "exact" &&
                reference.resource.type === queueType &&
                !found.has(reference.resource)
            )
                // prettier-ignore
                found.set(reference.resource, resource);
    }
    return found;
}
