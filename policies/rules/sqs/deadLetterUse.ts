/** Which queues of the stack keep what could not be handled, and for whom. */
import {
    eventInvokeConfigType,
    eventSourceMappingType,
    eventTargetType,
    functionType,
    queueType,
    scheduleType,
    subscriptionType,
} from "../../gate/resourceTypes";
import { filled, type PathSegment, type ResourceReader } from "../../harness/reader";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { eventBusType } from "../eventbridge/eventRule";
import { redrivePolicyType } from "./queue";

/** Where the ARN of a queue for failed messages stands. */
const plainPaths: readonly [type: string, path: PathSegment[]][] = [
    [functionType, ["deadLetterConfig", "targetArn"]],
    [eventInvokeConfigType, ["destinationConfig", "onFailure", "destination"]],
    [eventSourceMappingType, ["destinationConfig", "onFailure", "destinationArn"]],
    [eventTargetType, ["deadLetterConfig", "arn"]],
    [scheduleType, ["target", "deadLetterConfig", "arn"]],
    [eventBusType, ["deadLetterConfig", "arn"]],
];

export interface DeadLetterUse {
    /** What sends its failed messages there. */
    by: ResourceReader;
    /** The queue of which it keeps the messages; null for functions, rules and topics. */
    source: ResourceReader | null;
    certain: boolean;
}

/** Uses by queue; every queue that is one, or may be. */
export function deadLetterUses(graph: StackGraph): ReadonlyMap<ResourceReader, DeadLetterUse[]> {
    const found = new Map<ResourceReader, DeadLetterUse[]>();
    const add = (reference: Reference, by: ResourceReader, source: ResourceReader | null): void => {
        const certain = reference.kind === "exact";
        const queues = certain
            ? [reference.resource]
            : reference.kind === "candidates"
              ? reference.resources
              : [];
        for (const queue of queues)
            if (queue !== source) found.set(queue, [...(found.get(queue) ?? []), { by, source, certain }]);
    };
    for (const [type, path] of plainPaths)
        for (const by of graph.ofType(type)) add(graph.reference(by, path, [queueType]), by, null);
    for (const by of graph.ofType(subscriptionType)) add(redriveTarget(by, graph), by, null);
    for (const by of graph.ofType(queueType)) add(redriveTarget(by, graph), by, by);
    for (const by of graph.ofType(redrivePolicyType)) {
        const source = graph.reference(by, ["queueUrl"], [queueType]);
        add(redriveTarget(by, graph), by, source.kind === "exact" ? source.resource : null);
    }
    return found;
}

/** The queue that a `redrivePolicy` names. */
export function redriveTarget(by: ResourceReader, graph: StackGraph): Reference {
    const property = "redrivePolicy";
    if (filled(by.string(property)).kind === "absent") return { kind: "absent", property };
    const policy = by.json(property);
    if (policy.kind === "unknown") return graph.reference(by, [property], [queueType]);
    const arn = policy.kind === "known" ? policy.value.string("deadLetterTargetArn") : policy;
    if (arn.kind === "known") return graph.referenceOfValue(arn.value, property, [queueType]);
    return { kind: arn.kind === "unknown" ? "unknown" : "absent", property };
}
