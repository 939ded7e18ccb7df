import { z } from "zod";
import { parseStrictJson } from "../report/strictJson";
import { commitPattern, type CheckFinding } from "./checkReport";
import type { RedactedReport } from "./gitleaksReport";

/** What trufflehog says about where a secret is; each source has some of these. */
const placeSchema = z.object({
    commit: z.string().optional(),
    file: z.string().optional(),
    link: z.string().optional(),
    line: z.int().min(0).optional(),
    timestamp: z.string().optional(),
});

/**
 * One result of trufflehog 3 (`--json`, one per line). Only what is named here is read and stored: `Raw`, `RawV2`,
 * `Redacted`, `ExtraData` and `StructuredData` are the secret or parts of it.
 */
const resultSchema = z.object({
    SourceMetadata: z.object({ Data: z.record(z.string(), placeSchema) }),
    SourceName: z.string().optional(),
    DetectorType: z.int(),
    DetectorName: z.string().min(1),
    DetectorDescription: z.string().optional(),
    DecoderName: z.string().optional(),
    Verified: z.boolean(),
});

/** A line of its log; it goes to standard error, but both are often written to one file. */
const logSchema = z.object({ level: z.string(), ts: z.string(), msg: z.string() });
const finishSchema = z.object({
    msg: z.literal("finished scanning"),
    chunks: z.int().min(0),
    verified_secrets: z.int().min(0),
    unverified_secrets: z.int().min(0),
});

/** Trufflehog's own account of its run. */
export interface TrufflehogLog {
    /** Results that it counts; null when it does not say that it has finished. */
    results: number | null;
    /** What is not mere information: it goes on after errors and still exits 0. */
    complaints: string[];
}

/** More reasons of one kind than this are counted, not listed. */
const mostReasons = 5;
const largestReport = 256 * 1024 * 1024;

/**
 * Reads trufflehog's JSON lines. Never throws. Every result is a finding of level error, verified or not; the text of
 * the secret goes nowhere.
 * @returns with what its log says, as far as it is in the same text.
 */
export function parseTrufflehogReport(content: Uint8Array): RedactedReport & { log: TrufflehogLog } {
    const findings: CheckFinding[] = [];
    const stored: unknown[] = [];
    const malformed: string[] = [];
    const reasons: string[] = [];
    const log: TrufflehogLog = { results: null, complaints: [] };
    for (const [at, line] of linesOf(content, reasons).entries()) {
        if (line.trim() === "") continue;
        let value: unknown;
        try {
            value = parseStrictJson(line);
        } catch {
            // The error would repeat the text.
            malformed.push(`line ${at + 1} is not JSON, or cut off`);
            continue;
        }
        if (
            logSchema.safeParse(value).success &&
            !(typeof value === "object" && value !== null && "SourceMetadata" in value)
        ) {
            noteLog(value, log);
            continue;
        }
        const result = resultSchema.safeParse(value);
        if (!result.success) {
            const [issue] = result.error.issues;
            malformed.push(`line ${at + 1}: ${issue?.path.join("/") ?? ""} ${issue?.message ?? "no result"}`);
            continue;
        }
        findings.push(toFinding(result.data, `/${stored.length}`));
        stored.push(result.data);
    }
    if (malformed.length > 0) {
        const more = malformed.length > mostReasons ? ` and ${malformed.length - mostReasons} more` : "";
        const some = malformed.slice(0, mostReasons).join("; ");
        reasons.push(
            `the trufflehog report has lines of another format (${some}${more}); run trufflehog 3 with --json`,
        );
    }
    return { findings, reasons, redacted: Buffer.from(`${JSON.stringify(stored, null, 1)}\n`), log };
}

/** Reads what trufflehog wrote to standard error. */
export function readTrufflehogLog(text: string): TrufflehogLog {
    const log: TrufflehogLog = { results: null, complaints: [] };
    for (const line of text.split("\n")) {
        if (line.trim() === "") continue;
        try {
            noteLog(JSON.parse(line), log);
        } catch {
            log.complaints.push(line.slice(0, 300));
        }
    }
    return log;
}

function noteLog(value: unknown, log: TrufflehogLog): void {
    const finish = finishSchema.safeParse(value);
    if (finish.success) log.results = finish.data.verified_secrets + finish.data.unverified_secrets;
    const entry = logSchema.safeParse(value);
    if (!entry.success) log.complaints.push("something that is no log entry");
    else if (!entry.data.level.startsWith("info")) log.complaints.push(entry.data.msg.slice(0, 300));
}

function linesOf(content: Uint8Array, reasons: string[]): string[] {
    if (content.length > largestReport) {
        reasons.push(
            `the trufflehog report has ${content.length} bytes, more than the ${largestReport} allowed`,
        );
        return [];
    }
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content).split("\n");
    } catch {
        reasons.push("the trufflehog report is not UTF-8 text");
        return [];
    }
}

function toFinding(result: z.infer<typeof resultSchema>, source: string): CheckFinding {
    const [place] = Object.values(result.SourceMetadata.Data);
    const { commit, file, line, link } = place ?? {};
    return {
        rule: result.DetectorName,
        level: "error",
        message: `${result.DetectorDescription ?? "a secret"}${result.Verified ? " (verified: it is in use)" : ""}`,
        file: file ?? "",
        line: line ?? 0,
        ...(commit !== undefined && commitPattern.test(commit) ? { commit } : {}),
        ...(/^https:\/\//.test(link ?? "") ? { url: link } : {}),
        source,
    };
}
