import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { Readable } from "node:stream";
import { textOf, type ArtefactAddress } from "./artefactAddress";
import { ToolError } from "./toolError";
import type { Answer } from "./transfer";

type S3Address = Extract<ArtefactAddress, { kind: "s3" }>;

/** Credentials and region come from the environment, as in every AWS tool. */
function client(): S3Client {
    return new S3Client({
        maxAttempts: 3,
        requestHandler: { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    });
}

/** Begins to read an object. Needs s3:GetObject. @throws ToolError */
export async function openS3(address: S3Address, signal: AbortSignal): Promise<Answer> {
    try {
        const command = new GetObjectCommand({ Bucket: address.bucket, Key: address.key });
        const { Body: body, ContentLength: length } = await client().send(command, { abortSignal: signal });
        if (body === undefined) throw new Error("the answer has no content");
        return { chunks: body as Readable, length: length ?? null };
    } catch (error) {
        throw failure(address, "read", error, signal);
    }
}

/**
 * Puts an object where there is none. S3 itself refuses bytes that are not of this sum, and a key that exists
 * (conditional write, `If-None-Match: *`). Needs s3:PutObject.
 * @param sha256 hexadecimal.
 * @returns false when the key exists.
 * @throws ToolError
 */
export async function putS3(address: S3Address, content: Uint8Array, sha256: string): Promise<boolean> {
    try {
        await client().send(
            new PutObjectCommand({
                Bucket: address.bucket,
                Key: address.key,
                Body: content,
                ContentType: "application/octet-stream",
                ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
                IfNoneMatch: "*",
            }),
        );
        return true;
    } catch (error) {
        if (statusOf(error) === 412) return false;
        throw failure(address, "written", error);
    }
}

/** Whether a ToolError of `openS3` says that there is no such object. */
export class AbsentObjectError extends ToolError {
    override name = "AbsentObjectError";
}

function failure(
    address: S3Address,
    what: "read" | "written",
    error: unknown,
    signal?: AbortSignal,
): ToolError {
    const place = textOf(address);
    if (signal?.aborted === true && (signal.reason as Error | undefined)?.name !== "TimeoutError")
        return new ToolError(`${place}: interrupted`, "unavailable");
    const { name, message } = error as Error;
    const status = statusOf(error);
    if (what === "read" && name !== "NoSuchBucket" && (status === 404 || status === 403)) {
        // Without s3:ListBucket, S3 answers 403 for a key that does not exist.
        const hint = status === 403 ? ", or the role may not read it" : "";
        return new AbsentObjectError(
            `${place} does not exist${hint}; gate tools mirror fills a mirror`,
            "unavailable",
        );
    }
    const passing = status === undefined || status === 429 || status >= 500;
    return new ToolError(`${place} cannot be ${what} (${name}: ${message})`, "unavailable", passing);
}

function statusOf(error: unknown): number | undefined {
    return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
