import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * As much of Amazon S3 as evidence needs, on a loopback port: PutObject with `If-None-Match` and a SHA-256
 * checksum that is verified, GetObject, HeadObject with the checksum, and the error documents with their status codes.
 */
export class S3Server {
    /** Objects by `bucket/key`. Specs read and tamper with them. */
    readonly objects = new Map<string, Buffer>();
    /** Objects without a SHA-256 of their own, as an upload in parts leaves them; by `bucket/key`. */
    readonly withoutChecksum = new Set<string>();
    /** Every request as `METHOD /path`. */
    readonly requests: string[] = [];
    /** Answers that are given instead of the right one, once each, e.g. a 500 or a 409. */
    readonly interruptions: { method: string; status: number; code: string }[] = [];
    /** When set, what is stored instead of what was sent. */
    corrupt: ((content: Buffer) => Buffer) | null = null;

    private constructor(private readonly server: Server) {}

    static async start(): Promise<S3Server> {
        const server = createServer();
        const fake = new S3Server(server);
        server.on(
            "request",
            (request, response) => void fake.answer(request, response).catch(() => response.destroy()),
        );
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return fake;
    }

    get url(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { pathname } = new URL(request.url ?? "/", "http://localhost");
        const key = decodeURIComponent(pathname.slice(1));
        this.requests.push(`${request.method} ${pathname}`);
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const interruption = this.interruptions.findIndex(({ method }) => method === request.method);
        if (interruption >= 0) {
            const [{ status, code } = { status: 500, code: "InternalError" }] = this.interruptions.splice(
                interruption,
                1,
            );
            return fail(response, status, code);
        }
        if (!request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 "))
            return fail(response, 403, "AccessDenied");
        if (request.method === "PUT") return this.put(key, Buffer.concat(chunks), request, response);
        const content = this.objects.get(key);
        if (request.method !== "GET" && request.method !== "HEAD")
            return fail(response, 405, "MethodNotAllowed");
        if (content === undefined) return fail(response, 404, "NoSuchKey");
        const wanted = request.headers["x-amz-checksum-mode"] === "ENABLED" && !this.withoutChecksum.has(key);
        response.writeHead(200, {
            "content-length": content.length,
            "content-type": "application/json",
            ...(wanted
                ? { "x-amz-checksum-sha256": sha256(content), "x-amz-checksum-type": "FULL_OBJECT" }
                : {}),
        });
        response.end(request.method === "HEAD" ? undefined : content);
    }

    private put(key: string, content: Buffer, request: IncomingMessage, response: ServerResponse): void {
        const checksum = request.headers["x-amz-checksum-sha256"];
        // A bucket with object lock demands a checksum on every PutObject.
        if (checksum === undefined) return fail(response, 400, "InvalidRequest");
        if (request.headers["content-length"] === undefined)
            return fail(response, 411, "MissingContentLength");
        // Chunks with signatures of their own are not understood here.
        if (request.headers["content-encoding"] !== undefined) return fail(response, 501, "NotImplemented");
        if (checksum !== sha256(content)) return fail(response, 400, "BadDigest");
        if (request.headers["if-none-match"] === "*" && this.objects.has(key)) {
            return fail(response, 412, "PreconditionFailed");
        }
        this.objects.set(key, this.corrupt?.(content) ?? content);
        response.writeHead(200, { etag: `"${createHash("md5").update(content).digest("hex")}"` });
        response.end();
    }
}

function sha256(content: Buffer): string {
    return createHash("sha256").update(content).digest("base64");
}

function fail(response: ServerResponse, status: number, code: string): void {
    response.writeHead(status, { "content-type": "application/xml" });
    // The answer to HEAD has no body; Node's server leaves it out.
    response.end(
        `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
    );
}
