/** GATE-13 for what the gate itself counts: an answer past it, a request that nobody answers, an override that is used. */
import { alarmType } from "../../gate/resourceTypes";
import type { GateFunction } from "../../gate/gateModel";
import { about, inconclusive, violation } from "../../harness/outcome";
import { is, valueOf, type ResourceReader } from "../../harness/reader";
import type { StackOutcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { gateRole } from "../../pipeline/project";
import { alarmFault } from "./alarmFault";

/** Metrics of Portcullis' own functions that need a person, by what the function is (`gate:role`). */
const factNamespace = "Portcullis";
const approvalFacts = ["RequestUnreadable", "AnsweredByOthers", "RequestOverdue"];
const admissionFacts = [
    "AdmissionRefused",
    "AdmissionFailed",
    "BreakGlassUsed",
    "UnapprovedImageRunning",
    "EvidenceTurnedBad",
];
const factsByRole: Readonly<Record<string, readonly string[]>> = {
    decider: approvalFacts,
    watchdog: approvalFacts,
    admission: admissionFacts,
    auditor: admissionFacts,
};

/** Where a function writes its metrics: namespace and service (Powertools for AWS Lambda). */
function metricsOf(resource: ResourceReader): { namespace: string; service: string } | null {
    const [namespace, service] = ["POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"].map((name) =>
        valueOf(resource.string("environment", "variables", name)),
    );
    return namespace === undefined || service === undefined ? null : { namespace, service };
}

function tagOf({ function: resource, role }: GateFunction): string {
    return gateRole(resource) ?? (role.kind === "exact" ? gateRole(role.resource) : null) ?? "";
}

/** Alarms on metrics of the gate that tell nobody, and facts of Portcullis' functions without an alarm. */
export function factOutcomes(functions: readonly GateFunction[], graph: StackGraph): StackOutcome[] {
    const wanted = new Map<string, { metric: string; service: string; of: ResourceReader }>();
    const namespaces = new Set<string>();
    for (const each of functions) {
        const metrics = metricsOf(each.function);
        if (!metrics) continue;
        namespaces.add(metrics.namespace);
        if (metrics.namespace !== factNamespace) continue;
        for (const metric of factsByRole[tagOf(each)] ?? []) {
            const key = `${metrics.service} ${metric}`;
            if (!wanted.has(key)) wanted.set(key, { metric, service: metrics.service, of: each.function });
        }
    }
    const alarms = graph
        .ofType(alarmType)
        .filter((alarm) => namespaces.has(valueOf(alarm.string("namespace")) ?? ""));
    return [
        ...alarms.flatMap((alarm) => silenced(alarm, graph)),
        ...[...wanted.values()].flatMap(({ metric, service, of }) =>
            alarms.some(
                (alarm) =>
                    is(alarm.string("metricName"), metric) &&
                    is(alarm.string("dimensions", "service"), service),
            )
                ? []
                : about(
                      of,
                      violation(
                          `No alarm tells of ${metric}, which the gate counts under the service ${service}.`,
                          `Add an alarm on ${factNamespace} ${metric} with the dimension service ${service}, statistic Sum, raised from 1 on, with alarmActions that reach people.`,
                          { findingId: metric },
                      ),
                  ),
        ),
    ];
}

function silenced(alarm: ResourceReader, graph: StackGraph): StackOutcome[] {
    const fault = alarmFault(alarm, { stays: false }, graph);
    if (fault === null) return [];
    const metric = valueOf(alarm.string("metricName")) ?? alarm.name;
    if (typeof fault !== "string")
        return about(alarm, inconclusive({ property: fault.unknown }, `whether it tells of ${metric} is not known yet`)); // prettier-ignore
    return about(
        alarm,
        violation(
            `The alarm does not tell of ${metric}, which the gate counts: ${fault}.`,
            "Raise it from 1 on within one period, before the approval ends, with alarmActions that reach people.",
            { findingId: metric },
        ),
    );
}
