/** What the rules of the approval gate share: which approvals they judge. */
import { about, notApplicable } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { StackOutcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { automaticGates, functionsOf, type ApprovalGate, type GateFunction } from "../../gate/gateModel";

const none = notApplicable("no approval of the stack is answered by a function");

/** Judges every approval that a function answers, or is meant to. */
export function onAutomaticGates(
    graph: StackGraph,
    judge: (gate: ApprovalGate) => StackOutcome[],
): StackOutcome[] {
    const gates = automaticGates(graph);
    return gates.length > 0 ? gates.flatMap(judge) : about(null, none);
}

/** Judges every function that hears of an approval or answers it, once, however many approvals share it. */
export function onGateFunctions(
    graph: StackGraph,
    judge: (each: GateFunction) => StackOutcome[],
): StackOutcome[] {
    return judgedOnce(automaticGates(graph).flatMap(functionsOf), judge);
}

/** Judges every function that answers an approval, once. */
export function onDeciders(graph: StackGraph, judge: (each: GateFunction) => StackOutcome[]): StackOutcome[] {
    return judgedOnce(
        automaticGates(graph).flatMap((gate) => gate.deciders.certain),
        judge,
    );
}

function judgedOnce(
    functions: readonly GateFunction[],
    judge: (each: GateFunction) => StackOutcome[],
): StackOutcome[] {
    const seen = new Map<ResourceReader, GateFunction>(functions.map((each) => [each.function, each]));
    return seen.size > 0 ? [...seen.values()].flatMap(judge) : about(null, none);
}
