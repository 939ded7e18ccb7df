/** Where events go that a function could not handle. */
import { filled, type ResourceReader } from "../harness/reader";
import type { Reference, StackGraph } from "../harness/stackGraph";
import { functionReference, resourcesOf, type FunctionStart } from "./functionStart";
import { eventInvokeConfigType, eventTargetType, functionType, queueType, topicType } from "./resourceTypes";

/** A place for failed events, as one property declares it. */
export interface FailurePath {
    /** The function, event-invoke configuration, mapping, event target or queue that declares it. */
    source: ResourceReader;
    property: string;
    /** A queue, topic or function; `absent` when nothing is declared. */
    target: Reference;
}

const destinationTypes = [queueType, topicType, functionType];

function place(
    resource: ResourceReader,
    path: readonly string[],
    types: readonly string[],
    graph: StackGraph,
): FailurePath {
    const property = path.join(".");
    const target: Reference =
        filled(resource.string(...path)).kind === "absent"
            ? { kind: "absent", property }
            : graph.reference(resource, path, types);
    return { source: resource, property, target };
}

/** `deadLetterConfig.targetArn` of the function itself. */
export function deadLetterPath(resource: ResourceReader, graph: StackGraph): FailurePath {
    return place(resource, ["deadLetterConfig", "targetArn"], [queueType, topicType], graph);
}

/** Configurations of the function's asynchronous invocations; `possible` where the function is not known yet. */
export function eventInvokeConfigs(
    resource: ResourceReader,
    graph: StackGraph,
): { certain: ResourceReader[]; possible: ResourceReader[] } {
    const result: { certain: ResourceReader[]; possible: ResourceReader[] } = { certain: [], possible: [] };
    for (const config of graph.ofType(eventInvokeConfigType)) {
        const { reference } = functionReference(graph, config, ["functionName"]);
        if (reference.kind === "exact" && reference.resource === resource) result.certain.push(config);
        else if (reference.kind === "unknown" || resourcesOf(reference).includes(resource))
            if (reference.kind !== "exact") result.possible.push(config);
    }
    return result;
}

/** `destinationConfig.onFailure` of an event-invoke configuration. */
export function onFailurePath(config: ResourceReader, graph: StackGraph): FailurePath {
    return place(config, ["destinationConfig", "onFailure", "destination"], destinationTypes, graph);
}

/** `destinationConfig.onFailure` of an event source mapping; streams have no other way to lose a batch on purpose. */
export function mappingFailurePath(mapping: ResourceReader, graph: StackGraph): FailurePath {
    return place(mapping, ["destinationConfig", "onFailure", "destinationArn"], destinationTypes, graph);
}

/** `deadLetterConfig.arn` of an event target. */
export function targetFailurePath(target: ResourceReader, graph: StackGraph): FailurePath {
    return place(target, ["deadLetterConfig", "arn"], [queueType], graph);
}

/** Every place to which something that was meant for the function may go; absent ones are left out. */
export function failurePaths(
    resource: ResourceReader,
    starts: readonly FunctionStart[],
    graph: StackGraph,
): FailurePath[] {
    const configs = eventInvokeConfigs(resource, graph);
    return [
        deadLetterPath(resource, graph),
        ...[...configs.certain, ...configs.possible].map((config) => onFailurePath(config, graph)),
        ...starts.flatMap(({ kind, source }) =>
            kind === "mapping"
                ? [mappingFailurePath(source, graph)]
                : source.type === eventTargetType
                  ? [targetFailurePath(source, graph)]
                  : [],
        ),
    ].filter(({ target }) => target.kind !== "absent");
}
