/** The reports of the real program: what the README promises about size, price and picture is checked here. */
import assert from "node:assert/strict";
import { estimateMonthlyFloor } from "../cost/estimate";
import { architectureOf } from "../diagram/architecture";
import type { RunResult } from "../model";
import { runProgram } from "../testing/runProgram";
import { summaryOf } from "./summary";

/** US dollars a month that the small stack may cost at most while nobody uses it. */
const smallStackLimit = 113;

describe("reports of the program", function () {
    this.timeout(180_000);
    let dev: RunResult;
    before(async () => {
        dev = await runProgram({ mode: "preview" });
    });

    it("prices every resource of the dev stack, for at most 113 dollars a month", () => {
        const estimate = estimateMonthlyFloor(dev.resources);
        assert.deepEqual(estimate.unpriced, []);
        assert.ok(estimate.totalCents <= smallStackLimit * 100, `${estimate.totalCents} cents`);
        assert.deepEqual(estimate.lines.map(({ item, quantity }) => `${quantity} ${item}`).sort(), [
            "0.25 Fargate vCPU",
            "0.5 Fargate memory, GB",
            "1 Application Load Balancer",
            "1 EC2 t3a.medium",
            "1 NAT gateway",
            "1 Public IPv4 address",
            "1 RDS PostgreSQL db.t4g.micro",
            "1 Route 53 hosted zone",
            "20 RDS gp3 storage",
            "3 KMS key",
            "30 EBS gp3 volume",
            "34 CloudWatch alarm, per metric",
        ]);
    });

    it("draws the gate's wiring from the announced approval to the answer", () => {
        const gates = architectureOf(dev).gates.filter(({ title }) => title === "Approval");
        const gateAction = [{ application: 0, stage: 6, action: "GateApproval" }];
        assert.deepEqual(
            gates.map(({ functions }) =>
                functions.map((view) => ({
                    name: view.title,
                    sources: view.sources.map(
                        ({ kind, title, label, failsToQueue }) =>
                            `${kind} ${title}: ${label}${failsToQueue ? "" : ", nowhere to fail to"}`,
                    ),
                    announced: view.sources.flatMap(({ announcedBy }) => announcedBy),
                    tables: [view.writes, view.reads, view.streams, view.streamFailures],
                    queue: view.failsToQueue ? view.queue?.title : null,
                    watched: view.alarms > 0 && (view.queue?.alarms ?? 0) > 0,
                    answers: view.answers,
                })),
            ),
            [
                [
                    {
                        name: "watchdog",
                        sources: ["schedule watchdog: every 5 minutes"],
                        announced: [],
                        tables: [[0], [], [], []],
                        queue: "watchdog-failed",
                        watched: true,
                        answers: [],
                    },
                    {
                        name: "recorder",
                        sources: ["topic approvals: message"],
                        announced: gateAction,
                        tables: [[0], [], [], []],
                        queue: "recorder-failed",
                        watched: true,
                        answers: [],
                    },
                    {
                        name: "scan-event",
                        sources: ["rule scan: Inspector2 Scan"],
                        announced: [],
                        tables: [[0], [], [0], [0]],
                        queue: "scan-event-failed",
                        watched: true,
                        answers: gateAction,
                    },
                ],
            ],
        );
        assert.equal(gates[0]?.alarmTopic?.title, "gate-alarms");
        assert.deepEqual(
            gates[0]?.tables.map(({ title }) => title),
            ["approvals"],
        );
    });

    it("draws what else is asked, started and told", () => {
        assert.deepEqual(
            architectureOf(dev)
                .gates.filter(({ title }) => title !== "Approval")
                .flatMap(({ functions }) => functions)
                .map((view) => [
                    view.title,
                    view.sources.map(({ kind, label }) => `${kind}: ${label}`).join(", "),
                    view.reaches.map(({ label, title }) => `${label} ${title}`).join(", "),
                ]),
            [
                ["admission", "service: before new tasks start", "imports Security Hub, reads approvals"],
                [
                    "running",
                    "rule: task, schedule: every 15 minutes",
                    "imports Security Hub, reads approvals",
                ],
                ["findings", "rule: action, new object", "imports Security Hub, reads approvals"],
                ["review", "rule: build, pipeline, pull request", "tells Pull request, starts sample-review"],
            ],
        );
    });

    it("draws pipeline, stores and engine, with the permissions that the roles really have", () => {
        const { applications, engine, network } = architectureOf(dev);
        const [application] = applications;
        assert.deepEqual(
            application?.stages.map(({ name, gate, usesEngine }) => [name, gate, usesEngine]),
            [
                ["Source", false, false],
                ["Verify", false, false],
                ["Build", false, false],
                ["Test", false, true],
                ["Stage", false, false],
                ["ScanStagingImage", false, false],
                ["Approve", true, false],
                ["Publish", false, false],
                ["Deploy", false, false],
            ],
        );
        assert.deepEqual(
            application?.stages
                .flatMap(({ actions }) => actions.filter((each) => each.may.includes("privileged")))
                .map(({ name }) => name),
            ["Build"],
        );
        assert.deepEqual(
            application?.stores.map(({ kind, writers, readers }) => [kind, writers, readers]),
            [
                ["candidate", [2], [3, 4]],
                ["staging", [4], [5, 7]],
                ["production", [7], [8]],
                ["evidence", [1, 2, 3, 5], [4, 7]],
                ["service", [8], []],
            ],
        );
        assert.deepEqual(
            engine?.parts.map(({ kind }) => kind),
            ["loadBalancer", "service", "database"],
        );
        assert.deepEqual(engine?.links, [
            [0, 1],
            [1, 2],
        ]);
        assert.equal(network?.zones.length, 2);
    });

    it("counts interface endpoints by zone and keeps several applications apart", async () => {
        const variant = await runProgram({
            mode: "preview",
            config: {
                network: {
                    cidrBlock: "10.20.0.0/16",
                    zones: 3,
                    natGateways: "perZone",
                    interfaceEndpoints: true,
                },
                applications: ["shop", "blog"].map((name) => ({
                    name,
                    source: { type: "codecommit", branch: "main" },
                })),
            },
        });
        const { lines, unpriced } = estimateMonthlyFloor(variant.resources);
        const endpoints = variant.resources.filter(
            ({ inputs }) => inputs["vpcEndpointType"] === "Interface",
        ).length;
        assert.ok(endpoints > 0);
        assert.equal(
            lines.find(({ item }) => item === "Interface endpoint, per zone")?.quantity,
            endpoints * 3,
        );
        assert.equal(lines.find(({ item }) => item === "NAT gateway")?.quantity, 3);
        assert.deepEqual(unpriced, []);
        assert.deepEqual(
            architectureOf(variant).applications.map(({ name }) => name),
            ["blog", "shop"],
        );
    });

    it("says that nothing was judged as long as no pack was asked", () => {
        assert.deepEqual(summaryOf(dev).reasons, ["the policy pack was not asked"]);
    });
});
