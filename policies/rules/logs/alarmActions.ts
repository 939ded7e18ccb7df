/** LOG-04: an alarm tells somebody. */
import { expectValue } from "../../harness/expectation";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";

const alarmTypes = ["aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"];

function actionsOutcome(alarm: ResourceReader): Outcome {
    const actions = alarm.list("alarmActions");
    if (actions.kind === "unknown")
        return inconclusive(actions, "whether the alarm tells anybody is not known yet");
    if (actions.kind === "known" && actions.value.length > 0) return pass;
    const read = actions.kind === "malformed" ? actions.why : "is empty";
    return violation(
        `alarmActions ${read}: the alarm rings where nobody hears it.`,
        "Set alarmActions: [topic.arn].",
        { findingId: "alarmActions" },
    );
}

const alarm = (props: Record<string, unknown>, type = alarmTypes[0]): ExampleResource => ({
    type: type ?? "",
    name: "alarm",
    props,
});
const topic = "arn:aws:sns:us-east-1:123456789012:alarms";

export const alarmActions: ResourceRule = {
    level: "resource",
    metadata: {
        id: "LOG-04",
        family: "logs",
        title: "Alarms tell somebody",
        rationale: "An alarm without an action is a coloured line in a console that nobody looks at.",
        severity: "low",
        remediation: "Set `alarmActions` to a topic with subscribers, and leave `actionsEnabled` true.",
        references: ["checkov CKV_AWS_319", "cdk-nag CloudWatchAlarmAction"],
    },
    types: alarmTypes,
    evaluate: (each) => [
        actionsOutcome(each),
        expectValue(each.boolean("actionsEnabled"), {
            accepts: (enabled) => enabled,
            absent: "accepted",
            consequence: "the actions of the alarm are switched off",
            fix: "Leave actionsEnabled out or set it to true.",
            findingId: "actionsEnabled",
        }),
    ],
    examples: [
        badExample("nobody is told", [alarm({ alarmActions: [] })], "alarm"),
        badExample(
            "actions switched off",
            [alarm({ alarmActions: [topic], actionsEnabled: false })],
            "alarm",
        ),
        badExample("a composite alarm that tells nobody", [alarm({}, alarmTypes[1])], "alarm"),
        goodExample("a topic", [alarm({ alarmActions: [topic] })]),
        goodExample("a topic that is not known yet", [alarm({ alarmActions: [unknown] })]),
        absentExample("no actions", [alarm({})], "alarm"),
        openExample("not known yet", [alarm({ alarmActions: unknown })], "alarm"),
    ],
};
