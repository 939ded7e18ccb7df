import { isDeepStrictEqual } from "node:util";
import {
    findingSchema,
    scannerNames,
    scanReportSchema,
    type Finding,
    type ScannerName,
    type ScanReport,
} from "../report/scanReport";
import type { Reason } from "./reason";
import { surelyValidFor } from "./surelyValid";

/** Stands in the list of reports for one that is there and could not be read. */
export interface UnreadableReport {
    /** Where it is and what is wrong with it, in one line. */
    unreadable: string;
    /** The scanner in whose place it was found; null when the place does not say. */
    scanner: ScannerName | null;
}

/** Reports by scanner without repetitions, and a reason for each that cannot be read. */
export interface SortedReports {
    readable: ReadonlyMap<ScannerName, readonly ScanReport[]>;
    unreadable: readonly Reason[];
}

/**
 * Checks and groups reports. A report can have a hundred thousand findings, so they are checked one by one and
 * neither copied nor turned into text; two reports are only compared when one scanner has both.
 */
export function sortReports(reports: readonly unknown[]): SortedReports {
    const readable = new Map<ScannerName, ScanReport[]>();
    const unreadable = new Map<string, Reason>();
    for (const given of new Set(reports)) {
        const read = readReport(given);
        if ("problem" in read) {
            const marked = asUnreadable(given);
            const scanner = marked?.scanner ?? claimedScanner(given);
            const message = `a scan report cannot be read (${marked?.unreadable ?? read.problem}); run the scan again`;
            unreadable.set(JSON.stringify([scanner, message]), {
                kind: "reportUnreadable",
                scanner,
                message,
            });
            continue;
        }
        const name = read.report.scanner.name;
        const known = readable.get(name) ?? [];
        if (known.some((other) => isDeepStrictEqual(other, read.report))) continue;
        readable.set(name, [...known, read.report]);
    }
    return { readable, unreadable: [...unreadable.values()] };
}

const isSurelyFinding = surelyValidFor(findingSchema);

function readReport(given: unknown): { report: ScanReport } | { problem: string } {
    const findings = (given as { findings?: unknown } | null | undefined)?.findings;
    const isList = Array.isArray(findings);
    const frame = scanReportSchema.safeParse(isList ? { ...(given as object), findings: [] } : given);
    if (!frame.success) return { problem: firstProblem(frame.error.issues, []) };
    if (!isList) return { problem: "findings: is not a list" };
    for (let index = 0; index < findings.length; index++) {
        if (isSurelyFinding(findings[index])) continue;
        const finding = findingSchema.safeParse(findings[index]);
        if (!finding.success) return { problem: firstProblem(finding.error.issues, ["findings", index]) };
    }
    return { report: { ...frame.data, findings: findings as Finding[] } };
}

function firstProblem(
    issues: readonly { path: readonly PropertyKey[]; message: string }[],
    place: readonly PropertyKey[],
): string {
    const [issue] = issues;
    const path = [...place, ...(issue?.path ?? [])];
    return `${path.length === 0 ? "document" : path.join(".")}: ${issue?.message ?? "not valid"}`;
}

function asUnreadable(report: unknown): UnreadableReport | null {
    const { unreadable, scanner } = (report ?? {}) as Partial<UnreadableReport>;
    if (typeof unreadable !== "string") return null;
    return { unreadable, scanner: scannerNames.find((known) => known === scanner) ?? null };
}

/** Which scanner an unreadable report says that it comes from. */
function claimedScanner(report: unknown): ScannerName | null {
    const name = (report as { scanner?: { name?: unknown } } | null | undefined)?.scanner?.name;
    return scannerNames.find((known) => known === name) ?? null;
}
