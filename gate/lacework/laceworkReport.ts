import { JsonFormatError, readJsonStream } from "../report/jsonStream";
import { unusableReport, type ReportOrigin } from "../report/reportFile";
import type { ScanReport } from "../report/scanReport";
import {
    laceworkDocumentSchema,
    laceworkPageRows,
    laceworkRowKeys,
    laceworkRowPatterns,
    type LaceworkPaging,
} from "./laceworkFormat";
import { RowReader } from "./rowReader";

/** What the answer has to be about, and when it is read. */
export type LaceworkSubject = Omit<ReportOrigin, "scanner">;

const mostRows = 1_000_000;

/**
 * Turns Lacework's evaluation of an image into a scan report. Never throws: whatever cannot be believed gives a
 * report with `complete: false` and the reasons.
 *
 * Complete means: an answer of the search with its paging, all rows of it there, every one about this digest and of
 * one evaluation, the image scanned with Success. At least one row is needed, since Lacework answers nothing about an
 * image that it does not know. The list that `lacework vulnerability container scan --json` prints is read and
 * counted, but is never complete: the CLI prints only the vulnerable rows among the first 5,000, and does not say how
 * many there were.
 *
 * Times: the report is as old as its oldest row (`startTime`, when the row was evaluated); the vulnerability data as
 * old as the oldest batch that a row names (`vuln_created_time`, `cve_created_time`, in UTC).
 */
export function laceworkReport(chunks: Iterable<Uint8Array>, subject: LaceworkSubject): ScanReport {
    const origin: ReportOrigin = { ...subject, scanner: "lacework" };
    const rows = new RowReader(subject.digest);
    let rest: unknown;
    let raw: { sha256: string; bytes: number };
    try {
        ({ rest, ...raw } = readJsonStream(chunks, {
            elements: laceworkRowPatterns,
            keep: laceworkRowKeys,
            // Rows in which nothing is wrong are rows as well.
            mostElements: mostRows,
            onElement: ({ value, pointer }) => rows.read(value, pointer),
        }));
    } catch (error) {
        if (!(error instanceof JsonFormatError)) throw error;
        return unusableReport(
            `Lacework's answer cannot be read (${error.message}); run the scan again`,
            origin,
        );
    }
    const document = laceworkDocumentSchema.safeParse(rest);
    const reasons = document.success
        ? [...rows.doubts(), ...doubtsAboutWholeness(document.data, rows)]
        : [
              `this is not what Lacework answers (${document.error.issues[0]?.message ?? ""})`,
              ...(rows.total > 0 ? rows.doubts() : []),
          ];
    return {
        ...unusableReport("", origin),
        scanner: { name: "lacework", version: [...rows.scannerVersions].sort().join(", ") },
        ...rows.times(subject.now),
        raw,
        complete: reasons.length === 0,
        incompleteReasons: reasons,
        findings: rows.findings,
    };
}

/** Whether all rows of the answer are there, by the numbers that Lacework gives itself. */
function doubtsAboutWholeness(
    document: ReturnType<typeof laceworkDocumentSchema.parse>,
    { counts, total }: RowReader,
): string[] {
    if (Array.isArray(document)) {
        return [
            "this is the list that lacework vulnerability container scan prints: only vulnerable rows, only among the " +
                `first ${laceworkPageRows}, and without their number, so that nothing proves it whole; let the gate ask ` +
                "(--lacework PATH)",
        ];
    }
    const single = !("pages" in document);
    const pages = single ? [document] : document.pages;
    const lists = pages.map((_, at) => counts.get(single ? "/data" : `/pages/${at}/data`) ?? 0);
    return [
        ...pages.flatMap(({ paging }, at) => doubtsAboutPage(paging, lists[at] ?? 0, at, pages.length)),
        ...doubtsAboutTotal(
            pages.map(({ paging }) => paging),
            total,
        ),
    ];
}

function doubtsAboutPage(paging: LaceworkPaging, rows: number, at: number, pages: number): string[] {
    const last = at === pages - 1;
    const next = paging.urls?.nextPage ?? "";
    const doubts: string[] = [];
    if (paging.rows !== rows) {
        doubts.push(`page ${at + 1} of Lacework's answer says ${paging.rows} rows and has ${rows}`);
    }
    if (last && next !== "") doubts.push("Lacework's answer has a further page that is not here (nextPage)");
    if (!last && next === "") doubts.push(`page ${at + 1} of Lacework's answer calls itself the last`);
    return doubts;
}

function doubtsAboutTotal(pagings: readonly LaceworkPaging[], rows: number): string[] {
    const totals = new Set(pagings.map(({ totalRows }) => totalRows));
    const [total = -1] = totals;
    if (totals.size > 1)
        return ["the pages of Lacework's answer disagree about the number of rows (totalRows)"];
    return total === rows ? [] : [`Lacework has ${total} rows in all, and ${rows} of them are here`];
}
