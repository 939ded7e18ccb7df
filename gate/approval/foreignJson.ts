/** First steps with JSON that came from outside: what it is, and how it is shown in a message. */
import { inOneLine } from "../commands/oneLine";
import { parseStrictJson } from "../report/strictJson";

/**
 * `parseStrictJson`, with an error in one line of bounded length that shows the beginning of the text.
 * @throws SyntaxError `"…" cannot be read as JSON (…)`
 */
export function parseForeignJson(text: string): unknown {
    try {
        return parseStrictJson(text);
    } catch (error) {
        const why = inOneLine((error as Error).message).slice(0, 2 * longest);
        throw new SyntaxError(`${shown(text)} cannot be read as JSON (${why})`, { cause: error });
    }
}

/** The value as an object with named members; null for anything else, lists among them. */
export function objectOf(value: unknown): Record<string, unknown> | null {
    return typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : null;
}

/** Longest foreign text in a message. */
const longest = 100;

/** A foreign value in one line of bounded length: text in quotes, without control characters; else what it is. */
export function shown(value: unknown): string {
    if (value === undefined) return "nothing";
    if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
    if (typeof value !== "string") return Array.isArray(value) ? "a list" : "an object";
    const text = value.length > longest ? `${value.slice(0, longest)}…` : value;
    return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e]/g, "?");
}

/**
 * A UUID as CodePipeline writes it: approval tokens and execution ids (API reference, patterns of `ApprovalToken` and
 * `PipelineExecutionId`: lower case).
 */
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Digest of an image. */
export const digestPattern = /^sha256:[0-9a-f]{64}$/;
