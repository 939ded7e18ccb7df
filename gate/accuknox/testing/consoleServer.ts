import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";

/** What the console wants to be told. */
export const expectedAccess = {
    tenant: "4711",
    label: "orders images",
    token: "eyJhbGciOiJSUzI1NiJ9.c3ViamVjdA.c2lnbmF0dXJl",
};

/** How the console deviates from one that takes every report. */
export interface ConsoleBehaviour {
    /** Key and certificate; plain http without. */
    tls?: { key: string; cert: string };
    /** Answers instead of the console once it has the whole request. `attempt` counts from 1. */
    answer?: (response: ServerResponse, attempt: number) => void;
    /** Takes over before the body is read; true when it has. */
    intercept?: (request: IncomingMessage, response: ServerResponse, attempt: number) => boolean;
}

/** A console on a loopback port, and what has reached it. */
export interface ConsoleServer {
    origin: string;
    /** Files that were taken, whole. */
    received: Buffer[];
    /** Requests begun. */
    attempts: number;
    /** Requests whose body ended before its announced length. */
    brokenOff: number;
    stop(): Promise<void>;
}

/**
 * An AccuKnox console as far as `POST /api/v1/artifact/` goes: it checks path, query, headers and the multipart body,
 * and answers in JSON, 4xx with the reason.
 */
export async function startConsole(behaviour: ConsoleBehaviour = {}): Promise<ConsoleServer> {
    const server =
        behaviour.tls === undefined ? http.createServer() : https.createServer({ ...behaviour.tls });
    const state: ConsoleServer = {
        origin: "",
        received: [],
        attempts: 0,
        brokenOff: 0,
        stop: async () => {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
        state.attempts += 1;
        const attempt = state.attempts;
        if (behaviour.intercept?.(request, response, attempt) === true) return;
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("error", () => (state.brokenOff += 1));
        request.on("end", () => {
            const refusal = refusalOf(request, Buffer.concat(chunks));
            if (typeof refusal === "string") return json(response, 400, { detail: refusal });
            if (refusal.status !== 200) return json(response, refusal.status, { detail: "not allowed" });
            if (behaviour.answer !== undefined) return behaviour.answer(response, attempt);
            state.received.push(refusal.file);
            json(response, 200, { detail: "File received successfully" });
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    state.origin = `${behaviour.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
    return state;
}

export function json(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
}

function refusalOf(request: IncomingMessage, body: Buffer): string | { status: number; file: Buffer } {
    const { tenant, label, token } = expectedAccess;
    const url = new URL(request.url ?? "/", "http://console.example.org");
    if (request.method !== "POST" || url.pathname !== "/api/v1/artifact/") return "no such endpoint";
    const query = Object.fromEntries(url.searchParams);
    const wanted = { tenant_id: tenant, data_type: "TR", label_id: label, save_to_s3: "true" };
    if (JSON.stringify(query) !== JSON.stringify(wanted)) return `query ${JSON.stringify(query)}`;
    const { headers } = request;
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, file: body };
    if (headers["tenant-id"] !== tenant) return { status: 403, file: body };
    if (Number(headers["content-length"]) !== body.length) return "length";
    const [, boundary = ""] =
        /^multipart\/form-data; boundary=([\w-]{1,70})$/.exec(headers["content-type"] ?? "") ?? [];
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="trivy.json"\r\nContent-Type: application/json\r\n\r\n`;
    const tail = `\r\n--${boundary}--\r\n`;
    if (boundary === "" || !body.subarray(0, head.length).equals(Buffer.from(head)))
        return "beginning of the body";
    if (!body.subarray(-tail.length).equals(Buffer.from(tail))) return "end of the body";
    return { status: 200, file: body.subarray(head.length, -tail.length) };
}
