import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Scan } from "../commands/scanner";
import { scanReportSchema } from "../report/scanReport";
import { askLacework, type LaceworkQuestion } from "./askLacework";
import { laceworkReport } from "./laceworkReport";
import { runCli } from "./runCli";
import { FakeLacework, type CliReply } from "./testing/fakeLacework";
import { sampleAnswer, sampleDigest, sampleImage, sampleRow } from "./testing/laceworkAnswer";

const now = new Date("2026-03-04T12:00:00Z");
const secret = "_c0ffee11deadbeef";
const version: CliReply = { to: "version --json", out: '{"version": "v1.30.1", "git_sha": "0f1e"}\n' };
const evalGuid = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

describe("asking lacework", () => {
    let fake: FakeLacework;
    before(async () => (fake = await FakeLacework.create()));
    after(() => fake.remove());

    async function ask(replies: CliReply[], more: Partial<LaceworkQuestion> = {}): Promise<Scan> {
        await fake.reply(replies);
        const scan = await askLacework({
            cli: fake.cli,
            registry: "registry.example.org",
            repository: "orders/candidate",
            image: sampleImage,
            digest: sampleDigest,
            timeoutSeconds: 60,
            environment: {
                PATH: process.env["PATH"],
                LW_ACCOUNT: "example",
                LW_API_KEY: "EXAMPLE_55A1",
                LW_API_SECRET: secret,
                LW_PROFILE: "another",
                AWS_SECRET_ACCESS_KEY: "example",
            },
            folder: fake.at("out"),
            now: () => now,
            ...more,
        });
        scanReportSchema.parse(scan.report);
        assert.equal(scan.report.complete, scan.report.incompleteReasons.length === 0);
        return scan;
    }

    const scanPrints = (document: unknown, code = 0): CliReply => ({
        to: "vulnerability container scan registry.example.org orders/candidate sha256:2b7e",
        out: `${JSON.stringify(document, null, 2)}\n`,
        code,
    });
    const searchGives = (document: unknown): CliReply => ({
        to: "api post /api/v2/Vulnerabilities/Containers/search --data ",
        out: `${JSON.stringify(document, null, 2)}\n`,
    });
    const reasonsOf = ({ report }: Scan): string => report.incompleteReasons.join("; ");

    for (const code of [0, 9]) {
        it(`judges all rows of the evaluation when the scan ends with exit code ${code}`, async () => {
            const answer = sampleAnswer([{}, { status: "EXCEPTION", severity: "High" }], now);
            const scan = await ask([version, scanPrints([sampleRow({}, now)], code), searchGives(answer)]);
            assert.deepEqual(
                [scan.report.complete, scan.report.findings.map(({ severity }) => severity)],
                [true, ["critical", "high"]],
            );
            const calls = await fake.calls();
            assert.deepEqual(calls[1]?.args, [
                ...["vulnerability", "container", "scan", "registry.example.org", "orders/candidate"],
                ...[sampleDigest, "--poll", "--json", "--noninteractive", "--nocolor", "--nocache"],
            ]);
            assert.deepEqual(JSON.parse(calls[2]?.args[4] ?? ""), {
                timeFilter: { startTime: "2026-03-03T12:00:00.000Z", endTime: "2026-03-04T12:00:00.000Z" },
                filters: [
                    { expression: "eq", field: "evalCtx.image_info.digest", value: sampleDigest },
                    { expression: "eq", field: "evalGuid", value: evalGuid },
                ],
            });
        });
    }

    it("gives the command its own variables, an empty home and nothing else", async () => {
        await ask([version, scanPrints([]), searchGives(sampleAnswer([], now))]);
        for (const { environment } of await fake.calls()) {
            assert.deepEqual(Object.keys(environment).sort(), [
                ...["HOME", "LW_ACCOUNT", "LW_API_KEY", "LW_API_SECRET"],
                ...["LW_TELEMETRY_DISABLE", "LW_UPDATES_DISABLE", "PATH"],
            ]);
            assert.match(environment["HOME"] ?? "", /gate-lacework-/);
            await assert.rejects(readFile(environment["HOME"] ?? ""), /ENOENT/);
        }
    });

    it("passes an image in which every row is good, found by its digest", async () => {
        const scan = await ask([version, scanPrints([]), searchGives(sampleAnswer([], now))]);
        assert.deepEqual([scan.report.complete, scan.report.findings], [true, []]);
        const [, , search] = await fake.calls();
        assert.deepEqual(JSON.parse(search?.args[4] ?? ""), {
            timeFilter: { startTime: "2026-03-04T11:55:00.000Z", endTime: "2026-03-04T12:00:00.000Z" },
            filters: [
                { expression: "eq", field: "evalCtx.image_info.digest", value: sampleDigest },
                { expression: "eq", field: "evalCtx.is_reeval", value: "false" },
            ],
        });
    });

    it("follows the pages, and what is stored is judged the same again", async () => {
        const first = sampleAnswer([{}, {}], now, 0);
        const second = sampleAnswer([{ severity: "Low" }], now, 1);
        for (const { paging } of [first, second]) paging.totalRows = 4;
        first.paging.urls.nextPage = "https://example.lacework.net/api/v2/Vulnerabilities/Containers/abc?n=2";
        const { report, raw } = await ask([
            version,
            scanPrints([sampleRow({}, now)]),
            searchGives(first),
            {
                to: "api get /api/v2/Vulnerabilities/Containers/abc?n=2 --noninteractive",
                out: JSON.stringify(second),
            },
        ]);
        assert.deepEqual([report.incompleteReasons, report.findings.length], [[], 3]);
        assert.ok(raw !== null && "path" in raw);
        const stored = await readFile(raw.path);
        assert.equal(stored.length, report.raw?.bytes);
        assert.deepEqual(laceworkReport([stored], { image: sampleImage, digest: sampleDigest, now }), report);
    });

    for (const [name, replies, reason] of [
        [
            "the search fails",
            [{ to: "api post", code: 1, err: "\nERROR [403] Forbidden\n" }],
            /api post ended with exit code 1: ERROR \[403\] Forbidden/,
        ],
        [
            "the search answers nothing",
            [{ to: "api post", out: "null\n" }],
            /did not answer rows with their number/,
        ],
        ["the search answers text", [{ to: "api post", out: "<html>" }], /answer cannot be read/],
        [
            "a next page leads elsewhere",
            [
                searchGives({
                    ...sampleAnswer([{}], now),
                    paging: { rows: 2, totalRows: 4, urls: { nextPage: "https://example.org/evil" } },
                }),
            ],
            /next page is not of its API \(\/evil\)/,
        ],
    ] as const) {
        it(`judges what the scan printed, and is incomplete, when ${name}`, async () => {
            const scan = await ask([version, scanPrints([sampleRow({}, now)]), ...replies]);
            assert.match(reasonsOf(scan), reason);
            assert.match(reasonsOf(scan), /the list that lacework vulnerability container scan prints/);
            assert.deepEqual(
                scan.report.findings.map(({ severity }) => severity),
                ["critical"],
            );
        });
    }

    it("is incomplete when the scan printed more than the search has", async () => {
        const printed = [sampleRow({}, now), sampleRow({ severity: "High" }, now)];
        const scan = await ask([version, scanPrints(printed), searchGives(sampleAnswer([{}], now))]);
        assert.match(reasonsOf(scan), /printed 2 vulnerable rows and the search has 1/);
    });

    it("is incomplete when the search has nothing about the image", async () => {
        const scan = await ask([version, scanPrints([]), searchGives(sampleAnswer([], now, 0))]);
        assert.match(reasonsOf(scan), /says nothing about sha256:2b7e/);
    });

    for (const [name, reply, reason] of [
        [
            "no result",
            { code: 1, err: "ERROR unable to fetch assessment results from evaluation with id '7'\n\n" },
            /container scan ended with exit code 1: ERROR unable to fetch assessment results/,
        ],
        ["an unknown exit code", { code: 3, out: "[]" }, /ended with exit code 3$/],
        [
            "an error that shows secrets",
            { code: 1, err: `ERROR key EXAMPLE_55A1 secret ${secret} refused` },
            /: ERROR key \*\*\* secret \*\*\* refused$/,
        ],
    ] as const) {
        it(`is incomplete without findings: ${name}`, async () => {
            const scan = await ask([version, { to: "vulnerability container scan", ...reply }]);
            assert.match(reasonsOf(scan), reason);
            assert.deepEqual([scan.report.findings, scan.raw], [[], null]);
            assert.equal(JSON.stringify(scan).includes(secret), false);
        });
    }

    for (const [said, good] of [
        ['{"version":"v1.30.1"}', true],
        ['{"version":"v1.31.0"}', true],
        ['{"version":"2.0.0"}', true],
        ['{"version":"v1.30.0"}', false],
        ['{"version":"v1.9.9"}', false],
        ['{"version":"v0.44.0"}', false],
        ['{"version":"vunknown"}', false],
        ["", false],
    ] as const) {
        it(`${good ? "takes" : "refuses"} the version ${said}`, async () => {
            const scan = await ask([
                { to: "version", out: said },
                scanPrints([]),
                searchGives(sampleAnswer([], now)),
            ]);
            assert.equal(scan.report.complete, good);
            if (!good)
                assert.match(reasonsOf(scan), /says that it is version .*; 1\.30\.1 or later is needed/);
            assert.equal((await fake.calls()).length, good ? 3 : 1);
        });
    }

    it("is incomplete when the command is not there", async () => {
        const scan = await ask([], { cli: fake.at("none") });
        assert.match(reasonsOf(scan), /lacework version --json could not be started \(.*ENOENT/);
    });

    it("stops a scan that does not end, with what it has started", async () => {
        const scan = await ask([version, { to: "vulnerability", out: "[", hangs: true }], {
            timeoutSeconds: 2,
        });
        assert.match(reasonsOf(scan), /container scan did not end within 2 seconds and was stopped/);
        const pid = Number(await readFile(fake.at("child.pid"), "utf8"));
        for (let round = 0; isAlive(pid); round += 1) {
            assert.ok(round < 100, "what the command had started lives on");
            await sleep(50);
        }
    });

    it("stops a command that prints without an end", async () => {
        await fake.reply([{ to: "version", floods: true }]);
        const ending = await runCli({
            command: fake.cli,
            args: ["version"],
            environment: { PATH: process.env["PATH"] ?? "" },
            outputPath: fake.at("flood.txt"),
            largestOutputBytes: 1_000_000,
            limitMilliseconds: 30_000,
        });
        assert.deepEqual(ending, {
            code: null,
            problem: "printed more than 1000000 bytes and was stopped",
            lastError: "",
        });
        assert.ok((await readFile(fake.at("flood.txt"))).length <= 1_000_000);
    });
});

/** Whether a process runs; one that has ended and waits for its parent does not. */
function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return !/^State:\s*Z/m.test(
            existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "",
        );
    } catch {
        return false;
    }
}
