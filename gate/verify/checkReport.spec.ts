import assert from "node:assert/strict";
import fc from "fast-check";
import {
    checkReport,
    checkReportSchema,
    lintLevels,
    reaches,
    type CheckFinding,
    type CheckResult,
} from "./checkReport";

const finding = (level: CheckFinding["level"]): CheckFinding => ({
    rule: "DL3007",
    level,
    message: "Using latest is prone to errors",
    file: "Dockerfile",
    line: 1,
    source: "/0",
});
const seen = (findings: CheckFinding[], more: Partial<CheckResult> = {}): CheckResult => ({
    tool: { name: "hadolint", version: "2.15.1" },
    subject: { commit: null, file: "Dockerfile" },
    startedAt: "2026-01-01T00:00:00.000Z",
    finishedAt: "2026-01-01T00:00:01.000Z",
    raw: null,
    notes: [],
    threshold: "warning",
    findings,
    reasons: [],
    ...more,
});

describe("check report", () => {
    it("passes without a finding that reaches the threshold", () => {
        const report = checkReport(seen([finding("info"), finding("style")]));
        assert.deepEqual([report.outcome, report.counted, report.complete], ["pass", 0, true]);
    });

    it("fails on one that does, and keeps the others", () => {
        const report = checkReport(seen([finding("style"), finding("warning"), finding("error")]));
        assert.deepEqual([report.outcome, report.counted, report.findings.length], ["fail", 2, 3]);
    });

    it("is incomplete for any reason, whatever was found; the same reason counts once", () => {
        for (const findings of [[], [finding("error")]]) {
            const report = checkReport(seen(findings, { reasons: ["cut off", "cut off"] }));
            assert.deepEqual([report.outcome, report.complete], ["incomplete", false]);
            assert.deepEqual(report.incompleteReasons, ["cut off"]);
            assert.equal(report.counted, findings.length);
        }
    });

    it("orders levels as hadolint does", () => {
        assert.deepEqual(
            lintLevels.map((level) => lintLevels.filter((threshold) => reaches(level, threshold)).length),
            [4, 3, 2, 1],
        );
    });

    it("never gets better by a finding or a reason more, and is always a valid document", () => {
        const level = fc.constantFrom(...lintLevels);
        const rank = { pass: 0, fail: 1, incomplete: 2 };
        fc.assert(
            fc.property(fc.array(level), level, level, fc.boolean(), (levels, added, threshold, doubt) => {
                const reasons = doubt ? ["doubt"] : [];
                const before = checkReport(seen(levels.map(finding), { threshold, reasons }));
                const after = checkReport(seen([...levels, added].map(finding), { threshold, reasons }));
                const doubted = checkReport(seen(levels.map(finding), { threshold, reasons: ["more"] }));
                assert.ok(rank[after.outcome] >= rank[before.outcome]);
                assert.equal(doubted.outcome, "incomplete");
                assert.deepEqual(checkReportSchema.parse(after), after);
            }),
        );
    });
});
