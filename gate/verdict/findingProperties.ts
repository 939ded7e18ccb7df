import assert from "node:assert/strict";
import fc from "fast-check";
import { gatePolicySchema, rankedSeverities } from "../policy/gatePolicy";
import { scannerNames, type Finding } from "../report/scanReport";
import {
    anyNumber,
    assertNotBetter,
    demand,
    digest,
    finding,
    now,
    reportOf,
    request,
    withChanged,
    withPolicy,
    type VerdictProperty,
} from "./testing/verdictSamples";

/** What findings do to a verdict. */
export const findingProperties: Record<string, VerdictProperty> = {
    "a finding counts as its own severity, or without a fix as unfixedCountsAs at most": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, finding, (base, one) => {
                const { unknownCountsAs, unfixedCountsAs: cap } = base.policy;
                const own = one.severity === "unknown" ? unknownCountsAs : one.severity;
                const unfixed = one.fixedIn === null || one.willNotFix;
                const milder = Math.max(
                    rankedSeverities.indexOf(own),
                    ["own", ...rankedSeverities].indexOf(cap) - 1,
                );
                const expected = unfixed ? rankedSeverities[milder] : own;
                const verdict = judgeOne({
                    ...withPolicy(base, { waivers: [] }),
                    reports: scannerNames.map((name) => reportOf(name, [one])),
                });
                const none = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };
                const counts = { ...none, [expected ?? ""]: 1 };
                assert.deepEqual(verdict.counts, counts);
                for (const scanner of verdict.scanners) {
                    assert.deepEqual(scanner.counts, counts);
                    assert.deepEqual(scanner.capped, expected === own ? none : counts);
                    assert.deepEqual(scanner.unknown, one.severity === "unknown" ? counts : none);
                }
            }),
            300,
        ),
    "exactly the limit passes and one more fails": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(
                fc.constantFrom(...rankedSeverities),
                fc.nat(200),
                fc.boolean(),
                (severity, allowed, as) => {
                    const limits = {
                        critical: 1_000,
                        high: "unlimited",
                        medium: "unlimited",
                        low: "unlimited",
                    };
                    const one = gatePolicySchema.parse({
                        version: 1,
                        limits: { ...limits, negligible: "unlimited", [severity]: allowed },
                        unknownCountsAs: severity,
                    });
                    const found = Array.from({ length: allowed + 1 }, (_, at): Finding => ({
                        id: `CVE-2026-${at}`,
                        severity: as ? "unknown" : severity,
                        package: { name: "openssl", version: "1.0", type: "deb" },
                        fixedIn: null,
                        willNotFix: at % 2 === 0,
                        url: null,
                        source: `/matches/${at}`,
                    }));
                    const judged = (findings: Finding[]) =>
                        judgeOne({
                            policy: one,
                            stage: "test",
                            reports: [reportOf("grype", findings)],
                            digest,
                            now,
                        });
                    assert.equal(judged(found.slice(1)).outcome, "pass");
                    const verdict = judged(found);
                    assert.equal(verdict.outcome, "fail");
                    assert.equal(verdict.counts[severity], allowed + 1);
                    assert.equal(verdict.reasons.length, allowed + 1);
                },
            ),
        ),
    "adding a finding never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, anyNumber, anyNumber, finding, (base, pick, at, added) =>
                assertNotBetter(
                    judgeOne,
                    base,
                    withChanged(base, pick, (report) => ({
                        ...report,
                        findings: report.findings.toSpliced(at % (report.findings.length + 1), 0, added),
                    })),
                ),
            ),
        ),
    "raising what unknown counts as never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, fc.constantFrom(...rankedSeverities), (base, to) => {
                const from = rankedSeverities.indexOf(base.policy.unknownCountsAs);
                if (rankedSeverities.indexOf(to) > from) return;
                assertNotBetter(judgeOne, base, { ...base, policy: { ...base.policy, unknownCountsAs: to } });
            }),
        ),
    "raising what unfixed findings count as never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, fc.constantFrom("own" as const, ...rankedSeverities), (base, to) => {
                const order = ["own", ...rankedSeverities];
                if (order.indexOf(to) > order.indexOf(base.policy.unfixedCountsAs)) return;
                assertNotBetter(judgeOne, base, withPolicy(base, { unfixedCountsAs: to }));
            }),
            300,
        ),
    "a fix that appears never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, anyNumber, anyNumber, (base, pick, at) =>
                assertNotBetter(
                    judgeOne,
                    base,
                    withChanged(base, pick, (report) => ({
                        ...report,
                        findings: report.findings.map((one, i) =>
                            i === at % report.findings.length
                                ? { ...one, fixedIn: "5.0", willNotFix: false }
                                : one,
                        ),
                    })),
                ),
            ),
            300,
        ),
    "raising a severity never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(
                request,
                anyNumber,
                anyNumber,
                fc.constantFrom(...rankedSeverities),
                (base, pick, at, to) => {
                    const raise = (one: Finding): Finding => {
                        const from = one.severity === "unknown" ? base.policy.unknownCountsAs : one.severity;
                        const worse = rankedSeverities.indexOf(to) < rankedSeverities.indexOf(from);
                        return worse ? { ...one, severity: to } : one;
                    };
                    assertNotBetter(
                        judgeOne,
                        base,
                        withChanged(base, pick, (report) => ({
                            ...report,
                            findings: report.findings.map((one, i) =>
                                i === at % report.findings.length ? raise(one) : one,
                            ),
                        })),
                    );
                },
            ),
            1_000,
        ),
};
