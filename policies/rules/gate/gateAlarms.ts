/** GATE-13: somebody is told when the gate fails. */
import { alarmsOn, errorsOf, messagesIn, type WatchedMetric } from "../../gate/alarms";
import { failedQueues } from "../../gate/failedQueues";
import { everyGateFunction } from "../../gate/guardFunctions";
import { alarmType, functionType } from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { alarmFault, type Watched } from "./alarmFault";
import { factOutcomes } from "./factAlarms";
import { examples } from "./gateAlarms.examples";

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
            "Give each function of the gate, and each that guards what happens around it, an alarm on `Errors` each fact that the gate counts (`RequestOverdue`, `AnsweredByOthers`, `BreakGlassUsed` …) one of its own, and each of their dead-letter queues one on `ApproximateNumberOfMessagesVisible`: raised from 1 on and before the approval ends, missing data not breaching, `alarmActions` with a topic that people read (not the approvals' own), `actionsEnabled` not false.",
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
        outcomes.push(...factOutcomes(functions, graph));
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
