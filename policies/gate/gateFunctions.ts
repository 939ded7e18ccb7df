/** The functions that an automatic gate is made of, also those that only wake the others. */
import type { ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { gateRole, roleType } from "../pipeline/project";
import { projectsOf } from "../pipeline/projectsOfRole";
import { pipelinesOf } from "../pipeline/identities";
import { automaticGates, functionsOf, gateModel, type Decider, type GateFunction } from "./gateModel";

/** Values of the tag `gate:role` that declare a function, or the role it runs as, to be part of the gate. */
const gateTags = new Set(["recorder", "decider", "watchdog"]);

function isDeclared({ function: resource, role }: GateFunction): boolean {
    const tags = [gateRole(resource), role.kind === "exact" ? gateRole(role.resource) : null];
    return tags.some((tag) => tag !== null && gateTags.has(tag));
}

/**
 * Recorders and deciders by what they do, others by their tag: those stay the gate's where the approval is taken out of the
 * pipeline, which other rules refuse.
 */
export function gateFunctions(graph: StackGraph): GateFunction[] {
    const gates = automaticGates(graph);
    const found = new Map(gates.flatMap(functionsOf).map((each) => [each.function, each]));
    for (const each of gateModel(graph).functions)
        if (isDeclared(each) && !found.has(each.function)) found.set(each.function, each);
    return [...found.values()];
}

/** Functions that answer an automatic gate, each once. */
export function gateDeciders(graph: StackGraph): Decider[] {
    const all = automaticGates(graph).flatMap(({ deciders }) => deciders.certain);
    return [...new Map(all.map((each) => [each.function, each])).values()];
}

/** Roles that belong to functions of the gate and to no build step or pipeline. */
export function gateFunctionRoles(graph: StackGraph): Set<ResourceReader> {
    const roles = gateFunctions(graph).flatMap(({ role }) => (role.kind === "exact" ? [role.resource] : []));
    return new Set(
        roles.filter(
            (role) =>
                role.type === roleType &&
                projectsOf(role, graph).length === 0 &&
                pipelinesOf(role, graph).length === 0,
        ),
    );
}
