import assert from "node:assert/strict";
import type { ApprovalCloud } from "../approvalCloud";
import { Release } from "../release";

const somebody = "arn:aws:sts::123456789012:assumed-role/administrator/alice";

/** What others do to the approval while the gate works: answer it, stop it, let it expire. */
export function interferenceScenarios(cloudOf: () => ApprovalCloud): void {
    describe("interference", () => {
        let cloud: ApprovalCloud;
        beforeEach(() => (cloud = cloudOf()));

        for (const answer of ["Approved", "Rejected"] as const) {
            it(`closes a request that somebody ${answer.toLowerCase()} before, and raises an alarm`, async () => {
                const release = await Release.ready(cloud);
                release.pipeline.answer(release.run, answer, "because I can", somebody);
                await release.announce();
                await cloud.delivery.drainStream();
                const record = await release.record();
                assert.equal(record?.status, "closed");
                assert.deepEqual(
                    [record.closed?.answer, record.closed?.by],
                    [answer.toLowerCase(), somebody],
                );
                assert.match(record.closed?.reason ?? "", /alice.*because I can/);
                assert.deepEqual(cloud.journal.done("PutApprovalResult"), []);
                assert.deepEqual(cloud.delivery.alarms, ["portcullis-dev-approval-answered-by-others"]);
            });

            it(`closes a request that somebody ${answer.toLowerCase()} in the last moment`, async () => {
                const release = await Release.ready(cloud);
                await release.announce();
                cloud.journal.interrupt = ({ operation }) => {
                    if (operation === "PutApprovalResult" && release.run.status === "InProgress")
                        release.pipeline.answer(release.run, answer, "I was faster", somebody);
                    return null;
                };
                await cloud.delivery.drainStream();
                assert.deepEqual(release.answers(), []);
                const record = await release.record();
                assert.deepEqual([record?.status, record?.closed?.by], ["closed", somebody]);
                assert.equal(
                    cloud.journal.calls.filter(({ operation }) => operation === "PutApprovalResult").length,
                    1,
                );
                assert.deepEqual(cloud.delivery.alarms, ["portcullis-dev-approval-answered-by-others"]);
                assert.deepEqual(cloud.queued, {});
            });
        }

        it("does not take somebody's answer with its own words for its own", async () => {
            const release = await Release.ready(cloud);
            await release.announce();
            cloud.journal.interrupt = ({ operation, input }) => {
                if (operation === "PutApprovalResult" && release.run.status === "InProgress") {
                    const { summary } = input["result"] as { summary: string };
                    release.pipeline.answer(release.run, "Approved", summary, somebody);
                }
                return null;
            };
            await cloud.delivery.drainStream();
            const record = await release.record();
            assert.deepEqual([record?.status, record?.closed?.by], ["closed", somebody]);
            assert.deepEqual(cloud.delivery.alarms, ["portcullis-dev-approval-answered-by-others"]);
        });

        it("closes a request whose time is up, and answers nothing", async () => {
            const release = await Release.ready(cloud);
            cloud.advance(121);
            await release.announce();
            await cloud.delivery.drainStream();
            const record = await release.record();
            assert.deepEqual([record?.status, record?.closed?.answer], ["closed", null]);
            assert.deepEqual(cloud.journal.done("PutApprovalResult"), []);
            assert.deepEqual(cloud.facts, ["RequestRecorded", "RequestGone"]);
        });

        it("closes a request whose time is up in the last moment", async () => {
            const release = await Release.ready(cloud);
            await release.announce();
            cloud.journal.interrupt = ({ operation }) => {
                if (operation === "PutApprovalResult" && release.run.approval !== undefined)
                    release.run.approval.expiresAt = cloud.now;
                return null;
            };
            await cloud.delivery.drainStream();
            assert.deepEqual(release.answers(), []);
            assert.equal((await release.record())?.status, "closed");
            assert.deepEqual(
                cloud.journal.calls.find(({ operation }) => operation === "PutApprovalResult")?.outcome,
                "InvalidApprovalTokenException",
            );
        });

        it("closes the request of an execution that was stopped", async () => {
            const release = await Release.ready(cloud);
            release.unscanned();
            await release.announce();
            await cloud.delivery.drainStream();
            release.pipeline.stop(release.execution, somebody);
            release.scanned();
            await cloud.watch();
            const record = await release.record();
            assert.deepEqual([record?.status, record?.closed?.answer], ["closed", null]);
            assert.deepEqual(cloud.journal.done("PutApprovalResult"), []);
        });

        it("closes the request of a run that was overtaken, and answers the one that waits", async () => {
            const first = await Release.ready(cloud);
            first.unscanned();
            await first.announce();
            await cloud.delivery.drainStream();
            first.pipeline.stop(first.execution, somebody);
            const second = await Release.ready(cloud, { digest: first.digest });
            await second.announce();
            await cloud.delivery.drainStream();
            await cloud.watch();
            assert.equal((await first.record())?.status, "closed");
            assert.deepEqual(first.answers(), []);
            assert.deepEqual(
                second.answers().map(({ status }) => status),
                ["Approved"],
            );
        });

        it("never uses a token that a message claims for another pipeline's action", async () => {
            const release = await Release.ready(cloud);
            const forged = JSON.parse(release.message()) as { approval: { token: string } };
            forged.approval.token = "99999999-8888-4777-8666-555555555555";
            const { NotificationArn: topic = "" } = release.run.configuration;
            await cloud.delivery.publish(topic, [JSON.stringify(forged)], release.publisher);
            await cloud.delivery.drainStream();
            assert.equal((await release.record(forged.approval.token))?.status, "closed");
            assert.deepEqual(
                cloud.journal.calls.filter(({ operation }) => operation === "PutApprovalResult"),
                [],
            );
            await cloud.watch();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
        });

        it("answers once when the stream, its repetition and two scan events start it at the same moment", async () => {
            for (let round = 0; round < 2; round += 1) {
                const release = await Release.ready(cloud);
                await release.announce();
                const records = cloud.table.stream.splice(0);
                const events = [
                    { Records: records },
                    release.scanEvent(),
                    { Records: records },
                    release.scanEvent(),
                ];
                await cloud.runner.together("scan-event", events);
                for (let run = 0; run < 3; run += 1) await cloud.watch();
                const answers = release.answers();
                assert.deepEqual(
                    answers.map(({ status }) => status),
                    ["Approved"],
                );
                const record = await release.record();
                assert.equal(record?.status, "approved");
                assert.equal(record.decision?.summary, answers[0]?.summary);
            }
        });

        it("answers while CodePipeline's history lags behind its state, or when it has caught up", async () => {
            const release = await Release.ready(cloud);
            cloud.pipelines.historyLags = true;
            await release.announce();
            await cloud.delivery.drainStream();
            cloud.pipelines.historyLags = false;
            await cloud.watch();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Approved"],
            );
        });

        it("approves no image under the name of another, even while it cannot be compared", async () => {
            const clean = await Release.ready(cloud);
            await clean.announce();
            await cloud.delivery.drainStream();
            const release = await Release.ready(cloud);
            release.scanned({ findings: [{ severity: "CRITICAL" }] });
            cloud.pipelines.historyLags = true;
            const forged = release.message().replaceAll(release.digest, clean.digest);
            const { NotificationArn: topic = "" } = release.run.configuration;
            await cloud.delivery.publish(topic, [forged], release.publisher);
            await cloud.delivery.drainStream();
            cloud.pipelines.historyLags = false;
            for (let run = 0; run < 3; run += 1) await cloud.watch();
            assert.deepEqual(
                release.answers().map(({ status }) => status),
                ["Rejected"],
            );
        });

        it("leaves an approval alone that is not the gate's", async () => {
            const release = await Release.ready(cloud);
            const message = JSON.parse(release.message()) as { approval: { actionName: string } };
            message.approval.actionName = "HumanApproval";
            const { NotificationArn: topic = "" } = release.run.configuration;
            await cloud.delivery.publish(topic, [JSON.stringify(message)], release.publisher);
            assert.deepEqual(cloud.queued, { "portcullis-dev-approval-recorder-failed": 1 });
            assert.deepEqual(await cloud.table.items(), []);
            assert.deepEqual(cloud.delivery.alarms, [
                "portcullis-dev-approval-recorder-errors",
                "portcullis-dev-approval-recorder-failed",
            ]);
        });
    });
}
