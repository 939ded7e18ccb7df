import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { conflictAt, differsAt, EvidenceError, largestEvidence, type EvidenceStore } from "./evidenceStore";

/**
 * Evidence in an S3 bucket. Write-once by the condition `If-None-Match: *`, which S3 answers with 412 when the key
 * exists (Amazon S3 User Guide, "How to prevent object overwrites with conditional writes"); the bucket's object
 * lock keeps the versions. Needs s3:PutObject and s3:GetObject on the key, and the bucket's KMS key.
 */
export class S3EvidenceStore implements EvidenceStore {
    constructor(
        private readonly bucket: string,
        /** Credentials and region come from the environment, as in every AWS tool. */
        private readonly client: S3Client = new S3Client({
            maxAttempts: 4,
            requestHandler: {
                connectionTimeout: 10_000,
                requestTimeout: 60_000,
                throwOnRequestTimeout: true,
            },
        }),
    ) {}

    locate(key: string): string {
        return `s3://${this.bucket}/${key}`;
    }

    async put(key: string, content: Uint8Array): Promise<void> {
        let existed = false;
        try {
            await this.client.send(
                new PutObjectCommand({
                    Bucket: this.bucket,
                    Key: key,
                    Body: content,
                    ContentType: "application/json",
                    ChecksumAlgorithm: "SHA256",
                    IfNoneMatch: "*",
                }),
            );
        } catch (error) {
            existed = statusOf(error) === 412;
            if (!existed) throw this.failure(key, "written", error);
        }
        const stored = await this.get(key);
        if (stored === null || !Buffer.from(content).equals(stored)) {
            throw existed ? conflictAt(this.locate(key)) : differsAt(this.locate(key));
        }
    }

    async get(key: string): Promise<Uint8Array | null> {
        try {
            const { Body: body, ContentLength: length } = await this.client.send(
                new GetObjectCommand({ Bucket: this.bucket, Key: key }),
            );
            if (body === undefined || length === undefined) throw new Error("the answer has no content");
            if (length > largestEvidence)
                throw new Error(`${length} bytes, more than ${largestEvidence} allowed`);
            return await body.transformToByteArray();
        } catch (error) {
            if (error instanceof S3ServiceException && error.name === "NoSuchKey") return null;
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

function statusOf(error: unknown): number | undefined {
    return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
