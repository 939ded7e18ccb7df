import http from "node:http";
import https from "node:https";
import { EngineError, oneLine } from "./engineError";

/** Largest answer that is read, in bytes. Vulnerability lists of large images stay below 10 MB. */
export const maximumAnswerBytes = 32 * 1024 * 1024;

/** One request as it goes over the wire. */
export interface Outgoing {
    /** Method and path, for messages. */
    name: string;
    method: string;
    url: URL;
    /** `user:password` for basic authentication. */
    auth: string;
    /** Body, already JSON text. */
    json: string | undefined;
    /** The only trusted CA; undefined: the system's. */
    caPem: string | undefined;
    /** Milliseconds until the whole answer must be there. */
    limit: number;
}

/** A whole answer, not yet looked at. */
export interface Received {
    head: { status: number; contentType: string | null; date: string | null };
    body: Buffer;
}

/**
 * Sends one request over a connection of its own and reads the whole answer. Redirects are not followed.
 * @throws EngineError `timeout`, `unreachable`, or `malformed` for an answer that is cut off or too large.
 */
export function send(outgoing: Outgoing): Promise<Received> {
    const { name, method, url, auth, json, caPem, limit } = outgoing;
    return new Promise((resolve, reject) => {
        const request = (url.protocol === "https:" ? https : http).request(url, {
            method,
            agent: false,
            auth,
            headers: {
                accept: "application/json",
                ...(json === undefined
                    ? {}
                    : { "content-type": "application/json", "content-length": Buffer.byteLength(json) }),
            },
            ...(caPem === undefined ? {} : { ca: caPem }),
        });
        const fail = (error: EngineError): void => {
            clearTimeout(timer);
            reject(error);
            request.destroy();
        };
        const timer = setTimeout(() => fail(timedOut(name, limit)), limit);
        request.on("error", (error: NodeJS.ErrnoException) => fail(unreachable(name, url, error)));
        request.on("response", (response) => {
            if (Number(response.headers["content-length"] ?? 0) > maximumAnswerBytes) {
                fail(tooLarge(name));
                return;
            }
            const chunks: Buffer[] = [];
            let size = 0;
            response.on("data", (chunk: Buffer) => {
                size += chunk.length;
                if (size > maximumAnswerBytes) {
                    fail(tooLarge(name));
                } else {
                    chunks.push(chunk);
                }
            });
            // An answer that ends before its announced or chunked end is an error of the response, not an end.
            response.on("error", () => fail(cutOff(name, size)));
            response.on("end", () => {
                clearTimeout(timer);
                resolve({
                    head: {
                        status: response.statusCode ?? 0,
                        contentType: response.headers["content-type"] ?? null,
                        date: response.headers.date ?? null,
                    },
                    body: Buffer.concat(chunks),
                });
            });
        });
        request.end(json);
    });
}

function timedOut(name: string, limit: number): EngineError {
    return new EngineError(
        "timeout",
        `${name}: no answer within ${Math.ceil(limit / 1000)} s`,
        "look at the engine's load and log, then scan again",
    );
}

function unreachable(name: string, url: URL, error: NodeJS.ErrnoException): EngineError {
    return new EngineError(
        "unreachable",
        `${name}: cannot reach ${url.origin} (${oneLine(error.code ?? error.message)})`,
        "check the address, the security groups and the CA certificate",
    );
}

function tooLarge(name: string): EngineError {
    return new EngineError(
        "malformed",
        `${name}: the answer is larger than ${maximumAnswerBytes} bytes`,
        "check that the address is the engine's external API",
    );
}

function cutOff(name: string, size: number): EngineError {
    return new EngineError("malformed", `${name}: the answer was cut off after ${size} bytes`, "scan again");
}
