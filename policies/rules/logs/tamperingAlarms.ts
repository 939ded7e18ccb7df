/** LOG-03: whoever turns the gate off is heard. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";

const trailType = "aws:cloudtrail/trail:Trail";
const metricFilterType = "aws:cloudwatch/logMetricFilter:LogMetricFilter";
const metricAlarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";
const eventRuleType = "aws:cloudwatch/eventRule:EventRule";
const eventTargetType = "aws:cloudwatch/eventTarget:EventTarget";

/** Calls by which the gate is changed, answered or blinded. */
const watchedCalls = [
    "UpdatePipeline",
    "PutApprovalResult",
    "PutRegistryScanningConfiguration",
    "StopLogging",
];

interface Watch {
    text: string;
    /** Whether somebody hears of a match. */
    heard: boolean;
}

/** Filters of the trail's log group with an alarm on their metric that acts. */
function filterWatches(graph: StackGraph): Watch[] {
    const alarmed = new Set(
        graph.ofType(metricAlarmType).flatMap((alarm) => {
            const actions = alarm.list("alarmActions");
            const acts = actions.kind === "unknown" || (actions.kind === "known" && actions.value.length > 0);
            const name = valueOf(alarm.string("metricName"));
            return acts && name !== undefined ? [name] : [];
        }),
    );
    return graph.ofType(metricFilterType).flatMap((filter) => {
        const pattern = valueOf(filter.string("pattern"));
        const metric = valueOf(filter.string("metricTransformation", "name"));
        return pattern === undefined
            ? []
            : [{ text: pattern, heard: metric !== undefined && alarmed.has(metric) }];
    });
}

/** Rules on calls that the trail records (`AWS API Call via CloudTrail`), with a target. */
function ruleWatches(graph: StackGraph): Watch[] {
    return graph.ofType(eventRuleType).flatMap((rule) => {
        const pattern = rule.json("eventPattern");
        if (pattern.kind !== "known") return [];
        const names = pattern.value.strings("detail", "eventName");
        if (names.kind !== "known") return [];
        const { certain } = graph.referrers(rule, [eventTargetType], "rule");
        const enabled = valueOf(rule.string("state")) !== "DISABLED";
        return names.value.values.map((text) => ({ text, heard: enabled && certain.length > 0 }));
    });
}

/** A filter or rule whose text the preview does not know may be the one that is missing. */
function firstUnknown(graph: StackGraph): ResourceReader | undefined {
    return (
        graph.ofType(metricFilterType).find((filter) => filter.get("pattern").kind === "unknown") ??
        graph.ofType(eventRuleType).find((rule) => rule.get("eventPattern").kind === "unknown")
    );
}

function judge(graph: StackGraph): Outcome {
    const watches = [...filterWatches(graph), ...ruleWatches(graph)];
    const unheard = watchedCalls.filter(
        (call) => !watches.some(({ text, heard }) => heard && new RegExp(`\\b${call}\\b`).test(text)),
    );
    if (unheard.length === 0) return pass;
    const open = firstUnknown(graph);
    if (open)
        return inconclusive(
            { property: `${open.name}.${open.type === metricFilterType ? "pattern" : "eventPattern"}` },
            "which calls are watched is not known yet",
        );
    return violation(
        `The trail records ${unheard.join(", ")}, and nobody is told.`,
        "Add a metric filter with an alarm, or an EventBridge rule with a target, for these calls.",
    );
}

const trail: ExampleResource = {
    type: trailType,
    name: "trail",
    props: { name: "trail", s3BucketName: "trail", cloudWatchLogsGroupArn: unknown },
};
const filter = (pattern: unknown): ExampleResource => ({
    type: metricFilterType,
    name: "filter",
    props: {
        name: "tampering",
        logGroupName: "trail",
        pattern,
        metricTransformation: { name: "Tampering", namespace: "Gate", value: "1" },
    },
});
const pattern = watchedCalls.map((call) => `($.eventName = ${call})`).join(" || ");
const alarm = (alarmActions: unknown[]): ExampleResource => ({
    type: metricAlarmType,
    name: "alarm",
    props: { metricName: "Tampering", namespace: "Gate", alarmActions },
});
const rule: ExampleResource = {
    type: eventRuleType,
    name: "rule",
    props: {
        name: "tampering",
        eventPattern: JSON.stringify({
            "detail-type": ["AWS API Call via CloudTrail"],
            detail: { eventName: watchedCalls },
        }),
    },
};
const target: ExampleResource = {
    type: eventTargetType,
    name: "target",
    props: { rule: "tampering", arn: "arn:aws:sns:us-east-1:123456789012:alarms" },
};

export const tamperingAlarms: StackRule = {
    level: "stack",
    metadata: {
        id: "LOG-03",
        family: "logs",
        title: "Calls that change or answer the gate raise an alarm",
        rationale:
            "The trail records who changed the pipeline, answered the approval or stopped the logging; without an alarm it is read after the damage.",
        severity: "low",
        remediation:
            "For UpdatePipeline, PutApprovalResult by others than the gate, PutRegistryScanningConfiguration and StopLogging add metric filters on the trail's log group with alarms, or EventBridge rules with a target.",
        references: ["trivy AWS-0147", "CIS AWS 5.0.0 4.5", "OWASP CICD-SEC-10"],
    },
    relevantTypes: [trailType],
    evaluate: (graph) => {
        const trails = graph.ofType(trailType);
        return trails.length === 0
            ? about(null, notApplicable("the stack has no trail"))
            : trails.flatMap((each) => about(each, judge(graph)));
    },
    examples: [
        badExample("a trail that nobody listens to", [trail], "trail"),
        badExample("a filter without an alarm", [trail, filter(pattern)], "trail"),
        badExample("an alarm that tells nobody", [trail, filter(pattern), alarm([])], "trail"),
        badExample("one call is missing", [trail, filter(pattern.replace("StopLogging", "StartLogging")), alarm(["arn:aws:sns:us-east-1:123456789012:alarms"])], "trail"), // prettier-ignore
        badExample("a rule without a target", [trail, rule], "trail"),
        goodExample("a filter and an alarm", [
            trail,
            filter(pattern),
            alarm(["arn:aws:sns:us-east-1:123456789012:alarms"]),
        ]),
        goodExample("a rule with a target", [trail, rule, target]),
        absentExample("no trail in the stack", [filter(pattern)]),
        openExample("not known yet", [trail, filter(unknown)], "trail"),
    ],
};
