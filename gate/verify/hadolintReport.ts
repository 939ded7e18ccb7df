import * as z from "zod";
import { JsonFormatError, readJsonStream } from "../report/jsonStream";
import { lintLevels, unreadableFinding, type CheckFinding } from "./checkReport";

/** One entry of hadolint's JSON output (`--format json`); the same keys since hadolint 1.17. */
const entrySchema = z.object({
    code: z.string().min(1),
    level: z.string(),
    message: z.string(),
    file: z.string(),
    line: z.int().min(0),
    column: z.int().min(0),
});

/** The findings of a report, and why it cannot be believed. */
export interface ParsedReport {
    findings: CheckFinding[];
    reasons: string[];
}

/** More reasons of one kind than this are counted, not listed. */
const mostReasons = 5;

/**
 * Reads hadolint's JSON output. Never throws. Every entry is a finding; a level that hadolint does not have counts as
 * error. DL1000 makes the report incomplete: hadolint could not parse the file, so its other rules saw nothing.
 * @param file what hadolint calls the linted file; null when any is right, as for a report found somewhere.
 * @param path of the Dockerfile in the repository, for the findings; as in the report when null.
 */
export function parseHadolintReport(
    content: Iterable<Uint8Array>,
    { file, path }: { file: string | null; path: string | null },
): ParsedReport {
    const findings: CheckFinding[] = [];
    const malformed: string[] = [];
    const others = new Set<string>();
    const reasons: string[] = [];
    try {
        const { rest } = readJsonStream(content, {
            elements: ["/*"],
            onElement: ({ pointer, value }) => {
                const result = entrySchema.safeParse(value);
                if (!result.success) {
                    const [issue] = result.error.issues;
                    malformed.push(
                        `${pointer}/${issue?.path.join("/") ?? ""}: ${issue?.message ?? "not an entry"}`,
                    );
                    findings.push(unreadableFinding(pointer));
                    return;
                }
                const entry = result.data;
                if (file !== null && entry.file !== file) others.add(entry.file);
                findings.push({
                    rule: entry.code,
                    level: lintLevels.find((level) => level === entry.level) ?? "error",
                    message: entry.message,
                    file: path ?? entry.file,
                    line: entry.line,
                    column: entry.column,
                    ...explanation(entry.code),
                    source: pointer,
                });
            },
        });
        if (!Array.isArray(rest))
            reasons.push("the hadolint report is not a list of findings; run hadolint --format json");
    } catch (error) {
        if (!(error instanceof JsonFormatError)) throw error;
        reasons.push(
            error.fault === "empty"
                ? "hadolint wrote nothing; it does so when it could not read its configuration or the Dockerfile"
                : `the hadolint report is not JSON, or cut off (${error.message})`,
        );
    }
    if (malformed.length > 0) {
        const more = malformed.length > mostReasons ? ` and ${malformed.length - mostReasons} more` : "";
        reasons.push(
            `the hadolint report has entries of another format (${malformed.slice(0, mostReasons).join("; ")}${more})`,
        );
    }
    if (others.size > 0)
        reasons.push(
            `the hadolint report is about another file (${[...others].slice(0, mostReasons).join(", ")})`,
        );
    const unread = findings.find(({ rule }) => rule === "DL1000");
    if (unread !== undefined) {
        reasons.push(
            `hadolint could not parse the Dockerfile at line ${unread.line} (${unread.message.replaceAll("\n", ", ")}), ` +
                "so its rules have seen nothing; correct the line",
        );
    }
    return { findings, reasons };
}

function explanation(code: string): { url?: string } {
    if (/^DL\d{4}$/.test(code)) return { url: `https://github.com/hadolint/hadolint/wiki/${code}` };
    if (/^SC\d{4}$/.test(code)) return { url: `https://www.shellcheck.net/wiki/${code}` };
    return {};
}
