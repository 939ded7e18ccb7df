import type { RawAnswer } from "../commands/scanner";
import { jsonPieces } from "../report/jsonPieces";
import { JsonFormatError, readJsonStream } from "../report/jsonStream";
import { scannerNames, type ScannerName, type ScanReport } from "../report/scanReport";
import type { UnreadableReport } from "../verdict/verdict";
import { loadEvidence, storeEvidence } from "./evidence";
import { evidenceKey, scanPlace, type EvidenceSubject } from "./evidencePlace";
import {
    describePieces,
    descriptionOf,
    EvidenceError,
    isSameContent,
    type ContentDescription,
    type EvidenceContent,
    type EvidenceReader,
    type EvidenceStore,
} from "./evidenceStore";

/**
 * Stores the outcome of one scan: raw answer, report, and the manifest that binds them.
 * @param scan `raw` is what the scanner answered and has to be what `report.raw` says; null when it gave nothing that
 *     could be read.
 * @throws EvidenceError also when the raw answer is no longer what was judged.
 */
export async function storeScan(
    store: EvidenceStore,
    subject: EvidenceSubject,
    { report, raw }: { report: ScanReport; raw: RawAnswer | null },
): Promise<void> {
    const pieces = (): Iterable<Uint8Array> => reportPieces(report);
    await storeEvidence(store, scanPlace(subject, report.scanner.name), {
        report: { pieces, ...(await describePieces(pieces())) },
        raw: rawContent(report, raw),
    });
}

function rawContent({ raw: judged, scanner }: ScanReport, raw: RawAnswer | null): EvidenceContent | null {
    if (raw === null && judged === null) return null;
    if (raw === null || judged === null) {
        throw new EvidenceError(
            `the ${scanner.name} report ${judged === null ? "does not say which bytes it was made of" : "was made of an answer that is gone"}; ` +
                "nothing is stored; scan again",
        );
    }
    const content = raw instanceof Uint8Array ? raw : { path: raw.path, ...judged };
    if (isSameContent(descriptionOf(content), judged)) return content;
    throw new EvidenceError(
        `the ${scanner.name} report was made of another answer; nothing is stored; scan again`,
    );
}

/** The text of a report as it is stored. */
export function serializeReport(report: ScanReport): string {
    return Buffer.concat([...reportPieces(report)]).toString();
}

/** The text of a report as it is stored, in pieces. */
export function reportPieces(report: ScanReport): Iterable<Uint8Array> {
    return jsonPieces(report, "findings");
}

/**
 * Stored reports about a digest in one execution and stage, for `judge`. What is absent is left out; what cannot be
 * read or believed (half-written, changed, in another scanner's place) is given as unreadable.
 * @param names scanners whose reports are asked for; all unless given.
 */
export async function loadScans(
    store: EvidenceReader,
    subject: EvidenceSubject,
    names: readonly ScannerName[] = scannerNames,
): Promise<unknown[]> {
    const reports: unknown[] = [];
    for (const scanner of names) {
        const place = scanPlace(subject, scanner);
        const evidence = await loadEvidence(store, place);
        if (evidence === null) continue;
        if ("unreadable" in evidence) {
            reports.push({ ...evidence, scanner } satisfies UnreadableReport);
            continue;
        }
        const where = store.locate(evidenceKey(place, "report.json"));
        const report = parseReport(evidence.report, where, scanner);
        const doubt = doubtAboutRaw(report, evidence.raw);
        reports.push(
            doubt === null
                ? report
                : ({ unreadable: `${where} ${doubt}`, scanner } satisfies UnreadableReport),
        );
    }
    return reports;
}

/** Whether a report names the raw answer that is stored beside it. What is not a report at all is for `judge`. */
function doubtAboutRaw(report: unknown, stored: ContentDescription | null): string | null {
    const { raw, complete } = (report ?? {}) as Partial<ScanReport>;
    if (raw === undefined) return null;
    if (raw === null || stored === null) {
        if (raw !== stored) return "does not belong to the raw answer beside it";
        return complete === true ? "calls itself complete and has no raw answer beside it" : null;
    }
    return isSameContent(raw, stored) ? null : "does not belong to the raw answer beside it";
}

/**
 * Parses the text of a stored report as far as JSON; `judge` checks the rest.
 * @param place for the message.
 * @param expected the scanner in whose place the report was found, if the place says so.
 */
export function parseReport(content: Uint8Array, place: string, expected?: ScannerName): unknown {
    try {
        const value = readFindings(content);
        const claimed = (value as { scanner?: { name?: unknown } } | null)?.scanner?.name;
        if (expected === undefined || claimed === expected) return value;
        return {
            unreadable: `${place} is not a report of ${expected}`,
            scanner: expected,
        } satisfies UnreadableReport;
    } catch (error) {
        const detail = error instanceof JsonFormatError ? error.message : String(error).slice(0, 200);
        return {
            unreadable: `${place} is not JSON (${detail})`,
            scanner: expected ?? null,
        } satisfies UnreadableReport;
    }
}

/** The document with its findings, which can be tens of thousands. @throws JsonFormatError */
function readFindings(content: Uint8Array): unknown {
    const findings: unknown[] = [];
    const { rest } = readJsonStream([content], {
        elements: ["/findings/*"],
        onElement: ({ value }) => findings.push(value),
    });
    // Only where it was a list; whatever else stands there is for the schema.
    if (findings.length === 0) return rest;
    return { ...(rest as object), findings };
}
