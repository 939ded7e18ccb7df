/** Requests with a signature (version 4) of the function's role, for services whose SDK client is mostly what is not needed. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import { SignatureV4 } from "@smithy/signature-v4";
import { credentialsIn } from "./environmentCredentials";
import { clientSettings } from "./serviceCalls";

export type Environment = Record<string, string | undefined>;

export interface SignedRequest {
    /** As the signature names it. */
    service: string;
    region: string;
    environment: Environment;
    method: "GET" | "HEAD" | "POST";
    /** Where the service is; of its path nothing is used. */
    base: URL;
    /** Escaped as the service wants it. */
    path: string;
    headers: Record<string, string>;
    body?: string;
    /** Ends the request. */
    signal: AbortSignal;
}

// Marked as pure, so that functions that send none are bundled without this.
const agents = {
    "http:": /* @__PURE__ */ new http.Agent({ keepAlive: true }),
    "https:": /* @__PURE__ */ new https.Agent({ keepAlive: true }),
};

/** Sends one request, within the times of `clientSettings`. @returns the answer, whose body has not been read. */
export async function sendSigned(request: SignedRequest): Promise<http.IncomingMessage> {
    const { service, region, environment, method, base, path, body, signal } = request;
    const { protocol, hostname, port, host } = base;
    const { headers } = await new SignatureV4({
        service,
        region,
        credentials: credentialsIn(environment),
        sha256: Sha256,
        uriEscapePath: false,
        applyChecksum: true,
    }).sign({
        method,
        protocol,
        hostname,
        ...(port === "" ? {} : { port: Number(port) }),
        path,
        headers: { host, ...request.headers },
        ...(body === undefined ? {} : { body }),
    });
    const { connectionTimeout, requestTimeout } = clientSettings.requestHandler;
    return new Promise((resolve, reject) => {
        const secure = protocol === "https:";
        const sent = (secure ? https : http).request({
            method,
            hostname,
            port: port === "" ? undefined : port,
            path,
            headers,
            signal,
            agent: agents[secure ? "https:" : "http:"],
            // Of silence; until a connection stands it is shorter.
            timeout: connectionTimeout,
        });
        sent.on("socket", (socket) => {
            if (!socket.connecting) sent.setTimeout(requestTimeout);
            else socket.once("connect", () => sent.setTimeout(requestTimeout));
        });
        sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
        sent.on("error", reject);
        sent.on("response", resolve);
        sent.end(body);
    });
}

/**
 * The address that the environment names for a service, as for every client of the SDK (AWS SDKs and Tools Reference
 * Guide, "Service-specific endpoints"); null where it names none.
 * @param service as the variable ends, e.g. `S3`.
 */
export function configuredEndpoint(service: string, environment: Environment): string | null {
    if (environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true") return null;
    return environment[`AWS_ENDPOINT_URL_${service}`] || environment["AWS_ENDPOINT_URL"] || null;
}

/** Node's own SHA-256 in the shape that the signature wants. */
class Sha256 {
    #state: Hash | Hmac;

    constructor(private readonly secret?: string | ArrayBuffer | ArrayBufferView) {
        this.#state = this.#start();
    }

    update(data: string | ArrayBuffer | ArrayBufferView): void {
        this.#state.update(bytesOf(data));
    }

    async digest(): Promise<Uint8Array> {
        return this.#state.digest();
    }

    reset(): void {
        this.#state = this.#start();
    }

    #start(): Hash | Hmac {
        return this.secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(this.secret));
    }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
    if (typeof data === "string") return Buffer.from(data, "utf8");
    return ArrayBuffer.isView(data)
        ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        : new Uint8Array(data);
}
