import { jsonBounds } from "../report/jsonStream";
import { RefusedFileError, withOpenFile } from "../report/openFile";
import { checkReport, type CheckReport, type CheckToolName, type LintLevel } from "./checkReport";
import { parseGitleaksReport } from "./gitleaksReport";
import { parseHadolintReport, type ParsedReport } from "./hadolintReport";
import { parseTrufflehogReport } from "./trufflehogReport";

const parsers: Record<CheckToolName, (chunks: Iterable<Uint8Array>) => ParsedReport> = {
    hadolint: (chunks) => parseHadolintReport(chunks, { file: null, path: null }),
    gitleaks: parseGitleaksReport,
    trufflehog: (chunks) => {
        const { findings, reasons, log } = parseTrufflehogReport(chunks);
        return {
            findings,
            reasons: [...reasons, ...log.complaints.map((text) => `trufflehog complains: ${text}`)],
        };
    },
};

/**
 * What stands in a report that a tool wrote at another time. Its findings are counted as those of a run are, but it
 * never passes: a file does not say which rules it was made with, nor that the tool has looked at anything. Never
 * throws.
 */
export function readCheckReport(
    path: string,
    {
        tool,
        commit,
        threshold,
        now,
    }: { tool: CheckToolName; commit: string | null; threshold: LintLevel; now: Date },
): CheckReport {
    const alone = `a ${tool} report alone does not show what was looked at and by which rules; let the gate run ${tool}`;
    const { findings, reasons } = parseFile(path, tool);
    return checkReport({
        tool: { name: tool, version: "" },
        subject: { commit },
        startedAt: now.toISOString(),
        finishedAt: now.toISOString(),
        raw: null,
        notes: [],
        threshold,
        findings,
        reasons: [...reasons, alone],
    });
}

function parseFile(path: string, tool: CheckToolName): ParsedReport {
    try {
        return withOpenFile(path, jsonBounds.largestBytes, (file) => parsers[tool](file.chunks()));
    } catch (error) {
        const why =
            error instanceof RefusedFileError
                ? error.message
                : `cannot be read (${(error as Error).message})`;
        return { findings: [], reasons: [`the ${tool} report ${path} ${why}`] };
    }
}
