import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What is answered to one request: a body, an error of the service, a connection that is cut, or nothing at all. */
export type JsonReply =
    | { body: unknown; status?: number }
    | { error: string; message?: string; status?: number }
    | { cut: true }
    | { silent: true };

/** An AWS service that speaks JSON 1.0 or 1.1 on a loopback port, and gives the answers that a spec has laid out. */
export class JsonService {
    /** Operation and input of every request. */
    readonly requests: { operation: string; input: Record<string, unknown> }[] = [];
    /** By operation, answers in their order; the last one is given again and again. */
    replies: Record<string, JsonReply[]> = {};

    private constructor(private readonly server: Server) {}

    static async start(): Promise<JsonService> {
        const server = createServer();
        const service = new JsonService(server);
        server.on("request", async (request, response) => {
            const chunks: Buffer[] = [];
            for await (const chunk of request) chunks.push(chunk as Buffer);
            const operation = String(request.headers["x-amz-target"]).replace(/^.*\./, "");
            service.requests.push({ operation, input: JSON.parse(Buffer.concat(chunks).toString()) });
            const replies = service.replies[operation] ?? [];
            const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? {
                error: "UnknownOperationException",
            };
            if ("cut" in reply) return void response.destroy();
            if ("silent" in reply) return;
            const type = String(request.headers["content-type"]);
            response.setHeader("content-type", type);
            response.statusCode = reply.status ?? ("error" in reply ? 400 : 200);
            response.end(
                JSON.stringify(
                    "error" in reply
                        ? {
                              __type: `com.amazonaws.service#${reply.error}`,
                              message: reply.message ?? "as told",
                          }
                        : reply.body,
                ),
            );
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return service;
    }

    get url(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    /** Operations that were asked for, in their order. */
    get operations(): string[] {
        return this.requests.map(({ operation }) => operation);
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }
}

/** Settings of a client that asks such a service. */
export function clientOf(url: string) {
    return {
        region: "eu-west-1",
        endpoint: url,
        credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example" },
        maxAttempts: 1,
    };
}
