import assert from "node:assert/strict";
import { gatePolicySchema } from "../../policy/gatePolicy";
import { scanReportSchema, type ScanReport } from "../../report/scanReport";
import { severities, type Severity } from "../../report/severity";
import { judge, type Outcome } from "../../verdict/verdict";
import { trivyReport, type TrivyProofs } from "../trivyReport";
import { sampleDigest, sampleProofs, sampleSubject, sampleTrivyDocument, toBytes } from "./trivyDocument";

/** When the sample documents are read. */
export const now = new Date("2026-03-04T12:00:00Z");
const subject = sampleSubject(now);
const policy = gatePolicySchema.parse({ version: 1, requiredScanners: { test: ["accuknox"] } });

export type SampleDocument = ReturnType<typeof sampleTrivyDocument>;

/** The verdict on the report alone, by a policy of defaults. */
export function outcomeOf(report: ScanReport): Outcome {
    return judge({ policy, stage: "test", reports: [report], digest: sampleDigest, now }).outcome;
}

/** Reads, and demands on the way that the report has the written form and that an incomplete one is no verdict. */
export function read(content: Uint8Array, proofs: Partial<TrivyProofs> = {}): ScanReport {
    const report = scanReportSchema.parse(
        trivyReport([content], subject, { ...sampleProofs(now), ...proofs }),
    );
    assert.equal(report.complete, report.incompleteReasons.length === 0);
    if (!report.complete) assert.equal(outcomeOf(report), "incomplete");
    return report;
}

/** Reads a complete report with one low finding after a change. */
export function readChanged(change: (document: SampleDocument) => unknown): ScanReport {
    const document = sampleTrivyDocument([{ severity: "LOW" }], now);
    const changed = change(document);
    return read(toBytes(changed === undefined ? document : changed));
}

/** Findings by severity, without those that there are none of. */
export function counts({ findings }: ScanReport): Partial<Record<Severity, number>> {
    const numbers = severities.map(
        (severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const,
    );
    return Object.fromEntries(numbers.filter(([, number]) => number > 0));
}
