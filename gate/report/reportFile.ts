import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { jsonBounds } from "./jsonStream";
import { scanReportVersion, type ScannerName, type ScanReport } from "./scanReport";

/** Bytes that are read from a file at a time. */
const chunkBytes = 1024 * 1024;

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
    let file: number | null = null;
    try {
        // Opening a named pipe would wait for its writer.
        if (!statSync(path).isFile()) return unusable(`the ${what} ${path} is not a file`);
        file = openSync(path, "r");
        const { size } = fstatSync(file);
        if (size > largest)
            return unusable(`the ${what} ${path} has ${size} bytes, more than the ${largest} allowed`);
        if (size > largeFile) setFlagsFromString(keepYoungGeneration);
        const reading: Reading = { bytes: 0, error: null };
        let report: ScanReport;
        try {
            report = judgeChunks(chunksOf(file, reading));
        } catch (error) {
            report = unusableReport(`the ${what} ${path} cannot be judged (${messageOf(error)})`, origin);
        }
        if (reading.error !== null) throw reading.error;
        if (report.complete && report.raw?.bytes !== reading.bytes) {
            report = unusableReport(`the ${what} ${path} was not judged to its end`, origin);
        }
        return { report: { ...report, raw: report.raw ?? describeFile(file) }, raw: { path } };
    } catch (error) {
        return unusable(
            (error as NodeJS.ErrnoException).code === "ENOENT"
                ? `there is no ${what} ${path}; ${origin.scanner} did not run or failed: see the build log`
                : `the ${what} ${path} cannot be read (${messageOf(error)})`,
        );
    } finally {
        if (file !== null) closeSync(file);
    }
}

interface Reading {
    bytes: number;
    /** Why it stopped, should a read have failed: whoever takes the chunks may catch it. */
    error: unknown;
}

function* chunksOf(file: number, reading: Reading): Generator<Uint8Array, void, void> {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
        let length: number;
        try {
            length = readSync(file, buffer, 0, buffer.length, reading.bytes);
        } catch (error) {
            reading.error = error;
            throw error;
        }
        if (length === 0) return;
        reading.bytes += length;
        yield buffer.subarray(0, length);
    }
}

/** Hash and length of what is in a file, for a report that was given up before its end. */
function describeFile(file: number): { sha256: string; bytes: number } {
    const hash = createHash("sha256");
    const reading: Reading = { bytes: 0, error: null };
    for (const chunk of chunksOf(file, reading)) hash.update(chunk);
    return { sha256: hash.digest("hex"), bytes: reading.bytes };
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
