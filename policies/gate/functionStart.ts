/** What starts which function of the stack: subscriptions, event rules, event source mappings and schedules. */
import { valueOf, type PathSegment, type ResourceReader } from "../harness/reader";
import type { Reference, StackGraph } from "../harness/stackGraph";
import {
    eventSourceMappingType,
    eventTargetType,
    functionAliasType,
    functionType,
    queueType,
    scheduleType,
    subscriptionType,
    tableType,
} from "./resourceTypes";

export type StartKind = "subscription" | "rule" | "mapping" | "schedule";

/** One way in which a function is started. */
export interface FunctionStart {
    kind: StartKind;
    /** The subscription, event target, event source mapping or schedule. */
    source: ResourceReader;
    function: ResourceReader;
    /** Alias or version that is started; null for the function itself. */
    qualifier: string | null;
    /** False when the value is not known and this function is one of several that it may mean. */
    certain: boolean;
    /** For a subscription or rule that fills a queue: the mapping that empties it into the function. */
    mapping: ResourceReader | null;
}

export interface FunctionReference {
    reference: Reference;
    qualifier: string | null;
}

/**
 * What Lambda takes for a function: its name, a partial ARN (`<account>:function:<name>`) or its ARN, each with or without
 * an alias or version (Lambda API reference, `FunctionName`). First the ARN or name, then the alias or version.
 */
const functionName =
    /^(?:\d{12}:function:|function:)?(arn:[\w-]+:lambda:[^:]*:[^:]*:function:[^:]+|[\w-]+)(?::([^:]+))?$/;

/** The function behind a name or ARN, also through an alias or with a version behind it. */
export function functionReference(
    graph: StackGraph,
    from: ResourceReader,
    path: readonly PathSegment[],
): FunctionReference {
    const given = from.string(...path);
    if (given.kind === "known") {
        const alias = graph.referenceOfValue(given.value, given.property, [functionAliasType]);
        if (alias.kind === "exact" && valueOf(alias.resource.string("arn")) === given.value)
            return behindAlias(graph, alias.resource);
        const named = functionName.exec(given.value);
        if (named?.[1] && (named[2] !== undefined || !given.value.startsWith("arn:"))) {
            const reference = graph.referenceOfValue(named[1], given.property, [functionType]);
            if (named[2] !== undefined || reference.kind === "exact")
                return { reference, qualifier: named[2] ?? null };
        }
    }
    const reference = graph.reference(from, path, [functionType, functionAliasType]);
    if (reference.kind === "exact" && reference.resource.type === functionAliasType)
        return behindAlias(graph, reference.resource);
    if (reference.kind === "candidates") {
        const resources = reference.resources.filter(({ type }) => type === functionType);
        if (resources.length < reference.resources.length)
            return { reference: { kind: "unknown", property: reference.property }, qualifier: null };
    }
    return { reference, qualifier: null };
}

function behindAlias(graph: StackGraph, alias: ResourceReader): FunctionReference {
    return {
        reference: graph.reference(alias, ["functionName"], [functionType]),
        qualifier: valueOf(alias.string("name")) ?? null,
    };
}

/** The queue or table that a mapping reads from. The ARN of a table's stream continues the table's own. */
export function mappingSource(graph: StackGraph, mapping: ResourceReader): Reference {
    const given = mapping.string("eventSourceArn");
    const types = [queueType, tableType];
    if (given.kind !== "known") return graph.reference(mapping, ["eventSourceArn"], types);
    return graph.referenceOfValue(given.value.replace(/\/stream\/.*$/, ""), given.property, types);
}

const cache = new WeakMap<StackGraph, FunctionStart[]>();

/** Every start of every function of the stack; worked out once per graph. Disabled ones are among them. */
export function functionStarts(graph: StackGraph): FunctionStart[] {
    let starts = cache.get(graph);
    if (!starts) cache.set(graph, (starts = collect(graph)));
    return starts;
}

function collect(graph: StackGraph): FunctionStart[] {
    const mappings = graph.ofType(eventSourceMappingType).map((mapping) => ({
        mapping,
        source: mappingSource(graph, mapping),
        target: functionReference(graph, mapping, ["functionName"]),
    }));
    const direct = (kind: StartKind, source: ResourceReader, path: PathSegment[]): FunctionStart[] =>
        startsOf(kind, source, functionReference(graph, source, path), true, null);
    const throughQueue = (kind: StartKind, source: ResourceReader, path: PathSegment[]): FunctionStart[] => {
        const queue = graph.reference(source, path, [queueType]);
        const possible = resourcesOf(queue);
        return mappings.flatMap((each) => {
            const from = resourcesOf(each.source).find((resource) => possible.includes(resource));
            if (!from) return [];
            const certain = queue.kind === "exact" && each.source.kind === "exact";
            return startsOf(kind, source, each.target, certain, each.mapping);
        });
    };
    const both = (kind: StartKind, source: ResourceReader, path: PathSegment[]): FunctionStart[] => [
        ...direct(kind, source, path),
        ...throughQueue(kind, source, path),
    ];
    return [
        ...graph.ofType(subscriptionType).flatMap((each) => both("subscription", each, ["endpoint"])),
        ...graph.ofType(eventTargetType).flatMap((each) => both("rule", each, ["arn"])),
        ...graph.ofType(scheduleType).flatMap((each) => both("schedule", each, ["target", "arn"])),
        ...mappings.flatMap(({ mapping, target }) => startsOf("mapping", mapping, target, true, null)),
    ];
}

function startsOf(
    kind: StartKind,
    source: ResourceReader,
    { reference, qualifier }: FunctionReference,
    certain: boolean,
    mapping: ResourceReader | null,
): FunctionStart[] {
    return resourcesOf(reference).map((resource) => ({
        kind,
        source,
        function: resource,
        qualifier,
        certain: certain && reference.kind === "exact",
        mapping,
    }));
}

/** Resources of the stack that a reference means, or may mean. */
export function resourcesOf(reference: Reference): ResourceReader[] {
    if (reference.kind === "exact") return [reference.resource];
    return reference.kind === "candidates" ? reference.resources : [];
}
