import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Credentials } from "./credentials";
import { promote, type Promotion } from "./promote";
import { RegistryClient } from "./registryClient";
import { DigestMismatchError, RegistryError } from "./registryError";
import {
    RegistryServer,
    sha256,
    type RegistryOptions,
    type StoredRepository,
} from "./testing/registryServer";
import { addImage, addIndex, addManifest } from "./testing/sampleImage";

const large = Buffer.alloc(3 * 1024 * 1024, "layer");
const layers = [Buffer.from("one"), large, Buffer.alloc(0)];

describe("promotion", () => {
    const servers: RegistryServer[] = [];
    afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

    async function start(options: RegistryOptions = {}): Promise<RegistryServer> {
        const server = await RegistryServer.start(options);
        servers.push(server);
        server.repository("orders/candidate");
        server.repository("orders/staging");
        return server;
    }

    const pauses: number[] = [];
    async function run(
        server: RegistryServer,
        digest: string,
        { to = server, tag = "3f2a9c1", credentials = null as Credentials } = {},
    ): Promise<Promotion> {
        pauses.length = 0;
        return promote({
            source: new RegistryClient({ host: server.host, path: "orders/candidate" }, "pull", credentials),
            destination: new RegistryClient(
                { host: to.host, path: "orders/staging" },
                "pull,push",
                credentials,
            ),
            digest,
            tag,
            patience: { attempts: 3, sleep: async (milliseconds) => void pauses.push(milliseconds) },
        });
    }

    function assertSame(
        stored: StoredRepository,
        expected: { digest: string; blobs: string[] },
        tag = "3f2a9c1",
    ): void {
        assert.deepEqual([...stored.tags], [[tag, expected.digest]]);
        assert.deepEqual([...stored.blobs.keys()].sort(), [...new Set(expected.blobs)].sort());
        for (const [digest, content] of stored.blobs) assert.equal(sha256(content), digest);
    }

    for (const kind of ["oci", "docker"] as const) {
        for (const uploadLocation of ["absolute", "relative"] as const) {
            it(`copies a ${kind} image, upload address ${uploadLocation}`, async () => {
                const server = await start({ uploadLocation });
                const image = addImage(server.repository("orders/candidate"), layers, { kind, indent: 3 });
                assert.deepEqual(await run(server, image.digest), {
                    image: `${server.host}/orders/staging@${image.digest}`,
                    tag: "3f2a9c1",
                    unchanged: false,
                    blobsCopied: 4,
                    blobsPresent: 0,
                    bytesCopied: image.blobs.reduce(
                        (sum, blob) =>
                            sum + (server.repository("orders/candidate").blobs.get(blob)?.length ?? 0),
                        0,
                    ),
                });
                const staging = server.repository("orders/staging");
                assertSame(staging, image);
                assert.deepEqual(
                    staging.manifests.get(image.digest),
                    server.repository("orders/candidate").manifests.get(image.digest),
                );
            });
        }

        it(`copies a ${kind} index with its images`, async () => {
            const server = await start();
            const candidate = server.repository("orders/candidate");
            const amd = addImage(candidate, [Buffer.from("amd64"), Buffer.from("shared")], { kind });
            const arm = addImage(candidate, [Buffer.from("arm64"), Buffer.from("shared")], { kind });
            const index = addIndex(candidate, [amd.digest, arm.digest], { kind });
            const { blobsCopied } = await run(server, index);
            assert.equal(blobsCopied, 5);
            const staging = server.repository("orders/staging");
            assertSame(staging, { digest: index, blobs: [...amd.blobs, ...arm.blobs] });
            assert.deepEqual([...staging.manifests.keys()], [amd.digest, arm.digest, index]);
        });
    }

    it("copies between registries", async () => {
        const [from, to] = [await start(), await start()];
        const image = addImage(from.repository("orders/candidate"), layers);
        await run(from, image.digest, { to });
        assertSame(to.repository("orders/staging"), image);
        assert.deepEqual([...from.repository("orders/staging").tags], []);
    });

    it("uploads nothing that is there, and nothing at all the second time", async () => {
        const server = await start();
        const image = addImage(server.repository("orders/candidate"), layers);
        const staging = server.repository("orders/staging");
        staging.blobs.set(sha256(large), large);
        const first = await run(server, image.digest);
        assert.deepEqual([first.blobsCopied, first.blobsPresent], [3, 1]);
        server.requests.length = 0;
        const second = await run(server, image.digest);
        assert.deepEqual([second.unchanged, second.blobsCopied, second.blobsPresent], [true, 0, 4]);
        assert.deepEqual(
            server.requests.filter((line) => !/^(GET|HEAD) /.test(line)),
            [],
        );
    });

    it("gives the tag last, after every part", async () => {
        const server = await start();
        const image = addImage(server.repository("orders/candidate"), layers);
        await run(server, image.digest);
        const writes = server.requests.filter((line) => line.startsWith("PUT "));
        assert.equal(writes.at(-1), "PUT /v2/orders/staging/manifests/3f2a9c1");
        assert.equal(writes.length, image.blobs.length + 1);
        assert.deepEqual(server.requests.slice(-2), [
            "GET /v2/orders/staging/manifests/3f2a9c1",
            `GET /v2/orders/staging/manifests/${image.digest}`,
        ]);
    });

    it("never moves a tag", async () => {
        const server = await start();
        const staging = server.repository("orders/staging");
        const old = addImage(staging, [Buffer.from("old")], { tag: "3f2a9c1" });
        const image = addImage(server.repository("orders/candidate"), layers);
        await assert.rejects(run(server, image.digest), (error) => {
            assert.ok(error instanceof DigestMismatchError);
            assert.match(
                error.message,
                new RegExp(`tag 3f2a9c1 of .* names ${old.digest}, not ${image.digest}`),
            );
            return true;
        });
        assert.deepEqual([...staging.tags], [["3f2a9c1", old.digest]]);
        assert.deepEqual([...staging.manifests.keys()], [old.digest]);
        assert.equal(staging.blobs.size, 2);
    });

    it("notices a tag that is moved behind its back", async () => {
        let server: RegistryServer | null = null;
        let other = "";
        server = await start({
            intercept: ({ method }, _response, pathname) => {
                // Somebody pushes between our tagging and our reading back.
                if (method === "GET" && pathname.endsWith("/staging/manifests/3f2a9c1") && other !== "") {
                    const tags = server?.repository("orders/staging").tags;
                    if (tags?.has("3f2a9c1") === true) tags.set("3f2a9c1", other);
                }
                return false;
            },
        });
        other = addImage(server.repository("orders/staging"), [Buffer.from("other")]).digest;
        const image = addImage(server.repository("orders/candidate"), layers);
        await assert.rejects(
            run(server, image.digest),
            new RegExp(`read back from .*, 3f2a9c1 gives ${other} instead`),
        );
    });

    it("refuses a source manifest that is not the digest's", async () => {
        const server = await start();
        const candidate = server.repository("orders/candidate");
        const image = addImage(candidate, layers);
        const other = addImage(candidate, [Buffer.from("other")]);
        candidate.manifests.set(image.digest, candidate.manifests.get(other.digest) ?? assert.fail());
        await assert.rejects(run(server, image.digest), (error) => {
            assert.ok(error instanceof DigestMismatchError);
            assert.ok(error.message.includes(`gives a manifest ${other.digest} for ${image.digest}`));
            return true;
        });
        assert.deepEqual(pauses, [500, 2000]);
        assert.equal(server.repository("orders/staging").blobs.size, 0);
    });

    it("refuses a blob that is not its digest's, whether changed, cut short or too long", async () => {
        for (const [damage, message] of [
            [
                (blob: Buffer) => Buffer.from(blob).fill("x", 0, 1),
                /gives content with digest sha256:.* for blob sha256/,
            ],
            [(blob: Buffer) => blob.subarray(0, -1), /gives 3145727 bytes instead of 3145728 for blob/],
            [(blob: Buffer) => Buffer.concat([blob, Buffer.from("x")]), /more than the 3145728 bytes/],
        ] as const) {
            const server = await start();
            const candidate = server.repository("orders/candidate");
            const image = addImage(candidate, layers);
            candidate.blobs.set(sha256(large), damage(large));
            await assert.rejects(run(server, image.digest), (error) => {
                assert.ok(error instanceof DigestMismatchError, String(error));
                assert.match(error.message, message);
                return true;
            });
            const staging = server.repository("orders/staging");
            assert.deepEqual(
                [staging.blobs.has(sha256(large)), staging.tags.size, staging.manifests.size],
                [false, 0, 0],
            );
        }
    });

    it("tries again after a broken transfer and after 500, 503 and 429", async () => {
        const broken = { blob: 1, post: 1, head: 1, manifest: 1 };
        const take = (kind: keyof typeof broken): boolean => broken[kind]-- > 0;
        const server = await start({
            intercept: ({ method }, response, pathname) => {
                if (method === "GET" && pathname.endsWith(sha256(large)) && take("blob")) {
                    response.writeHead(200, { "content-length": large.length });
                    response.write(large.subarray(0, 1000));
                    setImmediate(() => response.destroy());
                    return true;
                }
                if (method === "POST" && take("post")) return answer(response, 503);
                if (method === "HEAD" && take("head")) return answer(response, 500);
                return (
                    method === "GET" &&
                    pathname.includes("manifests") &&
                    take("manifest") &&
                    answer(response, 429)
                );
            },
        });
        const image = addImage(server.repository("orders/candidate"), layers);
        await run(server, image.digest);
        assertSame(server.repository("orders/staging"), image);
        assert.deepEqual(pauses, [500, 500, 500, 500]);
    });

    it("gives up on a transfer that always breaks off, and leaves no tag", async () => {
        const server = await start({
            intercept: ({ method }, response, pathname) => {
                if (method !== "GET" || !pathname.endsWith(sha256(large))) return false;
                response.writeHead(200, { "content-length": large.length });
                response.write(large.subarray(0, 1000));
                setImmediate(() => response.destroy());
                return true;
            },
        });
        const image = addImage(server.repository("orders/candidate"), layers);
        await assert.rejects(run(server, image.digest), (error) => {
            assert.ok(error instanceof RegistryError);
            assert.match(error.message, /no answer to PUT/);
            return true;
        });
        assert.deepEqual([pauses, server.repository("orders/staging").tags.size], [[500, 2000], 0]);
    });

    it("says in one line what a registry refuses, at once", async () => {
        const server = await start({
            intercept: ({ method }, response) => method === "POST" && answer(response, 403),
        });
        const image = addImage(server.repository("orders/candidate"), layers);
        await assert.rejects(run(server, image.digest), (error) => {
            assert.ok(error instanceof RegistryError);
            assert.match(
                error.message,
                /^127\.0\.0\.1:\d+\/orders\/staging: upload of blob sha256:\S+: 403 DENIED: no$/,
            );
            return true;
        });
        assert.deepEqual(pauses, []);
    });

    it("follows indexes of indexes, but not without end", async () => {
        const server = await start();
        const candidate = server.repository("orders/candidate");
        const image = addImage(candidate, layers);
        let index = image.digest;
        for (let depth = 0; depth < 3; depth += 1) index = addIndex(candidate, [index]);
        await run(server, index, { tag: "three" });
        assert.equal(server.repository("orders/staging").tags.get("three"), index);
        await assert.rejects(
            run(server, addIndex(candidate, [index]), { tag: "four" }),
            /nested deeper than 3 levels/,
        );
        assert.equal(server.repository("orders/staging").tags.has("four"), false);
    });

    it("says when there is no such image", async () => {
        const server = await start();
        await assert.rejects(run(server, `sha256:${"0".repeat(64)}`), /has no image sha256:000/);
    });

    it("refuses what it cannot read as an image", async () => {
        const oci = "application/vnd.oci.image.manifest.v1+json";
        for (const [content, type, message] of [
            [{ schemaVersion: 2, config: {}, layers: [] }, oci, /manifest is not valid \(config\.digest/],
            [{ schemaVersion: 1 }, oci, /manifest is not valid \(schemaVersion/],
            [{ schemaVersion: 2, mediaType: "x" }, oci, /manifest is not valid/],
            [
                {
                    schemaVersion: 2,
                    config: { digest: `sha256:${"1".repeat(64)}`, size: 1 },
                    layers: [],
                    manifests: [],
                },
                oci,
                /must not also be an index/,
            ],
            ["no object", oci, /manifest is not valid/],
        ] as const) {
            const server = await start();
            const digest = addManifest(
                server.repository("orders/candidate"),
                Buffer.from(JSON.stringify(content)),
                type,
            );
            await assert.rejects(run(server, digest), message);
            assert.equal(server.repository("orders/staging").manifests.size, 0);
        }
    });

    it("refuses a manifest served under a type other than its own", async () => {
        const server = await start();
        const candidate = server.repository("orders/candidate");
        const { digest } = addImage(candidate, layers, { kind: "docker" });
        const content = candidate.manifests.get(digest)?.content ?? assert.fail();
        candidate.manifests.set(digest, { content, mediaType: "application/vnd.oci.image.manifest.v1+json" });
        await assert.rejects(run(server, digest), /calls itself .* and is served as/);
    });

    describe("with login", () => {
        const login = { user: "robot", password: "s:e c" };

        for (const scheme of ["basic", "bearer"] as const) {
            it(`answers a ${scheme} challenge`, async () => {
                const server = await start({ login: { scheme, ...login } });
                const image = addImage(server.repository("orders/candidate"), layers);
                await run(server, image.digest, { credentials: login });
                assertSame(server.repository("orders/staging"), image);
            });

            it(`says when the ${scheme} login is refused or absent`, async () => {
                const server = await start({ login: { scheme, ...login } });
                const image = addImage(server.repository("orders/candidate"), layers);
                await assert.rejects(
                    run(server, image.digest, { credentials: { ...login, password: "x" } }),
                    /401/,
                );
                await assert.rejects(run(server, image.digest), /asks for a login|token service .* 401/);
            });
        }

        it("starts an upload over when the login expires in between", async () => {
            let server: RegistryServer | null = null;
            let expired = false;
            server = await start({
                login: { scheme: "bearer", ...login },
                intercept: ({ method }, _response, pathname) => {
                    if (method === "PUT" && pathname.includes("/uploads/") && !expired) {
                        expired = true;
                        server?.expireTokens();
                    }
                    return false;
                },
            });
            const image = addImage(server.repository("orders/candidate"), layers);
            await run(server, image.digest, { credentials: login });
            assertSame(server.repository("orders/staging"), image);
            assert.equal(expired, true);
        });

        it("does not send the login along with a redirect to storage", async () => {
            const server = await start({ login: { scheme: "basic", ...login }, redirectBlobs: true });
            const image = addImage(server.repository("orders/candidate"), layers);
            await run(server, image.digest, { credentials: login });
            assertSame(server.repository("orders/staging"), image);
            assert.deepEqual(server.strayedCredentials, []);
        });
    });
});

function answer(response: ServerResponse<IncomingMessage>, status: number): true {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ errors: [{ code: "DENIED", message: "no" }] }));
    return true;
}
