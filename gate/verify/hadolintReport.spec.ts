import assert from "node:assert/strict";
import { damage, randomNumbers } from "../report/testing/damage";
import { parseHadolintReport } from "./hadolintReport";

const entry = (code: string, level: string, more: object = {}) => ({
    code,
    column: 1,
    file: "Dockerfile",
    level,
    line: 3,
    message: `says ${code}`,
    ...more,
});
const parse = (content: string | Uint8Array, file: string | null = "Dockerfile") =>
    parseHadolintReport([Buffer.from(content)], { file, path: "app/Dockerfile" });
const report = (...entries: unknown[]) => JSON.stringify(entries);

describe("hadolint report", () => {
    it("has one finding for each entry, with place and explanation", () => {
        const { findings, reasons } = parse(
            report(entry("DL3007", "warning"), entry("SC2086", "info"), entry("X1", "style")),
        );
        assert.deepEqual(reasons, []);
        assert.deepEqual(findings, [
            {
                rule: "DL3007",
                level: "warning",
                message: "says DL3007",
                file: "app/Dockerfile",
                line: 3,
                column: 1,
                url: "https://github.com/hadolint/hadolint/wiki/DL3007",
                source: "/0",
            },
            {
                rule: "SC2086",
                level: "info",
                message: "says SC2086",
                file: "app/Dockerfile",
                line: 3,
                column: 1,
                url: "https://www.shellcheck.net/wiki/SC2086",
                source: "/1",
            },
            {
                rule: "X1",
                level: "style",
                message: "says X1",
                file: "app/Dockerfile",
                line: 3,
                column: 1,
                source: "/2",
            },
        ]);
    });

    it("counts an entry of another format as error, and is not believed", () => {
        const { findings, reasons } = parse(report({ DescriptorId: "DL3007" }, entry("DL3007", "info")));
        assert.deepEqual(
            findings.map(({ rule, level, source }) => [rule, level, source]),
            [
                ["unreadable finding", "error", "/0"],
                ["DL3007", "info", "/1"],
            ],
        );
        assert.match(reasons.join(), /entries of another format/);
    });

    it("counts a level that hadolint does not have as error", () => {
        for (const level of ["ignore", "fatal", "Warning", ""])
            assert.equal(parse(report(entry("DL3007", level))).findings[0]?.level, "error", level);
    });

    it("does not believe a report of a file that could not be parsed", () => {
        const { findings, reasons } = parse(
            report(entry("DL1000", "error", { message: "unexpected 'U'\nexpecting" })),
        );
        assert.equal(findings.length, 1);
        assert.deepEqual(reasons, [
            "hadolint could not parse the Dockerfile at line 3 (unexpected 'U', expecting), so its rules have seen " +
                "nothing; correct the line",
        ]);
    });

    it("does not believe a report about another file, unless any will do", () => {
        const other = report(entry("DL3007", "info"), entry("DL3008", "info", { file: "x" }));
        assert.deepEqual(parse(other).reasons, ["the hadolint report is about another file (x)"]);
        assert.deepEqual(parse(other, null).reasons, []);
    });

    for (const [name, content] of [
        ["nothing", ""],
        ["an object", "{}"],
        ["null", "null"],
        ["text", "hadolint: nosuch: withBinaryFile: does not exist"],
        ["a byte order mark", "\ufeff[]"],
        ["UTF-16", Buffer.from("[]", "utf16le")],
        ["two lists", "[][]"],
        ["a report of gitleaks", '[{"RuleID":"github-pat","StartLine":1}]'],
        ["SARIF", '{"version":"2.1.0","runs":[]}'],
        [
            "an entry without a level",
            '[{"code":"DL3007","column":1,"file":"Dockerfile","line":1,"message":""}]',
        ],
        ["a line that is no number", report(entry("DL3007", "info", { line: "3" }))],
    ] as const) {
        it(`does not believe ${name}`, () => assert.equal(parse(content).reasons.length, 1));
    }

    it("is never clean when a failing report is cut off or damaged", () => {
        const original = Buffer.from(report(entry("DL3026", "error"), entry("DL3002", "error")));
        const clean = (content: Uint8Array): boolean => {
            const { findings, reasons } = parse(content);
            return reasons.length === 0 && findings.every(({ level }) => level !== "error");
        };
        for (let length = 0; length < original.length; length += 1)
            assert.equal(clean(original.subarray(0, length)), false, `first ${length} bytes`);
        const random = randomNumbers(4);
        const escaped: string[] = [];
        for (let run = 0; run < 20_000; run += 1) {
            const changed = damage(original, random);
            if (clean(changed)) escaped.push(Buffer.from(changed).toString("latin1"));
        }
        assert.deepEqual(escaped, []);
    });
});
