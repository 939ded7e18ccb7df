import { createHash } from "node:crypto";
import { answerChallenge, parseChallenge } from "./authorization";
import type { Credentials } from "./credentials";
import { manifestMediaTypes, type Descriptor } from "./manifest";
import { isLoopback, registryOrigin, type Repository } from "./reference";
import { DigestMismatchError, RegistryError } from "./registryError";

/** Milliseconds for a request that carries no blob, and for one that does. */
const shortTimeout = 60_000;
const blobTimeout = 20 * 60_000;

/** Largest manifest that is read: the OCI distribution specification asks registries to take 4 MiB. */
const largestManifest = 4 * 1024 * 1024;

/** Redirects of a blob download that are followed: ECR needs one (to Amazon S3). */
const mostRedirects = 3;

/** A manifest exactly as the registry gave it. `digest` is computed over `content`, never taken from a header. */
export interface StoredManifest {
    content: Buffer;
    mediaType: string;
    digest: string;
}

/** One repository of an OCI registry, by the OCI distribution API 1.1 (https, or http on this machine). */
export class RegistryClient {
    private readonly origin: string;
    private authorization: string | null = null;

    constructor(
        readonly repository: Repository,
        private readonly actions: "pull" | "pull,push",
        private readonly credentials: Credentials,
    ) {
        this.origin = registryOrigin(repository.host);
    }

    /** The manifest under a tag or digest; null when there is none. Not compared with anything. */
    async manifest(reference: string): Promise<StoredManifest | null> {
        const response = await this.send("GET", `manifests/${reference}`, {
            headers: { accept: manifestMediaTypes.join(", ") },
        });
        if (response.status === 404) {
            await response.body?.cancel();
            return null;
        }
        await this.demand(response, [200], `manifest ${reference}`);
        const content = await this.readManifest(response, reference);
        const mediaType = (response.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
        return { content, mediaType, digest: sha256(content) };
    }

    /** Puts a manifest, byte for byte, under a tag or its digest. */
    async putManifest(reference: string, { content, mediaType }: StoredManifest): Promise<void> {
        const response = await this.send("PUT", `manifests/${reference}`, {
            headers: { "content-type": mediaType },
            body: new Uint8Array(content),
        });
        await this.demand(response, [201], `writing manifest ${reference}`);
        await response.body?.cancel();
    }

    /** Whether the repository holds a blob of this digest and size. */
    async hasBlob({ digest, size }: Descriptor): Promise<boolean> {
        const response = await this.send("HEAD", `blobs/${digest}`, {});
        if (response.status === 404) return false;
        await this.demand(response, [200], `blob ${digest}`);
        const length = response.headers.get("content-length");
        return length === null || Number(length) === size;
    }

    /** The bytes of a blob, as they come; the caller verifies them. */
    async blob({ digest }: Descriptor): Promise<ReadableStream<Uint8Array>> {
        let response = await this.send("GET", `blobs/${digest}`, { timeout: blobTimeout });
        for (let redirects = 0; [301, 302, 303, 307, 308].includes(response.status); redirects += 1) {
            const location = response.headers.get("location");
            await response.body?.cancel();
            if (location === null || redirects >= mostRedirects)
                throw this.error(`blob ${digest} is redirected in vain`);
            response = await this.send("GET", new URL(location, response.url), { timeout: blobTimeout });
        }
        await this.demand(response, [200], `blob ${digest}`);
        if (response.body === null) throw this.error(`blob ${digest} comes without content`, 200, true);
        return response.body;
    }

    /**
     * Uploads a blob in one piece (POST, then PUT).
     * @param open gives the bytes, once the registry is ready for them; an error in them breaks the upload off.
     */
    async putBlob(
        { digest, size }: Descriptor,
        open: () => Promise<ReadableStream<Uint8Array>>,
    ): Promise<void> {
        const start = await this.send("POST", "blobs/uploads/", { headers: { "content-length": "0" } });
        await this.demand(start, [202], `upload of blob ${digest}`);
        await start.body?.cancel();
        const location = start.headers.get("location");
        if (location === null) throw this.error(`upload of blob ${digest} has no address`);
        const address = new URL(location, start.url);
        address.searchParams.set("digest", digest);
        const response = await this.send("PUT", address, {
            headers: { "content-type": "application/octet-stream", "content-length": String(size) },
            body: await open(),
            timeout: blobTimeout,
        });
        await this.demand(response, [201], `upload of blob ${digest}`);
        await response.body?.cancel();
    }

    private async readManifest(response: Response, reference: string): Promise<Buffer> {
        const chunks: Uint8Array[] = [];
        let length = 0;
        try {
            for await (const chunk of response.body ?? []) {
                length += chunk.length;
                if (length > largestManifest)
                    throw this.error(`manifest ${reference} is over ${largestManifest} bytes`);
                chunks.push(chunk);
            }
        } catch (error) {
            if (error instanceof RegistryError) throw error;
            throw this.error(`manifest ${reference} breaks off (${causeOf(error)})`, null, true);
        }
        return Buffer.concat(chunks);
    }

    /** Sends a request, once more with authorization when the registry asks for it. */
    private async send(
        method: string,
        target: string | URL,
        options: {
            headers?: Record<string, string>;
            body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
            timeout?: number;
        },
    ): Promise<Response> {
        const url =
            typeof target === "string"
                ? new URL(`/v2/${this.repository.path}/${target}`, this.origin)
                : target;
        if (url.protocol !== "https:" && !(isLoopback(url.host) && isLoopback(this.repository.host))) {
            throw this.error(`an answer leads to ${url.origin}, which is not https`);
        }
        const own = url.origin === this.origin;
        const response = await this.fetch(method, url, options, own);
        if (response.status !== 401 || !own) return response;
        const challenge = parseChallenge(response.headers.get("www-authenticate"));
        await response.body?.cancel();
        this.authorization = await answerChallenge(
            challenge,
            this.repository,
            this.actions,
            this.credentials,
        );
        // A stream has been used up; the caller starts over, now with authorization.
        if (options.body instanceof ReadableStream) throw this.error("login expired", 401, true);
        return this.fetch(method, url, options, own);
    }

    private async fetch(
        method: string,
        url: URL,
        { headers = {}, body, timeout = shortTimeout }: Parameters<RegistryClient["send"]>[2],
        own: boolean,
    ): Promise<Response> {
        const authorization = own && this.authorization !== null ? { authorization: this.authorization } : {};
        try {
            return await fetch(url, {
                method,
                headers: { ...headers, ...authorization },
                redirect: "manual",
                signal: AbortSignal.timeout(timeout),
                ...(body === undefined ? {} : { body, duplex: "half" }),
            });
        } catch (error) {
            const mismatch = causes(error).find((cause) => cause instanceof DigestMismatchError);
            if (mismatch !== undefined) throw mismatch;
            throw this.error(`no answer to ${method} ${url.pathname} (${causeOf(error)})`, null, true);
        }
    }

    private async demand(response: Response, expected: number[], what: string): Promise<void> {
        if (expected.includes(response.status)) return;
        const text = await response.text().catch(() => "");
        const { status } = response;
        throw this.error(
            `${what}: ${status} ${errorText(text)}`.trim(),
            status,
            status === 429 || status >= 500,
        );
    }

    private error(message: string, status: number | null = null, passing = false): RegistryError {
        return new RegistryError(
            `${this.repository.host}/${this.repository.path}: ${message}`,
            status,
            passing,
        );
    }
}

export function sha256(content: Uint8Array): string {
    return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The error document of the distribution specification, or the beginning of whatever came instead, in one line. */
function errorText(text: string): string {
    try {
        const { errors } = JSON.parse(text) as { errors: { code?: string; message?: string }[] };
        return errors.map(({ code, message }) => [code, message].filter(Boolean).join(": ")).join("; ");
    } catch {
        return text.replace(/\s+/g, " ").slice(0, 200);
    }
}

function causes(error: unknown): unknown[] {
    const cause = (error as { cause?: unknown } | null)?.cause;
    return cause === undefined ? [error] : [error, ...causes(cause)];
}

function causeOf(error: unknown): string {
    const last = causes(error).at(-1);
    return last instanceof Error ? last.message || last.name : String(last);
}
