import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";

/** One request as a code host received it. */
export interface HostRequest {
    method: string;
    /** Path, without the query. */
    path: string;
    query: URLSearchParams;
    body: Record<string, unknown>;
}

export interface HostReply {
    status: number;
    body?: unknown;
    headers?: Record<string, string>;
}

/** A code host's user, and what is written by one. */
export const ownUser = 4711;
export const otherUser = 42;

export interface HostComment {
    id: number;
    number: number;
    author: number;
    body: string;
}

export interface HostPullRequest {
    number: number;
    isOpen: boolean;
    sourceBranch: string;
    sourceCommit: string;
    destinationBranch: string;
    destinationCommit: string;
    isFork?: boolean;
}

/** GitHub or GitLab on a loopback port, over TLS. It takes requests with its token only. */
export abstract class CodeHostServer {
    readonly requests: HostRequest[] = [];
    readonly comments: HostComment[] = [];
    readonly pullRequests = new Map<number, HostPullRequest>();
    readonly merges: { number: number; sha: unknown }[] = [];
    /**
     * Given instead of the answer, one for each request, until there are none left; null lets a request through, and
     * `broken` carries it out and loses the answer.
     */
    replies: (HostReply | "broken" | null)[] = [];
    token = "";
    private readonly server: Server;
    private next = 1000;

    constructor(certificate: { key: string; cert: string }) {
        this.server = createServer(certificate, (request, response) => void this.serve(request, response));
    }

    async start(): Promise<void> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    get url(): string {
        return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.prefix}`;
    }

    reset(): void {
        this.requests.length = 0;
        this.comments.length = 0;
        this.pullRequests.clear();
        this.merges.length = 0;
        this.replies = [];
    }

    /** Path of the API on the host. */
    protected abstract readonly prefix: string;

    protected abstract reply(request: HostRequest, headers: IncomingMessage["headers"]): HostReply;

    protected addComment(number: number, author: number, body: string): HostComment {
        const comment = { id: (this.next += 1), number, author, body };
        this.comments.push(comment);
        return comment;
    }

    /** A comment of somebody else. */
    say(number: number, body: string, author = otherUser): void {
        this.addComment(number, author, body);
    }

    protected page<Item>(items: readonly Item[], query: URLSearchParams): Item[] {
        const size = Number(query.get("per_page") ?? 20);
        const from = (Number(query.get("page") ?? 1) - 1) * size;
        return items.slice(from, from + size);
    }

    private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const { pathname, searchParams } = new URL(request.url ?? "/", "https://localhost");
        const text = Buffer.concat(chunks).toString("utf8");
        const asked: HostRequest = {
            method: request.method ?? "",
            path: pathname.slice(this.prefix.length),
            query: searchParams,
            body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
        };
        this.requests.push(asked);
        const given = this.replies.shift();
        if (given === "broken") {
            this.reply(asked, request.headers);
            response.destroy();
            return;
        }
        const isKnown = request.headers.authorization === `Bearer ${this.token}`;
        const refusal: HostReply = { status: 401, body: { message: "Bad credentials" } };
        const { status, body, headers } = given ?? (isKnown ? this.reply(asked, request.headers) : refusal);
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(body === undefined ? "" : JSON.stringify(body));
    }
}
