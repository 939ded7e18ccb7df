import assert from "node:assert/strict";
import fc from "fast-check";
import { concerns, covers, type Waiver } from "../policy/waiver";
import { reasonEffects, type Reason } from "./reason";
import {
    anyNumber,
    assertNotBetter,
    atHoursAgo,
    dateDaysAgo,
    demand,
    finding,
    kindsOf,
    longLives,
    oneFinding,
    request,
    waiverOf,
    withChanged,
    withoutOverlap,
    withoutWaivers,
    withPolicy,
    withWaiver,
    type VerdictProperty,
} from "./testing/verdictSamples";
import type { Verdict } from "./verdict";

/** What a verdict says, apart from which policy and application it is about. */
function said({ outcome, counts, waived, scanners, reasons }: Verdict) {
    return { outcome, counts, waived, scanners, reasons };
}

/** What a waiver excuses. */
export const waiverProperties: Record<string, VerdictProperty> = {
    "exactly what a waiver is for is waived": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(
                request.map((base) => withPolicy(base, { maximumWaiverDays: longLives })),
                (base) => {
                    const { policy, application } = base;
                    const holds = policy.waivers.filter((waiver) => concerns(waiver, application));
                    for (const { scanner, reasons } of perScanner(judgeOne(base))) {
                        const { findings } =
                            base.reports.find((report) => report.scanner.name === scanner) ?? assert.fail();
                        const expected = findings.filter((one) =>
                            holds.some((waiver) => covers(waiver, one)),
                        );
                        const names = (list: readonly string[]) => [...new Set(list)].sort();
                        assert.deepEqual(
                            names(
                                reasons.map(({ finding: of }) => `${of?.id} ${of?.package} ${of?.version}`),
                            ),
                            names(expected.map(({ id, package: of }) => `${id} ${of.name} ${of.version}`)),
                        );
                    }
                },
            ),
            200,
        ),
    "removing a waiver that holds never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, anyNumber, (base, pick) =>
                assertNotBetter(
                    judgeOne,
                    base,
                    withWaiver(base, pick, () => []),
                ),
            ),
            300,
        ),
    "narrowing a waiver never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(
                request,
                anyNumber,
                fc.constantFrom<Partial<Waiver>>({ package: "openssl" }, { applications: ["orders"] }),
                (base, pick, scope) =>
                    assertNotBetter(
                        judgeOne,
                        base,
                        withWaiver(base, pick, (waiver) => [{ ...scope, ...waiver }]),
                    ),
            ),
            300,
        ),
    "a waiver with another id, package or application excuses nothing": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(
                request,
                finding,
                fc.constantFrom<(waiver: Waiver) => Partial<Waiver>>(
                    ({ id }) => ({ id: id.toLowerCase() }),
                    ({ id }) => ({ id: id.slice(0, -1) }),
                    ({ id }) => ({ id: `${id}1` }),
                    () => ({ package: "open" }),
                    () => ({ package: "openssl-libs" }),
                    () => ({ package: "OpenSSL" }),
                    () => ({ package: "JSON-schema" }),
                    () => ({ applications: ["orders-2"] }),
                    () => ({ applications: ["order", "ORDERS", "bill"] }),
                ),
                (base, one, change) => {
                    const sample = oneFinding(base, one, change(waiverOf({ id: one.id })));
                    const verdict = judgeOne(sample);
                    assert.equal(verdict.outcome, "fail");
                    assert.deepEqual(verdict.counts, judgeOne(withoutWaivers(sample)).counts);
                    assert.ok(!kindsOf(verdict).includes("waived"));
                },
            ),
            300,
        ),
    "waivers of other applications say nothing": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, fc.nat(30), (base, days) => {
                const waivers = withoutOverlap(
                    base.policy.waivers.map((waiver, at) => ({
                        ...waiver,
                        applications: ["elsewhere"],
                        // Some have expired: that is for the others to mend.
                        ...(at % 2 === 0
                            ? { created: dateDaysAgo(days + 2), expires: dateDaysAgo(days + 1) }
                            : {}),
                    })),
                );
                const verdict = judgeOne(withPolicy(base, { waivers }));
                const reasons = verdict.reasons.filter(
                    ({ kind, message }) => kind !== "note" || !message.includes("(--application)"),
                );
                assert.equal(
                    verdict.reasons.length - reasons.length,
                    base.application === undefined && waivers.length > 0 ? 1 : 0,
                );
                assert.deepEqual(said({ ...verdict, reasons }), said(judgeOne(withoutWaivers(base))));
            }),
        ),
    "a waiver excuses neither a doubt nor a refusal": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, anyNumber, finding, (base, pick, one) => {
                const sample = oneFinding(base, one, {});
                const refusals = [{ rule: one.id, message: one.id }];
                const refused = withChanged(sample, pick, (report) => ({ ...report, refusals }));
                assert.equal(judgeOne(refused).outcome, "fail");
                for (const spoil of [
                    { complete: false, incompleteReasons: [one.id] },
                    { dataBuiltAt: null },
                    { startedAt: atHoursAgo(31), finishedAt: atHoursAgo(30) },
                ]) {
                    const doubtful = withChanged(sample, pick, (report) => ({ ...report, ...spoil }));
                    assert.equal(judgeOne(doubtful).outcome, "incomplete");
                }
            }),
        ),
    "the order of waivers, applications and required scanners never matters": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, (base) => {
                const { waivers, requiredScanners } = base.policy;
                const turned = withPolicy(base, {
                    waivers: waivers.toReversed().map(({ applications, ...waiver }) => ({
                        ...waiver,
                        ...(applications === undefined ? {} : { applications: applications.toReversed() }),
                    })),
                    requiredScanners: {
                        test: requiredScanners.test.toReversed(),
                        scanStagingImage: requiredScanners.scanStagingImage.toReversed(),
                    },
                });
                assert.deepEqual(judgeOne(turned), judgeOne(base));
            }),
            300,
        ),
    "exactly the waivers that are for nothing found are noted as unused": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, fc.boolean(), (base, isLost) => {
                const { policy, stage, application } = base;
                const required = base.reports.filter(({ scanner }) =>
                    policy.requiredScanners[stage].includes(scanner.name),
                );
                const found = required.flatMap(({ findings }) => findings);
                const unused = policy.waivers.filter(
                    (waiver) => concerns(waiver, application) && !found.some((one) => covers(waiver, one)),
                );
                // While a report is missing, nobody knows.
                const sample = isLost ? withChanged(base, 0, () => []) : base;
                assert.deepEqual(
                    keysOf(judgeOne(sample).reasons.filter(({ kind }) => kind === "waiverUnused")),
                    isLost ? [] : unused.map(keyOf).sort(),
                );
            }),
            200,
        ),
    "what waivers note decides nothing": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, (base) => {
                const { outcome, reasons } = judgeOne(base);
                const effects = new Set(reasons.map(({ kind }) => reasonEffects[kind]));
                assert.equal(
                    outcome,
                    effects.has("incomplete") ? "incomplete" : effects.has("fail") ? "fail" : "pass",
                );
            }),
        ),
};

function keyOf({ id, package: name, applications }: Waiver): string {
    return JSON.stringify([id, name ?? null, applications?.toSorted() ?? null]);
}

function keysOf(reasons: readonly Reason[]): string[] {
    return reasons
        .map(({ waiver }) => JSON.stringify([waiver?.id, waiver?.package, waiver?.applications]))
        .sort();
}

/** The waived findings of each scanner that took part. */
function perScanner({ scanners, reasons }: Verdict) {
    return scanners.map(({ name }) => ({
        scanner: name,
        reasons: reasons.filter(({ kind, scanner }) => kind === "waived" && scanner === name),
    }));
}
