import * as z from "zod";
import { parseStrictJson } from "../report/strictJson";
import { commitPattern, type CheckFinding } from "./checkReport";
import type { RedactedReport } from "./gitleaksReport";
import { withoutColours } from "./toolProcess";

/** What trufflehog says about where a secret is; each source has some of these. */
const placeSchema = z.object({
    commit: z.string().optional().catch(undefined),
    file: z.string().optional().catch(undefined),
    link: z.string().optional().catch(undefined),
    line: z.int().min(0).optional().catch(undefined),
});

/**
 * One result of trufflehog 3 (`--json`, one per line). Only what is named here is read and stored: `Raw`, `RawV2`,
 * `Redacted`, `ExtraData` and `StructuredData` are the secret or parts of it.
 */
const resultSchema = z.object({
    SourceMetadata: z.object({ Data: z.record(z.string(), placeSchema).nullish() }).nullable(),
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
/** Most bytes of one line. */
const longestLine = 16 * 1024 * 1024;
/** Most results. */
const mostResults = 100_000;

/**
 * Reads trufflehog's JSON lines. Never throws. Every result is a finding of level error, verified or not; the text of
 * the secret goes nowhere.
 * @returns with what its log says, as far as it is in the same text.
 */
export function parseTrufflehogReport(
    content: Iterable<Uint8Array>,
): RedactedReport & { log: TrufflehogLog } {
    const findings: CheckFinding[] = [];
    const stored: unknown[] = [];
    const malformed: string[] = [];
    const reasons: string[] = [];
    const log: TrufflehogLog = { results: null, complaints: [] };
    let number = 0;
    for (const line of linesOf(content)) {
        number += 1;
        if (line === null || findings.length > mostResults) {
            reasons.push(`the trufflehog report is too large at line ${number}`);
            break;
        }
        if (/^\s*$/.test(line.toString("latin1", 0, 1_000)) && line.length <= 1_000) continue;
        const value = parseLine(line);
        if (typeof value === "string") {
            malformed.push(`line ${number} ${value}`);
            continue;
        }
        if (!("SourceMetadata" in value) && logSchema.safeParse(value).success) {
            noteLog(value, log);
            continue;
        }
        const result = resultSchema.safeParse(value);
        if (!result.success) {
            const [issue] = result.error.issues;
            malformed.push(`line ${number}: ${issue?.path.join("/") ?? ""} ${issue?.message ?? "no result"}`);
            continue;
        }
        findings.push(toFinding(result.data, `/${stored.length}`));
        stored.push(result.data);
    }
    if (number === 0) reasons.push("there is nothing in the trufflehog report; by itself that says nothing");
    if (malformed.length > 0) {
        const more = malformed.length > mostReasons ? ` and ${malformed.length - mostReasons} more` : "";
        const some = malformed.slice(0, mostReasons).join("; ");
        reasons.push(
            `the trufflehog report has lines of another format (${some}${more}); run trufflehog 3 with --json`,
        );
    }
    return { findings, reasons, redacted: Buffer.from(`${JSON.stringify(stored, null, 1)}\n`), log };
}

/** The object of a line, or what it is instead. A parser's own error would repeat the text. */
function parseLine(line: Buffer): object | string {
    let text: string;
    try {
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    } catch {
        return "is not UTF-8 text";
    }
    try {
        const value = parseStrictJson(text);
        return typeof value === "object" && value !== null && !Array.isArray(value) ? value : "is no object";
    } catch {
        return "is not JSON, or cut off";
    }
}

/** Reads what trufflehog wrote to standard error. */
export function readTrufflehogLog(text: string): TrufflehogLog {
    const log: TrufflehogLog = { results: null, complaints: [] };
    for (const line of withoutColours(text).split("\n")) {
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

/** The lines of a text that comes in pieces; null for one that is too long, and then no more. */
function* linesOf(content: Iterable<Uint8Array>): Generator<Buffer | null, void, void> {
    let held: Buffer[] = [];
    let length = 0;
    for (const chunk of content) {
        const piece = Buffer.from(chunk);
        let from = 0;
        for (let end = piece.indexOf(0x0a); end !== -1; end = piece.indexOf(0x0a, from)) {
            yield Buffer.concat([...held, piece.subarray(from, end)]);
            held = [];
            length = 0;
            from = end + 1;
        }
        held.push(piece.subarray(from));
        length += piece.length - from;
        if (length > longestLine) return yield null;
    }
    if (length > 0) yield Buffer.concat(held);
}

function toFinding(result: z.infer<typeof resultSchema>, source: string): CheckFinding {
    const [place] = Object.values(result.SourceMetadata?.Data ?? {});
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
