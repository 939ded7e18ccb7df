/** Which target groups something registers itself with. Worked out once per graph. */
import {
    is,
    PropertyReader,
    unknown,
    valueOf,
    type PathSegment,
    type ResourceReader,
} from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import { targetGroupTypes } from "./loadBalancer";

/** What registers targets, with the property that names the group and the values inside it that can be its ARN. */
const registrars: [type: string, property: string, values: (whole: PropertyReader) => PropertyReader[]][] = [
    ["aws:ecs/service:Service", "loadBalancers", ofServices],
    ["aws:ecs/taskSet:TaskSet", "loadBalancers", ofServices],
    ["aws:autoscaling/group:Group", "targetGroupArns", elements],
    ["aws:autoscaling/group:Group", "trafficSources", (whole) => elements(whole).map(at("identifier"))],
    ["aws:autoscaling/attachment:Attachment", "lbTargetGroupArn", (whole) => [whole]],
    ["aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment", "trafficSource", (whole) => [at("identifier")(whole)]],
    ["aws:lb/targetGroupAttachment:TargetGroupAttachment", "targetGroupArn", (whole) => [whole]],
    ["aws:alb/targetGroupAttachment:TargetGroupAttachment", "targetGroupArn", (whole) => [whole]],
]; // prettier-ignore

export interface TargetGroupUse {
    used: { has(group: ResourceReader): boolean };
    /** Who registers with a group. */
    users: ReadonlyMap<ResourceReader, readonly ResourceReader[]>;
    /** Registers with a group that cannot be told. */
    unplaced: ResourceReader[];
}

const cache = new WeakMap<StackGraph, TargetGroupUse>();

export function targetGroupUse(graph: StackGraph): TargetGroupUse {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph)));
    return found;
}

function collect(graph: StackGraph): TargetGroupUse {
    const users = new Map<ResourceReader, ResourceReader[]>();
    const add = (group: ResourceReader, user: ResourceReader) =>
        users.set(group, [...(users.get(group) ?? []), user]);
    const unplaced: ResourceReader[] = [];
    for (const [type, property, values] of registrars) {
        for (const resource of graph.ofType(type)) {
            const whole = resource.get(property);
            if (whole.kind !== "known" && whole.kind !== "unknown") continue;
            const dependencies = graph.dependencies(resource, property, targetGroupTypes);
            for (const group of dependencies) add(group, resource);
            const read =
                whole.kind === "known" ? values(new PropertyReader(whole.value, whole.property)) : [];
            for (const value of read) {
                const text = value.string();
                if (text.kind !== "known") continue;
                const reference = graph.referenceOfValue(text.value, text.property, targetGroupTypes);
                if (reference.kind === "exact") add(reference.resource, resource);
            }
            const open = whole.kind === "unknown" || read.some((value) => value.isUnknown());
            if (open && dependencies.length === 0) unplaced.push(resource);
        }
    }
    return { used: users, users, unplaced };
}

function elements(whole: PropertyReader): PropertyReader[] {
    const list = whole.list();
    return list.kind === "known" ? list.value : [];
}

function at(...path: string[]): (reader: PropertyReader) => PropertyReader {
    return (reader) => {
        const reading = reader.get(...path);
        return new PropertyReader(reading.kind === "unknown" ? unknown : reading.kind === "known" ? reading.value : undefined, reading.property); // prettier-ignore
    };
}

/** Blue/green deployments have a second group. */
function ofServices(whole: PropertyReader): PropertyReader[] {
    return elements(whole).flatMap((each) => [
        at("targetGroupArn")(each),
        at("advancedConfiguration", "alternateTargetGroupArn")(each),
    ]);
}

/** Paths of the target groups that the actions forward to. */
export function forwardPaths(resource: ResourceReader, property: string): PathSegment[][] {
    return (valueOf(resource.list(property)) ?? []).flatMap((action, index) => {
        const groups = valueOf(action.list("forward", "targetGroups")) ?? [];
        return [
            ...(action.get("targetGroupArn").kind === "absent" || is(action.string("targetGroupArn"), "")
                ? []
                : [[property, index, "targetGroupArn"]]),
            ...groups.map((_, group) => [property, index, "forward", "targetGroups", group, "arn"]),
        ];
    });
}
