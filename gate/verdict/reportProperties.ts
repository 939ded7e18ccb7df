import assert from "node:assert/strict";
import fc from "fast-check";
import { scanStages } from "../policy/scanStage";
import { scannerNames, type ScanReport } from "../report/scanReport";
import { reasonEffects } from "./reason";
import {
    anyNumber,
    assertNotBetter,
    atHoursAgo,
    demand,
    hour,
    now,
    reports,
    request,
    withChanged,
    withPolicy,
    type Change,
    type VerdictProperty,
} from "./testing/verdictSamples";

const otherDigest = `sha256:${"b".repeat(64)}`;

/** Ways in which a report cannot be believed. Each must lead to `incomplete`, whatever else is the case. */
const spoiled = {
    absent: () => [],
    "for another digest": (report) => ({
        ...report,
        subject: { image: `example.org/app@${otherDigest}`, digest: otherDigest },
    }),
    "image and digest differ": (report) => ({
        ...report,
        subject: { ...report.subject, image: `example.org/app@${otherDigest}` },
    }),
    "image by tag": (report) => ({ ...report, subject: { ...report.subject, image: "example.org/app:1" } }),
    "not complete": (report) => ({ ...report, complete: false, incompleteReasons: ["cut off"] }),
    "not complete without a reason": (report) => ({ ...report, complete: false }),
    "complete with a reason": (report) => ({ ...report, incompleteReasons: ["cut off"] }),
    "without data age": (report) => ({ ...report, dataBuiltAt: null }),
    "with data too old": (report) => ({ ...report, dataBuiltAt: atHoursAgo(121) }),
    "with data from the future": (report) => ({ ...report, dataBuiltAt: atHoursAgo(-1) }),
    "with data newer than the scan": (report) => ({ ...report, dataBuiltAt: atHoursAgo(0.5) }),
    "too old": (report) => ({ ...report, startedAt: atHoursAgo(26), finishedAt: atHoursAgo(25) }),
    "finished before it started": (report) => ({ ...report, startedAt: atHoursAgo(0.5) }),
    "from the future": (report) => ({ ...report, startedAt: atHoursAgo(-1), finishedAt: atHoursAgo(-2) }),
    "contradicted by a second one": (report) => [
        report,
        { ...report, findings: [], scanner: { ...report.scanner, version: "2" } },
    ],
    "without findings list": (report) => ({ ...report, findings: undefined }) as unknown as ScanReport,
    "of a later format": (report) => ({ ...report, version: 2 }) as unknown as ScanReport,
} satisfies Record<string, Change>;

/** Which reports are believed, and which of them decide. */
export const reportProperties: Record<string, VerdictProperty> = {
    "a refusal of a required scanner is never a pass": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, anyNumber, (base, pick) => {
                const refused = withChanged(base, pick, (report) => ({
                    ...report,
                    refusals: [{ rule: "dockerfile", message: "runs as root" }],
                }));
                assert.equal(judgeOne(refused).outcome, "fail");
            }),
        ),
    "an outcome other than pass has a reason that decides": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, (base) => {
                const { outcome, reasons } = judgeOne(base);
                assert.equal(
                    outcome === "pass",
                    reasons.every(({ kind }) => reasonEffects[kind] === "note"),
                );
            }),
        ),
    "only the scanners of the judged stage decide": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, fc.subarray([...scannerNames], { minLength: 1 }), (base, others) => {
                const [other] = scanStages.filter((stage) => stage !== base.stage);
                assert.ok(other);
                const requiredScanners = { ...base.policy.requiredScanners, [other]: others };
                const { outcome, scanners } = judgeOne(base);
                const after = judgeOne(withPolicy(base, { requiredScanners }));
                assert.deepEqual([after.outcome, after.scanners], [outcome, scanners]);
                const required = scanners.filter((scanner) => scanner.required).map(({ name }) => name);
                assert.deepEqual(required.sort(), base.policy.requiredScanners[base.stage].toSorted());
            }),
        ),
    "advisory scanners never decide": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, reports, (base, others) => {
                const required = base.policy.requiredScanners[base.stage];
                const mixed = [
                    ...base.reports.filter(({ scanner }) => required.includes(scanner.name)),
                    ...others.filter(({ scanner }) => !required.includes(scanner.name)),
                ];
                assert.equal(judgeOne({ ...base, reports: mixed }).outcome, judgeOne(base).outcome);
            }),
        ),
    "ageing data and later judgement never improve": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, anyNumber, fc.nat(300), (base, pick, hours) => {
                const older = withChanged(base, pick, (report) => ({
                    ...report,
                    dataBuiltAt: atHoursAgo(30 + hours),
                }));
                assertNotBetter(judgeOne, base, older);
                assertNotBetter(judgeOne, base, { ...base, now: new Date(now.getTime() + hours * hour) });
            }),
        ),
    "the order of reports and findings and a report given twice never matter": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(
                request.chain((base) =>
                    fc.record({
                        base: fc.constant(base),
                        shuffled: fc.tuple(
                            ...base.reports.map((report) =>
                                fc
                                    .shuffledSubarray(report.findings, {
                                        minLength: report.findings.length,
                                    })
                                    .map((findings) => ({ ...report, findings })),
                            ),
                        ),
                        reversed: fc.boolean(),
                        repeated: fc.boolean(),
                    }),
                ),
                ({ base, shuffled, reversed, repeated }) => {
                    const list = repeated ? [...shuffled, ...shuffled] : shuffled;
                    assert.deepEqual(
                        judgeOne({ ...base, reports: reversed ? list.toReversed() : list }),
                        judgeOne(base),
                    );
                },
            ),
        ),
    "the order of two different reports does not matter": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, reports, (base, more) => {
                const list = [...base.reports, ...more];
                assert.deepEqual(
                    judgeOne({ ...base, reports: list.toReversed() }),
                    judgeOne({ ...base, reports: list }),
                );
            }),
        ),
    "requiring one more scanner never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, fc.constantFrom(...scannerNames), fc.boolean(), (base, name, isThere) => {
                const there = isThere
                    ? base
                    : { ...base, reports: base.reports.filter(({ scanner }) => scanner.name !== name) };
                const before = base.policy.requiredScanners;
                const now = { ...before, [base.stage]: [...new Set([...before[base.stage], name])] };
                assertNotBetter(judgeOne, there, withPolicy(there, { requiredScanners: now }));
            }),
        ),
    "a report that cannot be believed is incomplete": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(
                request,
                anyNumber,
                fc.constantFrom(...Object.entries(spoiled)),
                (base, pick, [how, change]) => {
                    const verdict = judgeOne(withChanged(base, pick, change));
                    assert.equal(verdict.outcome, "incomplete", how);
                },
            ),
            600,
        ),
    "removing a scanner's report never improves": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, fc.constantFrom(...scannerNames), (base, name) =>
                assertNotBetter(judgeOne, base, {
                    ...base,
                    reports: base.reports.filter(({ scanner }) => scanner.name !== name),
                }),
            ),
            300,
        ),
};
