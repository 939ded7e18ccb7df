import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonBounds, readJsonStream } from "./jsonStream";
import { readReportFile, unusableReport } from "./reportFile";
import { scanReportSchema, type ScanReport } from "./scanReport";

const digest = `sha256:${"5".repeat(64)}`;
const origin = {
    scanner: "grype" as const,
    image: `registry.example.org/orders@${digest}`,
    digest,
    now: new Date("2026-03-04T12:00:00Z"),
};
const about = { ...origin, what: "grype report" };
const describeText = (text: string) => ({
    sha256: createHash("sha256").update(text).digest("hex"),
    bytes: Buffer.byteLength(text),
});

/** A scanner whose every JSON document is a clean report. */
function believing(chunks: Iterable<Uint8Array>): ScanReport {
    const { sha256, bytes } = readJsonStream(chunks, { elements: [], onElement: () => undefined });
    return { ...unusableReport("", origin), raw: { sha256, bytes }, complete: true, incompleteReasons: [] };
}

describe("a report from a file", () => {
    let directory: string;
    let path: string;
    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "gate-report-"));
        path = join(directory, "report.json");
    });
    afterEach(() => rm(directory, { recursive: true }));

    it("is made of exactly the bytes of the file", async () => {
        const text = JSON.stringify("é".repeat(2_000_000));
        await writeFile(path, text);
        const { report, raw } = readReportFile(path, about, believing);
        assert.deepEqual([report.complete, report.raw, raw], [true, describeText(text), { path }]);
    });

    it("says what bytes there were also when it was given up", async () => {
        await writeFile(path, "{");
        for (const judgeChunks of [
            believing,
            () => unusableReport("no", origin),
            (): ScanReport => {
                throw new TypeError("a mistake");
            },
        ]) {
            const { report, raw } = readReportFile(path, about, judgeChunks);
            assert.deepEqual([report.complete, report.raw, raw], [false, describeText("{"), { path }]);
            scanReportSchema.parse(report);
        }
        assert.deepEqual(readReportFile(path, about, believing).report.incompleteReasons, [
            `the grype report ${path} cannot be judged (cut off, at byte 1)`,
        ]);
    });

    it("is not complete unless it was judged to its end", async () => {
        await writeFile(path, "{}");
        for (const raw of [null, describeText("{"), describeText("")]) {
            const { report } = readReportFile(path, about, (chunks) => {
                for (const _ of chunks) break;
                return { ...unusableReport("", origin), raw, complete: true, incompleteReasons: [] };
            });
            assert.deepEqual(report.incompleteReasons, [
                `the grype report ${path} was not judged to its end`,
            ]);
            assert.deepEqual(report.raw, describeText("{}"));
        }
    });

    it("takes a file that grows while it is read as what was read of it", async () => {
        await writeFile(path, "[0]");
        const { report } = readReportFile(path, about, (chunks) => {
            const first = believing(chunks);
            appendFileSync(path, " ");
            return first;
        });
        assert.deepEqual([report.complete, report.raw], [true, describeText("[0]")]);
    });

    it("refuses what is absent, not a file, or over the limit, and then has nothing to store", async () => {
        const large = join(directory, "large.json");
        await writeFile(large, "");
        await truncate(large, jsonBounds.largestBytes + 1);
        const pipe = join(directory, "pipe");
        execFileSync("mkfifo", [pipe]);
        for (const [given, reason] of [
            [large, /268435457 bytes, more than the 268435456 allowed$/],
            [directory, /is not a file$/],
            [pipe, /is not a file$/],
            [path, /^there is no grype report .*; grype did not run or failed: see the build log$/],
            [join(large, "x"), /cannot be read \(ENOTDIR/],
            ["a\0b", /cannot be read/],
        ] as const) {
            const { report, raw } = readReportFile(given, about, believing);
            assert.deepEqual([report.complete, report.raw, raw], [false, null, null]);
            assert.match(report.incompleteReasons.join(), reason);
            scanReportSchema.parse(report);
        }
    });
});
