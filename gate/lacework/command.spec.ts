import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandContext } from "../commands/command";
import { readOptions } from "../commands/options";
import type { Scan } from "../commands/scanner";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanner } from "./command";
import { FakeLacework } from "./testing/fakeLacework";
import { sampleAnswer, sampleDigest, sampleImage } from "./testing/laceworkAnswer";

const now = new Date("2026-03-04T12:00:00Z");
const policy = gatePolicySchema.parse({ version: 1 });
const account = { LW_ACCOUNT: "example", LW_API_KEY: "EXAMPLE_55A1", LW_API_SECRET: "_c0ffee11" };

describe("gate scan --scanner lacework", () => {
    let folder: string;
    before(async () => (folder = await mkdtemp(join(tmpdir(), "gate-lacework-spec-"))));
    after(() => rm(folder, { recursive: true }));

    function prepare(
        args: string[],
        environment: CommandContext["environment"] = account,
    ): () => Promise<Scan> {
        const common = ["report", "timeout", "out"].map((name) => ({ name, value: "X", help: "" }));
        const options = readOptions(
            [...common, ...scanner.options],
            [...args, "--out", join(folder, "out")],
            {},
        );
        const start = scanner.prepare(
            options,
            {
                environment,
                now: () => now,
                print: () => assert.fail(),
                complain: () => assert.fail(),
                colours: false,
            },
            {
                image: sampleImage,
                digest: sampleDigest,
                host: "registry.example.org",
                application: undefined,
            },
        );
        return () => start(policy);
    }

    it("judges a file without the command and its variables", async () => {
        const path = join(folder, "answer.json");
        await writeFile(path, JSON.stringify(sampleAnswer([{}], now)));
        const { report, raw } = await prepare(["--report", path], {})();
        assert.deepEqual([report.complete, report.findings.length, raw], [true, 1, { path }]);
        const none = await prepare(["--report", join(folder, "none.json")], {})();
        assert.match(none.report.incompleteReasons.join(), /there is no lacework report .*none.json/);
    });

    it("asks the command, for the registry by Lacework's name, and keeps what it printed", async () => {
        const fake = await FakeLacework.create();
        try {
            await fake.reply([
                { to: "version", out: '{"version":"v2.15.2"}' },
                { to: "vulnerability container scan index.docker.io orders/candidate", out: "[]" },
                { to: "api post", out: JSON.stringify(sampleAnswer([], now)) },
            ]);
            const environment = { ...account, PATH: process.env["PATH"] };
            const args = ["--lacework", fake.cli, "--lacework-registry", "index.docker.io"];
            const { report } = await prepare(args, environment)();
            assert.deepEqual(report.incompleteReasons, []);
            assert.deepEqual((await readdir(join(folder, "out", "lacework"))).sort(), [
                "page-0.json",
                "pages.json",
                "scan.json",
                "version.json",
            ]);
        } finally {
            await fake.remove();
        }
    });

    it("says what is missing before anything happens", () => {
        assert.throws(() => prepare([]), /^UsageError: --lacework \(or GATE_LACEWORK\) is missing/);
        assert.throws(
            () => prepare(["--report", "a", "--lacework", "b"]),
            /--lacework does not go with --report/,
        );
        for (const name of Object.keys(account)) {
            const environment = { ...account, [name]: "" };
            assert.throws(() => prepare(["--lacework", "b"], environment), new RegExp(`${name} is not set`));
        }
        assert.throws(
            () => prepare(["--lacework", "b", "--lacework-registry=-x"]),
            /is no name of a registry/,
        );
        assert.throws(() => prepare(["--lacework", "b", "--timeout", "0"]), /--timeout/);
    });
});
