import { X509Certificate } from "node:crypto";
import { type z } from "zod";
import { parseAnswer } from "./answerText";
import { EngineError, IncompleteError, oneLine } from "./engineError";
import { send, type Received } from "./transport";

/** Time limits of one call in milliseconds. */
export const callLimits = {
    usual: 30_000,
    /** An unknown registry host is answered after 40 s; a tag in a slow registry takes long as well. */
    addImage: 90_000,
    /** A forced refresh runs the whole vulnerability match again. */
    evaluate: 180_000,
} as const;

/** One request and what came back, as kept in the evidence. Holds no password. */
export interface Exchange {
    request: { method: string; path: string; query: Record<string, string>; body: unknown; at: string };
    response: { status: number; contentType: string | null; date: string | null; body: unknown } | null;
    milliseconds: number;
    /** Why there is no usable answer; null when there is one. */
    error: string | null;
}

/** A call to make. `path` starts with `/v1/`. */
export interface Call<T> {
    method: "GET" | "POST" | "PUT";
    path: string;
    query?: Record<string, string>;
    body?: unknown;
    /** Shape that the answer must have. */
    answer: z.ZodType<T>;
    /** Milliseconds; default `callLimits.usual`. The time left for the scan always applies as well. */
    limit?: number;
}

/** A usable answer. */
export interface Answer<T> {
    value: T;
    /** Index of the exchange in the evidence. */
    exchange: number;
    /** The engine's own clock when it answered (header Date, whole seconds); null without such a header. */
    engineDate: Date | null;
    /** Our clock when the call was sent, and how long it took in milliseconds. */
    sentAt: Date;
    milliseconds: number;
}

export interface EngineClientOptions {
    /** Base address without `/v1`, e.g. `https://anchore.example.internal`. */
    url: string;
    user: string;
    password: string;
    /** PEM of one or more CA certificates. When given, only these are trusted and not the system's. */
    caPem?: string;
    /** Plain http sends the password in clear: refused for every host but loopback unless this is true. */
    allowPlainHttp?: boolean;
    /** Other texts that must not appear in evidence or messages. */
    secrets?: readonly string[];
    /** When the whole scan must end, by `now`. */
    deadline: Date;
    now: () => Date;
    sleep: (milliseconds: number) => Promise<void>;
    /** Every call is added here, whatever comes of it. */
    exchanges: Exchange[];
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const repeatable = new Set([502, 503, 504]);

/**
 * REST client of Anchore Engine 1.1.0: basic authentication, JSON both ways, no redirects, no keep-alive.
 * A GET that fails with a broken connection or a gateway status is repeated twice, two seconds apart.
 */
export class EngineClient {
    private readonly base: URL;
    private readonly secrets: string[];

    /** @throws IncompleteError when the address or the CA cannot be used. */
    constructor(private readonly options: EngineClientOptions) {
        this.base = checkedAddress(options);
        if (options.caPem !== undefined) {
            checkCertificate(options.caPem);
        }
        // Very short texts are left alone: replacing them everywhere would make the evidence unreadable.
        this.secrets = [options.password, ...(options.secrets ?? [])].filter((secret) => secret.length >= 4);
    }

    /** Makes the call and checks the answer. @throws EngineError */
    async call<T>(call: Call<T>): Promise<Answer<T>> {
        for (let attempt = 1; ; attempt++) {
            try {
                return await this.once(call);
            } catch (error) {
                const again =
                    call.method === "GET" &&
                    attempt < 3 &&
                    error instanceof EngineError &&
                    (error.kind === "unreachable" || repeatable.has(error.status ?? 0));
                if (!again) {
                    throw error;
                }
                await this.options.sleep(2_000);
            }
        }
    }

    private async once<T>(call: Call<T>): Promise<Answer<T>> {
        const sentAt = this.options.now();
        const exchange: Exchange = {
            request: {
                method: call.method,
                path: call.path,
                query: call.query ?? {},
                body: this.withoutSecrets(call.body ?? null),
                at: sentAt.toISOString(),
            },
            response: null,
            milliseconds: 0,
            error: null,
        };
        const index = this.options.exchanges.push(exchange) - 1;
        try {
            const received = await this.send(call, sentAt);
            exchange.milliseconds = this.options.now().getTime() - sentAt.getTime();
            exchange.response = {
                ...received.head,
                body: this.withoutSecrets(received.body.toString("utf8")),
            };
            const json = parseAnswer(nameOf(call), received);
            exchange.response.body = this.withoutSecrets(json);
            const shaped = call.answer.safeParse(json);
            if (!shaped.success) {
                const issue = shaped.error.issues[0];
                const where =
                    issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
                throw new EngineError(
                    "malformed",
                    `${nameOf(call)}: the answer does not have the shape of Anchore Engine 1.1.0${where} ` +
                        `(${oneLine(issue?.message ?? "")})`,
                    "check that the address is the engine's external API",
                );
            }
            const date = Date.parse(received.head.date ?? "");
            return {
                value: shaped.data,
                exchange: index,
                engineDate: Number.isNaN(date) ? null : new Date(date),
                sentAt,
                milliseconds: exchange.milliseconds,
            };
        } catch (error) {
            exchange.milliseconds = this.options.now().getTime() - sentAt.getTime();
            if (error instanceof EngineError) {
                const { kind, brief, advice, status } = error;
                const safe = new EngineError(kind, this.textWithoutSecrets(brief), advice, status);
                exchange.error = safe.message;
                throw safe;
            }
            throw error;
        }
    }

    private send(call: Call<unknown>, sentAt: Date): Promise<Received> {
        const left = this.options.deadline.getTime() - sentAt.getTime();
        const limit = Math.min(call.limit ?? callLimits.usual, left);
        if (limit <= 0) {
            throw new EngineError(
                "timeout",
                `${nameOf(call)}: the time limit of the scan is used up`,
                "raise it",
            );
        }
        const url = new URL(this.base);
        url.pathname = url.pathname.replace(/\/$/, "") + call.path;
        url.search = new URLSearchParams(call.query).toString();
        return send({
            name: nameOf(call),
            method: call.method,
            url,
            auth: `${this.options.user}:${this.options.password}`,
            json: call.body === undefined ? undefined : JSON.stringify(call.body),
            caPem: this.options.caPem,
            limit,
        });
    }

    private textWithoutSecrets(text: string): string {
        return this.secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
    }

    private withoutSecrets(value: unknown): unknown {
        if (typeof value === "string") {
            return this.textWithoutSecrets(value);
        }
        if (Array.isArray(value)) {
            return value.map((part) => this.withoutSecrets(part));
        }
        if (value !== null && typeof value === "object") {
            return Object.fromEntries(
                Object.entries(value).map(([key, part]) => [
                    key,
                    key === "registry_pass" ? "***" : this.withoutSecrets(part),
                ]),
            );
        }
        return value;
    }
}

function nameOf(call: Call<unknown>): string {
    return `${call.method} ${call.path}`;
}

function checkedAddress({ url, allowPlainHttp }: EngineClientOptions): URL {
    let base: URL;
    try {
        base = new URL(url);
    } catch {
        throw new IncompleteError(`Anchore address ${oneLine(url)} is not a URL: give https://HOST`);
    }
    const plain = base.protocol === "http:" && (allowPlainHttp === true || loopback.test(base.hostname));
    if (base.protocol !== "https:" && !plain) {
        throw new IncompleteError(
            `Anchore address ${base.protocol}//${base.host} is not https: the password would travel in clear; ` +
                "give https://HOST (plain http is for loopback only)",
        );
    }
    // Credentials in the address would override the ones given and end up in messages.
    if (base.username !== "" || base.password !== "" || base.search !== "" || base.hash !== "") {
        throw new IncompleteError(
            `Anchore address of ${base.host} carries credentials or a query: give only https://HOST`,
        );
    }
    // Both spellings are in use; the paths of the calls bring their own /v1.
    base.pathname = base.pathname.replace(/\/v1\/?$/, "/");
    return base;
}

function checkCertificate(pem: string): void {
    try {
        new X509Certificate(pem);
    } catch {
        throw new IncompleteError(
            "the CA certificate for Anchore is not a PEM certificate: check the CA file or its parameter",
        );
    }
}
