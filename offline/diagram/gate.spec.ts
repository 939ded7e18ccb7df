import assert from "node:assert/strict";
import type { Value } from "../model";
import { gateStack } from "../report/fixtures/gateStack";
import type { StackBuilder } from "../report/fixtures/stackBuilder";
import { architectureOf } from "./architecture";
import { architectureSvg } from "./architectureSvg";
import { layoutScene } from "./layout";

/** Every line of the picture but the order of stages, as `kind from → to (label)`, by the titles of the boxes. */
function lines(stack: StackBuilder): string[] {
    const scene = layoutScene(architectureOf(stack.run()));
    const titles = new Map(scene.boxes.map(({ id, texts, kind }) => [id, `${kind} ${texts[0]?.text ?? ""}`]));
    return scene.arrows
        .filter(({ kind }) => kind !== "flow")
        .map(
            ({ kind, from, to, label }) =>
                `${kind}: ${titles.get(from)} → ${titles.get(to)}${label ? ` (${label.text})` : ""}`,
        )
        .sort();
}

const whole = [
    "alarm: function recorder → alarmTopic gate-alarms",
    "alarm: function scan-event → alarmTopic gate-alarms",
    "alarm: function watchdog → alarmTopic gate-alarms",
    "alarm: queue recorder-failed → alarmTopic gate-alarms",
    "alarm: queue scan-event-failed → alarmTopic gate-alarms",
    "alarm: queue watchdog-failed → alarmTopic gate-alarms",
    "answer: function scan-event → gate Approve (answers)",
    "event: gate Approve → topic approvals (waiting approval)",
    "event: rule scan → function scan-event (Inspector2 Scan)",
    "event: schedule watchdog → function watchdog (every 5 minutes)",
    "event: table approvals → function scan-event (stream)",
    "event: topic approvals → function recorder (message)",
    "failure: function recorder → queue recorder-failed (failed)",
    "failure: function scan-event → queue scan-event-failed (failed)",
    "failure: function watchdog → queue watchdog-failed (failed)",
    "failure: rule scan → queue scan-event-failed",
    "failure: schedule watchdog → queue watchdog-failed",
    "failure: table approvals → queue scan-event-failed",
    "failure: topic approvals → queue recorder-failed",
    "read: table approvals → function watchdog (reads)",
    "write: function recorder → table approvals (writes)",
    "write: function scan-event → table approvals (writes)",
];

describe("the gate in the picture", () => {
    it("has a line for every link of the stack", () => {
        assert.deepEqual(lines(gateStack()), whole);
    });

    const without = (name: string) => (stack: StackBuilder) => {
        const position = stack.resources.findIndex((each) => each.name === name);
        assert.ok(position >= 0, name);
        stack.resources.splice(position, 1);
    };
    const change = (name: string, property: string, value: Value | undefined) => (stack: StackBuilder) => {
        const resource = stack.resources.find((each) => each.name === name);
        assert.ok(resource, name);
        delete resource.propertyDependencies[property];
        if (value === undefined) {
            delete resource.inputs[property];
        } else {
            resource.inputs[property] = value;
        }
    };
    const cases: { cut: string; by: (stack: StackBuilder) => void; gone: string[] }[] = [
        {
            cut: "the subscription, and with it all that starts the recorder",
            by: without("approval-subscription"),
            gone: whole.filter((line) => /recorder|topic approvals/.test(line)),
        },
        {
            cut: "the subscription's redrive policy",
            by: change("approval-subscription", "redrivePolicy", undefined),
            gone: ["failure: topic approvals → queue recorder-failed"],
        },
        {
            cut: "the rule's target",
            by: without("approval-scan-target"),
            gone: [
                "event: rule scan → function scan-event (Inspector2 Scan)",
                "failure: rule scan → queue scan-event-failed",
            ],
        },
        {
            cut: "the target's queue",
            by: change("approval-scan-target", "deadLetterConfig", undefined),
            gone: ["failure: rule scan → queue scan-event-failed"],
        },
        {
            cut: "the stream",
            by: without("approval-stream"),
            gone: [
                "event: table approvals → function scan-event (stream)",
                "failure: table approvals → queue scan-event-failed",
            ],
        },
        {
            cut: "the stream's queue",
            by: change("approval-stream", "destinationConfig", undefined),
            gone: ["failure: table approvals → queue scan-event-failed"],
        },
        {
            cut: "the function's own queue",
            by: change("approval-watchdog", "deadLetterConfig", undefined),
            gone: ["failure: function watchdog → queue watchdog-failed (failed)"],
        },
        {
            cut: "the schedule's queue",
            by: change("approval-schedule", "target", {
                arn: "arn:aws:lambda:eu-west-1:123456789012:function:portcullis-dev-approval-watchdog",
            }),
            gone: ["failure: schedule watchdog → queue watchdog-failed"],
        },
        {
            cut: "the schedule",
            by: without("approval-schedule"),
            gone: whole.filter((line) => line.includes("watchdog")),
        },
        {
            cut: "the alarm on a queue",
            by: without("approval-recorder-queue"),
            gone: ["alarm: queue recorder-failed → alarmTopic gate-alarms"],
        },
        {
            cut: "what an alarm does",
            by: change("approval-watchdog-errors", "alarmActions", undefined),
            gone: ["alarm: function watchdog → alarmTopic gate-alarms"],
        },
        {
            cut: "the permission to write and to answer",
            by: change("approval-scan-event-role-policy", "policy", "{}"),
            gone: [
                "answer: function scan-event → gate Approve (answers)",
                "write: function scan-event → table approvals (writes)",
            ],
        },
        {
            cut: "where the pipeline announces its approval",
            by: (stack) => {
                const pipeline = stack.resources.find((each) => each.name === "demo-delivery");
                const text = JSON.stringify(pipeline?.inputs).replace(
                    /"NotificationArn":"[^"]*approvals"/,
                    '"Other":"x"',
                );
                assert.ok(pipeline);
                pipeline.inputs = JSON.parse(text) as Record<string, Value>;
            },
            gone: ["event: gate Approve → topic approvals (waiting approval)"],
        },
    ];
    for (const { cut, by, gone } of cases) {
        it(`loses exactly the lines of what is cut: ${cut}`, () => {
            const stack = gateStack();
            by(stack);
            assert.deepEqual(
                whole.filter((line) => !lines(stack).includes(line)),
                gone,
            );
            assert.deepEqual(
                lines(stack).filter((line) => !whole.includes(line)),
                [],
            );
        });
    }

    it("does not depend on the order of the captured resources", () => {
        const stack = gateStack();
        const drawn = architectureSvg(stack.run());
        stack.resources.reverse();
        assert.equal(architectureSvg(stack.run()), drawn);
    });

    it("is told in words, too", () => {
        assert.match(
            layoutScene(architectureOf(gateStack().run())).description,
            /Approval: watchdog \(every 5 minutes\) starts watchdog, fails to watchdog-failed; approvals \(message\) starts recorder, which writes the table, fails to recorder-failed; scan \(Inspector2 Scan\) and the table's stream starts scan-event, which writes the table, answers the pipelines, fails to scan-event-failed; alarms go to gate-alarms\.$/,
        );
    });

    it("shows who else may answer", () => {
        const stack = gateStack();
        change(
            "approval-recorder-role-policy",
            "policy",
            JSON.stringify({ Statement: { Effect: "Allow", Action: "codepipeline:*", Resource: "*" } }),
        )(stack);
        assert.deepEqual(
            lines(stack).filter((line) => line.startsWith("answer")),
            [
                "answer: function recorder → gate Approve (answers)",
                "answer: function scan-event → gate Approve",
            ],
        );
    });

    it("is the same after an update, when every reference is written out", () => {
        const stack = gateStack();
        const arns: Record<string, (name: string) => string> = {
            "aws:lambda/function:Function": (name) => `lambda:eu-west-1:123456789012:function:${name}`,
            "aws:sns/topic:Topic": (name) => `sns:eu-west-1:123456789012:${name}`,
            "aws:sqs/queue:Queue": (name) => `sqs:eu-west-1:123456789012:${name}`,
            "aws:dynamodb/table:Table": (name) =>
                `dynamodb:eu-west-1:123456789012:table/${name}/stream/2026-01-01T00:00:00.000`,
        };
        const written = (value: Value, targets: string[], wanted?: string): Value => {
            if (value !== null && typeof value === "object" && "$unknown" in value) {
                const named = targets.map((urn) => stack.resources.find((each) => each.urn === urn)!);
                const target =
                    named.find(({ type }) => wanted === undefined || type.includes(wanted)) ?? named[0]!;
                const arn = arns[target.type];
                return arn ? `arn:aws:${arn(String(target.inputs["name"]))}` : target.inputs["name"]!;
            }
            if (Array.isArray(value)) return value.map((each) => written(each, targets, wanted));
            if (value === null || typeof value !== "object") return value;
            return Object.fromEntries(
                Object.entries(value).map(([key, inner]) => [
                    key,
                    written(inner as Value, targets, key === "deadLetterConfig" ? "queue" : wanted),
                ]),
            );
        };
        for (const resource of stack.resources) {
            for (const [property, urns] of Object.entries(resource.propertyDependencies)) {
                const wanted =
                    property === "deadLetterConfig"
                        ? "queue"
                        : property === "target"
                          ? "function"
                          : undefined;
                resource.inputs[property] = written(resource.inputs[property] ?? null, urns, wanted);
            }
            resource.propertyDependencies = {};
            resource.dependencies = [];
        }
        assert.deepEqual(lines(stack), whole);
    });

    it("names people's topics and sizes beside the title, and leaves the component off the shelves", () => {
        const { gates, shelves } = architectureOf(gateStack().run());
        assert.deepEqual(
            gates.map(({ title, facts }) => [title, facts]),
            [["Approval", ["SNS topic people (1 address)", "28 resources"]]],
        );
        assert.deepEqual(shelves, []);
        assert.deepEqual(gates[0]?.alarmTopic?.details, ["SNS topic", "6 alarms"]);
        assert.deepEqual(
            gates[0]?.functions.map(({ title }) => title),
            ["watchdog", "recorder", "scan-event"],
        );
        assert.deepEqual(gates[0]?.functions[2]?.details, ["Lambda function", "at most 2 at once"]);
        assert.equal(gates[0]?.tables[0]?.detail, "DynamoDB table, stream, point-in-time recovery");
    });
});
