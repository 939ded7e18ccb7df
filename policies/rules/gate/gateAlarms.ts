/** GATE-13: somebody is told when the gate fails. */
import { alarmsOn, errorsOf, messagesIn, type WatchedMetric } from "../../gate/alarms";
import { approvalSeconds } from "../../gate/approvalSeconds";
import { failedQueues } from "../../gate/failedQueues";
import { everyGateFunction } from "../../gate/guardFunctions";
import { automaticGates } from "../../gate/gateModel";
import { alarmType, functionType, topicType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, valueOr, type Reading, type ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { examples } from "./gateAlarms.examples";

/** What is wrong with an alarm; null when nothing, `unknown` when a value that decides is not known yet. */
type Fault = string | null | { unknown: string };

/** A number that has to raise the alarm as soon as it is 1. `stays`: it keeps its value until somebody acts. */
interface Watched extends WatchedMetric {
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

function alarmFault(alarm: ResourceReader, { stays }: Watched, graph: StackGraph): Fault {
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

/** An alarm of the stack that computes with the metric: what it makes of it is not worked out here. */
function computesWith({ namespace, metric, dimension, resource }: WatchedMetric, graph: StackGraph): boolean {
    return graph.ofType(alarmType).some((alarm) => {
        const queries = alarm.list("metricQueries");
        return (valueOf(queries) ?? []).some(
            (query) =>
                valueOf(query.string("metric", "namespace")) === namespace &&
                valueOf(query.string("metric", "metricName")) === metric &&
                valueOf(query.string("metric", "dimensions", dimension)) === valueOf(resource.string("name")),
        );
    });
}

function judged(watched: Watched, graph: StackGraph): StackOutcome[] {
    const { resource } = watched;
    const what = watched.stays ? `an event of the gate that failed and waits in ${resource.name}` : `a failure of ${resource.name}`; // prettier-ignore
    const { certain, possible } = alarmsOn(watched, graph);
    const faults = certain.map((alarm) => ({ alarm, fault: alarmFault(alarm, watched, graph) }));
    if (faults.some(({ fault }) => fault === null)) return [];
    const [open] = faults.filter(({ fault }) => typeof fault === "object");
    if (open || possible.length > 0) {
        const property =
            open && typeof open.fault === "object" && open.fault ? open.fault.unknown : "dimensions";
        return about(open?.alarm ?? possible[0] ?? resource, inconclusive({ property }, `whether it tells of ${what} is not known yet`)); // prettier-ignore
    }
    if (certain.length === 0 && computesWith(watched, graph))
        return about(resource, inconclusive({ property: "metricQueries" }, `whether an alarm that computes with it tells of ${what} cannot be told`)); // prettier-ignore
    const { metric, namespace, dimension } = watched;
    const fix = `Add an alarm on ${namespace} ${metric} with the dimension ${dimension}, statistic Sum${watched.stays ? " or Maximum" : ""}, raised from 1 on within one period and before the approval ends, with alarmActions that reach people.`;
    const [faulty] = faults;
    if (faulty && typeof faulty.fault === "string")
        return about(faulty.alarm, violation(`The alarm does not tell of ${what}: ${faulty.fault}.`, fix, { findingId: `${resource.name}|${metric}` })); // prettier-ignore
    return about(resource, violation(`No alarm tells of ${what} (${metric}).`, fix, { findingId: metric }));
}

export const gateAlarms: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-13",
        family: "gate",
        title: "Somebody is told when the gate fails",
        rationale:
            "A gate that fails closed and in silence is found when releases hang, and is then switched off. Errors of its functions and events in their dead-letter queues have to reach people while the approval still waits.",
        severity: "medium",
        remediation:
            "Give each function of the gate, and each that guards what happens around it, an alarm on `Errors` and each of their dead-letter queues one on `ApproximateNumberOfMessagesVisible`: raised from 1 on and before the approval ends, missing data not breaching, `alarmActions` with a topic that people read (not the approvals' own), `actionsEnabled` not false.",
        references: ["OWASP CICD-SEC-10", "CKV_AWS_319"],
    },
    relevantTypes: [functionType],
    evaluate: (graph) => {
        const functions = everyGateFunction(graph);
        if (functions.length === 0) return about(null, notApplicable("no function is part of a gate"));
        const outcomes = [
            ...functions.map((each) => ({ ...errorsOf(each.function), stays: false })),
            ...[...failedQueues(graph, functions).keys()].map((queue) => ({
                ...messagesIn(queue),
                stays: true,
            })),
        ].flatMap((watched) => judged(watched, graph));
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
