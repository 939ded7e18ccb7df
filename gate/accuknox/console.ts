import { isLoopback } from "../registry/reference";
import { parseStrictJson } from "../report/strictJson";

/** An AccuKnox console and who uploads to it. */
export interface ConsoleAccess {
    /** Origin of the console, https (http on this machine only). */
    origin: string;
    tenant: string;
    /** Label that the console files the report under. */
    label: string;
    /** Bearer token; in no message and no report. */
    token: string;
    /** PEM of the only CA to trust, for a console of one's own; absent: the system's. */
    caPem?: string;
}

/** Address, tenant, label and token as they may be; each message says what is wrong and shows no token. */
export const consoleFields = {
    url: (text: string): string => {
        let url: URL;
        try {
            url = new URL(text);
        } catch {
            throw new Error(`"${text}" is not an address; write https://HOST`);
        }
        if (
            url.username !== "" ||
            url.password !== "" ||
            !["", "/"].includes(url.pathname + url.search + url.hash)
        ) {
            throw new Error(
                "has to be the console's address alone: https://HOST, without user, path or query",
            );
        }
        const plain = url.protocol === "http:" && isLoopback(url.host);
        if (url.protocol !== "https:" && !plain) throw new Error(`"${url.origin}" is not https`);
        return url.origin;
    },
    tenant: (text: string): string => {
        if (/^[A-Za-z0-9_-]{1,128}$/.test(text)) return text;
        throw new Error(`"${text}" is not a tenant id of letters, digits, hyphens and underscores`);
    },
    label: (text: string): string => {
        if (/^[\x20-\x7e]{1,128}$/.test(text)) return text;
        throw new Error("is not a label of at most 128 printable characters");
    },
    token: (text: string): string => {
        if (/^[\x21-\x7e]{1,8192}$/.test(text)) return text;
        throw new Error("holds characters that no token has (white space or a line end?)");
    },
} satisfies Record<string, (text: string) => string>;

/**
 * Path and query of the upload, as AccuKnox's own command line tool sends them (aspm_cli/utils/common.py,
 * `upload_results`); `TR` is the type of Trivy's reports.
 */
export function uploadPath({ tenant, label }: ConsoleAccess): string {
    const query = new URLSearchParams({
        tenant_id: tenant,
        data_type: "TR",
        label_id: label,
        save_to_s3: "true",
    });
    return `/api/v1/artifact/?${query}`;
}

/** What the console says when it has the file; it says the same whatever is in it. */
export const expectedDetail = "File received successfully";

/** Longest answer that is read, in bytes; the expected one has 41. */
export const longestAnswer = 65_536;

/** A whole answer of the console. */
export interface ConsoleAnswer {
    status: number;
    /** Null when it was longer than `longestAnswer`. */
    body: Uint8Array | null;
    /** Header Retry-After in seconds, where it is given so. */
    retryAfterSeconds: number | null;
    /** Whether the console had been sent everything when it answered. */
    sentAll: boolean;
}

/** What an answer means: the upload is done (null), or why not and whether to try again. */
export function judgeAnswer(
    { status, body, sentAll }: ConsoleAnswer,
    { token }: ConsoleAccess,
): { problem: string; passing: boolean } | null {
    const said = quote(body, token);
    if (status < 200 || status > 299) {
        const hint =
            status === 401 || status === 403
                ? "; check ACCUKNOX_TOKEN and --tenant"
                : status >= 300 && status < 400
                  ? "; redirects are not followed: check --console-url"
                  : "";
        return {
            problem: `it answered ${status}${said}${hint}`,
            passing: status === 429 || status >= 500,
        };
    }
    if (!sentAll) return { problem: `it answered ${status} before it had the whole report`, passing: false };
    let answer: unknown;
    try {
        answer = parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(body ?? new Uint8Array(0)));
    } catch {
        return { problem: `it answered ${status} without JSON${said}; check --console-url`, passing: false };
    }
    const { detail } = (answer ?? {}) as { detail?: unknown };
    if (detail === expectedDetail) return null;
    return { problem: `it answered ${status} and did not confirm the report${said}`, passing: false };
}

/** The beginning of an answer for a message; nothing of it when it repeats a piece of the token. */
function quote(body: Uint8Array | null, token: string): string {
    if (body === null) return ` with more than ${longestAnswer} bytes`;
    const text = new TextDecoder().decode(body).replace(/\s+/g, " ").trim();
    if (text === "") return " with nothing";
    const piece = Math.min(8, token.length);
    for (let at = 0; at + piece <= token.length; at += 1) {
        if (text.includes(token.slice(at, at + piece)))
            return " (the answer repeats the token and is not shown)";
    }
    return ` (${text.slice(0, 120)})`;
}
