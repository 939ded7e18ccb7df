import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import type { RunResult } from "../model";
import { findingsRun } from "./fixtures/findingsRun";
import { hostileNames } from "./fixtures/hostile";
import { readXml } from "./fixtures/readXml";
import { sampleRun, sampleStack } from "./fixtures/sampleRun";
import { StackBuilder, secret, unknown } from "./fixtures/stackBuilder";
import { reportFiles, resourcesJson, writeReports } from "./writeReports";

const names = [
    "architecture.svg",
    "policies.html",
    "policies.json",
    "policies.junit.xml",
    "policies.md",
    "policies.sarif",
    "resources.json",
    "summary.json",
];

describe("written reports", () => {
    let directory = "";
    beforeEach(async () => {
        directory = await mkdtemp(path.join(tmpdir(), "portcullis-report-"));
    });
    afterEach(() => rm(directory, { recursive: true }));

    it("writes every report into a new folder and returns the paths", async () => {
        const target = path.join(directory, "new", "folder");
        const run = sampleRun();
        assert.deepEqual(
            await writeReports(run, target),
            names.map((name) => path.join(target, name)),
        );
        assert.deepEqual((await readdir(target)).sort(), names);
        for (const [name, text] of Object.entries(reportFiles(run))) {
            assert.equal(await readFile(path.join(target, name), "utf8"), text);
        }
    });

    it("replaces old reports as a whole and leaves other files alone", async () => {
        await writeFile(path.join(directory, "resources.json"), "x".repeat(1_000_000));
        await writeFile(path.join(directory, "other.txt"), "mine");
        await writeReports(sampleRun(), directory);
        const text = await readFile(path.join(directory, "resources.json"), "utf8");
        assert.equal((JSON.parse(text) as { stack: string }).stack, "dev");
        assert.deepEqual((await readdir(directory)).sort(), [...names, "other.txt"].sort());
    });

    it("leaves nothing behind when a report cannot be put in its place", async () => {
        // A folder in the place of the last report makes its rename fail, whoever runs this.
        await mkdir(path.join(directory, "summary.json", "occupied"), { recursive: true });
        await assert.rejects(writeReports(sampleRun(), directory));
        assert.deepEqual(
            (await readdir(directory)).filter((name) => name.endsWith(".part")),
            [],
        );
    });

    it("writes nothing at all when a report cannot be made", async () => {
        const broken = { ...sampleRun(), log: null } as unknown as RunResult;
        await assert.rejects(writeReports(broken, path.join(directory, "never")));
        assert.deepEqual(await readdir(directory), []);
    });

    it("keeps structure in resources.json: URNs, unknown values, sources; no secret, no machine path", () => {
        const stack = new StackBuilder();
        const key = stack.add("aws:kms/key:Key", "key", {
            source: { file: "/home/ci/project/infra/keys.ts", line: 7 },
        });
        stack.add("aws:ssm/parameter:Parameter", "password", {
            inputs: { value: secret("Hx7ZpQ2mW9sK4tLr"), type: "SecureString", keyId: unknown },
            refers: { keyId: [key] },
            source: { file: "/opt/elsewhere.ts", line: 1 },
        });
        const written = JSON.parse(resourcesJson(stack.run(), { projectDirectory: "/home/ci/project" })) as {
            notice: string;
            resources: Record<string, unknown>[];
        };
        assert.equal(written.notice, "offline simulation, not AWS");
        const [first, second] = written.resources;
        assert.deepEqual(first?.["source"], { file: "infra/keys.ts", line: 7 });
        assert.equal(second?.["source"], undefined);
        assert.deepEqual(second?.["inputs"], {
            keyId: { $unknown: true },
            type: "SecureString",
            value: { $secret: "[secret]" },
        });
        assert.deepEqual(second?.["propertyDependencies"], { keyId: [key.urn] });
    });

    it("writes the same whatever the order of resources, findings, rules, keys and dependencies", () => {
        const stack = sampleStack(["demo", "shop"]);
        const { policy } = findingsRun();
        assert.ok(policy);
        const expected = reportFiles(stack.run({ policy }));
        const all = <T>(list: T[]): fc.Arbitrary<T[]> =>
            fc.shuffledSubarray(list, { minLength: list.length });
        fc.assert(
            fc.property(
                all(stack.resources),
                all(policy.diagnostics),
                all(policy.policies),
                (resources, found, policies) => {
                    const reversed = resources.map((resource) => ({
                        ...resource,
                        inputs: Object.fromEntries(Object.entries(resource.inputs).reverse()),
                        dependencies: [...resource.dependencies].reverse(),
                        propertyDependencies: Object.fromEntries(
                            Object.entries(resource.propertyDependencies).reverse(),
                        ),
                    }));
                    const run = stack.run({
                        resources: reversed,
                        policy: { ...policy, diagnostics: found, policies },
                    });
                    assert.deepEqual(reportFiles(run), expected);
                },
            ),
            { numRuns: 8 },
        );
    });

    it("makes documents that parse, whatever the names are", () => {
        for (const name of hostileNames) {
            const stack = sampleStack([name]);
            const files = reportFiles(stack.run({ project: name, stack: name }));
            for (const [file, text] of Object.entries(files)) {
                assert.doesNotThrow(
                    () =>
                        /\.(svg|xml)$/.test(file)
                            ? readXml(text)
                            : /\.(json|sarif)$/.test(file) && (JSON.parse(text) as unknown),
                    file,
                );
            }
        }
    });
});
