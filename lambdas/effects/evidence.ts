import type { ApprovalSettings } from "../../gate/approval/approvalSettings";
import type { AsyncApprovalEffects } from "../../gate/approval/effects";
import { evidenceKey, scanPlace } from "../../gate/evidence/evidencePlace";
import { loadScans } from "../../gate/evidence/scanEvidence";
import { scannerNames, type ScannerName } from "../../gate/report/scanReport";
import { SignedReader } from "./signedReader";

/**
 * Largest report in bytes that is read, about 85,000 findings; a larger one is refused, which is clearer than a function
 * that runs out of memory. Two of them read and judged take about 300 of its 512 MB (measured).
 */
const largestReport = 32 * 1024 * 1024;

type EvidenceSettings = Pick<ApprovalSettings, "evidenceBucket" | "account">;

/** The evidence bucket, with this function's credentials. @param largest largest object in bytes that is read. */
export function evidenceReader(
    { evidenceBucket: bucket, account }: EvidenceSettings,
    signal: AbortSignal,
    largest = largestReport,
): SignedReader {
    return new SignedReader({ bucket, account, signal, environment: process.env, largest });
}

/**
 * Loads the stored reports of a stage as `gate verdict` does: all that are there, and what cannot be believed as
 * unreadable.
 * @throws ServiceError when S3 could not be asked: an image is not refused for that.
 */
export function evidenceEffects(
    settings: EvidenceSettings,
    signal: AbortSignal,
): Pick<AsyncApprovalEffects, "loadScans"> {
    return {
        async loadScans(subject) {
            const reader = evidenceReader(settings, signal);
            const reports = await loadScans(reader, subject);
            if (reader.unavailable !== null) throw reader.unavailable;
            return {
                reports,
                places: reports.flatMap((report) => {
                    const scanner = scannerOf(report);
                    if (scanner === undefined) return [];
                    return {
                        scanner,
                        place: reader.locate(evidenceKey(scanPlace(subject, scanner), "report.json")),
                    };
                }),
            };
        },
    };
}

/** The scanner in whose place a report was found; both kinds of them say so. */
function scannerOf(report: unknown): ScannerName | undefined {
    const { scanner } = report as { scanner?: ScannerName | { name?: ScannerName } | null };
    const name = typeof scanner === "object" ? scanner?.name : scanner;
    return scannerNames.find((known) => known === name);
}
