import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError, type CommandContext } from "../commands/command";
import { readOptions } from "../commands/options";
import type { Scan } from "../commands/scanner";
import { gatePolicySchema } from "../policy/gatePolicy";
import { scanner } from "./command";
import {
    sampleCoverage,
    sampleDigest,
    sampleEcrAnswer,
    sampleImage,
    sampleInspectorFinding,
} from "./testing/inspectorAnswer";

const now = new Date("2026-03-04T12:00:00Z");
const policy = gatePolicySchema.parse({ version: 1 });
const context: CommandContext = {
    environment: {},
    now: () => now,
    print: () => assert.fail(),
    complain: () => assert.fail(),
    colours: false,
};

describe("gate scan --scanner inspector", () => {
    let folder: string;
    before(async () => (folder = await mkdtemp(join(tmpdir(), "gate-inspector-"))));
    after(() => rm(folder, { recursive: true }));

    function prepare(args: string[], image = sampleImage): () => Promise<Scan> {
        const common = ["report", "timeout"].map((name) => ({ name, value: "X", help: "" }));
        const options = readOptions([...common, ...scanner.options], args, {});
        const [host = ""] = image.split("/");
        const start = scanner.prepare(options, context, {
            image,
            digest: sampleDigest,
            host,
            application: undefined,
        });
        return () => start(policy);
    }

    async function file(name: string, content: unknown): Promise<string> {
        const path = join(folder, name);
        await writeFile(path, JSON.stringify(content));
        return path;
    }

    it("judges a file, of any registry", async () => {
        const path = await file("ecr.json", sampleEcrAnswer("enhanced", [{}], now));
        const { report, raw } = await prepare(["--report", path], `example.org/a@${sampleDigest}`)();
        assert.deepEqual([report.complete, report.findings.length, raw], [true, 1, { path }]);
        assert.equal(report.subject.image, `example.org/a@${sampleDigest}`);
    });

    it("judges a list of findings together with the coverage", async () => {
        const path = await file("listed.json", { findings: [sampleInspectorFinding()] });
        const coverage = await file("coverage.json", sampleCoverage(now));
        const { report } = await prepare(["--report", path, "--coverage", coverage])();
        assert.deepEqual([report.complete, report.findings.length], [true, 1]);
        const without = await prepare(["--report", path, "--coverage", join(folder, "none.json")])();
        assert.match(
            without.report.incompleteReasons.join(),
            /the coverage .*none.json cannot be read \(ENOENT/,
        );
        const odd = await prepare(["--report", path, "--coverage", folder])();
        assert.match(odd.report.incompleteReasons.join(), /is not a file/);
    });

    it("says what is wrong with a file that is not there", async () => {
        const { report, raw } = await prepare(["--report", join(folder, "none.json")])();
        assert.match(report.incompleteReasons.join(), /there is no inspector report .*none.json/);
        assert.equal(raw, null);
    });

    it("asks only private registries of Amazon ECR, and takes no coverage there", () => {
        assert.throws(() => prepare([], `example.org/a@${sampleDigest}`), UsageError);
        assert.throws(() => prepare(["--coverage", "x"]), /--coverage only goes with --report/);
        assert.throws(() => prepare(["--timeout", "0"]), /--timeout/);
    });
});
