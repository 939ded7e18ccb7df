import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Server } from "../evidence/testing/s3Server";
import { ArtefactServer } from "../tools/testing/artefactServer";
import { useS3Environment } from "../tools/testing/sampleTool";
import { tarGz } from "../tools/testing/tarArchive";
import { toolNames, toolOf } from "../tools/toolManifest";
import { UsageError } from "./command";
import { readOptions } from "./options";
import { toolsCommand } from "./tools";

const content = tarGz([{ name: "sample", content: "#!/bin/sh\nexit 0\n" }]);
const sha256 = createHash("sha256").update(content).digest("hex");

/** Runs the command in this process. */
async function run(args: string[], environment: Record<string, string> = {}) {
    const out: string[] = [];
    const err: string[] = [];
    const code = await toolsCommand.run(readOptions(toolsCommand.options, args, environment, true), {
        environment,
        now: () => new Date(),
        print: (line) => void out.push(line),
        complain: (line) => void err.push(line),
        colours: false,
    });
    return { code, out, err };
}

describe("gate tools", () => {
    let server: ArtefactServer;
    let s3: S3Server;
    let folder = "";
    before(async () => {
        server = await ArtefactServer.start();
        s3 = await S3Server.start();
    });
    after(() => Promise.all([server.stop(), s3.stop()]));
    useS3Environment(() => s3.url);
    beforeEach(async () => {
        server.reset();
        server.answers.set("/v1.2.3/sample.tar.gz", { body: content });
        s3.objects.clear();
        folder = await mkdtemp(join(tmpdir(), "tools-"));
    });
    afterEach(() => rm(folder, { recursive: true }));
    const installArgs = () => [
        ...["install", "--tool", "sample", "--url", server.at("/v1.2.3/sample.tar.gz")],
        ...["--sha256", sha256, "--to", folder],
    ];

    const wrong: [string[], RegExp][] = [
        [[], /say what to do: list, install, verify, mirror/],
        [["download"], /"download" is none of list/],
        [["constructor"], /"constructor" is none of/],
        [["list", "grype"], /Unexpected argument 'grype'/],
        [["list", "--url", "https://x"], /--url does not go with gate tools list/],
        [["list", "--tool", "crane"], /--tool "crane" is none of hadolint/],
        [["install"], /--tool .* is missing/],
        [["install", "--tool", "grype"], /--url .* is missing/],
        [["install", "--tool", "a", "--url", "https://x"], /--sha256 .* is missing/],
        [["install", "--tool", "a", "--url", "https://x", "--sha256", "a"], /--to .* is missing/],
        [
            ["install", "--tool", "a", "--url", "b", "--sha256", "c", "--to", "s3://x"],
            /--to "s3:\/\/x" is no folder/,
        ],
        [["install", "--mirror", "s3://tools"], /--mirror does not go with gate tools install/],
        [["verify", "--mirror", "tools"], /--mirror "tools" is not s3/],
        [["verify", "--mirror", "s3://tools", "file"], /--mirror does not go with files/],
        [["verify", "--timeout", "0"], /--timeout "0" is not a number of seconds/],
        [["verify", "--timeout", "1e3"], /--timeout/],
        [["mirror"], /--to .* is missing/],
        [["mirror", "--to", "s3://tools/"], /--to "s3:\/\/tools\/" is not s3/],
        [["mirror", "--to", "./folder"], /--to "\.\/folder" is not s3/],
    ];
    for (const [args, message] of wrong) {
        it(`refuses the command line: ${args.join(" ") || "nothing"}`, () =>
            assert.rejects(run(args), (error) => error instanceof UsageError && message.test(error.message)));
    }

    it("list shows every pin", async () => {
        const { code, out } = await run(["list"]);
        assert.equal(code, 0);
        assert.match(out[0] ?? "", /^TOOL +VERSION +PLATFORM +LICENCE +SHA256 +URL$/);
        assert.deepEqual(
            out.slice(1).map((line) => line.split(/ +/)),
            toolNames.map((name) => {
                const { version, platform, licence, sha256: sum, url } = toolOf(name);
                return [name, version, platform, licence, sum, url];
            }),
        );
        assert.equal((await run(["list", "--tool", "syft,grype"])).out.length, 3);
    });

    it("install says in one line what it installed from where", async () => {
        const { code, out, err } = await run(installArgs());
        assert.deepEqual([code, err], [0, []]);
        assert.deepEqual(out, [
            `INSTALLED: sample 1.2.3 as ${folder}/sample, sha256 ${sha256} verified, from ${server.at("/v1.2.3/sample.tar.gz")}`,
        ]);
        assert.equal(await readFile(join(folder, "sample"), "utf8"), "#!/bin/sh\nexit 0\n");
    });

    it("install reads its options from variables", async () => {
        const { code } = await run(["install"], {
            GATE_TOOL: "sample",
            GATE_URL: server.at("/v1.2.3/sample.tar.gz"),
            GATE_SHA256: sha256,
            GATE_TO: folder,
        });
        assert.equal(code, 0);
    });

    it("install says in one line what is wrong, and ends with 2", async () => {
        server.answers.set("/v1.2.3/sample.tar.gz", { body: "other\nbytes" });
        const { code, out } = await run(installArgs());
        assert.equal(code, 2);
        assert.equal(out.length, 1);
        assert.match(
            out[0] ?? "",
            new RegExp(`^NOT INSTALLED: sample: .* has sha256 .*, expected ${sha256}; do not`),
        );
        assert.deepEqual(await readdir(folder), []);
        const withdrawn = [
            "--tool",
            "trivy",
            "--url",
            "https://example.org/v0.69.4/trivy",
            "--sha256",
            sha256,
        ];
        const refused = await run(["install", ...withdrawn, "--to", folder]);
        assert.deepEqual([refused.code, refused.out.length], [2, 1]);
        assert.match(refused.out[0] ?? "", /^NOT INSTALLED: trivy 0\.69\.4 was malicious/);
    });

    it("verify of files ends with 1 for wrong and unknown ones, 2 for unreadable ones", async () => {
        await mkdir(join(folder, "mirror"));
        const hadolint = join(folder, "mirror", toolOf("hadolint").file);
        assert.equal((await run(["verify", hadolint])).code, 2);
        await writeFile(hadolint, "other");
        for (const args of [
            ["verify", hadolint],
            ["verify", "--directory", folder],
            ["verify", hadolint, join(folder, "absent")],
        ]) {
            const { code, out } = await run(args);
            assert.equal(code, 1);
            assert.match(out[0] ?? "", /^TOOL +VERSION +RESULT +PLACE +WHAT$/);
            assert.match(out[1] ?? "", /^hadolint +2\.15\.1 +REFUSED +\S+ +sha256 .* expected c7187db94eee/);
        }
        const unknown = join(folder, "mirror", "other");
        await writeFile(unknown, "");
        const { code, out } = await run(["verify", unknown]);
        assert.equal(code, 1);
        assert.match(out[1] ?? "", /^- +- +REFUSED .*no artefact of the tool manifest/);
        // Only the tools that are asked about count as known.
        assert.match((await run(["verify", "--tool", "grype", hadolint])).out[1] ?? "", /^- +- +REFUSED/);
    });

    it("verify of a folder without files, or of none, is not good", async () => {
        for (const args of [
            ["verify", "--directory", folder],
            ["verify", "--directory", join(folder, "absent")],
        ]) {
            const { code, out } = await run(args);
            assert.equal(code, 2);
            assert.match(out.join(), /^NOT VERIFIED: .*(has no files|cannot be read)/);
        }
    });

    it("verify of a mirror ends with 2 for what is absent, 1 for what is wrong", async () => {
        const place = `s3://tools-123456789012`;
        const absent = await run(["verify", "--mirror", place]);
        assert.equal(absent.code, 2);
        assert.equal(absent.out.length, 1 + toolNames.length);
        assert.match(
            absent.out[4] ?? "",
            /^grype +0\.116\.1 +NOT FETCHED +s3:\/\/tools-123456789012\/grype\/0\.116\.1\//,
        );
        const { file, version } = toolOf("syft");
        s3.objects.set(`tools-123456789012/syft/${version}/${file}`, Buffer.from("other"));
        const wrongOne = await run(["verify", "--mirror", place, "--tool", "syft,trivy"]);
        assert.equal(wrongOne.code, 1);
        assert.deepEqual(
            wrongOne.out.slice(1).map((line) => line.split(/  +/).slice(0, 3)),
            [
                ["syft", "1.44.0", "REFUSED"],
                ["trivy", "0.72.0", "NOT FETCHED"],
            ],
        );
    });

    it("mirror refuses to leave other bytes in place of a tool", async () => {
        const { file, version } = toolOf("syft");
        s3.objects.set(`tools-123456789012/p/syft/${version}/${file}`, Buffer.from("other"));
        const { code, out } = await run(["mirror", "--to", "s3://tools-123456789012/p", "--tool", "syft"]);
        assert.equal(code, 1);
        assert.match(out[1] ?? "", /^syft +1\.44\.0 +REFUSED .* has sha256 .* expected 0e91737a/);
    });

    it("install that is stopped by a signal ends with 2 and leaves nothing", async () => {
        const program = `
            const { toolsCommand } = require("./gate/commands/tools");
            const { readOptions } = require("./gate/commands/options");
            const options = readOptions(toolsCommand.options, process.argv.slice(1), {}, true);
            const print = (line) => console.log(line);
            toolsCommand.run(options, { environment: {}, print, complain: print }).then(process.exit);`;
        const begun = new Promise<void>((resolve) => {
            server.answers.set("/v1.2.3/sample.tar.gz", (_, response) => {
                response.writeHead(200, { "content-length": content.length });
                response.write(content.subarray(0, 20), () => resolve());
            });
        });
        const loader = ["--require", "ts-node/register/transpile-only", "--eval", program];
        const child = spawn(process.execPath, [...loader, "--", ...installArgs()], {
            cwd: join(__dirname, "..", ".."),
            stdio: ["ignore", "pipe", "inherit"],
        });
        let out = "";
        child.stdout.on("data", (chunk) => (out += chunk));
        await begun;
        child.kill("SIGTERM");
        const [code] = (await once(child, "close")) as [number | null];
        assert.equal(code, 2, out);
        assert.match(out, /^NOT INSTALLED: .*interrupted/);
        assert.deepEqual(await readdir(folder), []);
    });
});
