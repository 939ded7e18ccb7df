import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How one path is answered; a function for everything that a plain answer cannot do. */
export type SampleAnswer =
    | { status?: number; headers?: Record<string, string>; body?: Uint8Array | string }
    | ((request: IncomingMessage, response: ServerResponse) => void);

/** A server of release artefacts on a loopback port. */
export class ArtefactServer {
    /**
     * Answers by path. An array is used up one answer at a time; its last one stays. Everything else is a 404.
     */
    readonly answers = new Map<string, SampleAnswer | SampleAnswer[]>();
    /** Every request as `METHOD /path`. */
    readonly requests: string[] = [];

    private constructor(private readonly server: Server) {}

    static async start(): Promise<ArtefactServer> {
        const server = createServer();
        const artefacts = new ArtefactServer(server);
        server.on("request", (request, response) => artefacts.answer(request, response));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return artefacts;
    }

    /** The address of a path. */
    at(path: string): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    /** Forgets answers and requests. */
    reset(): void {
        this.answers.clear();
        this.requests.length = 0;
    }

    private answer(request: IncomingMessage, response: ServerResponse): void {
        const { pathname } = new URL(request.url ?? "/", "http://localhost");
        this.requests.push(`${request.method} ${pathname}`);
        const given = this.answers.get(pathname) ?? { status: 404, body: "Not Found" };
        const answer = Array.isArray(given) ? (given.length > 1 ? given.shift() : given[0]) : given;
        if (typeof answer === "function") return answer(request, response);
        response.writeHead(answer?.status ?? 200, {
            "content-length": Buffer.byteLength(answer?.body ?? ""),
            ...answer?.headers,
        });
        response.end(answer?.body);
    }
}
