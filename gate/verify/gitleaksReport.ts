import * as z from "zod";
import { JsonFormatError, readJsonStream } from "../report/jsonStream";
import { commitPattern, unreadableFinding, type CheckFinding } from "./checkReport";
import type { ParsedReport } from "./hadolintReport";
import { withoutColours } from "./toolProcess";

/**
 * One finding of gitleaks 8 (`--report-format json`). Only what is named here is read and stored: `Secret`, `Match`
 * and `Fragment` are the secret, and a commit message or an author's name may hold one too.
 */
const findingSchema = z.object({
    RuleID: z.string().min(1),
    Description: z.string().optional(),
    StartLine: z.int().min(0),
    EndLine: z.int().optional(),
    StartColumn: z.int().optional(),
    EndColumn: z.int().optional(),
    File: z.string(),
    SymlinkFile: z.string().optional(),
    Commit: z.string(),
    Link: z.string().optional(),
    Entropy: z.number().optional(),
    Date: z.string().optional(),
    Tags: z.array(z.string()).nullable().optional(),
    Fingerprint: z.string().optional(),
});

/** A report with what may be stored of it. */
export interface RedactedReport extends ParsedReport {
    /** The report again without any secret. */
    redacted: Uint8Array;
}

/** More reasons of one kind than this are counted, not listed. */
const mostReasons = 5;

/**
 * Reads gitleaks' JSON report. Never throws. Every entry is a finding of level error, also one of another format, such
 * as that of gitleaks before 8; the text of the secret goes nowhere.
 */
export function parseGitleaksReport(content: Iterable<Uint8Array>): RedactedReport {
    const findings: CheckFinding[] = [];
    const stored: unknown[] = [];
    const malformed: string[] = [];
    const reasons: string[] = [];
    try {
        const { rest } = readJsonStream(content, {
            elements: ["/*"],
            keep: { "/*": Object.keys(findingSchema.shape) },
            onElement: ({ pointer, value }) => {
                const result = findingSchema.safeParse(value);
                if (result.success) {
                    findings.push(toFinding(result.data, pointer));
                    stored.push({ ...result.data, Match: "REDACTED", Secret: "REDACTED" });
                } else {
                    const [issue] = result.error.issues;
                    findings.push(unreadableFinding(pointer));
                    // Keeps the places of the others.
                    stored.push({ Match: "REDACTED", Secret: "REDACTED" });
                    malformed.push(
                        `${pointer}/${issue?.path.join("/") ?? ""}: ${issue?.message ?? "no finding"}`,
                    );
                }
            },
        });
        if (!Array.isArray(rest))
            reasons.push(
                "the gitleaks report is not a list of findings; run gitleaks 8 with --report-format json",
            );
    } catch (error) {
        if (!(error instanceof JsonFormatError)) throw error;
        reasons.push(
            error.fault === "empty"
                ? "gitleaks wrote nothing; it does so when it could not read its rules or the repository"
                : `the gitleaks report is not JSON, or cut off (${error.message})`,
        );
    }
    if (malformed.length > 0) {
        const more = malformed.length > mostReasons ? ` and ${malformed.length - mostReasons} more` : "";
        const some = malformed.slice(0, mostReasons).join("; ");
        reasons.push(`the gitleaks report has entries of another format (${some}${more})`);
    }
    return { findings, reasons, redacted: Buffer.from(`${JSON.stringify(stored, null, 1)}\n`) };
}

function toFinding(entry: z.infer<typeof findingSchema>, source: string): CheckFinding {
    return {
        rule: entry.RuleID,
        level: "error",
        message: entry.Description || "a secret",
        file: entry.File,
        line: entry.StartLine,
        ...((entry.StartColumn ?? 0) > 0 ? { column: entry.StartColumn } : {}),
        ...(commitPattern.test(entry.Commit) ? { commit: entry.Commit } : {}),
        ...(/^https:\/\//.test(entry.Link ?? "") ? { url: entry.Link } : {}),
        source,
    };
}

/** What gitleaks says about its own run (standard error with --no-color). */
export interface GitleaksLog {
    /** Commits with something added; null when it does not say. */
    commits: number | null;
    /** Bytes that were looked at; null when it does not say. */
    bytes: number | null;
    /** Findings; null when it does not say. */
    leaks: number | null;
    /** Warnings and errors: it goes on after them and still exits 0. */
    complaints: string[];
}

export function readGitleaksLog(text: string): GitleaksLog {
    const log: GitleaksLog = { commits: null, bytes: null, leaks: null, complaints: [] };
    for (const line of withoutColours(text).split("\n")) {
        const [, level, message = ""] = /^\S+ (TRC|DBG|INF|WRN|ERR|FTL|PNC) (.*?)\s*$/.exec(line) ?? [];
        const [, commits] = /^(\d+) commits scanned\.$/.exec(message) ?? [];
        const [, bytes] = /^scanned ~(\d+) bytes \(/.exec(message) ?? [];
        const [, leaks] = /^leaks found: (\d+)$/.exec(message) ?? [];
        if (commits !== undefined) log.commits = Number(commits);
        else if (bytes !== undefined) log.bytes = Number(bytes);
        else if (leaks !== undefined) log.leaks = Number(leaks);
        else if (message === "no leaks found") log.leaks = 0;
        else if (level !== undefined && ["WRN", "ERR", "FTL", "PNC"].includes(level))
            log.complaints.push(message);
    }
    return log;
}
