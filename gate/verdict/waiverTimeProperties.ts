import assert from "node:assert/strict";
import fc from "fast-check";
import { rankedSeverities } from "../policy/gatePolicy";
import {
    anyNumber,
    assertNotBetter,
    dateDaysAgo,
    demand,
    finding,
    hour,
    kindsOf,
    longLives,
    now,
    oneFinding,
    request,
    waiverOf,
    withChanged,
    withoutWaivers,
    withPolicy,
    withWaiver,
    type SampleRequest,
    type VerdictProperty,
} from "./testing/verdictSamples";

/** Ages do not matter, so that nothing but a waiver can change with time. */
function ageless(base: SampleRequest): SampleRequest {
    return withPolicy(base, { maximumDataAgeHours: 8_760, maximumReportAgeHours: 8_760 });
}

/** How long a waiver is worth anything. */
export const waiverTimeProperties: Record<string, VerdictProperty> = {
    "an expired waiver fails by itself, and says so": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, fc.boolean(), fc.integer({ min: 1, max: 400 }), (base, isFound, days) => {
                const id = isFound ? "CVE-2021-3711" : "CVE-1999-0001";
                const expired = waiverOf({ id, created: dateDaysAgo(days + 1), expires: dateDaysAgo(days) });
                const verdict = judgeOne(withPolicy(base, { waivers: [expired] }));
                assert.equal(verdict.outcome, "fail");
                const [reason, ...others] = verdict.reasons.filter(({ kind }) => kind === "waiverExpired");
                assert.deepEqual([reason?.waiver?.id, reason?.waiver?.expires], [id, expired.expires]);
                assert.deepEqual(others, []);
                const before = judgeOne(withoutWaivers(base));
                assert.deepEqual([verdict.counts, verdict.scanners], [before.counts, before.scanners]);
            }),
        ),
    "a waiver holds from the first moment of created to the last of expires, UTC": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request.map(ageless), finding, (base, one) => {
                const dates = { created: "2026-03-05", expires: "2026-03-06" };
                const at = (time: string) => {
                    const verdict = judgeOne({ ...oneFinding(base, one, dates), now: new Date(time) });
                    const kinds = kindsOf(verdict);
                    return [
                        verdict.outcome,
                        kinds.find((kind) => ["waived", "waiverExpired", "waiverNotYetValid"].includes(kind)),
                    ];
                };
                assert.deepEqual(at("2026-03-04T23:59:59.999Z"), ["fail", "waiverNotYetValid"]);
                assert.deepEqual(at("2026-03-05T00:00:00.000Z"), ["pass", "waived"]);
                assert.deepEqual(at("2026-03-06T23:59:59.999Z"), ["pass", "waived"]);
                assert.deepEqual(at("2026-03-07T00:00:00.000Z"), ["fail", "waiverExpired"]);
            }),
            20,
        ),
    "a waiver that lives a day too long for the severity is not applied": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, finding, fc.integer({ min: 1, max: 30 }), (base, one, most) => {
                const severity = one.severity === "unknown" ? base.policy.unknownCountsAs : one.severity;
                // All milder findings may be waived for long, worse ones for less.
                const place = rankedSeverities.indexOf(severity);
                const days = (at: number): number => (at < place ? 0 : at === place ? most : 365);
                const maximumWaiverDays = { ...longLives };
                rankedSeverities.forEach((each, at) => (maximumWaiverDays[each] = days(at)));
                const at = (lived: number) => {
                    const dates = { created: dateDaysAgo(most), expires: dateDaysAgo(most - lived) };
                    return judgeOne(withPolicy(oneFinding(base, one, dates), { maximumWaiverDays }));
                };
                const within = at(most);
                assert.equal(within.outcome, "pass");
                assert.ok(!kindsOf(within).includes("waiverTooLong"));
                const beyond = at(most + 1);
                assert.equal(beyond.outcome, "fail");
                assert.deepEqual(beyond.waived, within.counts);
                assert.deepEqual(beyond.counts, within.waived);
                assert.ok(kindsOf(beyond).includes("waiverTooLong"));
                assert.ok(!kindsOf(beyond).includes("waiverUnused"));
            }),
        ),
    "counted and waived findings together are all entries of the list, and each waived one is listed": (
        judgeOne,
        seed,
    ) =>
        demand(
            seed,
            fc.property(request, (base) => {
                const [verdict, plain] = [judgeOne(base), judgeOne(withoutWaivers(base))];
                for (const { name, counts, waived } of verdict.scanners) {
                    const all = plain.scanners.find((scanner) => scanner.name === name)?.counts;
                    for (const severity of rankedSeverities) {
                        const together = (counts?.[severity] ?? 0) + (waived?.[severity] ?? 0);
                        assert.equal(together, all?.[severity]);
                        const listed = verdict.reasons.filter(
                            (reason) =>
                                reason.kind === "waived" &&
                                reason.scanner === name &&
                                reason.finding?.severity === severity,
                        );
                        assert.equal(listed.length, waived?.[severity]);
                    }
                    const entries = base.reports.find(({ scanner }) => scanner.name === name)?.findings;
                    assert.equal(
                        rankedSeverities.reduce((sum, severity) => sum + (all?.[severity] ?? 0), 0),
                        entries?.length,
                    );
                }
                for (const severity of rankedSeverities) {
                    const most = verdict.scanners
                        .filter(({ required }) => required)
                        .map(({ waived }) => waived?.[severity] ?? 0);
                    assert.equal(verdict.waived[severity], Math.max(...most));
                }
            }),
            200,
        ),
    "a waiver dated in the future excuses nothing and fails": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, finding, fc.integer({ min: 1, max: 400 }), (base, one, days) => {
                const dates = { created: dateDaysAgo(-days), expires: dateDaysAgo(-days - 1) };
                const verdict = judgeOne(oneFinding(base, one, dates));
                assert.equal(verdict.outcome, "fail");
                assert.ok(kindsOf(verdict).includes("limitExceeded"));
                assert.ok(kindsOf(verdict).includes("waiverNotYetValid"));
                assert.ok(!kindsOf(verdict).includes("waived"));
            }),
        ),
    "letting a waiver expire never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, anyNumber, fc.integer({ min: 1, max: 400 }), (base, pick, days) =>
                assertNotBetter(
                    judgeOne,
                    base,
                    withWaiver(base, pick, (waiver) => [
                        { ...waiver, created: dateDaysAgo(days + 1), expires: dateDaysAgo(days) },
                    ]),
                ),
            ),
            300,
        ),
    "time never improves while waivers end": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request.map(ageless), fc.nat(60), fc.nat(60), (base, days, more) => {
                const at = (passed: number) => ({
                    ...base,
                    now: new Date(now.getTime() + passed * 24 * hour),
                });
                assertNotBetter(judgeOne, at(days), at(days + more));
            }),
            300,
        ),
    "shortening how long waivers may live never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, fc.nat(90), (base, most) => {
                const days = { ...base.policy.maximumWaiverDays };
                for (const severity of rankedSeverities) days[severity] = Math.min(days[severity], most);
                assertNotBetter(judgeOne, base, withPolicy(base, { maximumWaiverDays: days }));
            }),
            300,
        ),
    "an expired waiver leaves incomplete what could not be judged": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, anyNumber, (base, pick) => {
                const waivers = [waiverOf({ created: dateDaysAgo(9), expires: dateDaysAgo(8) })];
                const sample = withChanged(withPolicy(base, { waivers }), pick, () => []);
                const verdict = judgeOne(sample);
                assert.equal(verdict.outcome, "incomplete");
                assert.ok(kindsOf(verdict).includes("waiverExpired"));
            }),
        ),
};
