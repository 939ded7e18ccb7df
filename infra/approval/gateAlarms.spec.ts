import assert from "node:assert/strict";
import { exampleKeyArn, examplePlatform } from "../application/testing/examplePlatform";
import { recordResources, type RecordedResource } from "../testing/recordedStack";
import { approvalNames } from "./approvalNames";
import { GateAlarms } from "./gateAlarms";

const topic = "arn:aws:sns:eu-central-1:123456789012:portcullis-dev-gate-alarms";
const gate = "portcullis-dev-approval";

async function recorded(config: Record<string, unknown> = {}): Promise<RecordedResource[]> {
    const { resources } = await recordResources(() => {
        const platform = examplePlatform(config);
        new GateAlarms("alarms", { names: approvalNames(platform.account, platform.naming), platform });
    });
    return resources;
}

describe("GateAlarms", () => {
    let resources: RecordedResource[];
    let alarms: Record<string, unknown>[];

    before(async () => {
        resources = await recorded({ approval: { alarmEmails: ["two@example.com", "one@example.com"] } });
        alarms = resources.filter(({ type }) => type.endsWith(":MetricAlarm")).map(({ inputs }) => inputs);
    });

    it("watches errors, throttles, queues, the stream's age and the facts that need a person", () => {
        const lines = alarms
            .filter(({ metricName }) => metricName !== undefined)
            .map(
                ({ name, namespace, metricName, dimensions, statistic, threshold }) =>
                    `${String(name)}: ${String(statistic)} of ${String(namespace)} ${String(metricName)} ` +
                    `${JSON.stringify(dimensions)} from ${String(threshold)}`,
            );
        const lambda = (part: string) => `{"FunctionName":"${gate}-${part}"}`;
        const own = `{"service":"${gate}"}`;
        assert.deepEqual(
            lines.sort(),
            [
                ...["recorder", "scan-event", "watchdog"].flatMap((part) => [
                    `${gate}-${part}-errors: Sum of AWS/Lambda Errors ${lambda(part)} from 1`,
                    `${gate}-${part}-throttles: Sum of AWS/Lambda Throttles ${lambda(part)} from 1`,
                    `${gate}-${part}-failed: Maximum of AWS/SQS ApproximateNumberOfMessagesVisible ` +
                        `{"QueueName":"${gate}-${part}-failed"} from 1`,
                ]),
                `${gate}-stream-age: Maximum of AWS/Lambda IteratorAge ${lambda("scan-event")} from 720000`,
                `${gate}-request-unreadable: Sum of Portcullis RequestUnreadable ${own} from 1`,
                `${gate}-answered-by-others: Sum of Portcullis AnsweredByOthers ${own} from 1`,
                `${gate}-request-overdue: Sum of Portcullis RequestOverdue ${own} from 1`,
            ].sort(),
        );
        for (const alarm of alarms.filter(({ metricName }) => metricName !== undefined)) {
            assert.deepEqual(
                [
                    alarm["comparisonOperator"],
                    alarm["period"],
                    alarm["evaluationPeriods"],
                    alarm["treatMissingData"],
                ],
                [
                    "GreaterThanOrEqualToThreshold",
                    300,
                    alarm["metricName"] === "Throttles" ? 3 : 1,
                    "notBreaching",
                ],
            );
        }
    });

    it("raises an alarm for silence: a watchdog that has not succeeded for a quarter of an hour", () => {
        const [silent, ...others] = alarms.filter(({ metricQueries }) => metricQueries !== undefined);
        assert.deepEqual(others, []);
        const run = (id: string, metricName: string) => ({
            id,
            returnData: false,
            metric: {
                namespace: "AWS/Lambda",
                metricName,
                dimensions: { FunctionName: `${gate}-watchdog` },
                stat: "Sum",
                period: 300,
            },
        });
        assert.deepEqual(silent, {
            name: `${gate}-watchdog-silent`,
            alarmDescription: "The watchdog of the approval gate has not run for 15 minutes",
            metricQueries: [
                {
                    id: "successes",
                    expression: "FILL(invocations, 0) - FILL(errors, 0)",
                    label: "Successful runs",
                    returnData: true,
                },
                run("invocations", "Invocations"),
                run("errors", "Errors"),
            ],
            comparisonOperator: "LessThanThreshold",
            threshold: 1,
            evaluationPeriods: 3,
            datapointsToAlarm: 3,
            treatMissingData: "breaching",
            alarmActions: [topic],
            okActions: [topic],
            tags: silent?.["tags"],
        });
    });

    it("tells one encrypted topic of every alarm and of its end", () => {
        assert.equal(alarms.length, 14);
        for (const { name, alarmActions, okActions } of alarms) {
            assert.deepEqual([alarmActions, okActions], [[topic], [topic]], String(name));
        }
        const [found] = resources.filter(({ name }) => name === "alarms-topic");
        assert.equal(found?.inputs["kmsMasterKeyId"], exampleKeyArn);
    });

    it("tells each address of the configuration, and nobody when there is none", async () => {
        const subscriptions = (from: RecordedResource[]) =>
            from.filter(({ type }) => type.endsWith(":TopicSubscription")).map(({ inputs }) => inputs);
        assert.deepEqual(
            subscriptions(resources),
            ["one@example.com", "two@example.com"].map((endpoint) => ({
                topic,
                protocol: "email",
                endpoint,
            })),
        );
        assert.deepEqual(subscriptions(await recorded()), []);
    });
});
