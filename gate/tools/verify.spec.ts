import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Server } from "../evidence/testing/s3Server";
import { mirrorTool } from "./fillMirror";
import { installTool, planInstall } from "./install";
import { ArtefactServer } from "./testing/artefactServer";
import { sampleTool, useS3Environment } from "./testing/sampleTool";
import { toolOf, type Tool } from "./toolManifest";
import { defaultTransfer } from "./transfer";
import { filesIn, verifyFile, verifyPublished, worstOf, type Verification } from "./verify";

const options = { ...defaultTransfer, timeout: 20_000, sleep: async () => undefined };
const content = Buffer.from("\x7fELF and so on");
const sum = createHash("sha256").update(content).digest("hex");

describe("result of several verifications", () => {
    const results = ["good", "refused", "unavailable"] as const;
    const of = (...given: Verification["result"][]) =>
        worstOf(given.map((result) => ({ tool: null, version: null, place: "", message: "", result })));

    it("is good only when all are, and refused as soon as one is", () => {
        assert.equal(of(), "unavailable");
        for (const first of results) {
            assert.equal(of(first), first);
            for (const second of results) {
                const expected = [first, second].includes("refused")
                    ? "refused"
                    : first === "good" && second === "good"
                      ? "good"
                      : "unavailable";
                assert.equal(of(first, second), expected, `${first} and ${second}`);
            }
        }
    });
});

describe("verification of published artefacts", () => {
    let server: ArtefactServer;
    let tool: Tool;
    before(async () => (server = await ArtefactServer.start()));
    after(() => server.stop());
    beforeEach(() => {
        server.reset();
        tool = sampleTool(server.at("/v1.2.3/sample"), content);
    });

    it("says that the right bytes are good", async () => {
        server.answers.set("/v1.2.3/sample", { body: content });
        assert.deepEqual(await verifyPublished(tool, null, options), {
            tool: "grype",
            version: "1.2.3",
            place: tool.url,
            result: "good",
            message: `sha256 ${sum}, ${content.length} bytes`,
        });
    });

    it("refuses other bytes, also fewer", async () => {
        for (const body of ["other", content.subarray(1), ""]) {
            server.answers.set("/v1.2.3/sample", { body });
            const { result, message } = await verifyPublished(tool, null, options);
            assert.equal(result, "refused");
            assert.match(message, new RegExp(`\\(${body.length} bytes\\), expected ${sum}; do not use it`));
        }
    });

    it("says what could not be fetched", async () => {
        const { result, message } = await verifyPublished(tool, null, options);
        assert.equal(result, "unavailable");
        assert.match(message, /v1\.2\.3\/sample answers 404; check the version/);
    });
});

describe("verification of files", () => {
    let folder = "";
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "tools-"))));
    afterEach(() => rm(folder, { recursive: true }));
    const tool = sampleTool("https://example.org/v1.2.3/sample_1.2.3.tar.gz", content);
    const verify = async (name: string, bytes: string | Uint8Array) => {
        await writeFile(join(folder, name), bytes);
        const { result, message, tool: found } = await verifyFile(join(folder, name), [tool]);
        return { result, message, found };
    };

    it("compares a file with the artefact of its name", async () => {
        assert.equal((await verify("sample_1.2.3.tar.gz", content)).result, "good");
        assert.deepEqual(await verify("sample_1.2.3.tar.gz", "x"), {
            result: "refused",
            message: `sha256 ${createHash("sha256").update("x").digest("hex")} (1 bytes), expected ${sum}; do not use it`,
            found: "grype",
        });
    });

    it("refuses a file that is no artefact of the manifest, whatever is in it", async () => {
        for (const name of ["sample", "sample_1.2.4.tar.gz", "SAMPLE_1.2.3.tar.gz", "tools.json"]) {
            const { result, message, found } = await verify(name, content);
            assert.deepEqual([result, found], ["refused", null]);
            assert.match(message, /no artefact of the tool manifest has the name .*; remove the file/);
        }
    });

    it("says what cannot be read, also a folder with an artefact's name", async () => {
        await mkdir(join(folder, "sample_1.2.3.tar.gz"));
        for (const name of ["sample_1.2.3.tar.gz", "absent"]) {
            const { result, message } = await verifyFile(join(folder, name), [tool]);
            assert.equal(result, "unavailable");
            assert.match(message, /^cannot be read \(/);
        }
    });

    it("knows the real manifest", async () => {
        await writeFile(join(folder, toolOf("hadolint").file), content);
        const { tool: name, version, result } = await verifyFile(join(folder, toolOf("hadolint").file));
        assert.deepEqual([name, version, result], ["hadolint", "2.15.1", "refused"]);
    });

    it("looks at every file of a folder and below, hidden ones and links too", async () => {
        await mkdir(join(folder, "grype", "1.2.3"), { recursive: true });
        await writeFile(join(folder, "grype", "1.2.3", "a"), "");
        await writeFile(join(folder, ".hidden"), "");
        await symlink("/dev/null", join(folder, "link"));
        assert.deepEqual(await filesIn(folder), [
            join(folder, ".hidden"),
            join(folder, "grype", "1.2.3", "a"),
            join(folder, "link"),
        ]);
        assert.equal((await verifyFile(join(folder, "link"), [tool])).result, "unavailable");
        await assert.rejects(filesIn(join(folder, "absent")), /absent cannot be read/);
    });
});

describe("mirror in S3", () => {
    let server: ArtefactServer;
    let s3: S3Server;
    let tool: Tool;
    const mirror = "s3://tools-123456789012/portcullis";
    const key = "tools-123456789012/portcullis/grype/1.2.3/sample";
    before(async () => {
        server = await ArtefactServer.start();
        s3 = await S3Server.start();
    });
    after(() => Promise.all([server.stop(), s3.stop()]));
    useS3Environment(() => s3.url);
    beforeEach(() => {
        server.reset();
        s3.objects.clear();
        s3.requests.length = 0;
        s3.interruptions.length = 0;
        s3.corrupt = null;
        tool = sampleTool(server.at("/v1.2.3/sample"), content);
        server.answers.set("/v1.2.3/sample", { body: content });
    });

    it("gets what it does not have, verified, and it is read back", async () => {
        const { result, message, place } = await mirrorTool(tool, mirror, options);
        assert.deepEqual(
            [result, message, place],
            [
                "good",
                `sha256 ${sum}, ${content.length} bytes, copied and read back`,
                `${mirror}/grype/1.2.3/sample`,
            ],
        );
        assert.deepEqual(s3.objects.get(key), content);
        assert.deepEqual(s3.requests, [`GET /${key}`, `PUT /${key}`, `GET /${key}`]);
    });

    it("is left alone when it has the right bytes", async () => {
        s3.objects.set(key, content);
        const { result, message } = await mirrorTool(tool, mirror, options);
        assert.deepEqual([result, message], ["good", `sha256 ${sum}, was there already`]);
        assert.deepEqual([s3.requests, server.requests], [[`GET /${key}`], []]);
    });

    it("never has other bytes replaced", async () => {
        s3.objects.set(key, Buffer.from("other"));
        const { result, message } = await mirrorTool(tool, mirror, options);
        assert.equal(result, "refused");
        assert.match(
            message,
            new RegExp(`grype: ${mirror}/grype/1\\.2\\.3/sample has sha256 .* expected ${sum}`),
        );
        assert.deepEqual(s3.objects.get(key), Buffer.from("other"));
    });

    it("gets nothing that is not what was pinned", async () => {
        server.answers.set("/v1.2.3/sample", { body: "other" });
        const { result, message } = await mirrorTool(tool, mirror, options);
        assert.equal(result, "refused");
        assert.match(message, /has sha256 .* expected/);
        assert.equal(s3.objects.size, 0);
    });

    it("does not have what another put in the meantime replaced", async () => {
        s3.objects.set(key, Buffer.from("other"));
        s3.interruptions.push({ method: "GET", status: 404, code: "NoSuchKey" });
        assert.equal((await mirrorTool(tool, mirror, options)).result, "refused");
        assert.deepEqual(s3.objects.get(key), Buffer.from("other"));
        assert.equal(s3.requests.filter((request) => request.startsWith("PUT")).length, 1);
    });

    it("is not trusted to have stored what it was given", async () => {
        s3.corrupt = (given) => Buffer.concat([given, Buffer.from("x")]);
        assert.equal((await mirrorTool(tool, mirror, options)).result, "refused");
    });

    it("loses a race to another who puts other bytes", async () => {
        s3.interruptions.push({ method: "PUT", status: 412, code: "PreconditionFailed" });
        const { result, message } = await mirrorTool(tool, mirror, options);
        assert.equal(result, "unavailable");
        assert.match(message, /does not exist/);
    });

    it("says so when it cannot be read or written", async () => {
        s3.interruptions.push({ method: "PUT", status: 403, code: "AccessDenied" });
        const denied = await mirrorTool(tool, mirror, options);
        assert.equal(denied.result, "unavailable");
        assert.match(denied.message, /sample cannot be written \(AccessDenied: AccessDenied\)/);
        s3.interruptions.push({ method: "GET", status: 404, code: "NoSuchBucket" });
        const absent = await mirrorTool(tool, mirror, options);
        assert.equal(absent.result, "unavailable");
        assert.match(absent.message, /cannot be read \(NoSuchBucket/);
        assert.equal(s3.objects.size, 0);
    });

    it("is what verification and installation can read from", async () => {
        const asked = await verifyPublished(tool, mirror, options);
        assert.equal(asked.result, "unavailable");
        assert.match(asked.message, /does not exist; gate tools mirror fills a mirror/);
        s3.objects.set(key, content);
        assert.equal((await verifyPublished(tool, mirror, options)).result, "good");
        s3.objects.set(key, content.subarray(1));
        assert.equal((await verifyPublished(tool, mirror, options)).result, "refused");
        assert.deepEqual(server.requests, []);

        const folder = await mkdtemp(join(tmpdir(), "tools-"));
        const plan = planInstall({
            tool: "sample",
            url: `${mirror}/grype/1.2.3/sample`,
            sha256: sum,
            member: undefined,
        });
        try {
            await assert.rejects(installTool(plan, folder, options), /has sha256/);
            assert.deepEqual(await filesIn(folder), []);
            s3.objects.set(key, content);
            s3.interruptions.push({ method: "GET", status: 503, code: "SlowDown" });
            assert.equal((await installTool(plan, folder, options)).path, join(folder, "sample"));
            s3.interruptions.push({ method: "GET", status: 403, code: "AccessDenied" });
            await assert.rejects(
                installTool(plan, folder, options),
                /does not exist, or the role may not read it; gate tools mirror/,
            );
        } finally {
            await rm(folder, { recursive: true });
        }
    });
});
