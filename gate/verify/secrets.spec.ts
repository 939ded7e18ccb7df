import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useRealTool } from "../tools/testing/realTool";
import { checkReportSchema, serializeCheckReport } from "./checkReport";
import { gitleaksConfiguration } from "./gitleaksConfiguration";
import { CheckError } from "./gitRepository";
import type { CheckOutcome } from "./lint";
import { secrets, type SecretsRequest, type SecretTool } from "./secrets";
import { writeFakeGitleaks, writeFakeTrufflehog } from "./testing/fakeScanners";
import { madeUpToken, SampleRepository } from "./testing/sampleRepository";
import { useScratchFolder } from "./testing/scratchFolder";
import { gitleaksTool, trufflehogTool } from "./testing/verifyTools";

const token = madeUpToken("planted");

describe("secret scan", () => {
    const at = useScratchFolder();
    let sample: SampleRepository;
    let base: string;
    let head: string;
    const template = mkdtempSync(join(tmpdir(), "gate-template-"));
    let commits: string[] = [];
    before(() => {
        const made = new SampleRepository(template);
        commits = [
            made.commit({ "app.ts": "one\n" }),
            made.commit({ "app.ts": "two\n", "data.bin": Buffer.from([0, 1, 2, 255, 10]) }),
            made.commit({ "a.env": `token = ${token}\n` }),
        ];
    });
    after(() => rmSync(template, { recursive: true }));
    beforeEach(() => {
        cpSync(template, at("repository"), { recursive: true });
        sample = new SampleRepository(at("repository"), commits.length);
        [base = "", head = ""] = commits;
        sample.git("reset", "--quiet", "--hard", head);
        writeFileSync(at("rules.toml"), "# tokens\n");
    });
    const scan = async (
        tool: SecretTool,
        program: string,
        more: Partial<SecretsRequest> = {},
    ): Promise<CheckOutcome> => {
        const outcome = await secrets({
            repository: at("repository"),
            head,
            base: () => Promise.resolve({ from: "caller", commit: base }),
            tool,
            program,
            rules: tool === "gitleaks" ? at("rules.toml") : null,
            timeoutSeconds: 60,
            now: () => new Date("2026-01-01T00:00:00Z"),
            ...more,
        });
        assert.deepEqual(checkReportSchema.parse(outcome.report), outcome.report);
        const everything = `${serializeCheckReport(outcome.report)}${Buffer.from(outcome.raw ?? "").toString("latin1")}`;
        for (const secret of [token, token.slice(6, 30), Buffer.from(token).toString("base64")])
            assert.equal(everything.includes(secret), false, "the secret stands in the answer");
        return outcome;
    };
    const short = ({ report }: CheckOutcome): string[] => [
        report.outcome,
        ...report.findings.map(({ file, line, commit }) => `${file}:${line} ${commit ?? "-"}`).sort(),
        ...report.incompleteReasons,
    ];

    /** What every scanner has to do in the hands of the gate. */
    const finds = (tool: SecretTool, program: () => string): void => {
        it("passes commits without secrets, and says which they were", async () => {
            const outcome = await scan(tool, program());
            assert.deepEqual(short(outcome), ["pass"]);
            assert.deepEqual(outcome.report.subject, { commit: head, range: { base, head, commits: 1 } });
            assert.equal(Buffer.from(outcome.raw ?? "").toString(), "[]\n");
        });

        it("finds a secret that a later commit takes away again, with its place", async () => {
            const bad = sample.commit({ "config/a.env": `one\ntoken = ${token}\n` });
            head = sample.commit({ "config/a.env": "one\n" });
            assert.deepEqual(short(await scan(tool, program())), ["fail", `config/a.env:2 ${bad}`]);
        });

        it("looks at nothing before the base", async () => {
            base = sample.commit({ "a.env": `token = ${token}\n` });
            head = sample.commit({ "b.env": "nothing\n" });
            assert.deepEqual(short(await scan(tool, program())), ["pass"]);
            const whole = await scan(tool, program(), {
                base: async () => ({ from: "pipeline", commit: null }),
            });
            assert.deepEqual(short(whole), ["fail", `a.env:1 ${base}`]);
            assert.equal(whole.report.subject.range?.commits, 4);
        });

        it("looks at the head again when nothing was pushed", async () => {
            base = head = sample.commit({ "a.env": `token = ${token}\n` });
            const again = await scan(tool, program());
            assert.deepEqual(short(again), ["fail", `a.env:1 ${head}`]);
            assert.deepEqual(again.report.notes, [
                `nothing was pushed since ${head} was scanned; that commit is scanned again`,
            ]);
        });

        it("finds what was put into a merge itself, and what is older than the base on a merged branch", async () => {
            sample.git("checkout", "--quiet", "-b", "branch", base);
            const old = sample.commit({ "branch.env": `token = ${token}\n` });
            const last = sample.commit({ "branch.env": "gone\n" });
            sample.git("checkout", "--quiet", "main");
            base = sample.commit({ "app.ts": "three\n" });
            head = sample.merge("branch", { "merge.env": `token = ${token}\n` });
            assert.notEqual(last, old);
            assert.deepEqual(short(await scan(tool, program())), [
                "fail",
                `branch.env:1 ${old}`,
                `merge.env:1 ${head}`,
            ]);
        });

        it("finds what attributes, a zero byte, a link, a strange name or a missing line feed would hide", async () => {
            sample.write(".gitattributes", "* -diff\n");
            head = sample.commit({
                "hidden.env": `token = ${token}\n`,
                "zero.dat": `token = ${token}\n\0`,
                "no line feed": `token = ${token}`,
                'quo"te\t.env': `token = ${token}\r\n`,
                "diff --git": `+++ b/x\n@@ -1 +1 @@\ntoken = ${token}\n`,
            });
            const files = short(await scan(tool, program())).slice(1);
            assert.deepEqual(files.length, 5, files.join("\n"));
        });

        it("finds a secret in a commit message", async () => {
            head = sample.commit({ "a.env": "x\n" }, `subject\n\ntoken = ${token}`);
            sample.commit({ "b.env": "x\n" });
            assert.deepEqual(short(await scan(tool, program())), ["fail", `:0 ${head}`]);
        });

        it("passes commits that add nothing, having looked", async () => {
            sample.commit({ "data.bin": null });
            head = sample.commit({}, "empty");
            assert.deepEqual(short(await scan(tool, program(), {})), ["pass"]);
            base = sample.git("rev-parse", "HEAD~2");
            const outcome = await scan(tool, program());
            assert.deepEqual([outcome.report.outcome, outcome.report.subject.range?.commits], ["pass", 2]);
        });

        it("takes nothing that the application says about what is looked at", async () => {
            head = sample.commit({
                "a.env": `token = ${token} # gitleaks:allow trufflehog:ignore\n`,
                ".gitleaks.toml": 'title = "mine"\n[allowlist]\npaths = [".*"]\n',
                ".trufflehogignore": "a.env\n",
            });
            sample.write(
                ".gitleaksignore",
                `${head}:a.env:github-pat:1\n${head}:a.env:token:1\na.env:github-pat:1\n`,
            );
            sample.git("config", "core.fsmonitor", `touch ${at("started")}`);
            sample.git("config", "diff.external", `touch ${at("started")}`);
            sample.git("config", "log.showSignature", "true");
            process.env["GIT_DIR"] = at("nowhere");
            process.env["GITLEAKS_CONFIG"] = at("nowhere");
            try {
                assert.deepEqual(short(await scan(tool, program())), ["fail", `a.env:1 ${head}`]);
            } finally {
                delete process.env["GIT_DIR"];
                delete process.env["GITLEAKS_CONFIG"];
            }
            assert.equal(readdirSync(at()).includes("started"), false);
        });

        it("leaves nothing behind", async () => {
            const before = readdirSync(tmpdir()).filter((name) => name.startsWith("gate-secrets-"));
            await scan(tool, program());
            const after = readdirSync(tmpdir()).filter((name) => name.startsWith("gate-secrets-"));
            assert.deepEqual(
                after.filter((name) => !before.includes(name)),
                [],
            );
        });

        it("is incomplete without a base, a head or a program", async () => {
            const none = await scan(tool, program(), {
                base: () => Promise.reject(new CheckError("nobody knows")),
            });
            assert.deepEqual(short(none), ["incomplete", "nobody knows"]);
            assert.deepEqual([none.raw, none.report.subject.range], [null, undefined]);
            const absent = await scan(tool, program(), { head: "0".repeat(40) });
            assert.match(absent.report.incompleteReasons.join(), /^commit 0{40} is not in/);
            const nothing = await scan(tool, at("nowhere"));
            assert.match(
                nothing.report.incompleteReasons.join(),
                /^\w+ cannot be run: cannot be run \(spawn .*ENOENT\)$/,
            );
        });
    };

    describe("with the real gitleaks", () => {
        const program = useRealTool(gitleaksTool);
        beforeEach(() =>
            writeFileSync(at("rules.toml"), gitleaksConfiguration({ extraRules: [], allowed: [] })),
        );
        finds("gitleaks", program);

        it("is not run with rules that find nothing, or that it cannot read", async () => {
            for (const [rules, reason] of [
                ['title = "no rules"\n', /finds no planted AWS key, GitHub token or private key; extend/],
                ["[extend]\nuseDefaults = true\n", /finds no planted/],
                ['[extend]\nuseDefault = true\n[allowlist]\nregexes = [".*"]\n', /finds no planted/],
                ["title = [\n", /^gitleaks cannot use the rules .*: .*FTL unable to load gitleaks config/],
            ] as const) {
                writeFileSync(at("rules.toml"), rules);
                const { report } = await scan("gitleaks", program());
                assert.equal(report.outcome, "incomplete");
                assert.match(report.incompleteReasons.join(), reason);
            }
        });
    });

    describe("with the real trufflehog", () => finds("trufflehog", useRealTool(trufflehogTool)));

    describe("with a gitleaks that works", () => finds("gitleaks", () => writeFakeGitleaks(at("gitleaks"))));

    describe("with a trufflehog that works", () =>
        finds("trufflehog", () => writeFakeTrufflehog(at("trufflehog"))));

    describe("with a gitleaks that has not looked", () => {
        for (const [name, sabotage, reason] of [
            [
                "exits 0 with an empty list and no commit",
                "list = []; log.commits = 0; log.bytes = 0; log.leaks = 0; code = 0",
                /looked at 0 commits, but 2 in the range/,
            ],
            [
                "does not say how much it saw",
                "list = []; log.commits = log.bytes = null; log.leaks = 0; code = 0",
                /looked at no commits/,
            ],
            ["left out a commit", "log.commits -= 1", /looked at 1 commits, but 2/],
            ["left out a file", "log.bytes -= 30", /bytes, but \d+ were added; it did not see all/],
            ["hides its findings", "list = []", /speaks of 1 findings, but lists 0/],
            ["exits 0 with findings", "code = 0", /exited 0 and speaks of 1 findings, but lists 1/],
            ["exits 1 with findings", "code = 1", /exited 1 and speaks/],
            [
                "exits with findings and no list",
                "list = []; log.leaks = 0",
                /exited 183 and speaks of 0 findings, but lists 0/,
            ],
            ["writes nothing", 'text = ""', /gitleaks wrote nothing/],
            ["writes half a list", "text = JSON.stringify(list).slice(0, 99)", /not JSON, or cut off/],
            ["writes null", 'text = "null"', /not a list of findings/],
            [
                "logs an error",
                'lines.push("ERR [git] fatal: bad object")',
                /complains: \[git\] fatal: bad object/,
            ],
            ["scanned partly", 'lines.push("WRN partial scan completed in 1ms")', /complains: partial scan/],
            [
                "speaks of another commit",
                'list[0].Commit = "f".repeat(40)',
                /found something in f{40}, which is not in the range/,
            ],
            ["is ended", "process.kill(process.pid, 'SIGTERM'); for (;;);", /^gitleaks was ended by SIGTERM/],
        ] as const) {
            it(`is incomplete when it ${name}`, async () => {
                head = commits[2] ?? "";
                const program = writeFakeGitleaks(at("gitleaks"), `if (source === "git") { ${sabotage} }`);
                const { report } = await scan("gitleaks", program);
                assert.equal(report.outcome, "incomplete");
                assert.match(report.incompleteReasons.join("; "), reason);
            });
        }

        it("is incomplete when it does not read all commit messages", async () => {
            const sabotage = 'if (source === "stdin" && log.bytes < 300) log.bytes -= 1';
            const { report } = await scan("gitleaks", writeFakeGitleaks(at("gitleaks"), sabotage));
            assert.match(
                report.incompleteReasons.join(),
                /looked at \d+ bytes of commit messages, but there are \d+$/,
            );
        });

        it("is incomplete when it finds nothing of what was planted", async () => {
            writeFileSync(at("rules.toml"), "# nothing\n");
            const { report } = await scan("gitleaks", writeFakeGitleaks(at("gitleaks")));
            assert.match(report.incompleteReasons.join(), /finds no planted/);
            const absent = await scan("gitleaks", writeFakeGitleaks(at("gitleaks")), { rules: at("absent") });
            assert.match(absent.report.incompleteReasons.join(), /^the secret rules .*absent cannot be read/);
        });
    });

    describe("with a trufflehog that has not looked", () => {
        for (const [name, sabotage, reason] of [
            [
                "exits 0 with nothing",
                "results = []; logs = []; finish.msg = 'x'; code = 0",
                /exited 0, not 183/,
            ],
            [
                "stops before the last file",
                "results = results.filter(({ SourceMetadata: { Data } }) => !Data.Filesystem.file.includes('~')); finish.unverified_secrets = results.length",
                /did not find the secrets planted in ~canary-last/,
            ],
            ["does not finish", "finish.msg = 'stopped'", /does not say that it finished/],
            ["loses a result", "results.pop()", /counts \d+ results, but lists/],
            [
                "logs an error",
                'logs.push({ ...entry, level: "error", msg: "encountered errors during scan" })',
                /complains: encountered errors/,
            ],
            [
                "speaks of another file",
                'results[0].SourceMetadata.Data.Filesystem.file = "/etc/passwd"',
                /a file that was not given to it \(\/etc\/passwd\)/,
            ],
            [
                "writes half a line",
                "text = results.map((each) => JSON.stringify(each)).join('\\n').slice(0, -20)",
                /lines of another format/,
            ],
        ] as const) {
            it(`is incomplete when it ${name}`, async () => {
                head = commits[2] ?? "";
                const { report } = await scan("trufflehog", writeFakeTrufflehog(at("trufflehog"), sabotage));
                assert.equal(report.outcome, "incomplete");
                assert.match(report.incompleteReasons.join("; "), reason);
            });
        }
    });
});
