import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { checkReport, type CheckReport, type CheckToolName, type LintLevel } from "./checkReport";
import { parseGitleaksReport } from "./gitleaksReport";
import { parseHadolintReport, type ParsedReport } from "./hadolintReport";
import { parseTrufflehogReport } from "./trufflehogReport";

/** Largest report that is read, in bytes. */
const largestReport = 256 * 1024 * 1024;

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
    const unusable = (reason: string): ParsedReport => ({ findings: [], reasons: [reason] });
    let file: number | null = null;
    try {
        // Opening a named pipe would wait for its writer.
        if (!statSync(path).isFile()) return unusable(`the ${tool} report ${path} is not a file`);
        file = openSync(path, "r");
        const { size } = fstatSync(file);
        if (size > largestReport)
            return unusable(
                `the ${tool} report ${path} has ${size} bytes, more than the ${largestReport} allowed`,
            );
        return parsers[tool](chunksOf(file));
    } catch (error) {
        return unusable(`the ${tool} report ${path} cannot be read (${(error as Error).message})`);
    } finally {
        if (file !== null) closeSync(file);
    }
}

function* chunksOf(file: number): Generator<Uint8Array, void, void> {
    for (;;) {
        const buffer = Buffer.allocUnsafe(1024 * 1024);
        const length = readSync(file, buffer, 0, buffer.length, null);
        if (length === 0) return;
        yield buffer.subarray(0, length);
    }
}
