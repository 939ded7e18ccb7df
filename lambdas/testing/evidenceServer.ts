import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall } from "./callJournal";

/** GET and HEAD of Amazon S3, as much as evidence needs to be read; objects are put there by the specs. */
export class EvidenceServer extends AwsServer {
    /** Objects of the bucket by their keys. */
    readonly objects = new Map<string, Buffer>();
    /** Keys whose answer breaks off in the middle. */
    readonly truncated = new Set<string>();
    /** Keys without a SHA-256 of their own, as an upload in parts leaves them. */
    readonly withoutChecksum = new Set<string>();

    constructor(
        options: AwsServerOptions,
        private readonly bucket: { name: string; keyArn: string },
    ) {
        super("s3", options);
    }

    protected understand(request: IncomingMessage): AwsRequest {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
        const host = String(request.headers.host);
        // Bucket in the host's name, or first in the path.
        const label = host.startsWith(`${this.bucket.name}.`) ? this.bucket.name : null;
        const path = decodeURIComponent(pathname.slice(1));
        const [bucket = "", ...rest] = label === null ? path.split("/") : [label, ...path.split("/")];
        const key = rest.join("/");
        if (request.method !== "GET" && request.method !== "HEAD")
            throw new Refusal("MethodNotAllowed", `${request.method}`, 405);
        if (bucket !== this.bucket.name || key === "")
            throw new Refusal("NoSuchBucket", `${pathname} is not an object of the bucket`, 404);
        const unknown = [...searchParams.keys()].filter((name) => name !== "x-id");
        if (unknown.length > 0) throw new Refusal("InvalidArgument", `query ${unknown.join(", ")}`);
        const { partition } = this.options.account;
        const arn = `arn:${partition}:s3:::${bucket}`;
        const { region } = this.options.account;
        return {
            operation: request.method === "GET" ? "GetObject" : "HeadObject",
            input: { bucket, key },
            permissions: this.objects.has(key)
                ? [
                      { action: "s3:GetObject", resource: `${arn}/${key}` },
                      {
                          action: "kms:Decrypt",
                          resource: this.bucket.keyArn,
                          context: {
                              "kms:ViaService": `s3.${region}.amazonaws.com`,
                              "kms:EncryptionContext:aws:s3:arn": arn,
                          },
                      },
                  ]
                : // Who may not list the bucket is not told that an object is missing (API reference, GetObject).
                  [
                      { action: "s3:GetObject", resource: `${arn}/${key}` },
                      { action: "s3:ListBucket", resource: arn },
                  ],
        };
    }

    protected async carryOut(
        { input, operation }: AwsCall,
        request: IncomingMessage,
    ): Promise<(response: ServerResponse) => void> {
        const key = String(input["key"]);
        const content = this.objects.get(key);
        if (content === undefined) throw new Refusal("NoSuchKey", "The specified key does not exist.", 404);
        const wanted = request.headers["x-amz-checksum-mode"] === "ENABLED" && !this.withoutChecksum.has(key);
        const checksum = createHash("sha256").update(content).digest("base64");
        return (response) => {
            response.writeHead(200, {
                "content-length": content.length,
                "content-type": "application/json",
                etag: `"${createHash("md5").update(content).digest("hex")}"`,
                ...(wanted
                    ? { "x-amz-checksum-sha256": checksum, "x-amz-checksum-type": "FULL_OBJECT" }
                    : {}),
            });
            if (operation === "HeadObject") return void response.end();
            if (!this.truncated.has(key)) return void response.end(content);
            response.write(content.subarray(0, Math.floor(content.length / 2)), () => response.destroy());
        };
    }

    protected refuse(response: ServerResponse, { code, message, status }: Refusal): void {
        response.writeHead(status, { "content-type": "application/xml" });
        const text = message.replace(/[<&]/g, (sign) => (sign === "<" ? "&lt;" : "&amp;"));
        response.end(
            `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${text}</Message></Error>`,
        );
    }
}
