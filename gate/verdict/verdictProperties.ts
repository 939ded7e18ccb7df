import assert from "node:assert/strict";
import fc from "fast-check";
import { gatePolicySchema, rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import { scannerNames, type Finding, type ScanReport } from "../report/scanReport";
import { scanStages } from "../policy/scanStage";
import { severities } from "../report/severity";
import type { judge, JudgeRequest, Outcome } from "./verdict";

type Judge = typeof judge;

/** A request whose reports are typed, so that properties can change them. */
export type SampleRequest = Omit<JudgeRequest, "reports"> & { reports: ScanReport[] };

const now = new Date("2026-03-04T12:00:00Z");
const digest = `sha256:${"a".repeat(64)}`;
const otherDigest = `sha256:${"b".repeat(64)}`;
const hour = 3_600_000;

/** How bad an outcome is. No loss of knowledge and no further finding may ever move a verdict to the left. */
const badness: Record<Outcome, number> = { pass: 0, fail: 1, incomplete: 2 };

const finding: fc.Arbitrary<Finding> = fc.record({
    id: fc.constantFrom("CVE-2021-3711", "CVE-2022-0778", "GHSA-896r-f27r-55mw"),
    severity: fc.constantFrom(...severities),
    package: fc.record({
        name: fc.constantFrom("openssl", "json-schema"),
        version: fc.constantFrom("1.0", "2.0"),
        type: fc.constant("deb"),
        path: fc.constantFrom("/a", "/b"),
    }),
    fixedIn: fc.constantFrom(null, "3.0", "4.0"),
    willNotFix: fc.boolean(),
    url: fc.constant(null),
    source: fc.constant("/matches/0"),
});

const policy: fc.Arbitrary<GatePolicy> = fc
    .record({
        limits: fc.record({
            critical: fc.nat(3),
            high: fc.oneof(fc.nat(4), fc.constant("unlimited" as const)),
            medium: fc.oneof(fc.nat(4), fc.constant("unlimited" as const)),
            low: fc.oneof(fc.nat(4), fc.constant("unlimited" as const)),
            negligible: fc.oneof(fc.nat(4), fc.constant("unlimited" as const)),
        }),
        unknownCountsAs: fc.constantFrom(...rankedSeverities),
        requiredScanners: fc.record({
            test: fc.constantFrom(["grype"], ["anchore"], ["anchore", "grype"], ["grype", "anchore"]),
            scanStagingImage: fc.constantFrom(["grype"], ["inspector", "lacework"], ["accuknox", "grype"]),
        }),
    })
    .map((input) => gatePolicySchema.parse({ version: 1, ...input }));

function atHoursAgo(hours: number): string {
    return new Date(now.getTime() - hours * hour).toISOString();
}

function reportOf(name: ScanReport["scanner"]["name"], findings: Finding[]): ScanReport {
    return {
        version: 1,
        scanner: { name, version: "1" },
        subject: { image: `example.org/app@${digest}`, digest },
        startedAt: atHoursAgo(2),
        finishedAt: atHoursAgo(1),
        raw: null,
        dataBuiltAt: atHoursAgo(30),
        complete: true,
        incompleteReasons: [],
        findings,
        refusals: [],
    };
}

/** Good reports of every scanner; what is wrong with them is added by the single properties. */
const reports = fc
    .tuple(
        ...scannerNames.map((name) =>
            fc.array(finding, { maxLength: 6 }).map((found) => reportOf(name, found)),
        ),
    )
    .map((list): ScanReport[] => list);

const request: fc.Arbitrary<SampleRequest> = fc
    .record({ policy, reports, stage: fc.constantFrom(...scanStages) })
    .map((parts) => ({ ...parts, digest, now }));

/** The one report of a required scanner, chosen by `pick`, replaced; the others stay. */
function withChanged({ reports: list, ...rest }: SampleRequest, pick: number, change: Change): SampleRequest {
    const required = list.filter(({ scanner }) =>
        rest.policy.requiredScanners[rest.stage].includes(scanner.name),
    );
    const chosen = required[pick % required.length];
    return { ...rest, reports: list.flatMap((report) => (report === chosen ? change(report) : [report])) };
}

type Change = (report: ScanReport) => ScanReport | ScanReport[];

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

function assertNotBetter(judgeOne: Judge, before: JudgeRequest, after: JudgeRequest): void {
    const [was, is] = [judgeOne(before).outcome, judgeOne(after).outcome];
    assert.ok(badness[is] >= badness[was], `${was} became ${is}`);
}

const anyNumber = fc.nat(1_000);

/** Tries a property; a random seed is used, and printed when it fails, unless one is given. */
function demand<T>(seed: number | undefined, property: fc.IProperty<T>, numRuns = 100): void {
    fc.assert(property, seed === undefined ? { numRuns } : { numRuns, seed });
}

/**
 * What must be true of any `judge`. Kept apart from the spec, so that the spec can also hand in deliberately
 * broken judges and demand that each of them is found out.
 */
export const verdictProperties: Record<string, (judgeOne: Judge, seed?: number) => void> = {
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
            1_000,
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
    "order and repetition of reports and findings never matter": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(
                request.chain((base) =>
                    fc.record({
                        base: fc.constant(base),
                        shuffled: fc.tuple(
                            ...base.reports.map((report) =>
                                fc
                                    .shuffledSubarray([...report.findings, ...report.findings], {
                                        minLength: report.findings.length * 2,
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
    "an outcome other than pass has a reason that decides": (judgeOne, seed) =>
        demand(
            seed,
            fc.property(request, (base) => {
                const { outcome, reasons } = judgeOne(base);
                assert.equal(
                    outcome === "pass",
                    reasons.every(({ kind }) => kind === "note"),
                );
            }),
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
