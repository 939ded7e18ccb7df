import assert from "node:assert/strict";
import type { ApprovalCloud } from "../approvalCloud";
import { Release } from "../release";

/** How often the watchdog runs before everything must be settled. */
const runs = 3;

/** The process is lost after its n-th call to AWS and everything is delivered again; which n are left out is said below. */
export function crashScenarios(cloudOf: () => ApprovalCloud): void {
    describe("crashes", () => {
        let cloud: ApprovalCloud;
        beforeEach(() => (cloud = cloudOf()));

        /** Exactly one answer was accepted, and the record says the same. */
        async function assertSettled(
            release: Release,
            answer: "Approved" | "Rejected",
            where: string,
        ): Promise<void> {
            const answers = release.answers();
            assert.deepEqual(
                answers.map(({ status }) => status),
                [answer],
                where,
            );
            const record = await release.record();
            assert.equal(record?.status, answer.toLowerCase(), where);
            assert.equal(record.decision?.summary, answers[0]?.summary, where);
            assert.equal(record.claim, undefined, where);
        }

        const endings: { answer: "Approved" | "Rejected"; least: number; prepare: () => Promise<Release> }[] =
            [
                { answer: "Approved", least: 20, prepare: () => Release.ready(cloud) },
                {
                    answer: "Rejected",
                    least: 7,
                    // Nothing is read for a question that makes no sense.
                    prepare: async () => {
                        const release = await Release.ready(cloud);
                        release.run.configuration["CustomData"] = "please approve";
                        return release;
                    },
                },
            ];
        for (const { answer, least, prepare } of endings) {
            it(`ends in one answer (${answer}) wherever the deciding function is lost`, async () => {
                const whole = await prepare();
                await whole.announce();
                await cloud.delivery.drainStream();
                await assertSettled(whole, answer, "without a crash");
                const calls =
                    cloud.runner.finished.find(({ function: name }) => name === "scan-event")?.calls ?? [];
                assert.ok(calls.length >= least, `${calls.length} calls`);
                const points = calls
                    .map((_call, at) => at + 1)
                    .filter((at) =>
                        isWorthIt(
                            calls.map(({ operation }) => operation),
                            at,
                        ),
                    );
                for (const at of points) {
                    await cloud.reset();
                    const release = await prepare();
                    await release.announce();
                    cloud.delivery.crashAfter = at;
                    await cloud.delivery.drainStream();
                    const where = `after call ${at} of ${calls.length}, ${calls[at - 1]?.operation}`;
                    const crashed = cloud.runner.finished.find(
                        ({ invocation }) => invocation.kind === "crashed",
                    );
                    assert.equal(crashed?.calls.length, at, where);
                    for (let run = 0; run < runs; run += 1) await cloud.watch();
                    await assertSettled(release, answer, where);
                    assert.ok(
                        cloud.delivery.alarms.includes("portcullis-dev-approval-scan-event-errors"),
                        where,
                    );
                }
            });
        }

        it("ends in one answer wherever the function is lost that heard of the scan", async () => {
            const waiting = async (): Promise<Release> => {
                const release = await Release.ready(cloud);
                release.unscanned();
                await release.announce();
                await cloud.delivery.drainStream();
                cloud.advance(1);
                release.scanned({ completedAt: cloud.now });
                cloud.runner.finished.length = 0;
                return release;
            };
            const whole = await waiting();
            await cloud.delivery.sendEvent(whole.scanEvent());
            const operations = (cloud.runner.finished[0]?.calls ?? []).map(({ operation }) => operation);
            // Only the calls before the decision, which the stream's way does not make, and the writes: what lies between
            // them is the same as above.
            const points = operations
                .map((_operation, at) => at + 1)
                .filter((at) => at < 4 || operations[at - 1]?.startsWith("Put"));
            for (const at of points) {
                await cloud.reset();
                const release = await waiting();
                cloud.delivery.crashAfter = at;
                await cloud.delivery.sendEvent(release.scanEvent());
                for (let run = 0; run < runs; run += 1) await cloud.watch();
                await assertSettled(release, "Approved", `after call ${at}, ${operations[at - 1]}`);
            }
        });

        it("records a request wherever the recorder or the watchdog is lost", async () => {
            for (const name of ["recorder", "watchdog"] as const) {
                for (let at = 1; at <= 6; at += 1) {
                    await cloud.reset();
                    const release = await Release.ready(cloud);
                    cloud.delivery.crashAfter = at;
                    if (name === "recorder") await release.announce();
                    else await cloud.watch();
                    const crashed = cloud.runner.finished.some(
                        ({ invocation }) => invocation.kind === "crashed",
                    );
                    cloud.delivery.crashAfter = undefined;
                    await cloud.delivery.drainStream();
                    for (let run = 0; run < runs; run += 1) await cloud.watch();
                    await assertSettled(release, "Approved", `${name} after call ${at}`);
                    if (!crashed) break;
                    assert.ok(cloud.delivery.alarms.includes(`portcullis-dev-approval-${name}-errors`));
                }
            }
        });
    });
}

/**
 * Every call but those in the middle of a row of the same ones that only read: reports are read by some thirty requests,
 * and nothing is different between them.
 */
function isWorthIt(operations: readonly string[], at: number): boolean {
    const reads = ["GetObject", "HeadObject"];
    const isRead = (index: number): boolean => reads.includes(operations[index] ?? "");
    return !(isRead(at - 1) && isRead(at - 2) && isRead(at));
}
