/** GATE-07 for the guards around the approval: what starts them is there and switched on. */
import { about, inconclusive, pass, violation } from "../harness/outcome";
import { filled, valueOf, type ResourceReader } from "../harness/reader";
import type { Outcome, StackOutcome } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";
import { guardsOf, type GuardFunction } from "./guardFunctions";
import { eventRuleType } from "./resourceTypes";
import { enabled } from "./scanRuleDelivery";

/** How a guard is started: by what happens, or by the clock. */
type Occasion = "event" | "clock";

interface Starter {
    occasion: Occasion;
    resource: ResourceReader;
    on: Outcome;
}

/**
 * Every guard but the admission function, which Amazon ECS calls, has something that starts it, and nothing that starts it
 * is switched off. What runs is looked at when it starts and by the clock: an event that is lost is lost for good.
 */
export function guardsAreStarted(graph: StackGraph): StackOutcome[] {
    return guardsOf(graph, "auditor", "importer", "merger", "reviewer").flatMap((guard) => {
        const starters = startersOf(guard, graph);
        if (starters === null) return [];
        const needed: Occasion[] = guard.guards === "auditor" ? ["event", "clock"] : ["event"];
        const missing = needed.filter((each) => !starters.some(({ occasion }) => occasion === each));
        return [
            ...missing.flatMap((each) =>
                about(
                    guard.function,
                    violation(
                        `No ${each === "event" ? "EventBridge rule" : "schedule"} starts ${guard.function.name}, so what it guards goes unnoticed.`,
                        `Add ${each === "event" ? "a rule for its events" : "a schedule"} with the function as its target.`,
                        { findingId: each },
                    ),
                ),
            ),
            ...starters.flatMap(({ resource, on }) => about(resource, on)),
        ];
    });
}

/** Null while it is not known yet what starts the guard. */
function startersOf(guard: GuardFunction, graph: StackGraph): Starter[] | null {
    if (guard.starts.some(({ certain }) => !certain)) return null;
    const starters: Starter[] = [];
    for (const { kind, source } of guard.starts) {
        if (kind === "schedule")
            starters.push({ occasion: "clock", resource: source, on: scheduled(source) });
        if (kind !== "rule") continue;
        const rule = graph.reference(source, ["rule"], [eventRuleType]);
        if (rule.kind !== "exact") return null;
        const occasion = rule.resource.get("eventPattern").kind === "absent" ? "clock" : "event";
        starters.push({ occasion, resource: rule.resource, on: enabled(rule.resource, "what it tells of goes unnoticed") }); // prettier-ignore
    }
    return starters;
}

function scheduled(schedule: ResourceReader): Outcome {
    const state = filled(schedule.string("state"));
    if (state.kind === "unknown")
        return inconclusive(state, `whether the schedule ${schedule.name} is on is not known yet`);
    if (state.kind === "absent" || valueOf(state) === "ENABLED") return pass;
    return violation(
        `The schedule ${schedule.name} is switched off (state is ${valueOf(state) ?? "no text"}), so nobody looks.`,
        "Set state to ENABLED.",
    );
}
