import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generatedDocuments } from "./generate";

describe("Generated documents", () => {
    it("are what `npm run docs` writes today", async function () {
        // Four runs of the program; on a machine that is busy each takes a while.
        this.timeout(300_000);
        for (const [name, content] of await generatedDocuments()) {
            assert.equal(
                readFileSync(join(__dirname, name), "utf8"),
                content,
                `docs/${name} has drifted; run npm run docs`,
            );
        }
    });
});
