import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { useRealTool } from "../tools/testing/realTool";
import { gitleaksConfiguration, type SecretSettings } from "./gitleaksConfiguration";
import { madeUpToken, SampleRepository } from "./testing/sampleRepository";
import { useScratchFolder } from "./testing/scratchFolder";
import { gitleaksTool } from "./testing/verifyTools";

const reason = "a token of the public sandbox";

describe("gitleaks configuration", () => {
    it("extends gitleaks' own rules, and nothing else by itself", () => {
        assert.equal(
            gitleaksConfiguration({ extraRules: [], allowed: [] }),
            'title = "secret rules of the delivery pipeline"\n\n[extend]\nuseDefault = true\n',
        );
    });

    it("escapes what TOML demands", () => {
        const text = gitleaksConfiguration({
            extraRules: [
                { id: "x", description: 'a "b" \\ \n\u007f\u0000 ü', regex: "\"\"\"\\d'''", entropy: 3 },
            ],
            allowed: [{ reason, stopwords: ["sandbox"], paths: ["^docs/"] }],
        });
        assert.deepEqual(text.split("\n").slice(5), [
            "[[rules]]",
            'id = "x"',
            'description = "a \\"b\\" \\\\ \\n\\u007f\\u0000 ü"',
            'regex = "\\"\\"\\"\\\\d\'\'\'"',
            "entropy = 3.0",
            "",
            "[[allowlists]]",
            `description = "${reason}"`,
            'condition = "AND"',
            'paths = ["^docs/"]',
            'stopwords = ["sandbox"]',
            "",
        ]);
    });

    it("refuses exceptions without a reason or a bound, and rules that gitleaks would refuse", () => {
        const refused = (settings: Partial<SecretSettings>, pattern: RegExp) =>
            assert.throws(() => gitleaksConfiguration({ extraRules: [], allowed: [], ...settings }), {
                name: "RangeError",
                message: pattern,
            });
        refused(
            { allowed: [{ reason: "because", paths: ["^x$"] }] },
            /allowed\[0\]: the reason has less than 20/,
        );
        refused({ allowed: [{ reason }] }, /allowed\[0\]: none of paths/);
        refused({ allowed: [{ reason, paths: [] }] }, /none of paths/);
        for (const pattern of ["", ".*", "a?", "(?i)x*", "|a", "^"])
            refused({ allowed: [{ reason, paths: [pattern] }] }, /allows everything/);
        refused({ allowed: [{ reason, commits: ["abc"] }] }, /not the full id of a commit/);
        refused({ allowed: [{ reason, stopwords: ["ab"] }] }, /less than 3 characters/);
        const rule = { id: "x", description: "", regex: "x" };
        refused({ extraRules: [rule, rule] }, /x stands twice/);
        refused({ extraRules: [{ ...rule, id: 'x"\n[allowlist]' }] }, /is not an id/);
        refused({ extraRules: [{ ...rule, regex: "" }] }, /has no regex/);
        refused({ extraRules: [{ ...rule, entropy: 9 }] }, /entropy of x/);
        refused({ extraRules: [{ ...rule, secretGroup: 0.5 }] }, /secretGroup of x/);
        refused({ extraRules: [{ ...rule, description: "\ud800" }] }, /surrogate/);
    });

    describe("read by the real gitleaks", () => {
        const gitleaks = useRealTool(gitleaksTool);
        const at = useScratchFolder();
        const found = (settings: SecretSettings): string[] => {
            writeFileSync(at("rules.toml"), gitleaksConfiguration(settings));
            const options = [
                "--config",
                at("rules.toml"),
                "--no-banner",
                "--report-format",
                "json",
                "--report-path",
                "-",
            ];
            const { stdout, stderr, status } = spawnSync(
                gitleaks(),
                ["git", "files", ...options, "--exit-code", "9"],
                {
                    cwd: at(),
                    encoding: "utf8",
                },
            );
            assert.ok(status === 0 || status === 9, stderr);
            const list = JSON.parse(stdout) as { File: string; RuleID: string }[];
            return list.map(({ File, RuleID }) => `${File} ${RuleID}`).sort();
        };
        // In a repository, as the gate does it: over folders, gitleaks passes over a path whatever else is demanded.
        beforeEach(() => {
            new SampleRepository(at("files")).commit({
                "a.txt": `token = ${madeUpToken("one")}\n`,
                "b.txt": `token = ${madeUpToken("two")} and "in\\house"-0123456789\n`,
            });
        });

        it("means what it says", () => {
            const extraRules = [
                {
                    id: "in-house",
                    description: 'of the "house"',
                    regex: '"in\\\\house"-(\\d{10})',
                    keywords: ["in\\house"],
                    secretGroup: 1,
                    entropy: 1,
                },
            ];
            const own = ["a.txt github-pat", "b.txt github-pat"];
            assert.deepEqual(found({ extraRules: [], allowed: [] }), own);
            assert.deepEqual(found({ extraRules, allowed: [] }), [...own, "b.txt in-house"].sort());
            const paths = ["^b\\.txt$"];
            assert.deepEqual(found({ extraRules, allowed: [{ reason, paths }] }), own.slice(0, 1));
            // All criteria of an exception must hold.
            const other = madeUpToken("one").slice(0, 12);
            assert.deepEqual(
                found({ extraRules: [], allowed: [{ reason, paths, regexes: [`^${other}`] }] }),
                own,
            );
            assert.deepEqual(
                found({ extraRules: [], allowed: [{ reason, regexes: [`^${other}`] }] }),
                own.slice(1),
            );
        });
    });
});
