import assert from "node:assert/strict";
import type { RunResult } from "../model";
import { StackBuilder, diagnostic, policyInfo } from "./fixtures/stackBuilder";
import { estimateMonthlyFloor } from "../cost/estimate";
import { headlineOf, summaryOf } from "./summary";
import { overviewOf, verdictOf } from "./verdict";

function runWith(
    rest: Partial<RunResult>,
    policy: Partial<NonNullable<RunResult["policy"]>> = {},
): RunResult {
    const stack = new StackBuilder();
    stack.add("aws:kms/key:Key", "key");
    return stack.run({
        policy: {
            pack: { name: "portcullis", version: "0.1.0" },
            policies: [
                policyInfo("ECR-01"),
                policyInfo("ECR-02", { enforcement: "advisory", severity: "low" }),
            ],
            diagnostics: [],
            notApplicable: 7,
            ...policy,
        },
        ...rest,
    });
}

const urn = "urn:pulumi:dev::portcullis::aws:kms/key:Key::key";

describe("verdict", () => {
    it("passes a run that was judged and has no mandatory violation", () => {
        assert.deepEqual(verdictOf(runWith({})), { verdict: "pass", exitCode: 0, reasons: [] });
        const advised = runWith(
            {},
            { diagnostics: [diagnostic("ECR-02", urn, { enforcement: "advisory" })] },
        );
        assert.equal(verdictOf(advised).exitCode, 0);
    });

    it("fails on one mandatory violation and on a remediation that was not carried out", () => {
        for (const enforcement of ["mandatory", "remediate"] as const) {
            assert.deepEqual(
                verdictOf(runWith({}, { diagnostics: [diagnostic("ECR-01", urn, { enforcement })] })),
                {
                    verdict: "fail",
                    exitCode: 1,
                    reasons: ["1 mandatory violation"],
                },
            );
        }
    });

    it("counts an inconclusive finding as a failure in strict mode only", () => {
        const unsure = runWith(
            {},
            {
                diagnostics: [diagnostic("ECR-01", urn, { inconclusive: true, enforcement: "advisory" })],
            },
        );
        assert.equal(verdictOf(unsure).exitCode, 0);
        assert.deepEqual(verdictOf(unsure, { strict: true }), {
            verdict: "fail",
            exitCode: 1,
            reasons: ["1 inconclusive, and --strict counts that as a failure"],
        });
        assert.equal(overviewOf(unsure).inconclusiveMandatory, 1);
    });

    it("counts an exempted violation apart, and never as a violation", () => {
        const exempted = { id: "EX-1", until: "2026-12-01", daysLeft: 9, reason: "known" };
        const excused = runWith(
            {},
            { diagnostics: [diagnostic("ECR-01", urn, { enforcement: "advisory", exempted })] },
        );
        assert.deepEqual(verdictOf(excused, { strict: true }), { verdict: "pass", exitCode: 0, reasons: [] });
        const overview = overviewOf(excused);
        assert.deepEqual(
            [overview.mandatory, overview.advisory, overview.inconclusive].map(({ length }) => length),
            [0, 0, 0],
        );
        assert.equal(overview.exempted.length, 1);
        assert.deepEqual(
            overview.rules.passed.map(({ name }) => name),
            ["ECR-02"],
        );
        assert.equal(
            headlineOf(excused, estimateMonthlyFloor(excused.resources)),
            "PASS  dev: 1 resource, 0 mandatory violations, 0 inconclusive, 1 exempted, floor $1.00/month",
        );
        assert.deepEqual(summaryOf(excused).policy.exempted, 1);
        assert.deepEqual(
            summaryOf(excused).policy.findings.map(({ kind, exemption }) => [kind, exemption]),
            [["exempted", exempted]],
        );
    });

    it("fails on what could not be judged when the pack itself enforces it", () => {
        const unsure = runWith(
            {},
            { diagnostics: [diagnostic("ECR-01", urn, { inconclusive: true, enforcement: "mandatory" })] },
        );
        assert.deepEqual(verdictOf(unsure), {
            verdict: "fail",
            exitCode: 1,
            reasons: ["1 inconclusive at mandatory level"],
        });
    });

    const broken: [string, RunResult, string][] = [
        ["the program failed", runWith({ program: { exitCode: 32 } }), "the program ended with exit code 32"],
        [
            "an error was logged",
            runWith({ log: [{ severity: "error", message: "x" }] }),
            "the program logged 1 error",
        ],
        ["nothing was registered", runWith({ resources: [] }), "the program registered no resource"],
        ["no pack was asked", runWith({ policy: null }), "the policy pack was not asked"],
        ["the pack is empty", runWith({}, { policies: [] }), "the policy pack has no active rule"],
        [
            "every rule is disabled",
            runWith({}, { policies: [policyInfo("ECR-01", { enforcement: "disabled" })] }),
            "the policy pack has no active rule",
        ],
    ];
    for (const [what, run, reason] of broken) {
        it(`does not judge when ${what}`, () => {
            assert.deepEqual(verdictOf(run), { verdict: "notRun", exitCode: 2, reasons: [reason] });
        });
    }

    it("says it in one line", () => {
        const headline = (run: RunResult, strict = false): string =>
            headlineOf(run, estimateMonthlyFloor(run.resources), { strict });
        assert.equal(
            headline(runWith({})),
            "PASS  dev: 1 resource, 0 mandatory violations, 0 inconclusive, floor $1.00/month",
        );
        const bad = runWith(
            {},
            {
                diagnostics: [
                    diagnostic("ECR-01", urn),
                    diagnostic("ECR-02", urn, { enforcement: "advisory" }),
                    diagnostic("ECR-02", urn, { inconclusive: true }),
                ],
            },
        );
        assert.equal(
            headline(bad, true),
            "FAIL  dev: 1 resource, 1 mandatory violation, 1 advisory, 1 inconclusive (strict), floor $1.00/month",
        );
        assert.equal(
            headline(runWith({ policy: null })),
            "NOT JUDGED  dev: 1 resource, the policy pack was not asked, floor $1.00/month",
        );
    });

    it("leaves disabled findings out and counts rules without a finding", () => {
        const run = runWith({}, { diagnostics: [diagnostic("ECR-01", urn, { enforcement: "disabled" })] });
        const overview = overviewOf(run);
        assert.deepEqual([overview.mandatory, overview.advisory, overview.inconclusive], [[], [], []]);
        assert.deepEqual(
            overview.rules.passed.map(({ name }) => name),
            ["ECR-01", "ECR-02"],
        );
    });

    it("has the same figures in the summary", () => {
        const summary = summaryOf(
            runWith({}, { diagnostics: [diagnostic("ECR-01", urn, { fix: "Do it." })] }),
        );
        assert.deepEqual(
            [summary.verdict, summary.exitCode, summary.policy.violations, summary.policy.bySeverity.high],
            ["fail", 1, { mandatory: 1, advisory: 0 }, 1],
        );
        assert.deepEqual(summary.policy.findings, [
            {
                rule: "ECR-01",
                severity: "high",
                enforcement: "mandatory",
                kind: "violation",
                urn,
                resource: "key",
                message: "ECR-01 is violated",
                fix: "Do it.",
            },
        ]);
        assert.deepEqual(summary.cost.monthlyFloor, 1);
        assert.equal(summary.notice, "offline simulation, not AWS");
    });
});
