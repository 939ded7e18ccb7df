import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { useRealTool } from "../gate/tools/testing/realTool";
import { hadolintConfiguration } from "../gate/verify/hadolintConfiguration";
import { lint } from "../gate/verify/lint";
import { useScratchFolder } from "../gate/verify/testing/scratchFolder";
import { hadolintTool } from "../gate/verify/testing/verifyTools";
import { writeFile } from "node:fs/promises";

const root = join(__dirname, "..");
const text = (...path: string[]): string => readFileSync(join(root, ...path), "utf8");
const walkthrough = text("docs", "walkthrough.md");

/** Rules of the stack that the walk-through uses. */
function lintRules(stack: string): string {
    const { config } = parse(text(`Pulumi.${stack}.yaml`)) as { config: Record<string, never> };
    const { lint: settings = {} } = (config["portcullis:verify"] ?? {}) as { lint?: object };
    return hadolintConfiguration({
        threshold: "warning",
        trustedRegistries: [],
        ignored: [],
        ...settings,
    });
}

describe("walk-through", () => {
    const at = useScratchFolder();

    describe("with the real hadolint and the rules of the dev stack", () => {
        const hadolint = useRealTool(hadolintTool);
        const findings = async (variant: string): Promise<string[]> => {
            await writeFile(at("rules.yaml"), lintRules("dev"));
            const { report } = await lint({
                repository: join(root, "examples", variant),
                dockerfile: "Dockerfile",
                commit: "0123456789abcdef0123456789abcdef01234567",
                rules: at("rules.yaml"),
                threshold: "warning",
                hadolint: hadolint(),
                timeoutSeconds: 60,
                now: () => new Date("2026-01-01T00:00:00Z"),
            });
            return [
                report.outcome,
                ...report.findings.map(({ rule, line, level }) => `${line} ${rule} ${level}`).sort(),
            ];
        };

        it("finds in the vulnerable variant the three things that the text lists", async () => {
            const [outcome, ...found] = await findings("vulnerable");
            assert.equal(outcome, "fail");
            assert.deepEqual(found, [
                "2 DL3007 warning",
                "2 DL3026 error",
                "8 DL3002 warning",
                "8 DL3066 info",
            ]);
            for (const rule of ["DL3026", "DL3002", "DL3007"])
                assert.match(walkthrough, new RegExp(`\\b${rule}\\b`));
        });

        it("finds nothing in the clean variant", async () => {
            assert.deepEqual(await findings("app"), ["pass"]);
        });
    });

    it("has the vulnerable package in one variant, and its fixed version in the other", () => {
        const versions = ["vulnerable", "app"].map((variant) => {
            const { dependencies } = JSON.parse(text("examples", variant, "package.json")) as {
                dependencies: Record<string, string>;
            };
            const { packages } = JSON.parse(text("examples", variant, "package-lock.json")) as {
                packages: Record<string, { version: string; resolved?: string }>;
            };
            assert.equal(packages["node_modules/minimist"]?.version, dependencies["minimist"]);
            assert.deepEqual(Object.keys(packages), ["", "node_modules/minimist"]);
            assert.equal(packages["node_modules/minimist"]?.resolved, undefined);
            return dependencies["minimist"];
        });
        assert.deepEqual(versions, ["1.2.5", "1.2.8"]);
        for (const version of versions) assert.ok(walkthrough.includes(`minimist ${version}`));
    });

    it("names every file of the vulnerable variant that differs", () => {
        for (const file of ["Dockerfile", "package.json", "package-lock.json"]) {
            assert.notEqual(text("examples", "vulnerable", file), text("examples", "app", file));
        }
    });
});
