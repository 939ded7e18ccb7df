import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import type { PolicyBundle } from "../policyBundle";
import { checkBody, evaluate, type ModelData, type ModelImage, type ModelPolicy } from "./engineModel";
import { events, feed, imageRecord, record, serviceState, withoutPassword } from "./engineRecords";

/** What a test sees of one request. */
export interface SeenRequest {
    method: string;
    path: string;
    query: Record<string, string>;
    body: unknown;
}

export interface Reply {
    status: number;
    body: unknown;
    contentType?: string;
}

/** Everything about the engine that a test may set before or change during a scan. */
export interface EngineState {
    now: () => Date;
    password: string;
    /** Every authenticated call answers 401, as the engine does while its database is stopped. */
    databaseDown: boolean;
    /** Services that are not available. */
    down: Set<string>;
    data: ModelData | null;
    registries: Record<string, unknown>[];
    policies: Map<string, ModelPolicy>;
    images: Map<string, ModelImage>;
    /** Images in the registry, added to the engine by POST /v1/images. */
    registryImages: Map<string, ModelImage>;
    /** Calls whose path matches are answered 404 like a path the API does not know. */
    unknownCalls: RegExp | null;
    /** Changes or replaces an answer; returning null closes the connection. */
    tamper: ((request: SeenRequest, reply: Reply) => Reply | null) | null;
    /** Takes over a request completely, e.g. to send half an answer. */
    takeOver: ((request: SeenRequest, response: http.ServerResponse) => boolean) | null;
}

export interface EngineServer {
    url: string;
    state: EngineState;
    requests: SeenRequest[];
    close: () => Promise<void>;
}

const services = ["apiext", "catalog", "simplequeue", "analyzer", "policy_engine"];

/**
 * A loopback server that behaves like Anchore Engine 1.1.0: analysis in steps, stored reports that only a forced
 * refresh renews, cached decisions, 404 while not analysed, text 401, problem+json for unknown paths.
 * @param tls key and certificate; plain http without.
 */
export async function startEngine(
    state: Partial<EngineState> = {},
    tls?: { key: string; cert: string },
): Promise<EngineServer> {
    const full: EngineState = {
        now: () => new Date(),
        password: "correct-horse",
        databaseDown: false,
        down: new Set(),
        data: null,
        registries: [],
        policies: new Map(),
        images: new Map(),
        registryImages: new Map(),
        unknownCalls: null,
        tamper: null,
        takeOver: null,
        ...state,
    };
    const requests: SeenRequest[] = [];
    const listener: http.RequestListener = (request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            const url = new URL(request.url ?? "/", "http://engine");
            const text = Buffer.concat(chunks).toString();
            const seen: SeenRequest = {
                method: request.method ?? "",
                path: decodeURIComponent(url.pathname),
                query: Object.fromEntries(url.searchParams),
                body: text === "" ? null : (JSON.parse(text) as unknown),
            };
            requests.push(seen);
            response.setHeader("date", full.now().toUTCString());
            if (full.takeOver?.(seen, response) === true) {
                return;
            }
            const expected = `Basic ${Buffer.from(`admin:${full.password}`).toString("base64")}`;
            const authorised = request.headers.authorization === expected && !full.databaseDown;
            let reply: Reply | null = authorised ? answer(full, seen) : unauthorised;
            reply = full.tamper === null ? reply : full.tamper(seen, reply);
            if (reply === null) {
                response.socket?.destroy();
                return;
            }
            response.writeHead(reply.status, { "content-type": reply.contentType ?? "application/json" });
            response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
        });
    };
    const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    return {
        url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
        state: full,
        requests,
        close: () =>
            new Promise((done) => {
                server.close(() => done());
                server.closeAllConnections();
            }),
    };
}

const unauthorised: Reply = { status: 401, body: "Unauthorized", contentType: "text/html; charset=utf-8" };
const unknownPath: Reply = {
    status: 404,
    body: {
        detail: "The requested URL was not found on the server.",
        status: 404,
        title: "Not Found",
        type: "about:blank",
    },
    contentType: "application/problem+json",
};

function ok(body: unknown): Reply {
    return { status: 200, body };
}

function refused(status: number, message: string): Reply {
    return { status, body: { detail: { error_codes: [] }, httpcode: status, message } };
}

function answer(state: EngineState, request: SeenRequest): Reply {
    const { method, path } = request;
    const call = `${method} ${path}`;
    if (state.unknownCalls?.test(call) === true) {
        return unknownPath;
    }
    const [, part, id] = /^\/v1\/(registries|policies)\/(.+)$/.exec(path) ?? [];
    switch (call) {
        case "GET /v1/system":
            return ok({ service_states: services.map((name) => serviceState(name, !state.down.has(name))) });
        case "GET /v1/system/feeds":
            return ok(state.data === null ? [] : [feed(state.data, state.now())]);
        case "GET /v1/registries":
            return ok(state.registries);
        case "POST /v1/registries":
            return addRegistry(state, request.body as Record<string, unknown>);
        case `PUT /v1/registries/${id}`:
            return ok([withoutPassword(request.body as Record<string, unknown>)]);
        case "GET /v1/policies":
            return ok(
                [...state.policies.values()].map((policy) => ({ ...record(policy), policybundle: {} })),
            );
        case "POST /v1/policies": {
            const bundle = request.body as PolicyBundle;
            // The real engine's trap: posting an active id again switches it off.
            const policy = { bundle, active: false };
            state.policies.set(bundle.id, policy);
            return ok(record(policy));
        }
        case "POST /v1/images":
            return addImage(state, request.body as { tag: string; digest: string });
        case "GET /v1/events":
            return ok(events(state.images.values()));
    }
    if (part === "policies" && id !== undefined) {
        const policy = state.policies.get(id);
        if (policy === undefined) {
            return refused(404, `Policy bundle ${id} not found in DB`);
        }
        if (method === "PUT") {
            state.policies.forEach((each) => (each.active = false));
            policy.bundle = (request.body as { policybundle: PolicyBundle }).policybundle;
            policy.active = true;
        }
        return ok([record(policy)]);
    }
    const image = /^\/v1\/images\/([^/]+)(\/vuln\/all|\/check)?$/.exec(path);
    return image === null || method !== "GET"
        ? unknownPath
        : aboutImage(state, request, image[1] ?? "", image[2] ?? "");
}

function aboutImage(state: EngineState, { query }: SeenRequest, digest: string, what: string): Reply {
    const image = state.images.get(digest);
    if (image === undefined) {
        return refused(404, "image not found in DB");
    }
    if (what === "") {
        if (image.status === "not_analyzed" || image.status === "analyzing") {
            image.readsLeft -= 1;
            image.status =
                image.readsLeft > 0 ? "analyzing" : image.failure === null ? "analyzed" : "analysis_failed";
        }
        return ok([imageRecord(image)]);
    }
    if (image.status !== "analyzed") {
        return refused(404, `image is not analyzed - analysis_status: ${image.status}`);
    }
    if (what === "/vuln/all") {
        if (image.stored === null || query.force_refresh === "true") {
            image.stored = image.distro === null ? [] : (state.data?.vulnerabilities ?? []);
            image.cache.clear();
        }
        const shown = image.stored.filter((each) => query.vendor_only === "false" || !each.will_not_fix);
        return ok({ imageDigest: digest, vulnerabilities: shown, vulnerability_type: "all" });
    }
    const { tag, policyId } = query;
    if (tag === undefined) {
        return { ...refused(400, ""), body: { detail: "Missing query parameter 'tag'", status: 400 } };
    }
    const policy =
        policyId === undefined
            ? [...state.policies.values()].find(({ active }) => active)
            : state.policies.get(policyId);
    if (policy === undefined) {
        return refused(404, `Policy bundle ${policyId} not found in DB`);
    }
    const key = `${policy.bundle.id} ${tag}`;
    const decision = image.cache.get(key) ?? evaluate(policy.bundle, image, tag, state.data, state.now());
    image.cache.set(key, decision);
    return ok(checkBody(image, tag, policy, decision, state.now()));
}

function addImage(state: EngineState, body: { tag: string; digest: string }): Reply {
    const image = state.images.get(body.digest) ?? state.registryImages.get(body.digest);
    if (image === undefined) {
        return refused(400, "cannot fetch image digest/manifest from registry");
    }
    state.images.set(body.digest, image);
    if (!image.fullTags.includes(body.tag)) {
        image.fullTags.push(body.tag);
    }
    return ok([imageRecord(image)]);
}

function addRegistry(state: EngineState, body: Record<string, unknown>): Reply {
    if (state.registries.some(({ registry }) => registry === body.registry)) {
        return refused(500, "registry already exists in DB");
    }
    state.registries.push(withoutPassword(body));
    return ok([withoutPassword(body)]);
}
