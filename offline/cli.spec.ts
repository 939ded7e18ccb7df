import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "..");
const cases = join(__dirname, "fixtures", "cases");

interface Ended {
    code: number | null;
    out: string;
    err: string;
}

/** Runs what `npm start` runs. */
function start(...args: string[]): Promise<Ended> {
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(__dirname, "start.mjs"), ...args], { cwd: root });
        const ended: Ended = { code: null, out: "", err: "" };
        child.stdout.on("data", (chunk) => (ended.out += chunk));
        child.stderr.on("data", (chunk) => (ended.err += chunk));
        child.once("error", reject);
        child.once("close", (code) => resolve({ ...ended, code }));
    });
}

describe("npm start", () => {
    let out: string;
    before(() => {
        out = mkdtempSync(join(tmpdir(), "portcullis-report-"));
    });
    after(() => rmSync(out, { recursive: true }));

    const onCases = (...args: string[]) => start("--cwd", cases, "--out", out, ...args);
    const fixturePack = ["--policy-pack", join(__dirname, "fixtures", "pack")];

    it("explains itself", async () => {
        const { code, out: text } = await start("--help");
        assert.equal(code, 0);
        assert.match(text, /^Usage: npm start -- \[options\]/);
    });

    it("refuses an unknown option and an unknown stack in one line, with exit code 2", async () => {
        const option = await start("--stak", "dev");
        assert.equal(option.code, 2);
        assert.match(option.err, /^Unknown option '--stak'.*See --help\.\n$/);
        const stack = await onCases("--stack", "qa", "--no-policy");
        assert.equal(stack.code, 2);
        assert.match(
            stack.err,
            /error: there is no Pulumi\.qa\.yaml in .*; stacks here: dev, inconclusive, violating\n/,
        );
    });

    it("prints one JSON document and nothing else with --json, writes the reports", async () => {
        const { code, out: text, err } = await onCases("--json", ...fixturePack);
        assert.equal(code, 0, err);
        assert.equal(typeof JSON.parse(text), "object");
        assert.ok(existsSync(join(out, "resources.json")));
        assert.deepEqual(readdirSync(out).sort(), [
            "architecture.svg",
            "policies.html",
            "policies.json",
            "policies.junit.xml",
            "policies.md",
            "policies.sarif",
            "resources.json",
            "summary.json",
        ]);
        assert.ok(!(text + err).includes("\u001b["), "colours without a terminal");
    });

    it("ends with 1 and names rule, resource and fix when a mandatory rule is violated", async () => {
        const { code, out: text } = await onCases("--stack", "violating", ...fixturePack);
        assert.equal(code, 1);
        assert.match(text, /TOPIC-01 +topic/);
        assert.match(text, /Fix: set displayName/);
    });

    it("lets an inconclusive mandatory rule fail only with --strict", async () => {
        assert.equal((await onCases("--stack", "inconclusive", ...fixturePack)).code, 0);
        assert.equal((await onCases("--stack", "inconclusive", "--strict", ...fixturePack)).code, 1);
    });

    it("takes levels from a file, and ends with 2 when the file is wrong", async () => {
        const file = join(out, "policy-config.json");
        const judge = (content: string): Promise<Ended> => {
            writeFileSync(file, content);
            return onCases("--stack", "violating", ...fixturePack, "--policy-config", file);
        };
        const advised = await judge('{ "TOPIC-01": "advisory" }');
        assert.equal(advised.code, 0, advised.err);
        assert.match(advised.out, /types that no rule covers: not known/);
        const wrong = await judge('{ "TOPIC-1": "advisory" }');
        assert.equal(wrong.code, 2);
        assert.match(
            wrong.err,
            /error: policy configuration: the pack has no policy "TOPIC-1"; did you mean "TOPIC-01"\?\n/,
        );
        const broken = await judge("{");
        assert.equal(broken.code, 2);
        assert.match(broken.err, /error: .*policy-config\.json: not JSON: /);
        rmSync(file);
    });

    it("ends with 2 and the reason when the pack cannot be loaded", async () => {
        const {
            code,
            err,
            out: text,
        } = await onCases("--json", "--policy-pack", join(__dirname, "fixtures", "brokenPack"));
        assert.equal(code, 2);
        assert.match(err, /this pack cannot be loaded/);
        assert.equal(JSON.parse(text).verdict, "notRun");
    });
});
