import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadEvidence } from "../evidence/evidence";
import { DirectoryEvidenceStore } from "../evidence/directoryStore";
import { verifyPlace } from "../evidence/evidencePlace";
import { writeFakeTool } from "../verify/testing/fakeTool";
import { writeFakeGitleaks } from "../verify/testing/fakeScanners";
import { PipelineServer } from "../verify/testing/pipelineServer";
import { madeUpToken, SampleRepository } from "../verify/testing/sampleRepository";
import { useScratchFolder } from "../verify/testing/scratchFolder";
import type { Command } from "./command";
import { lintCommand } from "./lint";
import { readOptions } from "./options";
import { secretsCommand } from "./secrets";

const commit = "0123456789abcdef0123456789abcdef01234567";
const warning =
    '{"code":"DL3007","column":1,"file":"Dockerfile","level":"warning","line":1,"message":"evil\\n\\u001b[2JPASS: fine"}';

describe("commands of the Verify stage", () => {
    const at = useScratchFolder();
    const run = async (command: Command, args: string[], environment: Record<string, string> = {}) => {
        const out: string[] = [];
        const err: string[] = [];
        const code = await command.run(readOptions(command.options, args, environment), {
            environment,
            now: () => new Date("2026-01-01T00:00:00Z"),
            print: (line) => out.push(line),
            complain: (line) => err.push(line),
            colours: false,
        });
        return { code, out, err };
    };
    const usage = (command: Command, args: string[], message: RegExp) =>
        assert.rejects(run(command, args), { name: "UsageError", message });
    const check = (): Record<string, unknown> =>
        JSON.parse(readFileSync(at("out", "check.json"), "utf8")) as Record<string, unknown>;

    describe("gate lint", () => {
        const args = () => [
            ...["--dockerfile", "Dockerfile", "--repository", at("repository"), "--rules", at("rules.yaml")],
            ...["--threshold", "warning", "--hadolint", at("hadolint"), "--out", at("out")],
        ];
        const evidence = () => [
            ...[
                "--evidence",
                at("store"),
                "--application",
                "demo",
                "--execution",
                "run-1",
                "--commit",
                commit,
            ],
        ];
        const answer = (list: string, code: number) =>
            writeFakeTool(
                at("hadolint"),
                `if (args[0] === "--version") console.log("Haskell Dockerfile Linter 9.9.9");
                else { process.stdout.write(${JSON.stringify(list)}); process.exitCode = ${code}; }`,
            );
        beforeEach(() => {
            mkdirSync(at("repository"));
            writeFileSync(at("repository", "Dockerfile"), "FROM debian:13\n");
            writeFileSync(at("rules.yaml"), "ignored: []\n");
        });

        it("exits 0, 1 or 2, and writes what it judged", async () => {
            for (const [list, code, expected, outcome] of [
                ["[]", 0, 0, "pass"],
                [`[${warning}]`, 1, 1, "fail"],
                ["[", 1, 2, "incomplete"],
            ] as const) {
                answer(list, code);
                const ending = await run(lintCommand, args());
                assert.deepEqual([ending.code, ending.err, check()["outcome"]], [expected, [], outcome]);
                assert.equal(readFileSync(at("out", "raw.json"), "utf8"), list);
            }
        });

        it("prints the outcome and the findings, of which none can forge a line", async () => {
            answer(`[${warning}]`, 1);
            const { out } = await run(lintCommand, [...args(), "--commit", commit]);
            assert.deepEqual(out, [
                `FAIL: Dockerfile of ${commit} (hadolint: 0 error, 1 warning, 0 info, 0 style; fails from warning)`,
                "  warning  Dockerfile:1  DL3007: evil [2JPASS: fine",
            ]);
        });

        it("stores evidence of the commit, once", async () => {
            answer("[]", 0);
            assert.equal((await run(lintCommand, [...args(), ...evidence()])).code, 0);
            const place = verifyPlace({ application: "demo", commit, tool: "hadolint", execution: "run-1" });
            const stored = await loadEvidence(new DirectoryEvidenceStore(at("store")), place);
            assert.ok(stored !== null && !("unreadable" in stored));
            assert.deepEqual(JSON.parse(Buffer.from(stored.report).toString()), check());
            assert.deepEqual(stored.raw, check()["raw"]);
            answer(`[${warning}]`, 1);
            const second = await run(lintCommand, [...args(), ...evidence()]);
            assert.deepEqual([second.code, second.err.length], [2, 1]);
            assert.match(second.err[0] ?? "", /^gate: evidence .* exists with other content/);
        });

        it("lists a report made elsewhere, which never passes and is no evidence", async () => {
            mkdirSync(at("out"));
            writeFileSync(at("out", "raw.json"), "of an earlier check");
            writeFileSync(at("report.json"), "[]");
            const own = ["--report", at("report.json"), "--threshold", "info", "--out", at("out")];
            assert.equal((await run(lintCommand, own)).code, 2);
            writeFileSync(at("report.json"), `[${warning}]`);
            assert.equal((await run(lintCommand, own)).code, 2);
            assert.deepEqual([check()["counted"], existsSync(at("out", "raw.json"))], [1, false]);
            await usage(lintCommand, [...own, ...evidence()], /--report is no evidence/);
        });

        it("refuses wrong options before anything is run", async () => {
            await usage(lintCommand, [], /--dockerfile \(or GATE_DOCKERFILE\) is missing/);
            await usage(
                lintCommand,
                [...args(), "--commit", "main"],
                /"main" is not the full id of a commit/,
            );
            await usage(lintCommand, [...args(), "--timeout", "0"], /--timeout "0" is not/);
            await usage(lintCommand, [...args(), ...evidence().slice(0, -2)], /--evidence needs --commit/);
            const other = args().map((each) => (each === "warning" ? "none" : each));
            await usage(lintCommand, other, /--threshold "none" is none of error, warning, info, style/);
            assert.equal(existsSync(at("out")), false);
        });
    });

    describe("gate secrets", () => {
        const token = madeUpToken("command");
        let base: string;
        let head: string;
        let sample: SampleRepository;
        const args = (...more: string[]) => [
            ...[
                "--repository",
                at("repository"),
                "--head",
                head,
                "--tool",
                "gitleaks",
                "--tool-path",
                at("gitleaks"),
            ],
            ...["--rules", at("rules.toml"), "--out", at("out"), ...more],
        ];
        beforeEach(() => {
            sample = new SampleRepository(at("repository"));
            base = sample.commit({ a: "1\n" });
            head = sample.commit({ b: "2\n" });
            writeFakeGitleaks(at("gitleaks"));
            writeFileSync(at("rules.toml"), "# tokens\n");
        });

        it("exits 0 for commits without secrets, 1 for others and 2 when it cannot tell; prints no secret", async () => {
            assert.equal((await run(secretsCommand, args("--base", base))).code, 0);
            head = sample.commit({ "a.env": `${token}\n` }, `subject ${token}`);
            const { code, out } = await run(secretsCommand, args("--base", base));
            assert.deepEqual(
                [code, out],
                [
                    1,
                    [
                        `FAIL: 2 commits from ${base} to ${head} (gitleaks: 2 secrets)`,
                        `  error    a.env:1 in ${head.slice(0, 12)}  token: a made-up token`,
                        `  error    commit message in ${head.slice(0, 12)}  token: a made-up token ` +
                            "(in the commit's message, author or committer)",
                    ],
                ],
            );
            for (const file of ["check.json", "raw.json"])
                assert.equal(readFileSync(at("out", file), "utf8").includes(token), false, file);
            assert.equal((await run(secretsCommand, args("--base", "0".repeat(40)))).code, 2);
        });

        it("looks, in a pull request, at what the destination does not have", async () => {
            const range = () =>
                (check()["subject"] as { range: { base: string | null; commits: number } }).range;
            const moved = sample.git(
                "commit-tree",
                `${base}^{tree}`,
                "-p",
                base,
                "-m",
                "the destination moves on",
            );
            assert.equal((await run(secretsCommand, args("--destination", moved))).code, 0);
            assert.deepEqual(range(), { base: moved, head, commits: 1 });
            // The sample was cloned from nowhere: then everything is looked at.
            assert.equal((await run(secretsCommand, args("--destination-branch", "main"))).code, 0);
            assert.deepEqual(range(), { base: null, head, commits: 2 });
            sample.git("update-ref", "refs/remotes/origin/main", moved);
            assert.equal((await run(secretsCommand, args("--destination-branch", "main"))).code, 0);
            assert.deepEqual(range(), { base: moved, head, commits: 1 });
        });

        it("asks the pipeline where the range begins", async () => {
            const server = await PipelineServer.start();
            const before = { ...process.env };
            Object.assign(process.env, {
                AWS_ENDPOINT_URL: server.url,
                AWS_REGION: "eu-central-1",
                AWS_ACCESS_KEY_ID: "example",
                AWS_SECRET_ACCESS_KEY: "example",
            });
            try {
                const source = {
                    execution: "run-1",
                    stage: "Source",
                    action: "Source",
                    variables: { CommitId: base },
                };
                server.executions = [{ execution: "run-1" }, source];
                assert.equal((await run(secretsCommand, args("--pipeline", "demo"))).code, 0);
                assert.deepEqual(check()["subject"], { commit: head, range: { base, head, commits: 1 } });
                server.failure = "AccessDeniedException";
                const { code, out } = await run(secretsCommand, args("--pipeline", "demo"));
                assert.equal(code, 2);
                assert.match(
                    out[1] ?? "",
                    /^ {2}incomplete {2}the executions of pipeline demo cannot be listed/,
                );
            } finally {
                process.env = before;
                await server.stop();
            }
        });

        it("stores evidence of the head", async () => {
            const place = ["--evidence", at("store"), "--application", "demo", "--execution", "run-1"];
            assert.equal((await run(secretsCommand, args("--base", base, ...place))).code, 0);
            const about = verifyPlace({
                application: "demo",
                commit: head,
                tool: "gitleaks",
                execution: "run-1",
            });
            const stored = await loadEvidence(new DirectoryEvidenceStore(at("store")), about);
            assert.ok(stored !== null && !("unreadable" in stored));
        });

        it("lists a report made elsewhere, which never passes", async () => {
            writeFileSync(at("report.json"), "");
            const own = ["--report", at("report.json"), "--tool", "trufflehog", "--out", at("out")];
            assert.equal((await run(secretsCommand, own)).code, 2);
        });

        it("refuses wrong options before anything is run", async () => {
            await usage(
                secretsCommand,
                args(),
                /give one of --base COMMIT, --pipeline NAME, --destination COMMIT and --destination-branch NAME/,
            );
            await usage(secretsCommand, args("--base", base, "--pipeline", "x"), /give one of/);
            for (const first of ["--base", "--destination"])
                await usage(secretsCommand, args(first, base, "--destination-branch", "main"), /give one of/);
            await usage(
                secretsCommand,
                args("--destination", "main"),
                /--destination "main" is not the full id of a commit/,
            );
            await usage(
                secretsCommand,
                args("--base", "HEAD~1"),
                /--base "HEAD~1" is not the full id of a commit/,
            );
            const all = args("--base", base);
            const without = (name: string) =>
                all.filter((_, at_) => all[at_] !== name && all[at_ - 1] !== name);
            await usage(secretsCommand, without("--head"), /--head \(or GATE_HEAD\) is missing/);
            await usage(secretsCommand, without("--rules"), /--rules \(or GATE_RULES\) is missing/);
            await usage(
                secretsCommand,
                [...without("--tool"), "--tool", "grep"],
                /"grep" is none of gitleaks, trufflehog/,
            );
            assert.equal(existsSync(at("out")), false);
        });
    });
});
