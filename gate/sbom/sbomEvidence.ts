import { storeEvidence } from "../evidence/evidence";
import { EvidenceError, sbomPlace } from "../evidence/evidencePlace";
import type { EvidenceStore } from "../evidence/evidenceStore";
import type { SbomReport } from "./sbomReport";

/** The text of a report as it is written and stored. */
export function serializeSbomReport(report: SbomReport): string {
    return `${JSON.stringify(report, null, 2)}\n`;
}

/**
 * Stores a bill of materials and what was found out about it under `<application>/sha256-<hex>/sbom/<execution>/build/`.
 * One that cannot be used is not stored: it would stand in the way of the next attempt in the same execution.
 * @param rawPath file that has to hold exactly the bytes that were judged.
 * @throws EvidenceError
 */
export async function storeSbom(
    store: EvidenceStore,
    subject: { application: string; digest: string; execution: string },
    { report, rawPath }: { report: SbomReport; rawPath: string },
): Promise<void> {
    if (!report.complete || report.raw === null || report.subject.digest !== subject.digest)
        throw new EvidenceError(
            `the bill of materials is not a usable one of ${subject.digest}; nothing is stored`,
        );
    await storeEvidence(store, sbomPlace(subject), {
        report: Buffer.from(serializeSbomReport(report)),
        raw: { path: rawPath, ...report.raw },
    });
}
