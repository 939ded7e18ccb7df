import type * as http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApprovalSettings } from "../../gate/approval/approvalSettings";
import {
    describePieces,
    EvidenceError,
    type ContentDescription,
    type EvidenceReader,
} from "../../gate/evidence/evidenceStore";
import { dnsSuffix } from "./partition";
import { clientSettings, ServiceError } from "./serviceCalls";
import { configuredEndpoint, sendSigned, type Environment } from "./signedRequest";

/** Milliseconds before the second attempt; they double with each. */
const firstPause = 50;

/** Bytes of an error document that are read. */
const largestErrorDocument = 16 * 1024;

export interface SignedReaderOptions {
    bucket: string;
    account: ApprovalSettings["account"];
    /** Ends every request. */
    signal: AbortSignal;
    environment: Environment;
    /** In bytes; larger objects are refused, whatever is asked for. */
    largest: number;
}

/**
 * Reads evidence from its bucket by GET and HEAD requests with a signature (version 4) of the function's role. The S3
 * client of the SDK does the same in 200 KB of code, most of it for what is not needed here.
 *
 * Needs s3:GetObject on the keys, kms:Decrypt on the bucket's key, and s3:ListBucket on the bucket: without that, S3
 * answers 403 for what does not exist.
 *
 * Whatever is wrong with the evidence itself is an EvidenceError, by which an image is refused. That S3 could not be
 * asked says nothing about an image: that is kept in `unavailable`, for the caller to throw.
 */
export class SignedReader implements EvidenceReader {
    /** Why S3 could not be asked; null while it could. */
    unavailable: ServiceError | null = null;
    readonly #base: URL;

    constructor(private readonly options: SignedReaderOptions) {
        this.#base = bucketUrl(options);
    }

    locate(key: string): string {
        return `s3://${this.options.bucket}/${key}`;
    }

    async get(key: string, largest: number): Promise<Uint8Array | null> {
        return this.#ask("GET", key, async (answer) => {
            const length = lengthOf(answer);
            const allowed = Math.min(largest, this.options.largest);
            if (length > allowed) {
                throw new EvidenceError(
                    `evidence ${this.locate(key)} has ${length} bytes, more than ${allowed} allowed`,
                );
            }
            return readBody(answer);
        });
    }

    async describe(key: string): Promise<ContentDescription | null> {
        const head = await this.#ask("HEAD", key, async (answer) => ({
            checksum: answer.headers["x-amz-checksum-sha256"],
            type: answer.headers["x-amz-checksum-type"],
            bytes: lengthOf(answer),
        }));
        if (head === null) return null;
        // The checksum of an upload in parts is not one of its bytes.
        if (typeof head.checksum === "string" && head.type !== "COMPOSITE") {
            return { sha256: Buffer.from(head.checksum, "base64").toString("hex"), bytes: head.bytes };
        }
        return this.#ask("GET", key, describePieces);
    }

    /** @returns null for a key that does not exist. */
    async #ask<T>(
        method: "GET" | "HEAD",
        key: string,
        read: (answer: http.IncomingMessage) => Promise<T>,
    ): Promise<T | null> {
        // What could not be asked is not asked for the next report: the function's time is needed to say so.
        if (this.unavailable !== null) throw this.unavailable;
        for (let attempt = 1; ; attempt += 1) {
            const failure = await this.#attempt(method, key, read);
            if (!(failure instanceof Failure)) return failure;
            if (failure.isFinal || attempt === clientSettings.maxAttempts || this.options.signal.aborted) {
                this.unavailable = new ServiceError(
                    `S3 ${method} of ${this.locate(key)} failed (${failure.message}); the event is tried again`,
                );
                throw this.unavailable;
            }
            await sleep(firstPause * 2 ** (attempt - 1) * (0.5 + Math.random()));
        }
    }

    async #attempt<T>(
        method: "GET" | "HEAD",
        key: string,
        read: (answer: http.IncomingMessage) => Promise<T>,
    ): Promise<T | null | Failure> {
        let answer: http.IncomingMessage | undefined;
        try {
            answer = await this.#send(method, key);
            const status = answer.statusCode ?? 0;
            if (status === 200) return await read(answer);
            return this.#refusal(method, key, status, await errorCodeIn(answer));
        } catch (error) {
            if (error instanceof EvidenceError) throw error;
            return new Failure((error as Error).message, false);
        } finally {
            // What is read to its end has given its connection back; anything else is broken off.
            if (answer?.complete !== true) answer?.destroy();
        }
    }

    /** What an answer that is not 200 means. @throws EvidenceError for evidence that may not be read. */
    #refusal(method: string, key: string, status: number, code: string): null | Failure {
        // A HEAD answer has no document; there has been a GET of the same place before it.
        if (status === 404 && (code === "NoSuchKey" || (method === "HEAD" && code === ""))) return null;
        if (status === 403 && (code === "AccessDenied" || code === "")) {
            throw new EvidenceError(
                `evidence ${this.locate(key)} cannot be read (403 ${code}); it does not exist, or the role may not read it`,
            );
        }
        return new Failure(`${status} ${code}`.trim(), status < 500 && status !== 429);
    }

    async #send(method: "GET" | "HEAD", key: string): Promise<http.IncomingMessage> {
        const { environment, account, signal } = this.options;
        const path = `${this.#base.pathname}${key.split("/").map(encodeURIComponent).join("/")}`;
        return sendSigned({
            service: "s3",
            region: account.region,
            environment,
            method,
            base: this.#base,
            path,
            headers: method === "HEAD" ? { "x-amz-checksum-mode": "ENABLED" } : {},
            signal,
        });
    }
}

/** Why an attempt gave nothing; `isFinal` when another would not either. */
class Failure {
    constructor(
        readonly message: string,
        readonly isFinal: boolean,
    ) {}
}

/**
 * Where the bucket is: the partition's endpoint of the region, or the address that the environment names as for every
 * client of the SDK (AWS SDKs and Tools Reference Guide, "Service-specific endpoints"); the path has the bucket then.
 */
function bucketUrl({ bucket, account, environment }: SignedReaderOptions): URL {
    const given = configuredEndpoint("S3", environment);
    if (given !== null) return new URL(`${given.replace(/\/+$/, "")}/${bucket}/`);
    const host = `s3.${account.region}.${dnsSuffix(account)}`;
    // A certificate for *.s3… does not cover a bucket with dots.
    return new URL(bucket.includes(".") ? `https://${host}/${bucket}/` : `https://${bucket}.${host}/`);
}

function lengthOf({ headers }: http.IncomingMessage): number {
    const length = headers["content-length"];
    if (length === undefined || !/^\d+$/.test(length)) throw new Error("the answer does not say its length");
    return Number(length);
}

/** The whole body; Node throws for one that is shorter than it was said to be. */
async function readBody(answer: http.IncomingMessage): Promise<Uint8Array> {
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
}

/** S3's own code in an error document; empty where there is none. */
async function errorCodeIn(answer: http.IncomingMessage): Promise<string> {
    let text = "";
    for await (const chunk of answer.setEncoding("utf8")) {
        text += chunk as string;
        if (text.length > largestErrorDocument) break;
    }
    return /<Code>([A-Za-z.]{1,100})<\/Code>/.exec(text)?.[1] ?? "";
}
