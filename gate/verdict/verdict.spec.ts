import assert from "node:assert/strict";
import { gatePolicySchema, type GatePolicyInput } from "../policy/gatePolicy";
import type { Finding, ScanReport } from "../report/scanReport";
import { judge, type Verdict } from "./verdict";
import { verdictProperties } from "./verdictProperties";

const now = new Date("2026-03-04T12:00:00Z");
const digest = `sha256:${"1".repeat(64)}`;

function finding(change: Partial<Finding> = {}): Finding {
    return {
        id: "CVE-2021-3711",
        severity: "critical",
        package: { name: "openssl", version: "1.1.1k", type: "deb", path: "/var/lib/dpkg/status" },
        fixedIn: "1.1.1l",
        willNotFix: false,
        url: null,
        source: "/matches/0",
        ...change,
    };
}

function report(change: Partial<ScanReport> = {}): ScanReport {
    return {
        version: 1,
        scanner: { name: "grype", version: "0.115.0" },
        subject: { image: `example.org/app@${digest}`, digest },
        startedAt: "2026-03-04T11:00:00Z",
        finishedAt: "2026-03-04T11:01:00Z",
        raw: null,
        dataBuiltAt: "2026-03-03T11:00:00Z",
        complete: true,
        incompleteReasons: [],
        findings: [],
        refusals: [],
        ...change,
    };
}

const none = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };

function judged(reports: unknown[], policy: Omit<GatePolicyInput, "version"> = {}, at = now): Verdict {
    return judge({
        policy: gatePolicySchema.parse({ version: 1, ...policy }),
        stage: "test",
        reports,
        digest,
        now: at,
    });
}

function lines({ reasons }: Verdict): string[] {
    return reasons.map(({ kind, message }) => `${kind}: ${message}`);
}

describe("verdict", () => {
    it("passes a complete, young report within the limits", () => {
        const low = finding({ severity: "low" });
        assert.deepEqual(judged([report({ findings: [low] })]), {
            version: 1,
            outcome: "pass",
            digest,
            stage: "test",
            application: null,
            judgedAt: "2026-03-04T12:00:00.000Z",
            policySha256: "3c7ac1120058d7965e32421e7962e8019ff22745cb7314dd9a66c9ca1254dfa8",
            counts: { critical: 0, high: 0, medium: 0, low: 1, negligible: 0 },
            waived: none,
            scanners: [
                {
                    name: "grype",
                    required: true,
                    usable: true,
                    counts: { critical: 0, high: 0, medium: 0, low: 1, negligible: 0 },
                    waived: none,
                    capped: none,
                    unknown: none,
                },
            ],
            reasons: [],
        });
    });

    it("names finding, limit and fix version", () => {
        const verdict = judged([report({ findings: [finding()] })]);
        assert.equal(verdict.outcome, "fail");
        assert.deepEqual(verdict.reasons, [
            {
                kind: "limitExceeded",
                scanner: "grype",
                message:
                    "CVE-2021-3711 (critical) in openssl 1.1.1k (deb, /var/lib/dpkg/status): " +
                    "grype counts 1 critical, 0 allowed; fixed in 1.1.1l",
                finding: {
                    id: "CVE-2021-3711",
                    severity: "critical",
                    withFix: "critical",
                    package: "openssl",
                    version: "1.1.1k",
                    fixedIn: "1.1.1l",
                },
                limit: { on: "critical", allowed: 0, counted: 1 },
            },
        ]);
    });

    it("says when there is no fix, when the distributor will not fix, and what unknown counts as", () => {
        const verdict = judged([
            report({
                findings: [
                    finding({ id: "CVE-1", fixedIn: null }),
                    finding({ id: "CVE-2", fixedIn: null, willNotFix: true, severity: "high" }),
                    finding({ id: "CVE-3", severity: "unknown" }),
                ],
            }),
        ]);
        const where = "in openssl 1.1.1k (deb, /var/lib/dpkg/status): grype counts";
        assert.deepEqual(lines(verdict), [
            `limitExceeded: CVE-1 (critical) ${where} 1 critical, 0 allowed; no fix is known: replace or remove the package`,
            `limitExceeded: CVE-2 (high) ${where} 3 high or worse, 0 allowed; the distributor will not fix it: replace or remove the package`,
            `limitExceeded: CVE-3 (unknown, counted as high) ${where} 3 high or worse, 0 allowed; fixed in 1.1.1l`,
        ]);
        assert.deepEqual(verdict.counts, { critical: 1, high: 2, medium: 0, low: 0, negligible: 0 });
    });

    it("counts a limit over that severity and worse, and every entry of the list", () => {
        const limits = { critical: 5, high: 2 };
        const [a, b, c] = ["CVE-1", "CVE-2", "CVE-3"].map((id) => finding({ id, severity: "high" }));
        assert.ok(a && b && c);
        assert.equal(judged([report({ findings: [a, b] })], { limits }).outcome, "pass");
        const repeated = judged([report({ findings: [a, a, b] })], { limits });
        assert.equal(repeated.outcome, "fail");
        assert.equal(repeated.counts.high, 3);
        assert.deepEqual(
            repeated.reasons.map(({ finding }) => finding?.id),
            ["CVE-1", "CVE-1", "CVE-2"],
        );
        assert.equal(judged([report({ findings: [a, b, c] })], { limits }).outcome, "fail");
        const raised = { ...c, severity: "critical" as const };
        assert.equal(judged([report({ findings: [a, b, raised] })], { limits }).outcome, "fail");
        const verdict = judged([report({ findings: [raised, { ...raised, severity: "low" }] })], { limits });
        assert.deepEqual(verdict.counts, { critical: 1, high: 0, medium: 0, low: 1, negligible: 0 });
    });

    it("holds every required scanner to the limits by itself and does not sum", () => {
        const policy = {
            requiredScanners: { test: ["anchore" as const, "grype" as const] },
            limits: { critical: 1 },
        };
        const anchore = { name: "anchore" as const, version: "1.1.0" };
        const high = { high: 1 } as const;
        const one = report({ findings: [finding()] });
        const other = report({ scanner: anchore, findings: [finding({ id: "CVE-2" })] });
        const limits = { ...policy.limits, ...high };
        assert.equal(judged([one, other], { ...policy, limits }).outcome, "pass");
        const two = report({
            scanner: anchore,
            findings: [finding({ id: "CVE-2" }), finding({ id: "CVE-3" })],
        });
        const verdict = judged([one, two], { ...policy, limits });
        assert.equal(verdict.outcome, "fail");
        assert.equal(verdict.counts.critical, 2);
        assert.deepEqual(
            verdict.reasons.map(({ scanner }) => scanner),
            ["anchore", "anchore"],
        );
    });

    it("notes what an advisory scanner says without letting it decide", () => {
        const anchore = { name: "anchore" as const, version: "1.1.0" };
        const verdict = judged([
            report(),
            report({ scanner: anchore, complete: false, incompleteReasons: ["no feed data"] }),
        ]);
        assert.equal(verdict.outcome, "pass");
        assert.deepEqual(lines(verdict), [
            "note: advisory, does not decide: anchore could not judge the image: no feed data",
        ]);
        assert.deepEqual(verdict.scanners.at(0), {
            name: "anchore",
            required: false,
            usable: false,
            counts: null,
            waived: null,
            capped: null,
            unknown: null,
        });
    });

    it("refuses by a scanner's own rule", () => {
        const verdict = judged([report({ refusals: [{ rule: "dockerfile", message: "runs as root" }] })]);
        assert.equal(verdict.outcome, "fail");
        assert.deepEqual(lines(verdict), [
            "refusal: grype refuses the image by its rule dockerfile: runs as root",
        ]);
    });

    it("lets incomplete outrank fail, and lists the reasons of both", () => {
        const verdict = judged([report({ findings: [finding()] })], {
            requiredScanners: { test: ["grype", "anchore"] },
        });
        assert.equal(verdict.outcome, "incomplete");
        assert.deepEqual(
            verdict.reasons.map(({ kind }) => kind),
            ["reportMissing", "limitExceeded"],
        );
    });

    it("counts findings without a fix as unfixedCountsAs at most, and says so", () => {
        const findings = [
            finding({ id: "CVE-1", fixedIn: null }),
            finding({ id: "CVE-2", willNotFix: true, severity: "unknown" }),
            finding({ id: "CVE-3", fixedIn: null, severity: "low" }),
            finding({ id: "CVE-4", severity: "medium" }),
        ];
        const limits = { medium: 2, low: 3 };
        const verdict = judged([report({ findings })], { unfixedCountsAs: "medium", limits });
        const where = "in openssl 1.1.1k (deb, /var/lib/dpkg/status): grype counts";
        assert.deepEqual(lines(verdict), [
            `limitExceeded: CVE-1 (critical, counted as medium without a fix) ${where} 3 medium or worse, 2 allowed; no fix is known: replace or remove the package`,
            `limitExceeded: CVE-2 (unknown, counted as medium without a fix) ${where} 3 medium or worse, 2 allowed; the distributor will not fix it: replace or remove the package`,
            `limitExceeded: CVE-4 (medium) ${where} 3 medium or worse, 2 allowed; fixed in 1.1.1l`,
            `limitExceeded: CVE-3 (low) ${where} 4 low or worse, 3 allowed; no fix is known: replace or remove the package`,
        ]);
        assert.deepEqual(verdict.scanners[0]?.capped, { ...none, medium: 2 });
        assert.deepEqual(verdict.scanners[0]?.unknown, { ...none, medium: 1 });
        assert.equal(judged([report({ findings })], { unfixedCountsAs: "low" }).outcome, "pass");
    });

    const other = `sha256:${"2".repeat(64)}`;
    const doubts: [string, unknown[], string[]][] = [
        ["no report", [], ["reportMissing"]],
        ["something that is no report", [{}], ["reportMissing", "reportUnreadable"]],
        ["null", [null], ["reportMissing", "reportUnreadable"]],
        ["undefined", [undefined], ["reportMissing", "reportUnreadable"]],
        [
            "an unreadable report beside a good one",
            [report(), { scanner: { name: "grype" } }],
            ["reportUnreadable"],
        ],
        [
            "another digest",
            [report({ subject: { image: `example.org/app@${other}`, digest: other } })],
            ["reportForOtherDigest"],
        ],
        ["a tag", [report({ subject: { image: "example.org/app:1", digest } })], ["reportForOtherDigest"]],
        ["complete: false", [report({ complete: false, incompleteReasons: ["x"] })], ["reportIncomplete"]],
        ["complete: false, no reason", [report({ complete: false })], ["reportContradictory"]],
        [
            "complete: true, a reason",
            [report({ incompleteReasons: ["x"] })],
            ["reportContradictory", "reportIncomplete"],
        ],
        ["two reports", [report(), report({ findings: [finding()] })], ["reportConflict"]],
        ["no data age", [report({ dataBuiltAt: null })], ["dataAgeUnknown"]],
        ["old data", [report({ dataBuiltAt: "2026-02-27T11:59:59Z" })], ["dataTooOld"]],
        ["data after the scan", [report({ dataBuiltAt: "2026-03-04T11:06:01Z" })], ["reportContradictory"]],
        [
            "old report",
            [
                report({
                    startedAt: "2026-03-03T11:00:00Z",
                    finishedAt: "2026-03-03T11:59:59Z",
                    dataBuiltAt: "2026-03-03T10:00:00Z",
                }),
            ],
            ["reportTooOld"],
        ],
        [
            "finished before started",
            [report({ finishedAt: "2026-03-04T10:59:59Z" })],
            ["reportContradictory"],
        ],
        ["finished in the future", [report({ finishedAt: "2026-03-04T12:05:01Z" })], ["reportContradictory"]],
        [
            "a date that does not exist",
            [report({ finishedAt: "2026-02-30T00:00:00Z" })],
            ["reportMissing", "reportUnreadable"],
        ],
    ];
    for (const [name, reports, kinds] of doubts) {
        it(`is incomplete with ${name}`, () => {
            const verdict = judged(reports);
            assert.equal(verdict.outcome, "incomplete");
            assert.deepEqual([...new Set(verdict.reasons.map(({ kind }) => kind))].sort(), kinds);
        });
    }

    it("accepts data and reports exactly at the age limits and small clock differences", () => {
        const edge = report({
            startedAt: "2026-03-03T12:00:00Z",
            finishedAt: "2026-03-03T12:00:00Z",
            dataBuiltAt: "2026-02-27T12:00:00Z",
        });
        assert.equal(judged([edge]).outcome, "pass");
        assert.equal(judged([report({ finishedAt: "2026-03-04T12:05:00Z" })]).outcome, "pass");
    });

    it("is incomplete when the present time is not a time", () => {
        const broken = new Date(Number.NaN);
        broken.toISOString = () => "no time";
        assert.equal(judged([report()], {}, broken).outcome, "incomplete");
    });
});

describe("verdict properties", () => {
    for (const [name, check] of Object.entries(verdictProperties)) it(name, () => check(judge));
});
