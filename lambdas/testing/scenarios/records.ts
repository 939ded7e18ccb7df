import assert from "node:assert/strict";
import type { ApprovalCloud } from "../approvalCloud";
import { Release, reportedFinding } from "../release";

/** What is written down about a decision, and what CodePipeline is shown of it. */
export function recordScenarios(cloudOf: () => ApprovalCloud): void {
    describe("records", () => {
        let cloud: ApprovalCloud;
        beforeEach(() => (cloud = cloudOf()));

        it("approves when the scan was there before the message, and writes down exactly why", async () => {
            const release = await Release.ready(cloud);
            await release.announce();
            await cloud.delivery.drainStream();

            const record = await release.record();
            assert.ok(record?.decision !== undefined);
            const { decision, request, ...rest } = record;
            assert.deepEqual(rest, { revision: 4, status: "approved" });
            const { expiresAt } = release.run.approval ?? {};
            assert.deepEqual(request, {
                pipeline: release.pipeline.name,
                stage: "Approve",
                action: "GateApproval",
                token: release.token,
                expiresAt: new Date(Math.floor(Number(expiresAt) / 60_000) * 60_000).toISOString(),
                receivedAt: request.receivedAt,
                decideBy: new Date(Date.parse(request.receivedAt) + 60 * 60_000).toISOString(),
                subject: {
                    application: "sample",
                    digest: release.digest,
                    image: `${release.registry}/portcullis-dev-sample-candidate@${release.digest}`,
                    execution: release.execution,
                    commit: release.commit,
                },
                problem: null,
            });
            const none = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };
            const { decidedAt, summary, ...why } = decision;
            const places = `s3://${cloud.settings.evidenceBucket}/sample/${release.digest.replace(":", "-")}/grype/${release.execution}`;
            assert.deepEqual(why, {
                answer: "approved",
                decidedBy: `arn:aws:lambda:us-east-1:123456789012:function:portcullis-dev-approval-scan-event:$LATEST`,
                policySha256: why.policySha256,
                limits: {
                    critical: 0,
                    high: 0,
                    medium: "unlimited",
                    low: "unlimited",
                    negligible: "unlimited",
                },
                parts: [
                    ...(["test", "scanStagingImage"] as const).map((stage) => ({
                        part: stage,
                        outcome: "pass",
                        counts: none,
                        waived: none,
                        required: ["grype"],
                        evidence: [{ scanner: "grype", place: `${places}/${stage}/report.json` }],
                    })),
                    {
                        part: "registry",
                        outcome: "pass",
                        counts: none,
                        waived: none,
                        required: ["inspector"],
                        evidence: [
                            {
                                scanner: "inspector",
                                place: `portcullis-dev-sample-staging@${release.digest}`,
                            },
                        ],
                    },
                ],
                counting: { unknown: null, unfixed: null },
                waivers: [],
                reasons: [],
                moreReasons: 0,
            });
            assert.match(why.policySha256, /^[0-9a-f]{64}$/);
            const since = Date.parse(decidedAt) - cloud.now.getTime();
            assert.ok(since >= 0 && since < 60_000, decidedAt);
            assert.deepEqual(release.answers(), [
                {
                    status: "Approved",
                    summary,
                    by: "arn:aws:sts::123456789012:assumed-role/portcullis-dev-approval-scan-event/portcullis-dev-approval-scan-event",
                },
            ]);
            assert.ok(summary.length <= 512, String(summary.length));
            const said = [
                `approved ${release.digest}`,
                "test pass, scanStagingImage pass, registry pass",
                "critical 0 of 0, high 0 of 0, medium 0 of unlimited",
                `portcullis-dev-approval-scan-event at ${decidedAt}`,
                `policy ${why.policySha256.slice(0, 12)}`,
                `Evidence: s3://${cloud.settings.evidenceBucket}/sample/`,
            ];
            for (const part of said) assert.ok(summary.includes(part), `${part} is not in: ${summary}`);
            assert.deepEqual(cloud.facts, ["RequestRecorded", "Approved"]);
            assert.deepEqual([cloud.queued, cloud.delivery.alarms], [{}, []]);
        });

        it("keeps requests for the time that their end says", async () => {
            const [approved, rejected, waiting] = [
                await Release.ready(cloud),
                new Release(cloud),
                new Release(cloud),
            ];
            await approved.announce();
            await cloud.delivery.drainStream();
            rejected.enter();
            await rejected.announce();
            await cloud.delivery.drainStream();
            waiting.enter();
            await waiting.store("test");
            await waiting.store("scanStagingImage");
            waiting.unscanned();
            await waiting.announce();
            await cloud.delivery.drainStream();
            const items = await cloud.table.items();
            const days = items.map(({ record, expires, open, status }) => [
                status?.S,
                record?.S?.split("#")[0],
                open?.S ?? null,
                expires?.N === undefined
                    ? null
                    : Math.round((Number(expires.N) * 1000 - cloud.now.getTime()) / 86_400_000),
            ]);
            assert.deepEqual(days.sort(), [
                ["approved", "request", null, null],
                ["rejected", "request", null, 400],
                ["waiting", "request", "open", null],
            ]);
        });

        it("keeps the summary within 512 characters and the record within its item, whatever was found", async () => {
            const release = new Release(cloud);
            release.enter();
            release.scanned();
            const findings = Array.from({ length: 400 }, (_, at) =>
                reportedFinding({
                    id: `CVE-2026-${10_000 + at}`,
                    severity: "critical",
                    package: { name: `p\u{1F600}\n"${"x".repeat(900)}`, version: "1", type: "deb" },
                }),
            );
            await release.store("test", { findings });
            await release.store("scanStagingImage");
            await release.announce();
            await cloud.delivery.drainStream();
            const decision = (await release.record())?.decision;
            assert.deepEqual(
                [decision?.answer, decision?.reasons.length, decision?.moreReasons],
                ["rejected", 50, 350],
            );
            const [answer] = release.answers();
            assert.equal(answer?.summary, decision?.summary);
            assert.ok((answer?.summary.length ?? 1000) <= 512);
            assert.ok(!/[\n\r]/.test(answer?.summary ?? "\n"), answer?.summary);
            assert.match(answer?.summary ?? "", /critical 400 of 0/);
        });
    });
}
