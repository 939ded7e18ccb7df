import assert from "node:assert/strict";
import type { ApprovalCloud } from "../approvalCloud";
import { Release } from "../release";

/** The approval message and the scan, in every order, any number of times, or long ago. */
export function arrivalScenarios(cloudOf: () => ApprovalCloud): void {
    describe("arrivals", () => {
        let cloud: ApprovalCloud;
        beforeEach(() => (cloud = cloudOf()));

        it("waits for a scan that has not ended, and approves when its event comes", async () => {
            const release = await Release.ready(cloud);
            release.unscanned();
            await release.announce();
            await cloud.delivery.drainStream();
            assert.deepEqual(release.answers(), []);
            const waiting = await release.record();
            assert.deepEqual([waiting?.status, waiting?.claim], ["waiting", undefined]);

            cloud.advance(3);
            release.scanned({ completedAt: cloud.now });
            cloud.advance(0.05);
            assert.deepEqual(await cloud.delivery.sendEvent(release.scanEvent()), [
                "portcullis-dev-approval-scan",
            ]);
            await cloud.delivery.drainStream();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
            assert.equal((await release.record())?.status, "approved");
            assert.deepEqual(cloud.facts, ["RequestRecorded", "Waiting", "ScanRecorded", "Approved"]);
            assert.deepEqual([cloud.queued, cloud.delivery.alarms], [{}, []]);
        });

        it("keeps a scan event that comes first, and approves when the message comes", async () => {
            const release = await Release.ready(cloud);
            await cloud.delivery.sendEvent(release.scanEvent());
            await cloud.delivery.drainStream();
            assert.equal((await release.scanRecord())?.status, "ended");
            assert.deepEqual(release.answers(), []);
            await release.announce();
            await cloud.delivery.drainStream();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
        });

        it("answers once, however often messages and events are delivered", async () => {
            const release = await Release.ready(cloud);
            const event = release.scanEvent();
            await release.announce(3);
            await cloud.delivery.sendEvent(event);
            const records = [...cloud.table.stream];
            await cloud.delivery.drainStream();
            await release.announce(2);
            await cloud.delivery.sendEvent(event);
            // The stream delivers at least once as well.
            cloud.table.stream.push(...records);
            await cloud.delivery.drainStream();
            await cloud.watch();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
            assert.equal(
                cloud.journal.calls.filter(({ operation }) => operation === "PutApprovalResult").length,
                1,
            );
            assert.equal(cloud.facts.filter((fact) => fact === "RequestRepeated").length, 4);
            assert.deepEqual([cloud.queued, cloud.delivery.alarms], [{}, []]);
        });

        it("approves a digest that was scanned twenty hours ago, without any event", async () => {
            const release = await Release.ready(cloud);
            release.scanned({ completedAt: new Date(cloud.now.getTime() - 20 * 3_600_000) });
            await release.announce();
            await cloud.delivery.drainStream();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
        });

        it("decides two executions of one digest each for itself, by its own evidence", async () => {
            const first = await Release.ready(cloud);
            await first.announce();
            await cloud.delivery.drainStream();
            const second = new Release(cloud, { digest: first.digest });
            second.enter();
            await second.store("test");
            await second.announce();
            await cloud.delivery.drainStream();
            assert.deepEqual(
                first.answers().map(({ status }) => status),
                ["Approved"],
            );
            assert.deepEqual(
                second.answers().map(({ status }) => status),
                ["Rejected"],
            );
            assert.match(
                (await second.record())?.decision?.reasons.join("\n") ?? "",
                /^scanStagingImage: .*grype/m,
            );
        });

        it("asks anew for a retried stage: the same execution, another token, another answer", async () => {
            const release = await Release.ready(cloud);
            release.scanned({ findings: [{ severity: "CRITICAL" }] });
            await release.announce();
            await cloud.delivery.drainStream();
            const before = release.token;
            release.scanned();
            release.retry();
            await release.announce();
            await cloud.delivery.drainStream();
            assert.notEqual(release.token, before);
            assert.deepEqual(
                release.answers(before).map(({ status }) => status),
                ["Rejected"],
            );
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
            const statuses = [(await release.record(before))?.status, (await release.record())?.status];
            assert.deepEqual(statuses, ["rejected", "approved"]);
            // A late message about the first try changes nothing.
            const { NotificationArn: topic = "" } = release.run.configuration;
            const [late] = release.pipeline.runs.filter((run) => run.approval?.token === before);
            assert.ok(late !== undefined);
            await cloud.delivery.publish(
                topic,
                [release.pipeline.message(late, "us-east-1")],
                release.publisher,
            );
            await cloud.delivery.drainStream();
            assert.equal(cloud.journal.done("PutApprovalResult").length, 2);
        });

        it("finds a request whose message was lost, and decides it", async () => {
            const release = await Release.ready(cloud);
            await cloud.watch();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
            assert.ok(cloud.facts.includes("RequestRecovered"));
            const record = await release.record();
            assert.equal(record?.request.subject?.digest, release.digest);
            // The message comes after all.
            await release.announce();
            await cloud.delivery.drainStream();
            assert.equal(cloud.journal.done("PutApprovalResult").length, 1);
            assert.deepEqual([cloud.queued, cloud.delivery.alarms], [{}, []]);
        });

        it("approves without any scan event, because the watchdog has the registry asked again", async () => {
            const release = await Release.ready(cloud);
            release.unscanned();
            await release.announce();
            await cloud.delivery.drainStream();
            release.scanned({ completedAt: cloud.now });
            await cloud.watch();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
        });

        it("approves whatever severities the event leaves out, since the registry is asked", async () => {
            for (const counts of [{}, { TOTAL: 0 }, { LOW: 0 }, { CRITICAL: 0, TOTAL: 0 }] as Record<
                string,
                number
            >[]) {
                const release = await Release.ready(cloud);
                await release.announce();
                release.scanned();
                await cloud.delivery.sendEvent(release.scanEvent({ counts }));
                await cloud.delivery.drainStream();
                assert.deepEqual(
                    release.answers().map(({ status }) => status),
                    ["Approved"],
                    JSON.stringify(counts),
                );
            }
            assert.deepEqual([cloud.queued, cloud.delivery.alarms], [{}, []]);
        });

        it("counts findings on all pages of the registry's answer", async () => {
            cloud.registry.pageSize = 2;
            const release = await Release.ready(cloud);
            release.scanned({
                findings: Array.from({ length: 5 }, (_, at) => ({
                    id: `CVE-2026-${1000 + at}`,
                    severity: at === 4 ? "CRITICAL" : "LOW",
                })),
            });
            await release.announce();
            await cloud.delivery.drainStream();
            assert.equal(cloud.journal.done("DescribeImageScanFindings").length, 3);
            const registry = (await release.record())?.decision?.parts.find(
                ({ part }) => part === "registry",
            );
            assert.deepEqual(registry?.counts, { critical: 1, high: 0, medium: 0, low: 4, negligible: 0 });
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Rejected"],
            );
        });

        it("finds the action's run on the last page of a long history", async () => {
            cloud.pipelines.pageSize = 1;
            const release = await Release.ready(cloud);
            await release.announce();
            await cloud.delivery.drainStream();
            assert.ok(cloud.journal.done("ListActionExecutions").length > 5);
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
        });

        it("answers two executions that wait side by side, where the pipeline runs them in parallel", async () => {
            const first = await Release.ready(cloud);
            const { declaration } = first.pipeline;
            const mode = declaration.executionMode;
            declaration.executionMode = "PARALLEL";
            try {
                const second = await Release.ready(cloud, { digest: first.digest });
                second.scanned();
                await first.announce();
                await second.announce();
                await cloud.delivery.drainStream();
                for (const release of [first, second]) {
                    assert.deepEqual(
                        release.answers().map(({ status }) => status),
                        ["Approved"],
                    );
                    assert.equal((await release.record())?.status, "approved");
                }
            } finally {
                if (mode === undefined) delete declaration.executionMode;
                else declaration.executionMode = mode;
            }
        });

        it("hears nothing of other repositories, and ignores their events when it is given them", async () => {
            const release = await Release.ready(cloud);
            const foreign = [
                "portcullis-dev-sample-candidate",
                "portcullis-dev-sample-staging-2",
                "library/nginx",
            ];
            for (const repository of foreign) {
                const event = release.scanEvent({ repository });
                assert.deepEqual(await cloud.delivery.sendEvent(event), [], repository);
                const { invocation } = await cloud.runner.invoke("scan-event", event);
                assert.equal(invocation.kind, "returned", repository);
            }
            assert.deepEqual(cloud.facts, ["ScanIgnored", "ScanIgnored", "ScanIgnored"]);
            assert.deepEqual(cloud.journal.calls, []);
        });
    });
}
