import assert from "node:assert/strict";
import type { ApprovalCloud } from "../approvalCloud";
import { Release, reportedFinding } from "../release";

const today = new Date();
const day = (from: number): string =>
    new Date(today.getTime() + from * 86_400_000).toISOString().slice(0, 10);

/** For the configuration of the stack in which these scenarios run. */
export const scenarioWaivers = [
    {
        id: "CVE-2026-3000",
        package: "libexample",
        reason: "The vulnerable function is never called by the image.",
        owner: "payments-team",
        created: day(-2),
        expires: day(10),
    },
];

/** Findings that are accepted for a while. */
export function waiverScenarios(cloudOf: () => ApprovalCloud): void {
    describe("waivers", () => {
        let cloud: ApprovalCloud;
        beforeEach(() => (cloud = cloudOf()));

        async function decided(id: string) {
            const release = new Release(cloud);
            release.enter();
            release.scanned();
            for (const stage of ["test", "scanStagingImage"] as const)
                await release.store(stage, { findings: [reportedFinding({ id })] });
            await release.announce();
            await cloud.delivery.drainStream();
            const decision = (await release.record())?.decision;
            assert.ok(decision !== undefined);
            assert.equal(release.answers().length, 1);
            return decision;
        }

        it("are in the record and in the summary when they were used", async () => {
            const { answer, waivers, parts, summary } = await decided("CVE-2026-3000");
            assert.equal(answer, "approved");
            assert.deepEqual(waivers, [
                {
                    id: "CVE-2026-3000",
                    package: "libexample",
                    owner: "payments-team",
                    expires: day(10),
                    severity: "high",
                },
            ]);
            assert.deepEqual(
                parts.map(({ part, counts, waived }) => [part, counts.high, waived.high]),
                [
                    ["test", 0, 1],
                    ["scanStagingImage", 0, 1],
                    ["registry", 0, 0],
                ],
            );
            assert.ok(summary.includes(`CVE-2026-3000 (payments-team, to ${day(10)})`), summary);
        });

        it("let nothing pass any more once one of them has expired", async () => {
            cloud.advance(11 * 24 * 60);
            const { answer, waivers, reasons } = await decided("CVE-2026-3000");
            assert.deepEqual([answer, waivers], ["rejected", []]);
            assert.match(reasons.join("\n"), /^test: the waiver of CVE-2026-3000 .* expired/m);
        });
    });
}
