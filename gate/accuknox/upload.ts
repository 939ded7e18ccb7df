import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import { judgeAnswer, longestAnswer, uploadPath, type ConsoleAccess, type ConsoleAnswer } from "./console";

/** The file to upload: exactly these bytes and no others. */
export interface JudgedFile {
    path: string;
    /** Lower-case hexadecimal. */
    sha256: string;
    bytes: number;
}

/** Limits in milliseconds, and how to wait between attempts; specs hand in their own. */
export interface UploadPatience {
    /** For everything together. */
    whole: number;
    /** Without a byte sent or received. */
    idle: number;
    attempts: number;
    sleep: (milliseconds: number) => Promise<void>;
}

export const uploadPatience: Omit<UploadPatience, "whole"> = {
    idle: 60_000,
    attempts: 4,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Longest pause that a console may ask for with Retry-After. */
const longestPause = 60_000;

/** The file is not the one that was judged. */
class ChangedFileError extends Error {}

/**
 * Uploads a judged report to an AccuKnox console (POST, multipart/form-data) and demands its confirmation. The file is
 * streamed, and its end is only sent when what went before had the judged hash. Tried again after 429, 5xx and broken
 * connections, with pauses of 1, 4 and 16 seconds or what the console asks for; a report that arrives twice does no
 * harm there. Never throws.
 * @returns null when the console has confirmed it, otherwise why not, in one line without the token.
 */
export async function uploadReport(
    file: JudgedFile,
    console: ConsoleAccess,
    patience: UploadPatience,
): Promise<string | null> {
    const end = performance.now() + patience.whole;
    for (let attempt = 1; ; attempt += 1) {
        const { failure, pause } = await tryOnce(file, console, {
            ...patience,
            whole: end - performance.now(),
        });
        if (failure === null) return null;
        const wait = Math.min(Math.max(1_000 * 4 ** (attempt - 1), pause), longestPause);
        const tooLate = performance.now() + wait >= end;
        if (!failure.passing || attempt >= patience.attempts || tooLate) {
            const times = attempt === 1 ? "" : ` (tried ${attempt} times)`;
            return `the report was not uploaded to ${console.origin}: ${failure.problem}${times}`;
        }
        await patience.sleep(wait);
    }
}

interface Attempt {
    failure: { problem: string; passing: boolean } | null;
    /** Milliseconds that the console asks to wait for. */
    pause: number;
}

async function tryOnce(file: JudgedFile, console: ConsoleAccess, limits: UploadPatience): Promise<Attempt> {
    try {
        const answer = await send(file, console, limits);
        const pause = (answer.retryAfterSeconds ?? 0) * 1_000;
        return { failure: judgeAnswer(answer, console), pause };
    } catch (error) {
        return { failure: failureOf(error as NodeJS.ErrnoException), pause: 0 };
    }
}

/** Connections that may do better at once; a certificate that is not trusted will not. */
const passingCodes = new Set([
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EPIPE",
    "ETIMEDOUT",
]);

function failureOf(error: NodeJS.ErrnoException): { problem: string; passing: boolean } {
    const { code = "", message } = error;
    if (error instanceof ChangedFileError) return { problem: message, passing: false };
    if (error.syscall === "open" || error.syscall === "read") {
        return { problem: `the file cannot be read (${code})`, passing: false };
    }
    const passing = passingCodes.has(code);
    // The message of a TLS error says what is wrong with the certificate; that of another connection only repeats.
    return { problem: passing ? `no answer (${code})` : `no answer (${message.slice(0, 200)})`, passing };
}

/** Sends one request over a connection of its own and reads the whole answer. Redirects are not followed. */
function send(file: JudgedFile, console: ConsoleAccess, limits: UploadPatience): Promise<ConsoleAnswer> {
    const boundary = `portcullis-${randomUUID()}`;
    const head = Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="trivy.json"\r\n` +
            "Content-Type: application/json\r\n\r\n",
    );
    const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
    const url = new URL(uploadPath(console), console.origin);
    return new Promise((resolve, reject) => {
        const request = (url.protocol === "https:" ? https : http).request(url, {
            method: "POST",
            agent: false,
            // Also when NODE_TLS_REJECT_UNAUTHORIZED says otherwise.
            rejectUnauthorized: true,
            ...(console.caPem === undefined ? {} : { ca: console.caPem }),
            headers: {
                accept: "application/json",
                authorization: `Bearer ${console.token}`,
                "tenant-id": console.tenant,
                "content-type": `multipart/form-data; boundary=${boundary}`,
                "content-length": head.length + file.bytes + tail.length,
            },
        });
        const body = Readable.from(parts(file, head, tail), { objectMode: false });
        let answering = false;
        const finish = (settle: () => void): void => {
            clearTimeout(timer);
            settle();
            body.destroy();
            request.destroy();
        };
        const fail = (error: Error): void => finish(() => reject(error));
        const timer = setTimeout(() => fail(timedOut()), Math.max(limits.whole, 1));
        request.setTimeout(limits.idle, () => fail(timedOut()));
        body.on("error", fail);
        // A console that answers early may close its side while the rest is still on its way.
        request.on("error", (error) => (answering ? undefined : fail(error)));
        request.on("response", (response) => {
            answering = true;
            const chunks: Buffer[] = [];
            let size = 0;
            const answer = (whole: Buffer | null): void =>
                finish(() =>
                    resolve({
                        status: response.statusCode ?? 0,
                        body: whole,
                        retryAfterSeconds: secondsOf(response.headers["retry-after"]),
                        sentAll: request.writableFinished,
                    }),
                );
            response.on("data", (chunk: Buffer) => {
                size += chunk.length;
                if (size > longestAnswer) answer(null);
                else chunks.push(chunk);
            });
            // An answer that ends before its announced end is an error of the response, not an end.
            response.on("error", fail);
            response.on("end", () => answer(Buffer.concat(chunks)));
        });
        body.pipe(request);
    });
}

/** The body of the request. The last part comes only when the file was the judged one, so that no other can arrive. */
async function* parts(
    { path, sha256, bytes }: JudgedFile,
    head: Buffer,
    tail: Buffer,
): AsyncGenerator<Buffer, void, void> {
    yield head;
    const hash = createHash("sha256");
    let sent = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>) {
        sent += chunk.length;
        if (sent > bytes) break;
        hash.update(chunk);
        yield chunk;
    }
    if (sent !== bytes || hash.digest("hex") !== sha256) {
        throw new ChangedFileError(`${path} has changed since it was judged; scan again`);
    }
    yield tail;
}

function timedOut(): NodeJS.ErrnoException {
    return Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });
}

function secondsOf(header: string | undefined): number | null {
    return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
