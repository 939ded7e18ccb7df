import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirectoryEvidenceStore } from "../evidence/directoryStore";
import { storeSbom } from "./sbomEvidence";
import { readSbomFile } from "./sbomFile";
import { sampleDigest, sampleDocument, sampleImage } from "./testing/cycloneDxDocument";

describe("evidence of a bill of materials", () => {
    let folder = "";
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "sbom-"));
        await writeFile(join(folder, "raw.json"), JSON.stringify(sampleDocument(new Date())));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const judged = () =>
        readSbomFile(join(folder, "raw.json"), { image: sampleImage, digest: sampleDigest, now: new Date() });
    const store = (report = judged(), digest = sampleDigest) =>
        storeSbom(
            new DirectoryEvidenceStore(join(folder, "store")),
            { application: "orders", digest, execution: "run-1" },
            { report, rawPath: join(folder, "raw.json") },
        );

    it("is not stored when it cannot be used, or is of another image", async () => {
        await assert.rejects(store({ ...judged(), complete: false }), /is not a usable one/);
        await assert.rejects(store({ ...judged(), raw: null }), /is not a usable one/);
        await assert.rejects(
            store(judged(), `sha256:${"0".repeat(64)}`),
            /is not a usable one of sha256:0000/,
        );
        assert.deepEqual(await readdir(folder), ["raw.json"]);
    });

    it("is not stored when the file is another one than was judged", async () => {
        const report = judged();
        await writeFile(
            join(folder, "raw.json"),
            JSON.stringify({ ...sampleDocument(new Date()), version: 2 }),
        );
        await assert.rejects(store(report), /raw\.json/);
    });
});
