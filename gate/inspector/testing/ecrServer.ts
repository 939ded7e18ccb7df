import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ECRClient } from "@aws-sdk/client-ecr";

/** What the server answers to one request. */
export type EcrReply = { status?: number; body: unknown } | { error: string; status: number };

/**
 * DescribeImageScanFindings of Amazon ECR on a loopback port. It demands what the API demands: the operation in
 * X-Amz-Target, the JSON 1.1 protocol, a signature for the service ecr in the region, and the members of the request.
 */
export class EcrServer {
    /** Bodies of the requests. */
    readonly requests: Record<string, unknown>[] = [];
    /** Requests that the API would have refused, and why. */
    readonly refused: string[] = [];
    /** Answers in their order; the last one is given again and again. */
    replies: EcrReply[] = [];

    private constructor(
        private readonly server: Server,
        readonly url: string,
    ) {}

    static async start(): Promise<EcrServer> {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const fake = new EcrServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        server.on("request", (request, response) => void fake.answer(request, response));
        return fake;
    }

    /** A client that asks this server, without pauses between repetitions. */
    client(maxAttempts = 1): ECRClient {
        return new ECRClient({
            region: "eu-west-1",
            endpoint: this.url,
            credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example" },
            maxAttempts,
        });
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const problem = problemWith(request, Buffer.concat(chunks).toString("utf8"));
        if (typeof problem === "string") {
            this.refused.push(problem);
            return reply(response, { error: "InvalidParameterException", status: 400 });
        }
        this.requests.push(problem);
        const next = this.replies.length > 1 ? this.replies.shift() : this.replies[0];
        reply(response, next ?? { error: "ScanNotFoundException", status: 400 });
    }
}

/** The body, or why the API would not take the request. */
function problemWith(
    { method, url, headers }: IncomingMessage,
    text: string,
): string | Record<string, unknown> {
    if (method !== "POST" || url !== "/") return `${method} ${url}`;
    const target = headers["x-amz-target"];
    if (target !== "AmazonEC2ContainerRegistry_V20150921.DescribeImageScanFindings")
        return `target ${String(target)}`;
    if (headers["content-type"] !== "application/x-amz-json-1.1") return `type ${headers["content-type"]}`;
    const signature =
        /^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/eu-west-1\/ecr\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/;
    if (!signature.test(headers.authorization ?? "")) return `authorization ${headers.authorization}`;
    const body = JSON.parse(text) as Record<string, unknown>;
    const known = ["registryId", "repositoryName", "imageId", "nextToken", "maxResults"];
    const unknown = Object.keys(body).filter((key) => !known.includes(key));
    if (unknown.length > 0) return `members ${unknown.join(", ")}`;
    if (!/^\d{12}$/.test(String(body["registryId"]))) return "registryId";
    if (Number(body["maxResults"]) > 1_000) return "maxResults";
    return body;
}

function reply(response: ServerResponse, given: EcrReply): void {
    const [status, body] =
        "error" in given
            ? [given.status, { __type: given.error, message: `about ${given.error}` }]
            : [given.status ?? 200, given.body];
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(body));
}
