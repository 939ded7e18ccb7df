import { scannerNames, type ScannerName, type ScanReport } from "../report/scanReport";
import { parseStrictJson } from "../report/strictJson";
import type { UnreadableReport } from "../verdict/verdict";
import { evidenceKey, type EvidenceStore, type EvidenceSubject } from "./evidenceStore";

/**
 * Stores the outcome of one scan, the raw answer first: a report is only there when what it was made of is too.
 * @param raw what the scanner answered; null when it gave nothing that could be read.
 * @throws EvidenceError
 */
export async function storeScan(
    store: EvidenceStore,
    subject: EvidenceSubject,
    { report, raw }: { report: ScanReport; raw: Uint8Array | null },
): Promise<void> {
    const scanner = report.scanner.name;
    if (raw !== null) await store.put(evidenceKey(subject, scanner, "raw.json"), raw);
    await store.put(evidenceKey(subject, scanner, "report.json"), Buffer.from(serializeReport(report)));
}

/** The text of a report as it is stored. */
export function serializeReport(report: ScanReport): string {
    return `${JSON.stringify(report, null, 2)}\n`;
}

/**
 * Every scanner's stored report about a digest in one execution, for `judge`. What is absent is left out; what
 * cannot be read, or stands in another scanner's place, is given as unreadable.
 */
export async function loadScans(store: EvidenceStore, subject: EvidenceSubject): Promise<unknown[]> {
    const reports: unknown[] = [];
    for (const scanner of scannerNames) {
        const key = evidenceKey(subject, scanner, "report.json");
        try {
            const content = await store.get(key);
            if (content !== null) reports.push(parseReport(content, store.locate(key), scanner));
        } catch (error) {
            reports.push({ unreadable: (error as Error).message, scanner } satisfies UnreadableReport);
        }
    }
    return reports;
}

/**
 * Parses the text of a stored report as far as JSON; `judge` checks the rest.
 * @param place for the message.
 * @param expected the scanner in whose place the report was found, if the place says so.
 */
export function parseReport(content: Uint8Array, place: string, expected?: ScannerName): unknown {
    try {
        const value = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(content));
        const claimed = (value as { scanner?: { name?: unknown } } | null)?.scanner?.name;
        if (expected === undefined || claimed === expected) return value;
        return {
            unreadable: `${place} is not a report of ${expected}`,
            scanner: expected,
        } satisfies UnreadableReport;
    } catch (error) {
        const unreadable = `${place} is not JSON (${(error as Error).message.slice(0, 200)})`;
        return { unreadable, scanner: expected ?? null } satisfies UnreadableReport;
    }
}
