import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunResult } from "../model";
import { recordedRun, sourceFingerprint } from "./recordedRuns";
import type { RunKey } from "./recordedRuns";

const key: RunKey = { stack: "dev", mode: "preview", policy: false, config: {} };

describe("recorded runs", () => {
    let root = "";
    let runs = 0;
    const result = (more: Partial<RunResult> = {}): RunResult => ({
        project: "portcullis",
        stack: "dev",
        mode: "preview",
        resources: [],
        stackOutputs: {},
        log: [],
        policy: null,
        timings: { number: runs },
        program: { exitCode: 0 },
        ...more,
    });
    const run = async (): Promise<RunResult> => {
        runs += 1;
        return result();
    };
    const ask = (change: Partial<RunKey> = {}, how = run): Promise<RunResult> =>
        recordedRun(root, { ...key, ...change }, how);

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "portcullis-runs-"));
        runs = 0;
        mkdirSync(join(root, "infra"));
        writeFileSync(join(root, "infra", "index.ts"), "one");
        writeFileSync(join(root, "package.json"), "{}");
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    it("are made once, also when two ask at once, and leave no lock", async () => {
        const [first, second] = await Promise.all([ask(), ask()]);
        assert.deepEqual(await ask(), first);
        assert.deepEqual(second, first);
        assert.equal(runs, 1);
        const left = readdirSync(join(root, ".cache", "runs", sourceFingerprint(root)));
        assert.deepEqual(
            left.filter((name) => !/^[0-9a-f]{64}$/.test(name)),
            [],
        );
    });

    it("are other ones for another stack, mode, configuration, policy or source", async () => {
        await ask();
        await ask({ stack: "prod" });
        await ask({ mode: "update" });
        await ask({ config: { network: { zones: 3 } } });
        await ask({ policy: true });
        assert.equal(runs, 5);
        writeFileSync(join(root, "infra", "index.ts"), "two");
        await ask();
        writeFileSync(join(root, "Pulumi.dev.yaml"), "config: {}");
        await ask();
        assert.equal(runs, 7);
        writeFileSync(join(root, "infra", "index.spec.ts"), "a spec decides nothing");
        await ask();
        assert.equal(runs, 7);
    });

    it("with policies answer for those without, and never the other way round", async () => {
        const policy = { pack: { name: "p", version: "1" }, policies: [], diagnostics: [], notApplicable: 0 };
        const judged = await ask({ policy: true }, async () => result({ policy }));
        assert.deepEqual(await ask(), { ...judged, policy: null });
        assert.equal(runs, 0);
        await ask({ mode: "update" });
        await ask({ mode: "update", policy: true });
        assert.equal(runs, 2);
    });

    it("are not kept when they fail or when a source was edited meanwhile", async () => {
        await assert.rejects(
            ask({}, () => Promise.reject(new Error("no"))),
            /no/,
        );
        await ask({}, async () => {
            writeFileSync(join(root, "infra", "index.ts"), "edited");
            return result();
        });
        writeFileSync(join(root, "infra", "index.ts"), "one");
        await ask();
        assert.equal(runs, 1);
    });

    it("are made again when their bundled code is gone, or when their maker died", async () => {
        const code = join(root, ".cache", "lambdas");
        mkdirSync(code, { recursive: true });
        writeFileSync(join(code, "index.cjs"), "");
        const withAsset = async (): Promise<RunResult> => {
            runs += 1;
            return result({ stackOutputs: { path: ".cache/lambdas/index.cjs" } });
        };
        await ask({}, withAsset);
        await ask({}, withAsset);
        assert.equal(runs, 1);
        rmSync(code, { recursive: true });
        await ask({}, withAsset);
        assert.equal(runs, 2);
        const folder = join(root, ".cache", "runs", sourceFingerprint(root));
        const [name = ""] = readdirSync(folder);
        // No process has the greatest number.
        writeFileSync(join(folder, `${name}.lock`), "2147483647");
        await ask({}, withAsset);
        assert.equal(runs, 3);
    });
});
