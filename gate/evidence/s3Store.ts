import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
    GetObjectCommand,
    HeadObjectCommand,
    PutObjectCommand,
    S3Client,
    S3ServiceException,
    type GetObjectCommandOutput,
} from "@aws-sdk/client-s3";
import {
    conflictAt,
    describePieces,
    descriptionOf,
    differsAt,
    EvidenceError,
    isSameContent,
    piecesOf,
    type ContentDescription,
    type EvidenceContent,
    type EvidenceStore,
} from "./evidenceStore";

/** Attempts to store one object, and the wait before the second in milliseconds; it doubles. */
const attempts = 4;
const firstWait = 200;

/** Time limit of one request in milliseconds, and what is added for a megabyte to be sent. */
const requestTimeout = 60_000;
const timeoutPerMegabyte = 1_000;

/**
 * Evidence in an S3 bucket. Write-once by the condition `If-None-Match: *`, which S3 answers with 412 when the key
 * exists (Amazon S3 User Guide, "How to prevent object overwrites with conditional writes"); the bucket's object
 * lock keeps the versions. The SHA-256 of every object is sent with it, so that S3 refuses other bytes, and S3's own
 * record of it is asked for afterwards (User Guide, "Checking object integrity").
 *
 * Needs s3:PutObject and s3:GetObject on the key, and kms:GenerateDataKey and kms:Decrypt on the bucket's key: also
 * the checksum of an encrypted object is only given to who may decrypt it (API reference, HeadObject). Without
 * s3:ListBucket an absent object cannot be told from one that may not be read.
 */
export class S3EvidenceStore implements EvidenceStore {
    constructor(
        private readonly bucket: string,
        /** Credentials and region come from the environment, as in every AWS tool. */
        private readonly client: S3Client = new S3Client({
            maxAttempts: attempts,
            // It would warn of every failed upload of a file; what fails is told by the errors.
            logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
            requestHandler: { connectionTimeout: 10_000, requestTimeout, throwOnRequestTimeout: true },
        }),
    ) {}

    locate(key: string): string {
        return `s3://${this.bucket}/${key}`;
    }

    async put(key: string, content: EvidenceContent): Promise<void> {
        const description = descriptionOf(content);
        const isNew = await this.create(key, content, description);
        const stored = await this.describe(key);
        if (stored === null || !isSameContent(stored, description)) {
            throw isNew ? differsAt(this.locate(key)) : conflictAt(this.locate(key));
        }
    }

    async get(key: string, largest: number): Promise<Uint8Array | null> {
        return this.read(key, async () => {
            const { Body: body, ContentLength: length } = await this.getObject(key);
            if (body === undefined || length === undefined) throw new Error("the answer has no content");
            if (length > largest) throw new Error(`${length} bytes, more than ${largest} allowed`);
            return body.transformToByteArray();
        });
    }

    async describe(key: string): Promise<ContentDescription | null> {
        return this.read(key, async () => {
            const head = await this.client.send(
                new HeadObjectCommand({ Bucket: this.bucket, Key: key, ChecksumMode: "ENABLED" }),
            );
            const { ChecksumSHA256: checksum, ChecksumType: type, ContentLength: bytes } = head;
            // The checksum of an upload in parts is not one of its bytes; we make none.
            if (checksum !== undefined && type !== "COMPOSITE" && bytes !== undefined) {
                return { sha256: Buffer.from(checksum, "base64").toString("hex"), bytes };
            }
            const { Body: body } = await this.getObject(key);
            return describePieces(body as Readable);
        });
    }

    private getObject(key: string): Promise<GetObjectCommandOutput> {
        return this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    }

    /** @returns whether the object is new; false when there was one. */
    private async create(
        key: string,
        content: EvidenceContent,
        description: ContentDescription,
    ): Promise<boolean> {
        for (let attempt = 1; ; attempt += 1) {
            try {
                await this.putObject(key, content, description);
                return true;
            } catch (error) {
                if (error instanceof EvidenceError) throw error;
                if (statusOf(error) === 412) return false;
                // The SDK cannot repeat what it has read from a file.
                if (attempt === attempts || !isPassing(error)) throw this.failure(key, "written", error);
                await sleep(firstWait * 2 ** (attempt - 1));
            }
        }
    }

    private async putObject(
        key: string,
        content: EvidenceContent,
        { sha256, bytes }: ContentDescription,
    ): Promise<void> {
        const body =
            content instanceof Uint8Array
                ? content
                : Readable.from(copies(piecesOf(content)), { objectMode: false });
        const broken = new AbortController();
        // That the file has changed shows while it is sent: the request is then broken off before its last byte.
        if (body instanceof Readable) body.on("error", (error) => broken.abort(error));
        try {
            await this.client.send(
                new PutObjectCommand({
                    Bucket: this.bucket,
                    Key: key,
                    Body: body,
                    ContentLength: bytes,
                    ContentType: "application/json",
                    ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
                    IfNoneMatch: "*",
                }),
                {
                    abortSignal: broken.signal,
                    requestTimeout: requestTimeout + Math.ceil(bytes / 1e6) * timeoutPerMegabyte,
                },
            );
        } catch (error) {
            throw broken.signal.aborted ? broken.signal.reason : error;
        } finally {
            if (body instanceof Readable) body.destroy();
        }
    }

    private async read<T>(key: string, from: () => Promise<T>): Promise<T | null> {
        try {
            return await from();
        } catch (error) {
            if (error instanceof S3ServiceException && ["NoSuchKey", "NotFound"].includes(error.name))
                return null;
            throw this.failure(key, "read", error);
        }
    }

    private failure(key: string, what: "read" | "written", error: unknown): EvidenceError {
        const { name, message } = error as Error;
        // Without s3:ListBucket, S3 answers 403 for a key that does not exist.
        const hint =
            what === "read" && statusOf(error) === 403
                ? "; it does not exist, or the role may not read it"
                : "";
        return new EvidenceError(
            `evidence ${this.locate(key)} cannot be ${what} (${name}: ${message})${hint}`,
        );
    }
}

/** Pieces that stay what they are while they wait to be sent. */
async function* copies(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) yield Uint8Array.from(piece);
}

function ignore(): void {}

function statusOf(error: unknown): number | undefined {
    return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** Whether the same request can be answered differently a moment later: throttled, broken off, two at the same time. */
function isPassing(error: unknown): boolean {
    const status = statusOf(error);
    return status === undefined || status === 409 || status === 429 || status >= 500;
}
