import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import * as z from "zod";
import { EngineClient, type EngineClientOptions, type Exchange } from "./client";
import { EngineError, IncompleteError } from "./engineError";
import { selfSignedCertificate } from "./testing/certificate";
import { startEngine, type EngineState, type SeenRequest } from "./testing/engineServer";
import { stoppedClock } from "./testing/scenario";

const call = { method: "GET", path: "/v1/system/feeds", answer: z.array(z.unknown()) } as const;

interface Outcome {
    value?: unknown;
    error?: { kind: string; message: string };
    requests: number;
    exchanges: Exchange[];
}

/** Makes one call to a server that behaves as given. The port in messages is replaced by PORT. */
async function outcomeOf(
    state: Partial<EngineState>,
    more: {
        tls?: { key: string; cert: string };
        options?: Partial<EngineClientOptions>;
        limit?: number;
    } = {},
): Promise<Outcome> {
    const engine = await startEngine(state, more.tls);
    const clock = stoppedClock();
    const exchanges: Exchange[] = [];
    try {
        const client = new EngineClient({
            url: engine.url,
            user: "admin",
            password: "correct-horse",
            deadline: new Date(clock.now().getTime() + 600_000),
            now: clock.now,
            sleep: clock.sleep,
            exchanges,
            ...more.options,
        });
        const { value } = await client.call({ ...call, limit: more.limit });
        return { value, requests: engine.requests.length, exchanges };
    } catch (error) {
        assert.ok(error instanceof EngineError);
        const message = error.message.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT");
        return { error: { kind: error.kind, message }, requests: engine.requests.length, exchanges };
    } finally {
        await engine.close();
    }
}

function takeOver(act: (response: ServerResponse) => void) {
    return {
        takeOver: (_request: SeenRequest, response: ServerResponse) => {
            act(response);
            return true;
        },
    };
}

const json = { "content-type": "application/json" };
const feeds = "GET /v1/system/feeds";
const look = "look at the engine's log, then scan again";
const checkAddress = "check that the address is the engine's external API";

describe("Anchore REST client", () => {
    it("reads an answer, with the engine's own time", async () => {
        const { value, exchanges } = await outcomeOf({});
        assert.deepEqual(value, []);
        assert.deepEqual(exchanges[0]?.request, {
            method: "GET",
            path: "/v1/system/feeds",
            query: {},
            body: null,
            at: "2026-03-04T12:00:00.250Z",
        });
        assert.equal(exchanges[0]?.response?.status, 200);
        assert.equal(exchanges[0]?.error, null);
    });

    for (const [name, act, kind, message] of [
        [
            "JSON that is cut off",
            (response) => response.writeHead(200, json).end('[{"name": "vulner'),
            "malformed",
            `${feeds}: the answer is not valid JSON (17 bytes): ${look}`,
        ],
        [
            "a key that stands twice",
            (response) => response.writeHead(200, json).end('[{"a": 1, "a": 2}]'),
            "malformed",
            `${feeds}: the answer is not valid JSON (18 bytes): ${look}`,
        ],
        [
            "bytes that are not UTF-8",
            (response) => response.writeHead(200, json).end(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])),
            "malformed",
            `${feeds}: the answer is not valid JSON (5 bytes): ${look}`,
        ],
        [
            "a body shorter than announced",
            (response) => {
                response.writeHead(200, { ...json, "content-length": 100 }).write("[]");
                setTimeout(() => response.destroy(), 5);
            },
            "malformed",
            `${feeds}: the answer was cut off after 2 bytes: scan again`,
        ],
        [
            "a chunked body without end",
            (response) => {
                response.writeHead(200, json).write("[]");
                setTimeout(() => response.destroy(), 5);
            },
            "malformed",
            `${feeds}: the answer was cut off after 2 bytes: scan again`,
        ],
        [
            "a length that is too large",
            (response) => response.writeHead(200, { ...json, "content-length": 40_000_000 }).write("["),
            "malformed",
            `${feeds}: the answer is larger than 33554432 bytes: ${checkAddress}`,
        ],
        [
            "an endless body",
            (response) => {
                response.writeHead(200, json);
                const more = () => {
                    while (!response.destroyed && response.write(Buffer.alloc(1 << 20, 0x20)));
                    response.once("drain", more);
                };
                more();
            },
            "malformed",
            `${feeds}: the answer is larger than 33554432 bytes: ${checkAddress}`,
        ],
        [
            "HTML",
            (response) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>hello</h1>"),
            "malformed",
            `${feeds}: answered text/html instead of JSON: ${checkAddress} and not a proxy`,
        ],
        [
            "no content type",
            (response) => response.writeHead(200).end("[]"),
            "malformed",
            `${feeds}: answered no content type instead of JSON: ${checkAddress} and not a proxy`,
        ],
        [
            "another shape",
            (response) => response.writeHead(200, json).end('{"name": 1}'),
            "malformed",
            `${feeds}: the answer does not have the shape of Anchore Engine 1.1.0 (Invalid input: expected array, ` +
                `received object): ${checkAddress}`,
        ],
        [
            "a redirect",
            (response) => response.writeHead(302, { location: "http://elsewhere.example.org/" }).end(),
            "http",
            `${feeds}: status 302: look at the engine's log, then scan again`,
        ],
        [
            "500 of the engine",
            (response) => response.writeHead(500, json).end('{"httpcode": 500, "message": "it\\n broke"}'),
            "http",
            `${feeds}: status 500 (it broke): look at the engine's log, then scan again`,
        ],
        [
            "400 of the framework",
            (response) =>
                response
                    .writeHead(400, { "content-type": "application/problem+json" })
                    .end('{"detail": "Missing query parameter", "status": 400, "title": "Bad Request"}'),
            "badRequest",
            `${feeds}: 400 (Missing query parameter): ${look}`,
        ],
        [
            "404",
            (response) => response.writeHead(404, json).end('{"message": "image not found in DB"}'),
            "notFound",
            `${feeds}: 404 (image not found in DB): ${look}`,
        ],
        [
            "401 as text",
            (response) => response.writeHead(401, { "content-type": "text/html" }).end("Unauthorized"),
            "unauthorized",
            `${feeds}: 401: wrong password, or the engine has lost its database: check RDS`,
        ],
    ] as [string, (response: ServerResponse) => void, string, string][]) {
        it(`refuses ${name}`, async () => {
            const { error, requests, exchanges } = await outcomeOf(takeOver(act));
            assert.deepEqual(error, { kind, message });
            assert.equal(requests, 1);
            assert.equal(exchanges[0]?.error, message);
        });
    }

    it("gives up on a server that does not answer in time", async () => {
        const { error, requests } = await outcomeOf(
            takeOver(() => {}),
            { limit: 50 },
        );
        assert.deepEqual(error, {
            kind: "timeout",
            message: `${feeds}: no answer within 1 s: look at the engine's load and log, then scan again`,
        });
        assert.equal(requests, 1);
    });

    it("gives up on a server that answers drop by drop", async () => {
        const drops: NodeJS.Timeout[] = [];
        const { error } = await outcomeOf(
            takeOver((response) => {
                response.writeHead(200, json);
                drops.push(setInterval(() => response.write(" "), 5));
            }),
            { limit: 60 },
        );
        drops.forEach((drop) => clearInterval(drop));
        assert.equal(error?.kind, "timeout");
    });

    it("tries a GET three times when the connection breaks", async () => {
        const { error, requests, exchanges } = await outcomeOf(
            takeOver((response) => response.socket?.destroy()),
        );
        assert.deepEqual(error, {
            kind: "unreachable",
            message:
                `${feeds}: cannot reach http://127.0.0.1:PORT (ECONNRESET): check the address, the security groups and ` +
                "the CA certificate",
        });
        assert.equal(requests, 3);
        assert.equal(exchanges.length, 3);
    });

    it("gets over a gateway that fails once", async () => {
        let failures = 1;
        const { value, requests } = await outcomeOf({
            tamper: (_request, reply) => (failures-- > 0 ? { status: 503, body: "busy" } : reply),
        });
        assert.deepEqual(value, []);
        assert.equal(requests, 2);
    });

    it("says so when the time of the scan is over, and does not call", async () => {
        const { error, requests } = await outcomeOf({}, { options: { deadline: stoppedClock().now() } });
        assert.deepEqual(error, {
            kind: "timeout",
            message: `${feeds}: the time limit of the scan is used up: raise it`,
        });
        assert.equal(requests, 0);
    });

    describe("over TLS", () => {
        const tls = selfSignedCertificate();

        it("trusts the given CA", async () => {
            const { value } = await outcomeOf({}, { tls, options: { caPem: tls.cert } });
            assert.deepEqual(value, []);
        });

        for (const [name, caPem] of [
            ["without a CA", undefined],
            ["with another CA", selfSignedCertificate().cert],
        ] as const) {
            it(`sends nothing ${name}`, async () => {
                const { error, requests } = await outcomeOf({}, { tls, options: { caPem } });
                assert.deepEqual(error, {
                    kind: "unreachable",
                    message:
                        `${feeds}: cannot reach https://127.0.0.1:PORT (DEPTH_ZERO_SELF_SIGNED_CERT): check the address, the security ` +
                        "groups and the CA certificate",
                });
                assert.equal(requests, 0);
            });
        }
    });

    describe("refuses before any call", () => {
        const options = {
            user: "admin",
            password: "correct-horse",
            deadline: new Date(),
            ...stoppedClock(),
            exchanges: [],
        };
        for (const [name, more, message] of [
            [
                "text that is no URL",
                { url: "anchore" },
                "Anchore address anchore is not a URL: give https://HOST",
            ],
            [
                "plain http to another host",
                { url: "http://anchore.example.org:8228" },
                "Anchore address http://anchore.example.org:8228 is not https: the password would travel in clear; " +
                    "give https://HOST (plain http is for loopback only)",
            ],
            [
                "a host that only looks like loopback",
                { url: "http://127.0.0.1.example.org" },
                "Anchore address http://127.0.0.1.example.org is not https: the password would travel in clear; " +
                    "give https://HOST (plain http is for loopback only)",
            ],
            [
                "credentials in the address",
                { url: "https://user:secret@anchore.example.org" },
                "Anchore address of anchore.example.org carries credentials or a query: give only https://HOST",
            ],
            [
                "a CA that is none",
                { url: "https://anchore.example.org", caPem: "-----BEGIN CERTIFICATE-----\nnonsense" },
                "the CA certificate for Anchore is not a PEM certificate: check the CA file or its parameter",
            ],
        ] as const) {
            it(name, () => {
                assert.throws(
                    () => new EngineClient({ ...options, ...more }),
                    (error) => error instanceof IncompleteError && error.message === message,
                );
            });
        }

        it("but not loopback, nor plain http that is allowed, nor an address that ends in /v1", () => {
            for (const url of [
                "http://localhost:8228",
                "http://127.0.0.1:1/v1",
                "http://[::1]:8228",
                "https://a.example.org/",
            ]) {
                assert.ok(new EngineClient({ ...options, url }));
            }
            assert.ok(
                new EngineClient({ ...options, url: "http://anchore.example.org", allowPlainHttp: true }),
            );
        });
    });

    it("accepts an address with /v1", async () => {
        const engine = await startEngine();
        const clock = stoppedClock();
        const client = new EngineClient({
            url: `${engine.url}/v1/`,
            user: "admin",
            password: "correct-horse",
            deadline: new Date(clock.now().getTime() + 10_000),
            ...clock,
            exchanges: [],
        });
        assert.deepEqual((await client.call(call)).value, []);
        assert.equal(engine.requests[0]?.path, "/v1/system/feeds");
        await engine.close();
    });
});
