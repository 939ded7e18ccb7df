/**
 * Functions that guard what happens around the approval: whether a revision may start, what runs, what is found, what is
 * merged and what a pull request is told. They are told by the tag `gate:role` of the function or of its role.
 */
import type { ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { effectivePermissions } from "../iam/effectivePermissions";
import { gateRole, roleType } from "../pipeline/project";
import { gateFunctions } from "./gateFunctions";
import { functionStarts } from "./functionStart";
import type { GateFunction } from "./gateModel";
import { functionType } from "./resourceTypes";

/** What each says; the words of the tag. */
export const guardRoles = ["admission", "auditor", "importer", "merger", "reviewer"] as const;
export type GuardRole = (typeof guardRoles)[number];

export interface GuardFunction extends GateFunction {
    guards: GuardRole;
}

const cache = new WeakMap<StackGraph, GuardFunction[]>();

/** The guards of the stack; worked out once per graph. */
export function guardFunctions(graph: StackGraph): GuardFunction[] {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph)));
    return found;
}

/** The guards of one kind. */
export function guardsOf(graph: StackGraph, ...roles: readonly GuardRole[]): GuardFunction[] {
    return guardFunctions(graph).filter(({ guards }) => roles.includes(guards));
}

/** Roles that the guards of the stack run as. */
export function guardFunctionRoles(graph: StackGraph): Set<ResourceReader> {
    return new Set(
        guardFunctions(graph).flatMap(({ role }) => (role.kind === "exact" ? [role.resource] : [])),
    );
}

/** The functions of the automatic gate, and the guards around it; each once. */
export function everyGateFunction(graph: StackGraph): GateFunction[] {
    const found = new Map<ResourceReader, GateFunction>();
    for (const each of [...gateFunctions(graph), ...guardFunctions(graph)])
        if (!found.has(each.function)) found.set(each.function, each);
    return [...found.values()];
}

function collect(graph: StackGraph): GuardFunction[] {
    return graph.ofType(functionType).flatMap((resource): GuardFunction[] => {
        const role = graph.reference(resource, ["role"], [roleType]);
        const tags = [gateRole(resource), role.kind === "exact" ? gateRole(role.resource) : null];
        const guards = guardRoles.find((each) => tags.includes(each));
        if (guards === undefined) return [];
        const permissions =
            role.kind === "exact"
                ? (effectivePermissions(graph).find(({ principal }) => principal === role.resource) ?? null)
                : null;
        const starts = functionStarts(graph).filter((start) => start.function === resource);
        return [{ function: resource, role, permissions, starts, guards }];
    });
}
