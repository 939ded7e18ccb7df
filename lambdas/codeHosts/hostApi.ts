/** HTTPS with a code host's API: in time, repeated where that can help, without redirects, and without its token in any error. */
import { setTimeout as sleep } from "node:timers/promises";
import { inOneLine } from "../../gate/commands/oneLine";
import { shown } from "../../gate/approval/foreignJson";
import { clientSettings, ServiceError } from "../effects/serviceCalls";

/** Milliseconds before the second attempt; they double with each. */
const firstPause = 500;

/** Longest pause that a host may ask for, in seconds: the function has more to do, and its event comes again. */
const longestPause = 10;

/** Largest answer in bytes: a page of a hundred comments of the largest size. */
const largestAnswer = 16 * 1024 * 1024;

export interface HostApiOptions {
    /** As in messages, e.g. `GitHub`. */
    name: string;
    /** Address that every path is put behind; https. */
    url: string;
    /** Gives the token; never part of an error. */
    token: () => Promise<string>;
    /** Called when the host does not know the token. */
    forgetToken: () => void;
    headers: Record<string, string>;
    /** Ends every request. */
    signal: AbortSignal;
}

export interface HostAnswer {
    status: number;
    headers: Headers;
    /** The body as JSON; null where there is none. */
    body: unknown;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH";

export class HostApi {
    constructor(private readonly options: HostApiOptions) {
        if (!options.url.startsWith("https://"))
            throw new Error(`${options.name}: ${options.url} is not https`);
    }

    /**
     * Asks, and gives the answer when its status is among those that are expected.
     * @throws ServiceError for every other.
     */
    async ask(
        method: Method,
        path: string,
        expected: readonly number[],
        body?: unknown,
    ): Promise<HostAnswer> {
        const what = `${this.options.name} ${method} ${path.split("?")[0]}`;
        for (let attempt = 1; ; attempt += 1) {
            const answer = await this.#attempt(method, path, body);
            const pause = pauseAfter(method, answer, attempt);
            if (pause !== null && attempt < clientSettings.maxAttempts && !this.options.signal.aborted) {
                await sleep(pause);
                continue;
            }
            if (answer instanceof Error) {
                throw new ServiceError(
                    `${what} failed (${inOneLine(answer.message)}); the event is tried again`,
                );
            }
            if (expected.includes(answer.status)) return answer;
            if (answer.status === 401) this.options.forgetToken();
            throw new ServiceError(
                `${what} failed (${answer.status} ${messageIn(answer)}); ${advice(answer)}`,
            );
        }
    }

    async #attempt(method: Method, path: string, body: unknown): Promise<HostAnswer | Error> {
        const { url, headers, signal } = this.options;
        const authorization = `Bearer ${await this.options.token()}`;
        try {
            const response = await fetch(`${url.replace(/\/+$/, "")}${path}`, {
                method,
                headers: {
                    ...headers,
                    authorization,
                    "user-agent": "portcullis",
                    ...(body === undefined ? {} : { "content-type": "application/json" }),
                },
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
                // The token goes to this host and nowhere else.
                redirect: "error",
                signal: AbortSignal.any([
                    signal,
                    AbortSignal.timeout(clientSettings.requestHandler.requestTimeout),
                ]),
            });
            return { status: response.status, headers: response.headers, body: await readBody(response) };
        } catch (error) {
            const { message, cause } = error as Error;
            const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
            return new Error(why.replaceAll(authorization, "…"));
        }
    }
}

async function readBody(response: Response): Promise<unknown> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
        bytes += chunk.length;
        if (bytes > largestAnswer) throw new Error(`the answer has more than ${largestAnswer} bytes`);
        chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString("utf8");
    if (text.trim() === "") return null;
    try {
        return JSON.parse(text) as unknown;
    } catch {
        // Pages of proxies and errors; whoever wanted JSON will miss it.
        return null;
    }
}

/**
 * Milliseconds after which it is worth asking again; null when it is not. What may have been carried out is only
 * repeated where that changes nothing: not a POST, of which a lost answer could mean a second comment.
 */
function pauseAfter(method: Method, answer: HostAnswer | Error, attempt: number): number | null {
    const backOff = firstPause * 2 ** (attempt - 1) * (0.5 + Math.random());
    if (answer instanceof Error) return method === "POST" ? null : backOff;
    const { status, headers } = answer;
    const retryAfter = headers.get("retry-after");
    // GitHub limits by 403 as well ("Rate limits for the REST API").
    const isLimited = status === 429 || (status === 403 && retryAfter !== null);
    if (isLimited) {
        if (retryAfter === null) return backOff;
        const seconds = Number(retryAfter);
        return Number.isFinite(seconds) && seconds >= 0 && seconds <= longestPause ? seconds * 1_000 : null;
    }
    return status >= 500 && method !== "POST" ? backOff : null;
}

function messageIn({ body }: HostAnswer): string {
    const { message } = (body ?? {}) as { message?: unknown };
    return message === undefined ? "" : shown(message);
}

function advice({ status }: HostAnswer): string {
    if (status === 401) return "the token is not known to the host: put a valid one into the secret";
    if (status === 403 || status === 404) return "see what the token may do with this repository";
    return "the event is tried again";
}
