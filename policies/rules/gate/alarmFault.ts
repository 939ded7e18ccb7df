/** GATE-13's facts about one alarm: whether it is raised in time, and tells people. */
import type { WatchedMetric } from "../../gate/alarms";
import { approvalSeconds } from "../../gate/approvalSeconds";
import { automaticGates } from "../../gate/gateModel";
import { topicType } from "../../gate/resourceTypes";
import { valueOf, valueOr, type Reading, type ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";

/** What is wrong with an alarm; null when nothing, `unknown` when a value that decides is not known yet. */
export type Fault = string | null | { unknown: string };

/** A number that has to raise the alarm as soon as it is 1. `stays`: it keeps its value until somebody acts. */
export interface Watched extends WatchedMetric {
    stays: boolean;
}

/** Whether 1 raises the alarm and 0 does not: an alarm that is always raised tells nothing when something happens. */
function thresholdFault(alarm: ResourceReader, stays: boolean): Fault {
    const operator = valueOf(alarm.string("comparisonOperator"));
    const threshold = valueOf(alarm.number("threshold"));
    const statistic = valueOf(alarm.string("statistic"));
    const counted = stays ? ["Sum", "Maximum", "Average", "Minimum"] : ["Sum", "Maximum"];
    if (statistic === undefined || !counted.includes(statistic))
        return `its statistic ${statistic ?? "is not set, which"} does not count them`;
    if (threshold === undefined) return "it has no threshold";
    const raised = (value: number): boolean =>
        operator === "GreaterThanThreshold" ? value > threshold : operator === "GreaterThanOrEqualToThreshold" && value >= threshold; // prettier-ignore
    if (!raised(1)) return `${operator ?? "no comparison"} ${threshold} is not raised by one of them`;
    return raised(0) ? `${operator ?? ""} ${threshold} is always raised` : null;
}

/** The properties that `alarmFault` reads. */
const deciding = ["comparisonOperator", "threshold", "statistic", "evaluationPeriods", "datapointsToAlarm", "period", "treatMissingData", "actionsEnabled", "alarmActions"]; // prettier-ignore

/** The shortest time that CodePipeline lets an approval wait, in seconds (`timeoutInMinutes` is at least 5). */
const shortestApproval = 300;

/** Whether the alarm is raised while the approval still waits: the periods that have to be bad are shorter than that. */
function timeFault(alarm: ResourceReader, periods: number, graph: StackGraph): Fault {
    const period = valueOf(alarm.number("period"));
    if (period === undefined) return "it has no period";
    if (periods * period <= shortestApproval) return null;
    const approval = approvalSeconds(graph);
    if ("property" in approval) return { unknown: approval.property };
    return periods * period > approval.seconds
        ? `it is raised after ${periods} periods of ${period} seconds, but ${approval.label} ends after ${approval.seconds}`
        : null;
}

/** Whether all that is told is the topic by which the gate is asked: a function reads it, and people do not. */
function tellsOnlyGate(alarm: ResourceReader, graph: StackGraph): boolean {
    const topics = new Set(
        automaticGates(graph).flatMap(({ people, topics: all }) => (people.length === 0 ? all : [])),
    );
    return graph
        .references(alarm, ["alarmActions"], [topicType])
        .every((action) => action.kind === "exact" && topics.has(action.resource));
}

/** What keeps the alarm from telling people in time that there was one. */
export function alarmFault(
    alarm: ResourceReader,
    { stays }: Pick<Watched, "stays">,
    graph: StackGraph,
): Fault {
    const actions: Reading<unknown[]> = alarm.list("alarmActions");
    if (actions.kind !== "unknown" && (valueOf(actions) ?? []).length === 0)
        return "it tells nobody (alarmActions)";
    if (valueOf(alarm.boolean("actionsEnabled")) === false) return "its actions are switched off (actionsEnabled)"; // prettier-ignore
    const open = deciding.find((name) => alarm.get(name).kind === "unknown");
    if (open !== undefined) return { unknown: open };
    const threshold = thresholdFault(alarm, stays);
    if (threshold !== null) return threshold;
    const periods = valueOr(alarm.number("datapointsToAlarm"), valueOf(alarm.number("evaluationPeriods")) ?? 1); // prettier-ignore
    if (!stays && periods !== 1)
        return `it waits for ${periods ?? "several"} periods in a row, and one failure is over by then`;
    if (valueOf(alarm.string("treatMissingData")) === "breaching")
        return "it is always raised where nothing is reported (treatMissingData)";
    if (tellsOnlyGate(alarm, graph)) return "it tells only the topic of the approvals, which no person reads (alarmActions)"; // prettier-ignore
    return timeFault(alarm, periods ?? 1, graph);
}
