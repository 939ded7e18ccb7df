/**
 * A gate without a scan action: the approval is answered by a function that scan events of the registry start. It counts
 * only when every link is proven: one function answers exactly this action (GATE-03), an enabled rule that may start it
 * and loses nothing (GATE-07), for the event that the registry really sends (GATE-08).
 */
import type { PackConfiguration } from "../harness/configuration";
import type { ResourceReader } from "../harness/reader";
import type { Outcome } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";
import { gateModel } from "../gate/gateModel";
import { ruleFitsRegistry } from "../gate/registryScanType";
import { rulesStartDecider } from "../gate/scanRuleDelivery";
import { soleDecider } from "../gate/soleDecider";
import type { PipelineAction } from "./pipelineModel";

/** `unknown` names the property of which it depends. */
export type GateProof =
    { kind: "proven" } | { kind: "unknown"; why: string; property: string } | { kind: "none" };

/** Whether the approval is proven to be answered from scan events. */
export function asynchronousGate(
    pipeline: ResourceReader,
    approval: PipelineAction,
    graph: StackGraph,
    configuration: PackConfiguration,
): GateProof {
    const gate = gateModel(graph).gates.find(
        (each) => each.pipeline === pipeline && each.action.property === approval.property,
    );
    if (gate?.kind !== "automatic") return { kind: "none" };
    const [decider] = gate.deciders.certain;
    const outcomes: Outcome[] = [
        soleDecider(gate),
        ...(decider
            ? [...rulesStartDecider(decider, graph), ...ruleFitsRegistry(decider, graph, configuration)].map(
                  ({ outcome }) => outcome,
              )
            : []),
    ];
    if (outcomes.some(({ kind }) => kind === "violation" || kind === "notApplicable"))
        return { kind: "none" };
    const open = outcomes.find((outcome) => outcome.kind === "inconclusive");
    return open ? { kind: "unknown", why: open.why, property: open.property } : { kind: "proven" };
}
