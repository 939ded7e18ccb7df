/** How long the automatic gates of a stack wait for their answer. */
import type { StackGraph } from "../harness/stackGraph";
import { automaticGates } from "./gateModel";

/** Seconds after which the first of the approvals ends; the service's default is seven days. */
export function approvalSeconds(
    graph: StackGraph,
): { seconds: number; label: string } | { property: string } {
    let least = { seconds: Number.POSITIVE_INFINITY, label: "" };
    for (const { action } of automaticGates(graph)) {
        const minutes = action.reader.number("timeoutInMinutes");
        if (minutes.kind === "unknown" || minutes.kind === "malformed") return { property: minutes.property };
        const seconds = 60 * (minutes.kind === "known" ? minutes.value : 10_080);
        if (seconds < least.seconds) least = { seconds, label: `${action.stage}/${action.name}` };
    }
    return least;
}
