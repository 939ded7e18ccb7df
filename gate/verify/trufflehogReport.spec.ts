import assert from "node:assert/strict";
import { damage, randomNumbers } from "../report/testing/damage";
import { madeUpToken } from "./testing/sampleRepository";
import { parseTrufflehogReport, readTrufflehogLog } from "./trufflehogReport";

const commit = "0123456789abcdef0123456789abcdef01234567";
const secret = madeUpToken("trufflehog");
/** A result as trufflehog 3.90 writes it. */
const result = (data: unknown, more: object = {}) => ({
    SourceMetadata: { Data: data },
    SourceID: 1,
    SourceType: 16,
    SourceName: "trufflehog - git",
    DetectorType: 8,
    DetectorName: "Github",
    DetectorDescription: "a GitHub token",
    DecoderName: "PLAIN",
    Verified: false,
    VerificationFromCache: false,
    Raw: secret,
    RawV2: `${secret}:more`,
    Redacted: secret.slice(0, 20),
    ExtraData: { account: secret },
    StructuredData: null,
    ...more,
});
const inGit = {
    Git: {
        commit,
        file: "a.env",
        email: `${secret}@example.org`,
        timestamp: "2026-01-01 00:00:00 +0000",
        line: 4,
    },
};
const started = { level: "info-0", ts: "2026-01-01T00:00:00Z", logger: "trufflehog", msg: "running source" };
const finished = {
    ...started,
    msg: "finished scanning",
    chunks: 5,
    bytes: 100,
    verified_secrets: 1,
    unverified_secrets: 2,
};
const lines = (...values: object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const parse = (content: string | Uint8Array, piece = 1_000_000) => {
    const bytes = Buffer.from(content);
    const pieces: Buffer[] = [];
    for (let from = 0; from < bytes.length; from += piece) pieces.push(bytes.subarray(from, from + piece));
    return parseTrufflehogReport(pieces);
};

describe("trufflehog report", () => {
    it("has one finding for each line and nothing of the secret", () => {
        const text = lines(
            result(inGit),
            result({ Filesystem: { file: "b.env", line: 2 } }, { Verified: true }),
            result(
                { Docker: { file: "/c.env", image: "x", layer: "y" } },
                { DetectorDescription: undefined },
            ),
            result({ Github: { link: "https://example.org/x", repository: "r", visibility: 1 } }),
            result(null),
        );
        const { findings, reasons, redacted } = parse(text);
        assert.deepEqual(reasons, []);
        assert.deepEqual(
            findings.map(({ message, file, line, commit: of, url, source }) => [
                message,
                file,
                line,
                of,
                url,
                source,
            ]),
            [
                ["a GitHub token", "a.env", 4, commit, undefined, "/0"],
                ["a GitHub token (verified: it is in use)", "b.env", 2, undefined, undefined, "/1"],
                ["a secret", "/c.env", 0, undefined, undefined, "/2"],
                ["a GitHub token", "", 0, undefined, "https://example.org/x", "/3"],
                ["a GitHub token", "", 0, undefined, undefined, "/4"],
            ],
        );
        assert.ok(findings.every(({ rule, level }) => rule === "Github" && level === "error"));
        const stored = Buffer.from(redacted).toString("utf8");
        assert.equal((JSON.parse(stored) as unknown[]).length, 5);
        for (const text_ of [stored, JSON.stringify(findings)]) {
            assert.equal(text_.includes(secret), false);
            assert.equal(text_.includes(secret.slice(0, 20)), false);
        }
    });

    it("does not depend on how it is cut into pieces, nor on the last line feed", () => {
        const text = lines(result(inGit), result(inGit));
        const whole = parse(text);
        for (const piece of [1, 7, 400]) assert.deepEqual(parse(text, piece), whole);
        assert.deepEqual(parse(text.trimEnd()), whole);
        assert.deepEqual(parse(text.replace("\n", "\r\n\n")).findings, whole.findings);
    });

    it("tells its log from results where both are in one file", () => {
        const { findings, reasons, log } = parse(
            lines(started, result(inGit), { ...started, level: "error", msg: "broken" }, finished),
        );
        assert.deepEqual([findings.length, reasons, log], [1, [], { results: 3, complaints: ["broken"] }]);
    });

    for (const [name, content] of [
        ["nothing", ""],
        ["half a line", lines(result(inGit)).slice(0, 80)],
        ["a list", "[]"],
        ["null", "null"],
        ["another tool's report", '{"RuleID":"github-pat"}'],
        ["the format of trufflehog 2", '{"branch":"main","commit":"x","stringsFound":["x"]}'],
        ["a byte order mark", `\ufeff${lines(result(inGit))}`],
        ["UTF-16", Buffer.from(lines(result(inGit)), "utf16le")],
        ["a result without a detector", lines(result(inGit, { DetectorName: "" }))],
        ["a key twice", lines(result(inGit)).replace("{", '{"Verified":true,')],
    ] as const) {
        it(`does not believe ${name}`, () => {
            const { reasons } = parse(content);
            assert.equal(reasons.length, 1);
            assert.equal(reasons.join().includes(secret), false);
        });
    }

    it("is never clean when it is cut off or damaged", () => {
        const original = Buffer.from(lines(result(inGit)).trimEnd());
        const clean = (content: Uint8Array): boolean => {
            const { findings, reasons, log } = parse(content);
            return reasons.length === 0 && findings.length === 0 && log.complaints.length === 0;
        };
        for (let length = 0; length < original.length; length += 1)
            assert.equal(clean(original.subarray(0, length)), false);
        const random = randomNumbers(9);
        const escaped: string[] = [];
        for (let run = 0; run < 20_000; run += 1) {
            const changed = damage(original, random);
            if (clean(changed)) escaped.push(Buffer.from(changed).toString("latin1"));
        }
        assert.deepEqual(escaped, []);
    });
});

describe("trufflehog log", () => {
    it("says how many results there are, and what went wrong", () => {
        assert.deepEqual(readTrufflehogLog(lines(started, finished)), { results: 3, complaints: [] });
        assert.deepEqual(readTrufflehogLog(lines(started)), { results: null, complaints: [] });
        const wrong = `${lines({ ...started, level: "error", msg: "encountered errors" }, finished)}panic: x\n`;
        assert.deepEqual(readTrufflehogLog(wrong), {
            results: 3,
            complaints: ["encountered errors", "panic: x"],
        });
    });
});
