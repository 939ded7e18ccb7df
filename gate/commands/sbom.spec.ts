import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirectoryEvidenceStore } from "../evidence/directoryStore";
import { loadEvidence } from "../evidence/evidence";
import { sbomPlace } from "../evidence/evidencePlace";
import {
    sampleDigest,
    sampleDocument,
    sampleImage,
    type SampleDocument,
} from "../sbom/testing/cycloneDxDocument";
import { UsageError } from "./command";
import { readOptions } from "./options";
import { sbomCommand } from "./sbom";

const now = new Date("2026-03-04T12:00:00Z");

describe("gate sbom", () => {
    let folder = "";
    beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "sbom-"))));
    afterEach(() => rm(folder, { recursive: true }));

    async function run(args: string[]) {
        const out: string[] = [];
        const err: string[] = [];
        const code = await sbomCommand.run(readOptions(sbomCommand.options, args, {}), {
            environment: {},
            now: () => now,
            print: (line) => void out.push(line),
            complain: (line) => void err.push(line),
            colours: false,
        });
        return { code, out, err };
    }
    const args = (...more: string[]) => [
        ...["--image", sampleImage, "--report", join(folder, "cyclonedx.json"), "--out", join(folder, "out")],
        ...more,
    ];
    const evidence = () => [
        "--evidence",
        join(folder, "store"),
        "--application",
        "orders",
        "--execution",
        "run-1",
    ];
    const place = sbomPlace({ application: "orders", digest: sampleDigest, execution: "run-1" });

    async function write(change: (document: SampleDocument) => void = () => undefined): Promise<Buffer> {
        const document = sampleDocument(now);
        change(document);
        const bytes = Buffer.from(JSON.stringify(document));
        await writeFile(join(folder, "cyclonedx.json"), bytes);
        return bytes;
    }
    const read = (name: string) => readFile(join(folder, "out", name));

    it("passes a bill of materials of this image, keeps it and stores it as evidence", async () => {
        const raw = await write();
        const { code, out, err } = await run(args(...evidence()));
        assert.deepEqual([code, err], [0, []]);
        assert.deepEqual(out, [
            `PASS: ${sampleImage} has a bill of materials by syft 1.44.0: ` +
                "debian 12, 1 application, 1 library, 1 operating-system, 1 file",
        ]);
        assert.deepEqual(await read("raw.json"), raw);
        const report = await read("report.json");
        const description = { sha256: createHash("sha256").update(raw).digest("hex"), bytes: raw.length };
        assert.deepEqual(JSON.parse(report.toString()).raw, description);
        const stored = await loadEvidence(new DirectoryEvidenceStore(join(folder, "store")), place);
        assert.deepEqual(stored, { report, raw: description });
        const where = ["store", "orders", sampleDigest.replace(":", "-"), "sbom", "run-1", "build"];
        assert.deepEqual((await readdir(join(folder, ...where))).sort(), [
            "manifest.json",
            "raw.json",
            "report.json",
        ]);
    });

    it("ends with 2 for one that is not of this image, says why, keeps it and stores nothing", async () => {
        const raw = await write((document) => void (document.metadata.component["version"] = "1.0.0"));
        const { code, out } = await run(args(...evidence()));
        assert.equal(code, 2);
        assert.equal(out[0], `INCOMPLETE: the bill of materials of ${sampleImage} cannot be used`);
        assert.match(out[1] ?? "", /^ {2}it is of ".*" "1\.0\.0", not sha256:5b/);
        assert.equal(out.length, 2);
        assert.deepEqual(await read("raw.json"), raw);
        assert.equal(JSON.parse((await read("report.json")).toString()).complete, false);
        assert.deepEqual((await readdir(folder)).sort(), ["cyclonedx.json", "out"]);
    });

    it("can be repeated: the same is fine, other bytes in the same execution are refused", async () => {
        await write((document) => void (document.components = []));
        assert.equal((await run(args(...evidence()))).code, 2);
        await write();
        assert.equal((await run(args(...evidence()))).code, 0);
        assert.equal((await run(args(...evidence()))).code, 0);
        await write(
            (document) => void (document["serialNumber"] = "urn:uuid:00000000-7f0d-4d0b-9a52-6f9b1f3f0c11"),
        );
        const { code, err } = await run(args(...evidence()));
        assert.equal(code, 2);
        assert.match(err.join(), /exists with other content/);
    });

    it("ends with 2 when the file is absent, a folder, empty or too large", async () => {
        const path = join(folder, "cyclonedx.json");
        assert.match(
            (await run(args())).out.join(),
            /there is no .*cyclonedx\.json; syft did not run or failed/,
        );
        await mkdir(path);
        assert.match((await run(args())).out.join(), /cyclonedx\.json is not a file/);
        await rm(path, { recursive: true });
        await writeFile(path, "");
        assert.match((await run(args())).out.join(), /there is nothing in it/);
        await truncate(path, 256 * 1024 * 1024 + 1);
        const { code, out } = await run(args());
        assert.equal(code, 2);
        assert.match(out.join(), /has 268435457 bytes, more than the 268435456 allowed/);
    });

    it("ends with 2 when the evidence cannot be stored", async () => {
        await write();
        await writeFile(join(folder, "store"), "not a folder");
        const { code, err } = await run(args(...evidence()));
        assert.equal(code, 2);
        assert.equal(err.length, 1);
    });

    it("takes a file that is in its place already", async () => {
        await write();
        await mkdir(join(folder, "out"));
        await writeFile(join(folder, "out", "raw.json"), await readFile(join(folder, "cyclonedx.json")));
        const options = ["--image", sampleImage, "--report", join(folder, "out", "raw.json")];
        assert.equal((await run([...options, "--out", join(folder, "out")])).code, 0);
        assert.deepEqual(await read("raw.json"), await readFile(join(folder, "cyclonedx.json")));
    });

    it("does not let the document forge lines of the log", async () => {
        await write((document) => {
            document.metadata.component["name"] = "x\n\u001b[2KPASS: all is well";
            document.metadata.component["version"] = "1";
            document.components[0]!["type"] = "x\nPASS: all is well";
        });
        const { out } = await run(args());
        assert.ok(out.every((line) => !/\p{Cc}/u.test(line)));
        assert.match(out[1] ?? "", /^ {2}it is of "x \[2KPASS: all is well" "1", not/);
        assert.match(out[2] ?? "", /^ {2}\/components\/0 has the type "x PASS: all is well"/);
    });

    for (const [wrong, message] of [
        [[], /--image .* is missing/],
        [["--image", "example.org/app:1"], /is not an image by digest/],
        [["--image", sampleImage], /--report .* is missing/],
        [["--image", sampleImage, "--report", "x"], /--out .* is missing/],
        [
            ["--image", sampleImage, "--report", "x", "--out", "o", "--execution", "e"],
            /only goes with --evidence/,
        ],
        [
            ["--image", sampleImage, "--report", "x", "--out", "o", "--evidence", "./e"],
            /--application .* is missing/,
        ],
        [["--image", sampleImage, "--policy", "x"], /Unknown option '--policy'/],
    ] as const) {
        it(`refuses the command line: ${wrong.join(" ") || "nothing"}`, () =>
            assert.rejects(
                async () => run([...wrong]),
                (error) => error instanceof UsageError && message.test(error.message),
            ));
    }
});
