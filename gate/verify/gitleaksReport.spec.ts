import assert from "node:assert/strict";
import { damage, randomNumbers } from "../report/testing/damage";
import { parseGitleaksReport, readGitleaksLog } from "./gitleaksReport";
import { madeUpToken } from "./testing/sampleRepository";

const commit = "0123456789abcdef0123456789abcdef01234567";
const secret = madeUpToken("report");
/** A finding as gitleaks 8.30 writes it without --redact. */
const finding = (more: object = {}) => ({
    RuleID: "github-pat",
    Description: "a GitHub token",
    StartLine: 3,
    EndLine: 3,
    StartColumn: 10,
    EndColumn: 49,
    Match: `token = ${secret}`,
    Secret: secret,
    File: "config/app.env",
    SymlinkFile: "",
    Commit: commit,
    Link: "https://example.org/commit",
    Entropy: 4.5,
    Author: `A ${secret}`,
    Email: "a@example.org",
    Date: "2026-01-01T00:00:00Z",
    Message: `add ${secret}`,
    Tags: [],
    Fingerprint: `${commit}:config/app.env:github-pat:3`,
    Fragment: { Raw: secret },
    ...more,
});
const parse = (content: string | Uint8Array) => parseGitleaksReport([Buffer.from(content)]);

describe("gitleaks report", () => {
    it("has a finding for each entry of another format as well, and nothing of what is in it", () => {
        const former = { line: secret, lineNumber: 1, offender: secret, rule: secret, file: secret };
        const { findings, reasons, redacted } = parse(
            JSON.stringify([former, finding({ RuleID: 7 }), finding(), 7]),
        );
        assert.deepEqual(
            findings.map(({ rule, level, source }) => [rule, level, source]),
            [
                ["unreadable finding", "error", "/0"],
                ["unreadable finding", "error", "/1"],
                ["github-pat", "error", "/2"],
                ["unreadable finding", "error", "/3"],
            ],
        );
        assert.equal(reasons.length, 1);
        const stored = Buffer.from(redacted).toString();
        assert.equal((JSON.parse(stored) as unknown[]).length, 4);
        assert.ok(!stored.includes(secret) && !JSON.stringify(findings).includes(secret));
    });

    it("has one finding for each entry and nothing of the secret", () => {
        const text = JSON.stringify([
            finding(),
            finding(),
            finding({ StartLine: 0, Commit: "", Description: "", Link: "javascript:" }),
        ]);
        const { findings, reasons, redacted } = parse(text);
        assert.deepEqual(reasons, []);
        assert.equal(findings.length, 3);
        assert.deepEqual(findings[1], {
            rule: "github-pat",
            level: "error",
            message: "a GitHub token",
            file: "config/app.env",
            line: 3,
            column: 10,
            commit,
            url: "https://example.org/commit",
            source: "/1",
        });
        assert.deepEqual(findings[2], {
            rule: "github-pat",
            level: "error",
            message: "a secret",
            file: "config/app.env",
            line: 0,
            column: 10,
            source: "/2",
        });
        const stored = Buffer.from(redacted).toString("utf8");
        assert.equal(stored.includes(secret), false);
        assert.equal(JSON.stringify(findings).includes(secret), false);
        assert.deepEqual(
            (JSON.parse(stored) as { Secret: string; Match: string; RuleID: string }[]).map((each) => [
                each.RuleID,
                each.Secret,
                each.Match,
            ]),
            Array.from({ length: 3 }, () => ["github-pat", "REDACTED", "REDACTED"]),
        );
    });

    it("counts reports of earlier versions of gitleaks 8", () => {
        const { Link: _1, Fragment: _2, SymlinkFile: _3, ...earlier } = finding();
        assert.deepEqual(parse(JSON.stringify([earlier])).findings.length, 1);
    });

    for (const [name, content] of [
        ["nothing", ""],
        ["null", "null"],
        ["an object", "{}"],
        ["a number", "0"],
        ["UTF-16", Buffer.from("[]", "utf16le")],
        ["a byte order mark", "\ufeff[]"],
        ["the format of gitleaks 7", '[{"line":"x","lineNumber":1,"offender":"x","rule":"AWS"}]'],
        ["a list of hadolint", '[{"code":"DL3007","level":"error","line":1}]'],
        ["a finding without a rule", JSON.stringify([finding({ RuleID: "" })])],
        ["a line that is a text", JSON.stringify([finding({ StartLine: "3" })])],
        ["SARIF", '{"version":"2.1.0","runs":[]}'],
    ] as const) {
        it(`does not believe ${name}`, () => assert.equal(parse(content).reasons.length, 1));
    }

    it("says nothing of the secret when it complains either", () => {
        const { reasons } = parse(JSON.stringify([finding({ RuleID: 7 }), { secret }, secret]));
        assert.equal(reasons.length, 1);
        assert.equal(reasons.join().includes(secret), false);
    });

    it("is never clean when it is cut off or damaged", () => {
        const original = Buffer.from(JSON.stringify([finding()]));
        const clean = (content: Uint8Array): boolean => {
            const { findings, reasons } = parse(content);
            return reasons.length === 0 && findings.length === 0;
        };
        for (let length = 0; length < original.length; length += 1)
            assert.equal(clean(original.subarray(0, length)), false);
        const random = randomNumbers(7);
        const escaped: string[] = [];
        for (let run = 0; run < 20_000; run += 1) {
            const changed = damage(original, random);
            if (clean(changed)) escaped.push(Buffer.from(changed).toString("latin1"));
        }
        assert.deepEqual(escaped, []);
    });
});

describe("gitleaks log", () => {
    it("gives the tool's own account", () => {
        const text =
            "6:06PM INF 2 commits scanned.\n6:06PM INF scanned ~311 bytes (311 bytes) in 79.8ms\n6:06PM WRN leaks found: 6\n";
        assert.deepEqual(readGitleaksLog(text), { commits: 2, bytes: 311, leaks: 6, complaints: [] });
    });

    it("keeps what went wrong before it exits 0", () => {
        const text = [
            "6:06PM ERR [git] fatal: bad revision '^0'",
            '6:06PM ERR failed to scan Git repository error="stderr is not empty"',
            "6:06PM INF 0 commits scanned.",
            "6:06PM WRN partial scan completed in 10ms",
            "6:06PM INF no leaks found",
        ].join("\n");
        assert.deepEqual(readGitleaksLog(text), {
            commits: 0,
            bytes: null,
            leaks: 0,
            complaints: [
                "[git] fatal: bad revision '^0'",
                'failed to scan Git repository error="stderr is not empty"',
                "partial scan completed in 10ms",
            ],
        });
    });

    it("takes nothing from a line of another form", () => {
        const nothing = { commits: null, bytes: null, leaks: null, complaints: [] };
        assert.deepEqual(readGitleaksLog("2 commits scanned.\nx INF 2 commits scanned. and more\n"), nothing);
    });
});
