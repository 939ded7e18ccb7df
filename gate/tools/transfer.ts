import { nameOf, redirectTarget, textOf, type ArtefactAddress } from "./artefactAddress";
import { ToolError } from "./toolError";

/** Bounds of a transfer, and what it waits with. */
export interface TransferOptions {
    /** Milliseconds for one attempt, from the request to the last byte. */
    timeout: number;
    /** Largest artefact, in bytes. */
    mostBytes: number;
    /** Attempts in all, while the trouble may pass. */
    attempts: number;
    /** Ends the transfer early. */
    signal?: AbortSignal;
    sleep: (milliseconds: number) => Promise<void>;
}

/** The largest tool of the manifest is a 60 MB archive. */
export const defaultTransfer: TransferOptions = {
    timeout: 300_000,
    mostBytes: 256 * 1024 * 1024,
    attempts: 3,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Redirects that are followed: a GitHub release needs one. */
const mostRedirects = 5;

/**
 * Fetches an artefact and hands its bytes to `take`, again from the beginning when the transfer breaks off, there is
 * no answer, or the server answers 408, 429 or 5xx. Pauses 1 and 4 seconds.
 * @throws ToolError, and what `take` throws.
 */
export async function fetchArtefact<T>(
    address: ArtefactAddress,
    options: TransferOptions,
    take: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
        const signals = [AbortSignal.timeout(options.timeout), ...(options.signal ? [options.signal] : [])];
        const signal = AbortSignal.any(signals);
        try {
            return await take(bounded(await open(address, signal), address, options, signal));
        } catch (error) {
            const again = error instanceof ToolError && error.passing;
            if (!again || attempt >= options.attempts) throw error;
            await options.sleep(1_000 * 4 ** (attempt - 1));
        }
    }
}

/** The chunks of an answer, none beyond the bound, and every trouble of the connection as a ToolError. */
async function* bounded(
    { chunks, length }: Answer,
    address: ArtefactAddress,
    { mostBytes, timeout }: TransferOptions,
    signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
    const what = textOf(address);
    const tooLarge = (): ToolError => new ToolError(`${what} is over ${mostBytes} bytes`, "refused");
    if (length !== null && length > mostBytes) throw tooLarge();
    let bytes = 0;
    const iterator = chunks[Symbol.asyncIterator]();
    try {
        for (;;) {
            let next: IteratorResult<Uint8Array>;
            try {
                next = await iterator.next();
            } catch (error) {
                throw broken(what, `breaks off after ${bytes} bytes`, error, signal, timeout);
            }
            if (next.done === true) break;
            bytes += next.value.length;
            if (bytes > mostBytes) throw tooLarge();
            yield next.value;
        }
    } finally {
        // Whoever stops reading must not leave a connection open.
        await iterator.return?.().catch(() => undefined);
    }
}

/** An answer as it begins. */
export interface Answer {
    chunks: AsyncIterable<Uint8Array>;
    /** Announced length in bytes; null when there is none. */
    length: number | null;
}

async function open(address: ArtefactAddress, signal: AbortSignal): Promise<Answer> {
    if (address.kind === "http") return openHttp(address.url, signal);
    // The AWS SDK is loaded only for a mirror.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() cannot be lazy in one CommonJS file
    const { openS3 } = require("./s3Mirror") as typeof import("./s3Mirror");
    return openS3(address, signal);
}

async function openHttp(start: URL, signal: AbortSignal): Promise<Answer> {
    let url = start;
    for (let redirects = 0; ; redirects += 1) {
        let response: Response;
        try {
            response = await fetch(url, {
                redirect: "manual",
                // The sum is that of the bytes as published, so nothing may be packed on the way.
                headers: { accept: "application/octet-stream, */*", "accept-encoding": "identity" },
                signal,
            });
        } catch (error) {
            throw broken(nameOf(url), "gives no answer", error, signal, null);
        }
        const { status, headers, body } = response;
        if ([301, 302, 303, 307, 308].includes(status)) {
            await body?.cancel();
            if (redirects >= mostRedirects)
                throw new ToolError(
                    `${nameOf(start)} redirects more than ${mostRedirects} times`,
                    "unavailable",
                );
            url = redirectTarget(url, headers.get("location"));
            continue;
        }
        if (status !== 200 || body === null) {
            await body?.cancel();
            const passing = status === 408 || status === 429 || status >= 500;
            const hint = status === 404 ? "; check the version and the address" : "";
            throw new ToolError(`${nameOf(url)} answers ${status}${hint}`, "unavailable", passing);
        }
        const length = headers.get("content-length");
        return { chunks: body, length: length === null || !/^\d+$/.test(length) ? null : Number(length) };
    }
}

/** An exception of the connection, as a ToolError that may be tried again. */
function broken(
    what: string,
    how: string,
    error: unknown,
    signal: AbortSignal,
    timeout: number | null,
): ToolError {
    if (error instanceof ToolError) return error;
    if (signal.aborted && (signal.reason as Error | undefined)?.name === "TimeoutError") {
        const limit = timeout === null ? "" : ` of ${Math.ceil(timeout / 1000)} s`;
        return new ToolError(`${what} ${how} within the time limit${limit}`, "unavailable", true);
    }
    if (signal.aborted) return new ToolError(`${what}: interrupted`, "unavailable");
    return new ToolError(
        `${what} ${how} (${causeOf(error)}); check the network and the address`,
        "unavailable",
        true,
    );
}

function causeOf(error: unknown): string {
    const { cause, message } = error as { cause?: unknown; message?: string };
    return cause === undefined ? (message ?? String(error)) : causeOf(cause);
}
