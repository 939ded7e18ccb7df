import assert from "node:assert/strict";
import fc from "fast-check";
import type { RunResult } from "../model";
import { exemptedRun } from "./fixtures/findingsRun";
import { hostileText } from "./fixtures/hostile";
import { StackBuilder, diagnostic, policyInfo } from "./fixtures/stackBuilder";
import { policyReportOf } from "./policyReport";
import { policyReportJsonSchema, policyReportSchema } from "./policyReportSchema";
import { sarifOf } from "./sarif";

/** Refuses what the published shape does not have, too: it is strict all the way down. */
function assertValid(run: RunResult, strict = false): void {
    const written: unknown = JSON.parse(JSON.stringify(policyReportOf(run, { strict })));
    const parsed = policyReportSchema.safeParse(written);
    assert.deepEqual(parsed.error?.issues, undefined);
}

describe("policies.json", () => {
    it("has the figures and findings of a run", () => {
        const { findings, figures, verdict, exitCode, reasons } = policyReportOf(exemptedRun());
        assert.deepEqual([verdict, exitCode, reasons], ["fail", 1, ["2 mandatory violations"]]);
        assert.deepEqual(figures, {
            resources: 3,
            rules: {
                total: 6,
                failed: 3,
                inconclusive: 1,
                exempted: 1,
                passed: 0,
                notApplicable: 0,
                disabled: 1,
            },
            blocking: 2,
            violations: { mandatory: 2, advisory: 1 },
            bySeverity: { critical: 1, high: 1, medium: 1, low: 0, unspecified: 0 },
            inconclusive: 2,
            exempted: 2,
            remediations: 0,
        });
        assert.deepEqual(
            findings.map(({ rule, status, blocking, resource }) => [rule, status, blocking, resource]),
            [
                ["ECR-01", "violation", true, "demo-candidate"],
                ["PIPE-01", "violation", true, ""],
                ["ECR-02", "inconclusive", false, "demo-candidate"],
                ["KMS-01", "exempted", false, "demo-build"],
                ["PIPE-01", "exempted", false, "demo-candidate"],
                ["PIPE-01", "inconclusive", false, "demo-build"],
                ["IAM-01", "violation", false, "demo-build"],
            ],
        );
        assert.deepEqual(findings[0]?.source, { file: "infra/repositories/repositories.ts", line: 40 });
        assert.deepEqual(findings[3]?.title, "Keys rotate");
    });

    it("names findings by the fingerprints of the SARIF report", () => {
        const run = exemptedRun();
        run.policy?.diagnostics.push(
            diagnostic("KMS-01", run.resources[1]?.urn ?? "", { findingId: "KMS-01[a]", message: "one" }),
        );
        const { runs } = sarifOf(run) as unknown as {
            runs: [{ results: { partialFingerprints: Record<string, string> }[] }];
        };
        const own = policyReportOf(run).findings.map(({ fingerprint }) => fingerprint);
        assert.deepEqual(
            own,
            runs[0].results.map(({ partialFingerprints }) => partialFingerprints["portcullisFinding/v1"]),
        );
        assert.equal(new Set(own).size, own.length);
        // Other words for the same finding id are the same finding.
        run.policy!.diagnostics.at(-1)!.message = "two";
        assert.deepEqual(
            policyReportOf(run)
                .findings.map(({ fingerprint }) => fingerprint)
                .sort(),
            own.sort(),
        );
    });

    it("is valid by its schema, whatever the run holds", () => {
        assertValid(exemptedRun());
        assertValid(exemptedRun(), true);
        assertValid(new StackBuilder().run({ policy: null }));
        fc.assert(
            fc.property(hostileText, hostileText, fc.boolean(), (name, message, inconclusive) => {
                const stack = new StackBuilder(name, name);
                const key = stack.add("aws:kms/key:Key", name, { source: { file: name, line: 0 } });
                const policy = {
                    pack: { name, version: name },
                    policies: [policyInfo(name, { severity: name, url: name, references: [name] })],
                    diagnostics: [
                        diagnostic(name, key.urn, { message, inconclusive, fix: message, findingId: name }),
                        diagnostic(message, name, { message }),
                    ],
                    notApplicable: 0,
                    remediations: [{ policy: name, urn: name }],
                };
                assertValid(stack.run({ policy }));
            }),
        );
    });

    it("has a JSON schema that describes every field and allows no other", () => {
        const schema = JSON.parse(policyReportJsonSchema()) as Record<string, unknown>;
        assert.equal(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        const check = (part: unknown, path: string): void => {
            if (part === null || typeof part !== "object") {
                return;
            }
            if ("properties" in part) {
                assert.equal((part as { additionalProperties?: unknown }).additionalProperties, false, path);
            }
            Object.entries(part).forEach(([key, value]) => check(value, `${path}/${key}`));
        };
        check(schema, "");
        const report = policyReportOf(exemptedRun());
        assert.deepEqual(Object.keys(schema["properties"] as object).sort(), Object.keys(report).sort());
        const unexpected = { ...report, more: 1 };
        assert.equal(policyReportSchema.safeParse(unexpected).success, false);
        assert.equal(policyReportSchema.safeParse({ ...report, verdict: "maybe" }).success, false);
    });
});
