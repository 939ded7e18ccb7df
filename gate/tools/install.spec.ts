import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import {
    chmod,
    lstat,
    mkdir,
    mkdtemp,
    readdir,
    readFile,
    rm,
    stat,
    symlink,
    writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installTool, planInstall } from "./install";
import { ArtefactServer } from "./testing/artefactServer";
import { tarGz } from "./testing/tarArchive";
import { ToolError } from "./toolError";
import { defaultTransfer, type TransferOptions } from "./transfer";

const sumOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const program = randomBytes(200_000);
const archive = tarGz([
    { name: "README.md", content: "read me" },
    { name: "sample", content: program },
]);

describe("installation", () => {
    let server: ArtefactServer;
    let folder = "";
    const pauses: number[] = [];
    const options: TransferOptions = {
        ...defaultTransfer,
        timeout: 20_000,
        sleep: async (milliseconds) => void pauses.push(milliseconds),
    };
    before(async () => (server = await ArtefactServer.start()));
    after(() => server.stop());
    beforeEach(async () => {
        server.reset();
        pauses.length = 0;
        folder = await mkdtemp(join(tmpdir(), "tools-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const install = (
        bytes: Uint8Array,
        { path = "/v1.2.3/sample.tar.gz", change = {} as Partial<TransferOptions>, tool = "sample" } = {},
    ) =>
        installTool(
            planInstall({ tool, url: server.at(path), sha256: sumOf(bytes), member: undefined }),
            folder,
            { ...options, ...change },
        );

    async function refusal(action: Promise<unknown>): Promise<ToolError> {
        try {
            await action;
        } catch (error) {
            assert.ok(error instanceof ToolError, String(error));
            assert.doesNotMatch(error.message, /\n/);
            assert.deepEqual(await readdir(folder), [], "nothing is left behind");
            return error;
        }
        return assert.fail("was installed");
    }

    it("takes the program out of the archive, executable, and leaves nothing else", async () => {
        server.answers.set("/v1.2.3/sample.tar.gz", { body: archive });
        const { path, sum } = await install(archive);
        assert.equal(path, join(folder, "sample"));
        assert.deepEqual(sum, { sha256: sumOf(archive), bytes: archive.length });
        assert.deepEqual(await readFile(path), program);
        assert.equal((await stat(path)).mode & 0o777, 0o755);
        assert.deepEqual(await readdir(folder), ["sample"]);
        assert.deepEqual(server.requests, ["GET /v1.2.3/sample.tar.gz"]);
    });

    it("installs a plain program under its name, in a folder that is made", async () => {
        server.answers.set("/v1.2.3/sample-linux-x86_64", { body: program });
        folder = join(folder, "a", "b");
        const { path } = await install(program, { path: "/v1.2.3/sample-linux-x86_64" });
        assert.deepEqual(await readFile(path), program);
        assert.equal((await stat(path)).mode & 0o777, 0o755);
        folder = join(folder, "..", "..");
    });

    it("replaces what was there, also a link, whose target stays", async () => {
        server.answers.set("/v1.2.3/sample.tar.gz", { body: archive });
        await mkdir(join(folder, "elsewhere"));
        await writeFile(join(folder, "elsewhere", "target"), "target");
        await symlink("elsewhere/target", join(folder, "sample"));
        await install(archive);
        assert.equal((await lstat(join(folder, "sample"))).isFile(), true);
        assert.equal(await readFile(join(folder, "elsewhere", "target"), "utf8"), "target");
    });

    it("refuses a wrong sum with what was expected, what came, where and what to do", async () => {
        const wrong = Buffer.from(archive);
        wrong[100] = (wrong[100] ?? 0) ^ 1;
        server.answers.set("/v1.2.3/sample.tar.gz", { body: wrong });
        const error = await refusal(install(archive));
        assert.equal(error.kind, "refused");
        assert.equal(
            error.message,
            `sample: ${server.at("/v1.2.3/sample.tar.gz")} has sha256 ${sumOf(wrong)} (${wrong.length} bytes), ` +
                `expected ${sumOf(archive)}; do not use it: compare with the checksums that the project publishes, ` +
                "then correct the pin or the mirror",
        );
        assert.deepEqual(pauses, [], "a wrong sum is not tried again");
    });

    it("keeps the program that was there when the new one is refused", async () => {
        await writeFile(join(folder, "sample"), "old");
        await chmod(join(folder, "sample"), 0o755);
        server.answers.set("/v1.2.3/sample.tar.gz", { body: "other" });
        await assert.rejects(install(archive), /has sha256/);
        assert.deepEqual(await readdir(folder), ["sample"]);
        assert.equal(await readFile(join(folder, "sample"), "utf8"), "old");
    });

    it("refuses an archive of the right sum whose member is missing, a link or elsewhere", async () => {
        for (const [entries, message] of [
            [[{ name: "other", content: "x" }], /sample: the archive has no sample/],
            [[{ name: "sample", type: "2", linkName: "/bin/sh" }], /sample: sample is no regular file/],
            [[{ name: "../sample", content: "x" }], /sample: the archive has no sample/],
        ] as const) {
            const evil = tarGz([...entries]);
            server.answers.set("/v1.2.3/sample.tar.gz", { body: evil });
            assert.match((await refusal(install(evil))).message, message);
        }
        assert.deepEqual((await readdir(join(folder, ".."))).includes("sample"), false);
    });

    it("follows redirects on this machine, and names the address that was asked for", async () => {
        server.answers.set("/v1.2.3/sample.tar.gz", {
            status: 302,
            headers: { location: "/assets/7?signature=abc" },
        });
        server.answers.set("/assets/7", { body: archive });
        assert.equal((await install(archive)).path, join(folder, "sample"));
        server.answers.set("/assets/7", { body: "x" });
        const { message } = await refusal(rm(join(folder, "sample")).then(() => install(archive)));
        assert.match(message, /\/v1\.2\.3\/sample\.tar\.gz has sha256/);
        assert.doesNotMatch(message, /signature/);
    });

    for (const [location, message] of [
        ["http://example.org/sample.tar.gz", /redirects to http:\/\/example\.org, which is not https/],
        ["file:///etc/passwd", /redirects to file:\/\/, which is not https/],
        ["ftp://127.0.0.1/sample", /redirects to ftp:\/\/127\.0\.0\.1, which is not https/],
        ["data:text/plain,x", /redirects to data:\/\/, which is not https/],
        ["https://me:word@example.org/x", /addresses carry no login/],
        ["http://", /redirects to no address/],
        [null, /redirects to no address/],
    ] as const) {
        it(`refuses a redirect to ${location ?? "nowhere"}`, async () => {
            const headers: Record<string, string> = location === null ? {} : { location };
            server.answers.set("/v1.2.3/sample.tar.gz", { status: 302, headers });
            assert.match((await refusal(install(archive))).message, message);
            assert.deepEqual(server.requests, ["GET /v1.2.3/sample.tar.gz"]);
        });
    }

    it("refuses a redirect that goes round in circles", async () => {
        server.answers.set("/v1.2.3/sample.tar.gz", {
            status: 301,
            headers: { location: "/v1.2.3/sample.tar.gz" },
        });
        assert.match((await refusal(install(archive))).message, /redirects more than 5 times/);
        assert.equal(server.requests.length, 6);
    });

    it("tries again after a 503, a 429, no answer and a transfer that breaks off, and starts from nothing", async () => {
        const breakOff = (_: unknown, response: import("node:http").ServerResponse): void => {
            response.writeHead(200, { "content-length": archive.length });
            response.write(archive.subarray(0, 1_000), () => response.destroy());
        };
        for (const trouble of [{ status: 503 }, { status: 429 }, breakOff]) {
            server.answers.set("/v1.2.3/sample.tar.gz", [trouble, { body: archive }]);
            const { path } = await install(archive);
            assert.deepEqual(await readFile(path), program);
        }
        assert.deepEqual(pauses, [1_000, 1_000, 1_000]);
    });

    it("keeps nothing of an attempt that gave more than there is", async () => {
        const more = (_: unknown, response: import("node:http").ServerResponse): void => {
            response.writeHead(200, { "content-length": 2 * program.length });
            response.write(Buffer.concat([program, Buffer.alloc(5_000, 1)]), () => response.destroy());
        };
        server.answers.set("/v1.2.3/sample", [more, { body: program }]);
        assert.deepEqual(await readFile((await install(program, { path: "/v1.2.3/sample" })).path), program);
    });

    it("gives up after three attempts, with the last trouble", async () => {
        server.answers.set("/v1.2.3/sample.tar.gz", (_, response) => {
            response.writeHead(200, { "content-length": archive.length });
            response.write(archive.subarray(0, 1_000), () => response.destroy());
        });
        const error = await refusal(install(archive));
        assert.match(error.message, /sample\.tar\.gz breaks off after \d+ bytes \(.*\); check the network/);
        assert.equal(error.kind, "unavailable");
        assert.equal(server.requests.length, 3);
        assert.deepEqual(pauses, [1_000, 4_000]);
    });

    it("refuses a transfer that is cut off in its last chunk", async () => {
        server.answers.set("/v1.2.3/sample.tar.gz", (_, response) => {
            response.writeHead(200, { "transfer-encoding": "chunked" });
            response.write(archive.subarray(0, -1), () => response.socket?.end());
        });
        assert.equal((await refusal(install(archive))).kind, "unavailable");
    });

    it("refuses an answer without a length that ends early, by its sum", async () => {
        server.answers.set("/v1.2.3/sample.tar.gz", (_, response) => {
            response.shouldKeepAlive = false;
            response.useChunkedEncodingByDefault = false;
            response.writeHead(200);
            response.end(archive.subarray(0, -1));
        });
        assert.match(
            (await refusal(install(archive))).message,
            new RegExp(`\\(${archive.length - 1} bytes\\), expected`),
        );
    });

    it("does not try again what will not pass", async () => {
        for (const status of [400, 401, 403, 404, 206, 204]) {
            server.reset();
            server.answers.set("/v1.2.3/sample.tar.gz", { status });
            assert.match((await refusal(install(archive))).message, new RegExp(`answers ${status}`));
            assert.equal(server.requests.length, 1);
        }
    });

    it("takes the bytes as published: an answer that is packed on the way is refused", async () => {
        const { gzipSync } = await import("node:zlib");
        server.answers.set("/v1.2.3/sample", (request, response) => {
            assert.equal(request.headers["accept-encoding"], "identity");
            response.writeHead(200, { "content-encoding": "gzip" });
            response.end(gzipSync(program));
        });
        const packed = gzipSync(program);
        assert.match((await refusal(install(packed, { path: "/v1.2.3/sample" }))).message, /has sha256/);
    });

    it("stops at the bound, announced or not", async () => {
        const change = { mostBytes: 1_000 };
        server.answers.set("/v1.2.3/sample.tar.gz", { body: archive });
        assert.match(
            (await refusal(install(archive, { change }))).message,
            /sample\.tar\.gz is over 1000 bytes/,
        );
        server.answers.set("/v1.2.3/sample.tar.gz", (_, response) => {
            // Nothing more comes: only the announced length can be refused before the time limit.
            response.writeHead(200, { "content-length": 1_001 });
            response.write("x");
        });
        assert.match(
            (await refusal(install(archive, { change }))).message,
            /sample\.tar\.gz is over 1000 bytes/,
        );
        server.answers.set("/v1.2.3/sample.tar.gz", (_, response) => {
            response.writeHead(200);
            const more = (): void => void (response.writable && response.write(Buffer.alloc(65_536), more));
            more();
        });
        assert.match(
            (await refusal(install(archive, { change }))).message,
            /sample\.tar\.gz is over 1000 bytes/,
        );
    });

    it("stops at the time limit, before and within the answer", async () => {
        const change = { timeout: 150, attempts: 1 };
        server.answers.set("/v1.2.3/sample.tar.gz", () => undefined);
        assert.match(
            (await refusal(install(archive, { change }))).message,
            /gives no answer within the time limit/,
        );
        server.answers.set("/v1.2.3/sample.tar.gz", (_, response) => {
            response.writeHead(200, { "content-length": archive.length });
            response.write(archive.subarray(0, 10));
        });
        assert.match(
            (await refusal(install(archive, { change }))).message,
            /breaks off after 10 bytes within the time limit of 1 s/,
        );
    });

    it("leaves nothing behind when it is interrupted", async () => {
        const interruption = new AbortController();
        server.answers.set("/v1.2.3/sample.tar.gz", (_, response) => {
            response.writeHead(200, { "content-length": archive.length });
            response.write(archive.subarray(0, 1_000), () => setImmediate(() => interruption.abort()));
        });
        const error = await refusal(install(archive, { change: { signal: interruption.signal } }));
        assert.match(error.message, /interrupted/);
        assert.equal(server.requests.length, 1, "not tried again");
    });

    it("says so when nothing listens, or the folder cannot be written", async () => {
        const url = "http://127.0.0.1:1/v1.2.3/sample";
        const plan = planInstall({ tool: "sample", url, sha256: "a".repeat(64), member: undefined });
        assert.match(
            (await refusal(installTool(plan, folder, options))).message,
            /gives no answer \(.+\); check/,
        );
        await writeFile(join(folder, "file"), "");
        await assert.rejects(installTool(plan, join(folder, "file"), options), /file cannot be written/);
    });

    it("does not put a program in the place of a folder", async () => {
        server.answers.set("/v1.2.3/sample.tar.gz", { body: archive });
        await mkdir(join(folder, "sample"));
        await assert.rejects(install(archive), /sample: cannot be installed in/);
        assert.deepEqual(await readdir(folder), ["sample"]);
    });
});
