/** What the rules of the approval gate share: which approvals and functions they judge. */
import { about, notApplicable } from "../../harness/outcome";
import type { StackOutcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { automaticGates, type ApprovalGate } from "../../gate/gateModel";

/** Judges every approval that a function answers, or is meant to. */
export function onAutomaticGates(
    graph: StackGraph,
    judge: (gate: ApprovalGate) => StackOutcome[],
): StackOutcome[] {
    return onEach(automaticGates(graph), judge);
}

/** Judges each of them; the rule is not applicable where there is none. */
export function onEach<T>(found: readonly T[], judge: (each: T) => StackOutcome[]): StackOutcome[] {
    return found.length > 0
        ? found.flatMap(judge)
        : about(null, notApplicable("no approval of the stack is answered by a function"));
}
