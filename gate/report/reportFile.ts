import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { jsonBounds } from "./jsonStream";
import { RefusedFileError, withOpenFile, type OpenFile } from "./openFile";
import { scanReportVersion, type ScannerName, type ScanReport } from "./scanReport";

/**
 * From this size of a file in bytes on, memory is worth more than speed. What survives of a large report would make
 * V8 double its young generation again and again, to twice 32 MiB with Node 24; it also takes longer. Set to 1, this
 * factor of V8 (src/flags/flag-definitions.h) keeps it as it is. Measured with 200 MB and 77,000 findings: 194 instead
 * of 308 MB at most, and no slower.
 */
const largeFile = 32 * 1024 * 1024;
const keepYoungGeneration = "--semi-space-growth-factor=1";

/** Whose report it is and what it is about, for the report of a scan that gave nothing usable. */
export interface ReportOrigin {
    scanner: ScannerName;
    /** `repository@sha256:…` */
    image: string;
    digest: string;
    /** When it is read. */
    now: Date;
}

/**
 * The report of a scan whose output could not be used at all.
 * @param reason one line: what, where and what to do.
 */
export function unusableReport(reason: string, { scanner, image, digest, now }: ReportOrigin): ScanReport {
    const readAt = now.toISOString();
    return {
        version: scanReportVersion,
        scanner: { name: scanner, version: "" },
        subject: { image, digest },
        startedAt: readAt,
        finishedAt: readAt,
        raw: null,
        dataBuiltAt: null,
        complete: false,
        incompleteReasons: [reason],
        findings: [],
        refusals: [],
    };
}

/**
 * Has a file that a scanner wrote judged in pieces of 1 MiB. Its size is asked before a byte is read. Never throws:
 * a file that is absent, not a file, over `largest` or unreadable gives an incomplete report and nothing to store.
 * @param what e.g. `grype report`, for messages.
 * @param judgeChunks has to take all chunks before it calls a report complete, and to say which bytes it judged
 *     (`raw`); `readJsonStream` gives both. The chunks lie in one buffer that is used again.
 */
export function readReportFile(
    path: string,
    { what, largest = jsonBounds.largestBytes, ...origin }: ReportOrigin & { what: string; largest?: number },
    judgeChunks: (chunks: Iterable<Uint8Array>) => ScanReport,
): { report: ScanReport; raw: { path: string } | null } {
    const unusable = (reason: string) => ({ report: unusableReport(reason, origin), raw: null });
    try {
        return withOpenFile(path, largest, (file) => {
            if (file.size > largeFile) setFlagsFromString(keepYoungGeneration);
            let report: ScanReport;
            try {
                report = judgeChunks(file.chunks());
            } catch (error) {
                report = unusableReport(`the ${what} ${path} cannot be judged (${messageOf(error)})`, origin);
            }
            if (file.failure !== null) throw file.failure;
            if (report.complete && report.raw?.bytes !== file.bytes) {
                report = unusableReport(`the ${what} ${path} was not judged to its end`, origin);
            }
            return { report: { ...report, raw: report.raw ?? describe(file) }, raw: { path } };
        });
    } catch (error) {
        if (error instanceof RefusedFileError) return unusable(`the ${what} ${path} ${error.message}`);
        return unusable(
            (error as NodeJS.ErrnoException).code === "ENOENT"
                ? `there is no ${what} ${path}; ${origin.scanner} did not run or failed: see the build log`
                : `the ${what} ${path} cannot be read (${messageOf(error)})`,
        );
    }
}

/** Hash and length of what is in a file, for a report that was given up before its end. */
function describe(file: OpenFile): { sha256: string; bytes: number } {
    const hash = createHash("sha256");
    for (const chunk of file.chunks()) hash.update(chunk);
    return { sha256: hash.digest("hex"), bytes: file.bytes };
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
