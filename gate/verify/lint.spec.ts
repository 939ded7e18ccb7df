import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { useRealTool } from "../tools/testing/realTool";
import { checkReportSchema, type LintLevel } from "./checkReport";
import { hadolintConfiguration } from "./hadolintConfiguration";
import { lint, type CheckOutcome } from "./lint";
import { writeFakeTool } from "./testing/fakeTool";
import { useScratchFolder } from "./testing/scratchFolder";
import { hadolintTool } from "./testing/verifyTools";

const commit = "0123456789abcdef0123456789abcdef01234567";
const rules = hadolintConfiguration({ threshold: "warning", trustedRegistries: [], ignored: [] });

describe("lint", () => {
    const at = useScratchFolder();
    beforeEach(async () => {
        await mkdir(at("repository"));
        await writeFile(at("rules.yaml"), rules);
    });
    const lintText = async (
        hadolint: string,
        text: string,
        more: { threshold?: LintLevel; rules?: string; timeoutSeconds?: number } = {},
    ): Promise<CheckOutcome> => {
        await writeFile(at("repository", "Dockerfile"), text);
        const outcome = await lint({
            repository: at("repository"),
            dockerfile: "Dockerfile",
            commit,
            rules: at("rules.yaml"),
            threshold: "warning",
            hadolint,
            timeoutSeconds: 60,
            now: () => new Date("2026-01-01T00:00:00Z"),
            ...more,
        });
        assert.deepEqual(checkReportSchema.parse(outcome.report), outcome.report);
        return outcome;
    };
    const short = ({ report }: CheckOutcome): string[] => [
        report.outcome,
        ...report.findings.map(({ rule, line, level }) => `${line} ${rule} ${level}`).sort(),
        ...report.incompleteReasons,
    ];

    describe("with the real hadolint", () => {
        const hadolint = useRealTool(hadolintTool);

        it("passes a Dockerfile without findings", async () => {
            const outcome = await lintText(hadolint(), "FROM debian:13\nUSER 1000\n");
            assert.deepEqual(short(outcome), ["pass"]);
            assert.deepEqual(outcome.report.tool, { name: "hadolint", version: "2.15.1" });
            assert.deepEqual(outcome.report.subject, { commit, file: "Dockerfile" });
            assert.equal(Buffer.from(outcome.raw ?? "").toString(), "[]");
            assert.equal(outcome.report.raw?.bytes, 2);
        });

        it("fails by the threshold, not by whether there is a finding", async () => {
            const text = "FROM debian:latest\nUSER app\n";
            const findings = ["1 DL3007 warning", "2 DL3066 info"];
            assert.deepEqual(short(await lintText(hadolint(), text)), ["fail", ...findings]);
            assert.deepEqual(short(await lintText(hadolint(), text, { threshold: "error" })), [
                "pass",
                ...findings,
            ]);
            const { report } = await lintText(hadolint(), text, { threshold: "style" });
            assert.equal(report.counted, 2);
        });

        it("lets the Dockerfile switch nothing off, and says that it tries", async () => {
            const text = [
                "# hadolint global ignore=DL3007",
                "FROM debian:latest",
                "# hadolint ignore=DL3002",
                "USER root",
                "# hadolint shell=powershell",
                "RUN echo $one",
                "RUN <<EOF",
                "# shellcheck disable=SC2086",
                "echo $two",
                "EOF",
            ].join("\n");
            assert.deepEqual(short(await lintText(hadolint(), text)), [
                "fail",
                "1 pragma warning",
                "2 DL3007 warning",
                "3 pragma warning",
                "4 DL3002 warning",
                "4 DL3066 info",
                "5 pragma warning",
                "6 SC2086 info",
                "7 DL3059 info",
                "7 SC2086 info",
                "8 pragma warning",
            ]);
        });

        it("takes no setting from the application or the environment", async () => {
            const everything = "ignored: [DL3007]\nno-fail: true\n";
            await writeFile(at("repository", ".hadolint.yaml"), everything);
            await writeFile(at(".hadolint.yaml"), everything);
            const before = { ...process.env };
            const here = process.cwd();
            try {
                process.chdir(at());
                Object.assign(process.env, {
                    HADOLINT_IGNORE: "DL3007",
                    HADOLINT_NOFAIL: "1",
                    HADOLINT_OVERRIDE_STYLE: "DL3007",
                    HOME: at(),
                    XDG_CONFIG_HOME: at(),
                });
                assert.deepEqual(short(await lintText(hadolint(), "FROM debian:latest\n")), [
                    "fail",
                    "1 DL3007 warning",
                ]);
            } finally {
                process.chdir(here);
                process.env = before;
            }
        });

        it("obeys the pipeline's own rules", async () => {
            const settings = {
                threshold: "warning",
                trustedRegistries: ["public.ecr.aws"],
                ignored: ["DL3007"],
            } as const;
            await writeFile(at("rules.yaml"), hadolintConfiguration(settings));
            const text = "FROM public.ecr.aws/debian:latest AS one\nFROM docker.io/debian:latest\n";
            assert.deepEqual(short(await lintText(hadolint(), text)), ["fail", "2 DL3026 error"]);
        });

        it("cannot judge a file that hadolint cannot parse, or rules that it does not understand", async () => {
            assert.deepEqual(short(await lintText(hadolint(), "FROM debian:13\nUSR app\n")).slice(0, 2), [
                "incomplete",
                "2 DL1000 error",
            ]);
        });

        it("is not run with rules that it would pass over without a word", async () => {
            for (const text of [
                "failure-threshold: bogus\n",
                "ignore: [DL3007]\n",
                "no-fail: true\n",
                "",
                "- DL3007\n",
                "ignored: [\n",
            ]) {
                await writeFile(at("rules.yaml"), text);
                const [outcome, reason] = short(await lintText(hadolint(), "FROM debian:13\n"));
                assert.equal(outcome, "incomplete", text);
                assert.match(reason ?? "", /^the lint rules .*rules\.yaml are not usable: /);
            }
        });
    });

    describe("with a hadolint that does not do its work", () => {
        const clean = "FROM debian:13\n";
        const answering = (body: string) =>
            writeFakeTool(
                at("hadolint"),
                `if (args[0] === "--version") { console.log("Haskell Dockerfile Linter 9.9.9"); } else { ${body} }`,
            );
        const warning =
            '{"code":"DL3007","column":1,"file":"Dockerfile","level":"warning","line":1,"message":""}';

        it("believes one that answers as the real one does", async () => {
            assert.deepEqual(short(await lintText(answering("process.stdout.write('[]')"), clean)), ["pass"]);
            const found = answering(`process.stdout.write('[${warning}]'); process.exitCode = 1`);
            assert.deepEqual(short(await lintText(found, clean)), ["fail", "1 DL3007 warning"]);
        });

        for (const [name, body, reason] of [
            ["nothing and 0", "", /^hadolint wrote nothing/],
            [
                "nothing and 1",
                "console.error('no such file'); process.exitCode = 1",
                /^hadolint wrote nothing/,
            ],
            [
                "clean and 1",
                "process.stdout.write('[]'); process.exitCode = 1",
                /^hadolint exited 1 although no finding/,
            ],
            ["clean and 127", "process.stdout.write('[]'); process.exitCode = 127", /^hadolint exited 127/],
            [
                "a finding and 0",
                `process.stdout.write('[${warning}]')`,
                /^hadolint exited 0 although a finding/,
            ],
            [
                "half a list",
                `process.stdout.write('[${warning},'); process.exitCode = 1`,
                /not JSON, or cut off/,
            ],
            [
                "another file",
                `process.stdout.write('[${warning.replace("Dockerfile", "x")}]'); process.exitCode = 1`,
                /about another file \(x\)/,
            ],
            [
                "its end by a signal",
                "process.stdout.write('[]'); process.kill(process.pid, 'SIGKILL'); setTimeout(() => 0, 9e3)",
                /^hadolint was ended by SIGKILL/,
            ],
            ["no end", "process.stdout.write('[]'); setTimeout(() => 0, 60e3)", /took more than 2 seconds/],
        ] as const) {
            it(`cannot judge ${name}`, async () => {
                const { report } = await lintText(answering(body), clean, {
                    timeoutSeconds: name === "no end" ? 2 : 60,
                });
                assert.equal(report.outcome, "incomplete");
                assert.match(report.incompleteReasons[0] ?? "", reason);
            });
        }

        it("cannot judge without the program, its rules or the Dockerfile", async () => {
            for (const [program, more, reason] of [
                [at("nowhere"), {}, /^hadolint .*nowhere cannot be run \(spawn .* ENOENT\)$/],
                [at("rules.yaml"), {}, /^hadolint .*rules.yaml cannot be run \(spawn .* EACCES\)$/],
                [
                    answering("process.stdout.write('[]')"),
                    { rules: at("absent") },
                    /^the lint rules .*absent cannot be read/,
                ],
            ] as const) {
                const { report } = await lintText(program, clean, more);
                assert.equal(report.outcome, "incomplete");
                assert.match(report.incompleteReasons[0] ?? "", reason);
            }
            assert.equal(
                (await lintText(answering("process.stdout.write('[]')"), "# empty\n")).report.outcome,
                "incomplete",
            );
        });

        it("cannot judge by another program", async () => {
            const other = writeFakeTool(at("other"), "process.stdout.write('[]')");
            const { report } = await lintText(other, clean);
            assert.deepEqual(report.incompleteReasons, [
                `${other} is not hadolint, by what it says of its version`,
            ]);
        });

        it("hands on neither credentials nor the way to the repository, and leaves nothing behind", async () => {
            const tool = answering(
                `fs.writeFileSync(${JSON.stringify(at("seen.json"))}, JSON.stringify([process.env, process.cwd(), fs.readdirSync(".")])); process.stdout.write('[]')`,
            );
            process.env["AWS_SECRET_ACCESS_KEY"] = "example";
            try {
                await lintText(tool, clean);
            } finally {
                delete process.env["AWS_SECRET_ACCESS_KEY"];
            }
            const [environment, folder, files] = JSON.parse(await readFile(at("seen.json"), "utf8")) as [
                object,
                string,
                string[],
            ];
            assert.deepEqual(Object.keys(environment).sort(), [
                "HOME",
                "LANG",
                "LC_ALL",
                "PATH",
                "XDG_CONFIG_HOME",
            ]);
            assert.deepEqual(files.sort(), ["Dockerfile", "home", "rules.yaml"]);
            await assert.rejects(readdir(folder), { code: "ENOENT" });
        });
    });
});
