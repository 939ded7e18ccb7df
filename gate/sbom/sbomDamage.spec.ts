import assert from "node:assert/strict";
import { damage, randomNumbers } from "../report/testing/damage";
import { sbomReport, type SbomReport } from "./sbomReport";
import { sampleDigest, sampleDocument, sampleImage, type SampleDocument } from "./testing/cycloneDxDocument";

const now = new Date("2026-03-04T12:00:00Z");
const written = new Date("2026-03-04T11:59:00Z");
const other = `sha256:${"6c".repeat(32)}`;

function judgeBytes(...chunks: Uint8Array[]): SbomReport {
    return sbomReport(chunks, { image: sampleImage, digest: sampleDigest, now });
}

describe("damaged and large bills of materials", () => {
    const whole = Buffer.from(JSON.stringify(sampleDocument(written), null, 1));
    const unreadable: [string, Uint8Array, RegExp][] = [
        ["nothing", Buffer.alloc(0), /^there is nothing in it; syft could not look/],
        ["{}", Buffer.from("{}"), /is not CycloneDX/],
        ["[]", Buffer.from("[]"), /is not CycloneDX/],
        ["null", Buffer.from("null"), /is not CycloneDX/],
        ["text", Buffer.from("no image found"), /not one whole JSON document/],
        ["two documents", Buffer.concat([whole, whole]), /not one whole JSON document/],
        [
            "a byte order mark",
            Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), whole]),
            /not UTF-8 text: a byte order mark/,
        ],
        ["UTF-16", Buffer.from(whole.toString(), "utf16le"), /not one whole JSON document|not UTF-8/],
        [
            "Latin-1",
            Buffer.from(whole.toString().replace("GNU Libc", "GNÜ Libc"), "latin1"),
            /not UTF-8 text/,
        ],
        [
            "a key twice",
            Buffer.from(whole.toString().replace('"version": 1', '"version": 1, "version": 1')),
            /not one whole|twice/,
        ],
        [
            "grype's report",
            Buffer.from('{"matches":[],"source":{},"distro":{},"descriptor":{"name":"grype"}}'),
            /is not CycloneDX/,
        ],
    ];
    for (const [what, bytes, message] of unreadable) {
        it(`refuses ${what}`, () => {
            const { complete, incompleteReasons } = judgeBytes(bytes);
            assert.equal(complete, false);
            assert.equal(incompleteReasons.length, 1);
            assert.match(incompleteReasons[0] ?? "", message);
        });
    }

    it("refuses every truncation", () => {
        assert.equal(judgeBytes(whole).complete, true);
        for (let length = 0; length < whole.length; length += 1)
            assert.equal(judgeBytes(whole.subarray(0, length)).complete, false, `${length} bytes`);
    });

    it("refuses 20,000 damaged documents that were refused before the damage", () => {
        const bad = [
            (document: SampleDocument) => void (document.metadata.component["version"] = other),
            (document: SampleDocument) => void (document.components = []),
            (document: SampleDocument) => void document.components.splice(2, 1),
            (document: SampleDocument) => void (document.metadata["timestamp"] = "2026-01-01T00:00:00Z"),
            (document: SampleDocument) => void (document.components = document.components.slice(2)),
        ].map((change) => {
            const document = sampleDocument(written);
            change(document);
            return Buffer.from(JSON.stringify(document));
        });
        const random = randomNumbers(20_260_304);
        let passed = 0;
        for (let run = 0; run < 20_000; run += 1) {
            const damaged = damage(bad[run % bad.length] ?? Buffer.alloc(0), random);
            if (judgeBytes(damaged).complete) passed += 1;
        }
        assert.equal(passed, 0);
    });

    it("counts 150,000 components without keeping them", () => {
        const head = sampleDocument(written);
        function* chunks(): Generator<Uint8Array> {
            const [before = "", after = ""] = JSON.stringify(head).split('"components":[{"bom-ref":"pkg:deb');
            yield Buffer.from(`${before}"components":[`);
            for (let at = 0; at < 150_000; at += 1) {
                const file = { "bom-ref": at.toString(16), type: "file", name: `/${at}`, hashes: [] };
                yield Buffer.from(`${JSON.stringify(file)},`);
            }
            yield Buffer.from(`{"bom-ref":"pkg:deb${after}`);
        }
        const report = sbomReport(chunks(), { image: sampleImage, digest: sampleDigest, now });
        assert.deepEqual(report.incompleteReasons, []);
        assert.equal(report.components.byType.file, 150_001);
    });
});
