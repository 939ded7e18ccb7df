import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Manifest {
    content: Buffer;
    mediaType: string;
}

/** One repository of the server: what it holds, for specs to look at and to tamper with. */
export interface StoredRepository {
    blobs: Map<string, Buffer>;
    /** By digest. */
    manifests: Map<string, Manifest>;
    tags: Map<string, string>;
}

/** How the server deviates from the plain one. */
export interface RegistryOptions {
    /** User and password that it wants, and how. Tokens are single-repository and scope-checked. */
    login?: { scheme: "basic" | "bearer"; user: string; password: string };
    /** Whether upload addresses are absolute or a path only; registries do both. */
    uploadLocation?: "absolute" | "relative";
    /** Whether a blob download is redirected to storage on another origin, as Amazon ECR does. */
    redirectBlobs?: boolean;
    /** Whether a tag that names a manifest can never name another one, as in an immutable repository of Amazon ECR. */
    immutableTags?: boolean;
    /** Changes or takes over an answer; true when it has answered. */
    intercept?: (request: IncomingMessage, response: ServerResponse, pathname: string) => boolean;
}

export const sha256 = (content: Buffer): string =>
    `sha256:${createHash("sha256").update(content).digest("hex")}`;

/**
 * An OCI registry on a loopback port, by the OCI distribution specification 1.1: pull, push as a whole or in one chunk, digests
 * verified on every upload, manifests refused while a part of them is absent, immutable content by digest.
 */
export class RegistryServer {
    readonly repositories = new Map<string, StoredRepository>();
    /** Every request as `METHOD /path`, without query. */
    readonly requests: string[] = [];
    /** Authorization headers that reached the storage origin; none should. */
    readonly strayedCredentials: string[] = [];
    /** What was sent of each upload. */
    private readonly uploads = new Map<string, Buffer>();
    private readonly tokens = new Map<string, string>();
    private storage: Server | null = null;

    private constructor(
        private readonly server: Server,
        private readonly options: RegistryOptions,
    ) {}

    static async start(options: RegistryOptions = {}): Promise<RegistryServer> {
        const server = createServer();
        const registry = new RegistryServer(server, options);
        server.on("request", (request, response) => {
            registry.answer(request, response).catch(() => response.destroy());
        });
        await listen(server);
        if (options.redirectBlobs === true) {
            registry.storage = createServer((request, response) => registry.serveStorage(request, response));
            await listen(registry.storage);
        }
        return registry;
    }

    get host(): string {
        return `127.0.0.1:${portOf(this.server)}`;
    }

    async stop(): Promise<void> {
        for (const server of [this.server, this.storage]) {
            server?.closeAllConnections();
            await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
        }
    }

    repository(path: string): StoredRepository {
        const stored = this.repositories.get(path) ?? {
            blobs: new Map(),
            manifests: new Map(),
            tags: new Map(),
        };
        this.repositories.set(path, stored);
        return stored;
    }

    private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const url = new URL(request.url ?? "/", `http://${this.host}`);
        this.requests.push(`${request.method} ${url.pathname}`);
        if (url.pathname === "/token") return this.giveToken(request, response, url);
        const [, path = "", kind = "", reference = ""] =
            /^\/v2\/(.+)\/(manifests|blobs)\/(.*)$/.exec(url.pathname) ?? [];
        if (this.options.intercept?.(request, response, url.pathname) === true) return;
        if (!this.allows(request, path)) return this.challenge(response, path, request.method ?? "");
        if (url.pathname === "/v2/") return void response.writeHead(200).end("{}");
        const repository = this.repositories.get(path);
        if (repository === undefined) return fail(response, 404, "NAME_UNKNOWN", "repository does not exist");
        if (kind === "manifests") return this.manifests(request, response, repository, path, reference);
        if (reference.startsWith("uploads/")) return this.upload(request, response, repository, path, url);
        return this.blobs(request, response, repository, path, reference);
    }

    private async manifests(
        request: IncomingMessage,
        response: ServerResponse,
        repository: StoredRepository,
        path: string,
        reference: string,
    ): Promise<void> {
        const byDigest = reference.startsWith("sha256:");
        if (request.method === "PUT") {
            const content = await read(request);
            const digest = sha256(content);
            if (byDigest && digest !== reference)
                return fail(response, 400, "DIGEST_INVALID", "digest did not match");
            const mediaType = request.headers["content-type"] ?? "";
            const missing = partsOf(content, mediaType).filter(
                (part) => !repository.blobs.has(part) && !repository.manifests.has(part),
            );
            if (missing.length > 0) return fail(response, 404, "MANIFEST_BLOB_UNKNOWN", missing.join(" "));
            const named = repository.tags.get(reference);
            if (this.options.immutableTags === true && named !== undefined && named !== digest)
                return fail(response, 400, "TAG_INVALID", `the image tag ${reference} is immutable`);
            repository.manifests.set(digest, { content, mediaType });
            if (!byDigest) repository.tags.set(reference, digest);
            response.writeHead(201, {
                location: `/v2/${path}/manifests/${digest}`,
                "docker-content-digest": digest,
            });
            response.end();
            return;
        }
        const digest = byDigest ? reference : (repository.tags.get(reference) ?? "");
        const manifest = repository.manifests.get(digest);
        if (manifest === undefined) return fail(response, 404, "MANIFEST_UNKNOWN", "manifest unknown");
        if (!(request.headers.accept ?? "").includes(manifest.mediaType)) {
            return fail(response, 404, "MANIFEST_UNKNOWN", "no manifest of an accepted type");
        }
        response.writeHead(200, {
            "content-type": manifest.mediaType,
            "content-length": manifest.content.length,
            "docker-content-digest": digest,
        });
        response.end(request.method === "HEAD" ? undefined : manifest.content);
    }

    private blobs(
        request: IncomingMessage,
        response: ServerResponse,
        repository: StoredRepository,
        path: string,
        digest: string,
    ): void {
        const content = repository.blobs.get(digest);
        if (content === undefined) return fail(response, 404, "BLOB_UNKNOWN", "blob unknown to registry");
        if (request.method === "GET" && this.storage !== null) {
            const location = `http://127.0.0.1:${portOf(this.storage)}/${path}/${digest}`;
            response.writeHead(307, { location });
            response.end();
            return;
        }
        response.writeHead(200, {
            "content-type": "application/octet-stream",
            "content-length": content.length,
            "docker-content-digest": digest,
        });
        response.end(request.method === "HEAD" ? undefined : content);
    }

    private async upload(
        request: IncomingMessage,
        response: ServerResponse,
        repository: StoredRepository,
        path: string,
        url: URL,
    ): Promise<void> {
        if (request.method === "POST") {
            const id = randomUUID();
            this.uploads.set(id, Buffer.alloc(0));
            const location = `/v2/${path}/blobs/uploads/${id}?_state=abc`;
            const absolute = this.options.uploadLocation === "absolute";
            response.writeHead(202, { location: absolute ? `http://${this.host}${location}` : location });
            response.end();
            return;
        }
        const id = url.pathname.split("/").at(-1) ?? "";
        const sent = this.uploads.get(id);
        if (sent === undefined || url.searchParams.get("_state") !== "abc") {
            return fail(response, 404, "BLOB_UPLOAD_UNKNOWN", "upload unknown");
        }
        if (request.method === "PATCH") {
            this.uploads.set(id, Buffer.concat([sent, await read(request)]));
            response.writeHead(202, { location: `/v2/${path}/blobs/uploads/${id}?_state=abc` });
            response.end();
            return;
        }
        if (request.headers["content-length"] === undefined) {
            return fail(response, 411, "SIZE_INVALID", "a monolithic upload needs a Content-Length");
        }
        const content = Buffer.concat([sent, await read(request)]);
        this.uploads.delete(id);
        const digest = url.searchParams.get("digest") ?? "";
        if (sha256(content) !== digest)
            return fail(response, 400, "DIGEST_INVALID", "digest did not match content");
        repository.blobs.set(digest, content);
        response.writeHead(201, { location: `/v2/${path}/blobs/${digest}`, "docker-content-digest": digest });
        response.end();
    }

    private serveStorage(request: IncomingMessage, response: ServerResponse): void {
        if (request.headers.authorization !== undefined)
            this.strayedCredentials.push(request.headers.authorization);
        const [, path = "", digest = ""] = /^\/(.+)\/(sha256:[0-9a-f]+)$/.exec(request.url ?? "") ?? [];
        const content = this.repositories.get(path)?.blobs.get(digest) ?? Buffer.alloc(0);
        response.writeHead(200, { "content-length": content.length });
        response.end(content);
    }

    private allows(request: IncomingMessage, path: string): boolean {
        const { login } = this.options;
        if (login === undefined) return true;
        const given = request.headers.authorization ?? "";
        if (login.scheme === "basic") return given === basicHeader(login);
        const scope = this.tokens.get(given.replace(/^Bearer /, ""));
        const needed = request.method === "GET" || request.method === "HEAD" ? "pull" : "push";
        return scope !== undefined && scope.startsWith(`repository:${path}:`) && scope.includes(needed);
    }

    private challenge(response: ServerResponse, path: string, method: string): void {
        const scope = `repository:${path}:${method === "GET" || method === "HEAD" ? "pull" : "pull,push"}`;
        const header =
            this.options.login?.scheme === "basic"
                ? 'Basic realm="registry",service="registry.example.org"'
                : `Bearer realm="http://${this.host}/token",service="registry.example.org",scope="${scope}"`;
        response.setHeader("www-authenticate", header);
        fail(response, 401, "UNAUTHORIZED", "authentication required");
    }

    private giveToken(request: IncomingMessage, response: ServerResponse, url: URL): void {
        const { login } = this.options;
        if (login === undefined || request.headers.authorization !== basicHeader(login)) {
            return fail(response, 401, "UNAUTHORIZED", "wrong user or password");
        }
        if (url.searchParams.get("service") !== "registry.example.org")
            return fail(response, 400, "DENIED", "service");
        const token = randomUUID();
        this.tokens.set(token, url.searchParams.get("scope") ?? "");
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ token }));
    }

    /** Ends all sessions, as when tokens expire. */
    expireTokens(): void {
        this.tokens.clear();
    }
}

function partsOf(content: Buffer, mediaType: string): string[] {
    const manifest = JSON.parse(content.toString()) as Record<"config" | "layers" | "manifests", unknown>;
    const named = /index|list/.test(mediaType)
        ? manifest.manifests
        : [manifest.config, ...(manifest.layers as unknown[])];
    return (named as { digest: string }[]).map(({ digest }) => digest);
}

function basicHeader({ user, password }: { user: string; password: string }): string {
    return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ errors: [{ code, message, detail: null }] }));
}

async function read(request: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
}

const listen = (server: Server): Promise<void> =>
    new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
