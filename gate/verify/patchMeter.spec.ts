import assert from "node:assert/strict";
import { PatchMeter, type PatchSize } from "./patchMeter";

const first = "1".repeat(40);
const second = "2".repeat(40);
const measure = (text: string | Buffer, piece = 1_000_000): PatchSize => {
    const content = Buffer.from(text);
    const meter = new PatchMeter();
    for (let from = 0; from < content.length; from += piece) meter.add(content.subarray(from, from + piece));
    return meter.end();
};
const patch = [
    `commit ${first}`,
    "Author: Sample <sample@example.org>",
    "",
    "    commit message",
    "",
    "diff --git a/new b/new",
    "new file mode 100644",
    "--- /dev/null",
    "+++ b/new",
    "@@ -0,0 +1,3 @@",
    "+one",
    "+@@ -1 +1 @@",
    "+diff --git a/x b/x",
    "\\ No newline at end of file",
    "diff --git a/old b/old",
    "deleted file mode 100644",
    "--- a/old",
    "+++ /dev/null",
    "@@ -1,2 +0,0 @@",
    `-commit ${"3".repeat(40)}`,
    "-gone",
    `commit ${second}`,
    "diff --git a/changed b/changed",
    "--- a/changed",
    "+++ b/changed",
    "@@ -4 +4 @@ function",
    "-four",
    "+vier",
    "",
].join("\n");

describe("patch meter", () => {
    it("counts commits that change a file which stays, and the bytes that they add", () => {
        const { commits, bytes } = measure(patch);
        assert.deepEqual([...commits], [first, second]);
        assert.equal(
            bytes,
            "one\n".length + "@@ -1 +1 @@\n".length + "diff --git a/x b/x".length + "vier\n".length,
        );
    });

    it("does not depend on how the output is cut into pieces", () => {
        for (const piece of [1, 2, 3, 7, 64]) assert.deepEqual(measure(patch, piece), measure(patch));
    });

    it("counts no commit that only deletes, renames or changes modes", () => {
        const lines = [`commit ${first}`, "diff --git a/x b/x", "old mode 100644", "new mode 100755", ""];
        assert.deepEqual(measure(lines.join("\n")), { commits: new Set(), bytes: 0 });
        const gone = [
            `commit ${first}`,
            "diff --git a/x b/x",
            "deleted file mode 100644",
            "@@ -1 +0,0 @@",
            "-x",
            "",
        ];
        assert.deepEqual(measure(gone.join("\n")), { commits: new Set(), bytes: 0 });
        assert.deepEqual(measure(""), { commits: new Set(), bytes: 0 });
    });

    it("counts bytes, not characters, and lines longer than any that is kept", () => {
        const head = `commit ${first}\ndiff --git a/x b/x\n@@ -0,0 +1 @@\n+`;
        assert.equal(measure(`${head}ü\n`).bytes, 3);
        assert.equal(
            measure(Buffer.concat([Buffer.from(head), Buffer.alloc(100_000, 0xff), Buffer.from("\n")]), 999)
                .bytes,
            100_001,
        );
    });

    it("refuses what is no patch, or only a part of one", () => {
        assert.throws(() => measure(patch.slice(0, -"+vier\n".length)), /ends in the middle of a change/);
        assert.throws(
            () => measure(`commit ${first}\n@@ -1 +1 @@\n context\n`),
            /another form than expected/,
        );
        assert.throws(() => measure(`commit ${first}\n@@ nonsense\n`), /another form than expected/);
    });
});
