import {
    exampleArns,
    exampleOf,
    functionExample,
    gatePipelineExample,
    gateStack,
    gateStackWithout,
} from "../../gate/exampleGate";
import { alarmType, functionType, queueType, scheduleType, subscriptionType } from "../../gate/resourceTypes";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import { approvalAction, completeStages, roleExample, stageExample } from "../../pipeline/exampleResources";

type Properties = Record<string, unknown>;

function alarm(name: string, metric: "errors" | "messages", more: Properties): ExampleResource {
    return exampleOf(alarmType, name, {
        ...(metric === "errors"
            ? { namespace: "AWS/Lambda", metricName: "Errors", dimensions: { FunctionName: "decider" } }
            : {
                  namespace: "AWS/SQS",
                  metricName: "ApproximateNumberOfMessagesVisible",
                  dimensions: { QueueName: "decider-failed" },
              }),
        statistic: "Sum",
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        period: 300,
        evaluationPeriods: 1,
        treatMissingData: "notBreaching",
        alarmActions: [exampleArns.alarms],
        ...more,
    });
}
/** The gate whose approval ends after so many minutes. */
function waiting(timeoutInMinutes: unknown, ...more: ExampleResource[]): ExampleResource[] {
    const approval = approvalAction({ NotificationArn: exampleArns.topic }, { timeoutInMinutes });
    return gateStack(
        gatePipelineExample([stageExample("Approve", approval), ...completeStages.slice(4)]),
        ...more,
    );
}
const errors = (more: Properties, minutes: unknown = 1440) => waiting(minutes, alarm("decider-errors", "errors", more)); // prettier-ignore
const messages = (more: Properties, minutes: unknown = 1440) => waiting(minutes, alarm("decider-queue", "messages", more)); // prettier-ignore
const watchdog = [
    functionExample("watchdog", { deadLetterConfig: undefined }),
    roleExample("watchdog-role", [], "watchdog"),
    exampleOf(queueType, "watchdog-failed"),
    exampleOf(scheduleType, "watchdog-schedule", {
        target: {
            arn: "arn:aws:lambda:eu-central-1:123456789012:function:watchdog",
            deadLetterConfig: { arn: "arn:aws:sqs:eu-central-1:123456789012:watchdog-failed" },
        },
    }),
];

const bad = badExample;
const good = goodExample;
const open = (title: string, resources: ExampleResource[], found = "decider-errors"): RuleExample =>
    openExample(title, resources, found);

const counting = functionExample("decider", {
    environment: {
        variables: { POWERTOOLS_METRICS_NAMESPACE: "Portcullis", POWERTOOLS_SERVICE_NAME: "demo-approval" },
    },
});
const factAlarm = (metricName: string, more: Properties = {}): ExampleResource =>
    alarm(`${metricName}-alarm`, "errors", {
        namespace: "Portcullis",
        metricName,
        dimensions: { service: "demo-approval" },
        ...more,
    });
const facts = ["RequestUnreadable", "AnsweredByOthers", "RequestOverdue"].map((metric) => factAlarm(metric));

export const examples: RuleExample[] = [
    badExample("a fact that the gate counts has no alarm", gateStack(counting, ...facts.slice(1)), "decider"),
    badExample("the alarm on a fact tells nobody", gateStack(counting, ...facts.slice(1), factAlarm("RequestUnreadable", { alarmActions: [] })), "RequestUnreadable-alarm"), // prettier-ignore
    badExample("the alarm on a fact is switched off", gateStack(counting, ...facts.slice(1), factAlarm("RequestUnreadable", { actionsEnabled: false })), "RequestUnreadable-alarm"), // prettier-ignore
    goodExample("each fact that the gate counts has an alarm", gateStack(counting, ...facts)),
    bad("it tells nobody", errors({ alarmActions: [] }), "decider-errors"),
    bad("its actions are switched off", errors({ actionsEnabled: false }), "decider-errors"),
    bad("it counts the runs", errors({ statistic: "SampleCount" }), "decider-errors"),
    bad("raised when there are few errors", errors({ comparisonOperator: "LessThanThreshold" }), "decider-errors"), // prettier-ignore
    bad("raised from the eleventh error on", errors({ comparisonOperator: "GreaterThanThreshold", threshold: 10 }), "decider-errors"), // prettier-ignore
    bad("always raised", errors({ threshold: 0 }), "decider-errors"),
    bad("raised by silence", errors({ treatMissingData: "breaching" }), "decider-errors"),
    bad("three periods in a row", errors({ evaluationPeriods: 3 }), "decider-errors"),
    bad("a threshold that is no number", errors({ threshold: "one" }), "decider-errors"),
    bad("another function's errors", errors({ dimensions: { FunctionName: "recorder" } }), "decider"),
    bad("throttles only", errors({ metricName: "Throttles" }), "decider"),
    bad("messages of another queue", messages({ dimensions: { QueueName: "recorder-failed" } }), "decider-failed"), // prettier-ignore
    bad("messages, and nobody is told", messages({ alarmActions: undefined }), "decider-queue"),
    bad("messages from the hundredth on", messages({ threshold: 100 }), "decider-queue"),
    bad("messages for more than eight hours, after the approval", messages({ evaluationPeriods: 100 }, 480), "decider-queue"), // prettier-ignore
    bad("errors of a day, after the approval", errors({ period: 86_400 }, 480), "decider-errors"),
    bad("an alarm without a period", errors({ period: undefined }), "decider-errors"),
    bad("it tells only the approvals' own topic", errors({ alarmActions: [exampleArns.topic] }), "decider-errors"), // prettier-ignore
    {
        ...bad("a watchdog that nobody watches", gateStack(...watchdog), "watchdog"),
        expect: [
            { resource: "watchdog", kind: "violation" },
            { resource: "watchdog-failed", kind: "violation" },
        ],
    },
    good("errors and lost events", gateStack()),
    good("raised from one on", errors({})),
    good("the largest number of messages, over three periods", messages({ statistic: "Maximum", evaluationPeriods: 3 })), // prettier-ignore
    good("messages for eight hours, as long as the approval", messages({ evaluationPeriods: 96 }, 480)),
    good("one period of a hundred is enough", messages({ evaluationPeriods: 100, datapointsToAlarm: 1 }, 480)), // prettier-ignore
    good("people and the approvals' own topic", errors({ alarmActions: [exampleArns.topic, exampleArns.alarms] })), // prettier-ignore
    good("the approvals' own topic, which people read too", [
        ...errors({ alarmActions: [exampleArns.topic] }),
        {
            type: subscriptionType,
            name: "team",
            props: { topic: exampleArns.topic, protocol: "email", endpoint: "team@example.com" },
        },
    ]),
    good("one of three periods is enough", errors({ evaluationPeriods: 3, datapointsToAlarm: 1 })),
    good("a second alarm tells, the first does not", [
        ...errors({ alarmActions: [] }),
        alarm("again", "errors", {}),
    ]),
    {
        title: "no alarm on the queues",
        shows: "absent",
        resources: gateStackWithout("decider-queue", "recorder-queue"),
        expect: [
            { resource: "recorder-failed", kind: "violation" },
            { resource: "decider-failed", kind: "violation" },
        ],
    },
    {
        title: "no alarm on errors",
        shows: "absent",
        resources: gateStackWithout("decider-errors"),
        expect: [{ resource: "decider", kind: "violation" }],
    },
    {
        title: "a function that is no gate's",
        shows: "absent",
        resources: [exampleOf(functionType, "other")],
        expect: [],
    },
    good("an action that is not known yet", errors({ alarmActions: [unknown] })),
    open("a period that is not known yet", errors({ period: unknown })),
    open("when the approval ends is not known yet", errors({ period: 3600 }, unknown)),
    open("a threshold that is not known yet", errors({ threshold: unknown })),
    open("actions that are not known yet", errors({ alarmActions: unknown })),
    open("which function it watches is not known yet", errors({ dimensions: { FunctionName: unknown } })),
    open(
        "it computes with the errors",
        errors({
            metricName: undefined,
            metricQueries: [
                { id: "rate", expression: "errors / 2", returnData: true },
                { id: "errors", metric: { namespace: "AWS/Lambda", metricName: "Errors", dimensions: { FunctionName: "decider" }, stat: "Sum" } }, // prettier-ignore
            ],
        }),
        "decider",
    ),
];
