import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { access, appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import type { ScanReport } from "../report/scanReport";
import { DirectoryEvidenceStore } from "./directoryStore";
import { loadEvidence, storeEvidence } from "./evidence";
import { evidenceKey, sbomPlace, scanPlace, verifyPlace, type EvidenceFileName } from "./evidencePlace";
import { describeFile, type EvidenceStore } from "./evidenceStore";
import { S3EvidenceStore } from "./s3Store";
import { loadScans, parseReport, reportPieces, serializeReport, storeScan } from "./scanEvidence";
import { S3Server } from "./testing/s3Server";

const digest = `sha256:${"d".repeat(64)}`;
const subject = {
    application: "orders",
    digest,
    execution: "6f0c1b5e-5a41-4c1c-9a53-0e3f0a3f6a11",
    stage: "test" as const,
};
const prefix = `orders/sha256-${"d".repeat(64)}`;
const place = scanPlace(subject, "grype");
const keyOf = (file: EvidenceFileName): string => evidenceKey(place, file);

const raw = Buffer.from('{"matches":[]}');
const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");
const report: ScanReport = {
    version: 1,
    scanner: { name: "grype", version: "0.115.0" },
    subject: { image: `example.org/app@${digest}`, digest },
    startedAt: "2026-03-04T11:00:00Z",
    finishedAt: "2026-03-04T11:01:00Z",
    raw: { sha256: sha256(raw), bytes: raw.length },
    dataBuiltAt: "2026-03-03T11:00:00Z",
    complete: true,
    incompleteReasons: [],
    findings: [],
    refusals: [],
};
const withoutRaw: ScanReport = {
    ...report,
    raw: null,
    complete: false,
    incompleteReasons: ["grype wrote nothing"],
};

describe("evidence keys", () => {
    const { application, execution } = subject;
    const commit = "0123456789abcdef0123456789abcdef01234567";
    for (const [of, of_, key] of [
        ["a scan", place, `${prefix}/grype/${execution}/test/report.json`],
        ["an SBOM", sbomPlace(subject), `${prefix}/sbom/${execution}/build/report.json`],
        [
            "a check of a commit",
            verifyPlace({ application, commit, tool: "hadolint", execution }),
            `orders/git-${commit}/hadolint/${execution}/verify/report.json`,
        ],
    ] as const) {
        it(`of ${of} hold application, what it is about, who says it, execution and stage`, () =>
            assert.equal(evidenceKey(of_, "report.json"), key));
    }

    for (const [change, message] of [
        [{ application: "" }, /application/],
        [{ application: "../other" }, /application/],
        [{ application: "Orders" }, /application/],
        [{ application: "a".repeat(64) }, /application/],
        [{ execution: "" }, /execution/],
        [{ execution: ".." }, /execution/],
        [{ execution: "a/b" }, /execution/],
        [{ execution: "a\n" }, /execution/],
        [{ about: "sha256:12" }, /digest/],
        [{ about: `${digest}/..` }, /digest/],
        [{ about: "git:0123456" }, /full id of a commit/],
        [{ about: `git:${commit}\n` }, /full id of a commit/],
        [{ producer: "../grype" }, /name of a tool/],
        [{ producer: "" }, /name of a tool/],
    ] as const) {
        it(`refuse ${JSON.stringify(change)}`, () =>
            assert.throws(() => evidenceKey({ ...place, ...change }, "raw.json"), message));
    }
});

interface OpenStore {
    store: EvidenceStore;
    /** Changes what is stored under a key behind the store's back; null removes it. */
    tamper: (key: string, content: string | Uint8Array | null) => Promise<void>;
    folder: string;
}

/** What holds for every store. */
function behavesAsEvidenceStore(open: () => OpenStore): void {
    const key = keyOf("report.json");
    const textAt = async (store: EvidenceStore, at: string): Promise<string | null> => {
        const content = await store.get(at, 1_000_000);
        return content === null ? null : Buffer.from(content).toString();
    };

    it("gives back what was put, and null for what was not", async () => {
        const { store } = open();
        assert.deepEqual([await store.get(key, 10), await store.describe(key)], [null, null]);
        await store.put(key, Buffer.from("one"));
        assert.equal(await textAt(store, key), "one");
        assert.deepEqual(await store.describe(key), { sha256: sha256(Buffer.from("one")), bytes: 3 });
        await assert.rejects(store.get(key, 2), /3 bytes, more than 2 allowed/);
    });

    it("accepts the same bytes again and refuses others, keeping the first", async () => {
        const { store, folder } = open();
        await store.put(key, Buffer.from("one"));
        await store.put(key, Buffer.from("one"));
        const other = join(folder, "other.json");
        await writeFile(other, "one");
        await store.put(key, await describeFile(other));
        await writeFile(other, "three");
        for (const content of [Buffer.from("two"), Buffer.from("one "), await describeFile(other)]) {
            await assert.rejects(store.put(key, content), /exists with other content.*start a new pipeline/);
        }
        assert.equal(await textAt(store, key), "one");
    });

    it("stores a file as it was described, in pieces, and refuses one that has changed since", async () => {
        const { store, folder } = open();
        const path = join(folder, "large.json");
        const content = Buffer.alloc(3_000_000, "0123456789");
        await writeFile(path, content);
        const described = await describeFile(path);
        await store.put(keyOf("raw.json"), described);
        assert.deepEqual(await store.describe(keyOf("raw.json")), {
            sha256: sha256(content),
            bytes: 3_000_000,
        });
        for (const change of [
            () => appendFile(path, "x"),
            () => truncate(path, 2_999_999),
            () => writeFile(path, Buffer.alloc(3_000_000, "0123456780")),
            () => truncate(path, 0),
        ]) {
            await change();
            await assert.rejects(
                store.put(key, described),
                /has changed since it was judged; nothing is stored/,
            );
            assert.equal(await store.describe(key), null);
        }
        await rm(path);
        await assert.rejects(store.put(key, described), /cannot be read again \(ENOENT/);
        assert.equal(await store.describe(key), null);
    });

    it("stores raw, report and manifest, in this order, and loads the report", async () => {
        const { store, folder } = open();
        const path = join(folder, "raw.json");
        await writeFile(path, raw);
        await storeScan(store, subject, { report, raw: { path } });
        assert.deepEqual(await loadScans(store, subject), [report]);
        assert.deepEqual(await loadScans(store, { ...subject, execution: "other" }), []);
        assert.deepEqual(await loadScans(store, { ...subject, stage: "scanStagingImage" }), []);
        assert.deepEqual(await loadScans(store, subject, ["anchore", "inspector"]), []);
        assert.equal(await textAt(store, keyOf("raw.json")), raw.toString());
        const text = Buffer.from(serializeReport(report));
        assert.deepEqual(JSON.parse((await textAt(store, keyOf("manifest.json"))) ?? ""), {
            version: 1,
            subject: {
                application: "orders",
                about: digest,
                producer: "grype",
                execution: subject.execution,
                stage: "test",
            },
            report: { sha256: sha256(text), bytes: text.length },
            raw: { sha256: sha256(raw), bytes: raw.length },
        });
        // A step that is retried says the same again.
        await storeScan(store, subject, { report, raw });
        await assert.rejects(
            storeScan(store, subject, { report: { ...report, finishedAt: "2026-03-04T11:02:00Z" }, raw }),
            /report\.json exists with other content/,
        );
    });

    it("stores the report of a scan that gave nothing", async () => {
        const { store } = open();
        await storeScan(store, subject, { report: withoutRaw, raw: null });
        assert.deepEqual(await loadScans(store, subject), [withoutRaw]);
    });

    it("stores nothing when the raw answer is not the one that was judged", async () => {
        const { store, folder } = open();
        const path = join(folder, "raw.json");
        await writeFile(path, "{}");
        for (const [given, answer, message] of [
            [report, Buffer.from("{}"), /made of another answer/],
            [report, { path }, /has changed since it was judged/],
            [report, null, /made of an answer that is gone/],
            [withoutRaw, raw, /does not say which bytes/],
        ] as const) {
            await assert.rejects(storeScan(store, subject, { report: given, raw: answer }), message);
            assert.deepEqual(await loadScans(store, subject), []);
        }
    });

    it("keeps evidence that is not a scanner's as well", async () => {
        const { store } = open();
        const sbom = sbomPlace(subject);
        const text = Buffer.from("{}");
        assert.equal(await loadEvidence(store, sbom), null);
        await storeEvidence(store, sbom, { report: text, raw });
        const loaded = await loadEvidence(store, sbom);
        assert.ok(loaded !== null && "report" in loaded);
        assert.deepEqual(
            [Buffer.from(loaded.report), loaded.raw],
            [text, { sha256: sha256(raw), bytes: raw.length }],
        );
    });

    /** What the store makes of stored evidence with which somebody has done something. */
    async function afterwards(
        change: (open: OpenStore) => Promise<void>,
        stored: ScanReport = report,
    ): Promise<unknown[]> {
        const opened = open();
        await storeScan(opened.store, subject, { report: stored, raw: stored.raw === null ? null : raw });
        await change(opened);
        return loadScans(opened.store, subject);
    }
    const manifestText = async (store: EvidenceStore): Promise<string> =>
        (await textAt(store, keyOf("manifest.json"))) ?? "";

    const cases: [string, (open: OpenStore) => Promise<void>, RegExp][] = [
        [
            "a manifest that is gone",
            ({ tamper }) => tamper(keyOf("manifest.json"), null),
            /has no manifest beside it/,
        ],
        [
            "only a raw answer",
            async ({ tamper }) => {
                await tamper(keyOf("manifest.json"), null);
                await tamper(keyOf("report.json"), null);
            },
            /raw\.json has no manifest beside it/,
        ],
        ["a report that is gone", ({ tamper }) => tamper(keyOf("report.json"), null), /report\.json is gone/],
        ["a raw answer that is gone", ({ tamper }) => tamper(keyOf("raw.json"), null), /raw\.json is gone/],
        [
            "another report",
            ({ tamper }) => tamper(keyOf("report.json"), serializeReport({ ...report, dataBuiltAt: null })),
            /report\.json is not what was stored/,
        ],
        [
            "another raw answer",
            ({ tamper }) => tamper(keyOf("raw.json"), '{"matches":{}}'),
            /raw\.json is not what was/,
        ],
        [
            "an empty manifest",
            ({ tamper }) => tamper(keyOf("manifest.json"), ""),
            /not a manifest of this place/,
        ],
        ["a manifest that is a list", ({ tamper }) => tamper(keyOf("manifest.json"), "[]"), /\(document: /],
        [
            "a manifest over its size",
            ({ tamper }) => tamper(keyOf("manifest.json"), " ".repeat(70_000)),
            /70000 bytes/,
        ],
        [
            "a manifest in other words",
            async ({ store, tamper }) =>
                tamper(keyOf("manifest.json"), JSON.stringify(JSON.parse(await manifestText(store)))),
            /\(it is not written as the gate writes it\); start a new/,
        ],
        [
            "a manifest of another execution",
            async ({ store, tamper }) =>
                tamper(
                    keyOf("manifest.json"),
                    (await manifestText(store)).replace(subject.execution, "other"),
                ),
            /\(it is about orders sha256:d+ grype other test\)/,
        ],
        [
            "evidence of another place",
            async ({ store, tamper }) => {
                const stage = "scanStagingImage";
                await storeScan(store, { ...subject, stage }, { report, raw });
                const from = scanPlace({ ...subject, stage }, "grype");
                for (const file of ["raw.json", "report.json", "manifest.json"] as const)
                    await tamper(keyOf(file), await store.get(evidenceKey(from, file), 1_000_000));
            },
            /\(it is about .* grype 6f0c1b5e.* scanStagingImage\)/,
        ],
    ];
    for (const [name, change, message] of cases) {
        it(`gives ${name} as unreadable`, async () => {
            const [loaded, ...others] = (await afterwards(change)) as {
                unreadable: string;
                scanner: string;
            }[];
            assert.deepEqual([others, loaded?.scanner], [[], "grype"]);
            assert.match(loaded?.unreadable ?? "", message);
            assert.match(loaded?.unreadable ?? "", /^evidence [^\n]+$/);
        });
    }

    it("gives a report as unreadable whose manifest does not bind what it was made of", async () => {
        for (const [stored, given, message] of [
            [{ ...report, raw: { ...report.raw, bytes: 1 } }, raw, /does not belong to the raw answer/],
            [{ ...report, raw: null }, raw, /does not belong to the raw answer/],
            [report, null, /does not belong to the raw answer/],
            [{ ...report, raw: null }, null, /calls itself complete and has no raw answer/],
            [{ ...report, scanner: { name: "anchore", version: "" } }, raw, /is not a report of grype/],
            ["not a report", raw, /is not a report of grype/],
        ] as const) {
            const execution = `e${sha256(Buffer.from(JSON.stringify([stored, given]))).slice(0, 12)}`;
            const other = { ...subject, execution };
            const { store } = open();
            const text = Buffer.from(JSON.stringify(stored));
            await storeEvidence(store, scanPlace(other, "grype"), { report: text, raw: given });
            const [loaded] = (await loadScans(store, other)) as { unreadable: string }[];
            assert.match(loaded?.unreadable ?? "", message);
        }
    });
}

describe("evidence in a folder", () => {
    let root: string;
    beforeEach(async () => {
        root = await mkdtemp(join(tmpdir(), "gate-evidence-"));
    });
    afterEach(() => rm(root, { recursive: true }));

    behavesAsEvidenceStore(() => ({
        store: new DirectoryEvidenceStore(root),
        tamper: (key, content) =>
            content === null ? rm(join(root, key)) : writeFile(join(root, key), content),
        folder: root,
    }));

    it("says when it cannot write", async () => {
        await writeFile(join(root, "orders"), "a file where a folder should be");
        const store = new DirectoryEvidenceStore(root);
        await assert.rejects(store.put("orders/a", Buffer.from("x")), /cannot be written/);
    });

    it("leaves nothing behind of a file that has changed", async () => {
        const path = join(root, "raw.json");
        await writeFile(path, "one");
        const described = await describeFile(path);
        await writeFile(path, "two");
        const key = keyOf("raw.json");
        await assert.rejects(new DirectoryEvidenceStore(root).put(key, described), /has changed/);
        await assert.rejects(access(join(root, key)), /ENOENT/);
    });

    it("refuses what is not a file", async () => {
        const store = new DirectoryEvidenceStore(root);
        await store.put("a/b", Buffer.from("x"));
        await assert.rejects(store.put("a", Buffer.from("x")), /cannot be written/);
        await assert.rejects(store.get("a", 10), /cannot be read/);
        await assert.rejects(describeFile(root), /cannot be read/);
    });

    it("lays files out as the key says", async () => {
        await storeScan(new DirectoryEvidenceStore(root), subject, { report, raw });
        const path = join(root, prefix, "grype", subject.execution, "test", "report.json");
        assert.equal(await readFile(path, "utf8"), serializeReport(report));
    });
});

function ignore(): void {}

describe("evidence in a bucket", () => {
    let server: S3Server;
    let client: S3Client;
    let folder: string;
    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "gate-evidence-"));
        server = await S3Server.start();
        client = new S3Client({
            endpoint: server.url,
            region: "us-east-1",
            forcePathStyle: true,
            logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
            credentials: { accessKeyId: "test", secretAccessKey: "test" },
        });
    });
    afterEach(async () => {
        client.destroy();
        await server.stop();
        await rm(folder, { recursive: true });
    });
    const key = keyOf("report.json");

    behavesAsEvidenceStore(() => ({
        store: new S3EvidenceStore("evidence", client),
        tamper: async (tampered, content) => {
            if (content === null) server.objects.delete(`evidence/${tampered}`);
            else server.objects.set(`evidence/${tampered}`, Buffer.from(content));
        },
        folder,
    }));

    it("reads back and notices that the bucket holds something else", async () => {
        server.corrupt = (content) => Buffer.concat([content, Buffer.from(" ")]);
        await assert.rejects(
            new S3EvidenceStore("evidence", client).put(key, Buffer.from("one")),
            /reads back different/,
        );
        assert.deepEqual(server.requests, [`PUT /evidence/${key}`, `HEAD /evidence/${key}`]);
    });

    it("tries again after a passing failure", async () => {
        server.interruptions.push({ method: "PUT", status: 503, code: "SlowDown" });
        await new S3EvidenceStore("evidence", client).put(key, Buffer.from("one"));
        assert.equal(server.objects.get(`evidence/${key}`)?.toString(), "one");
    });

    it("tries again with a file after a passing failure, and gives up in the end", async () => {
        const path = join(folder, "raw.json");
        await writeFile(path, Buffer.alloc(200_000, "x"));
        const described = await describeFile(path);
        const store = new S3EvidenceStore("evidence", client);
        server.interruptions.push({ method: "PUT", status: 409, code: "ConditionalRequestConflict" });
        server.interruptions.push({ method: "PUT", status: 503, code: "SlowDown" });
        await store.put(key, described);
        assert.equal(server.objects.get(`evidence/${key}`)?.length, 200_000);
        server.interruptions.push({ method: "PUT", status: 400, code: "InvalidRequest" });
        await assert.rejects(store.put(keyOf("raw.json"), described), /cannot be written \(InvalidRequest/);
        assert.equal(
            server.requests.filter((request) => request === `PUT /evidence/${keyOf("raw.json")}`).length,
            1,
        );
    });

    it("reads what has no checksum of its own", async () => {
        const store = new S3EvidenceStore("evidence", client);
        await storeScan(store, subject, { report, raw });
        server.withoutChecksum.add(`evidence/${keyOf("raw.json")}`);
        assert.deepEqual(await loadScans(store, subject), [report]);
        assert.ok(server.requests.includes(`GET /evidence/${keyOf("raw.json")}`));
        server.objects.set(`evidence/${keyOf("raw.json")}`, Buffer.from("{}"));
        const [loaded] = (await loadScans(store, subject)) as { unreadable: string }[];
        assert.match(loaded?.unreadable ?? "", /raw\.json is not what was stored/);
    });

    it("gives evidence that may not be read as unreadable, not as absent", async () => {
        const store = new S3EvidenceStore("evidence", client);
        await storeScan(store, subject, { report, raw });
        for (const method of ["GET", "HEAD"]) {
            server.interruptions.push({ method, status: 403, code: "AccessDenied" });
            const [loaded] = (await loadScans(store, subject, ["grype"])) as { unreadable: string }[];
            assert.match(loaded?.unreadable ?? "", /cannot be read .* or the role may not read it/);
        }
    });

    it("says what a missing permission may mean", async () => {
        server.interruptions.push({ method: "GET", status: 403, code: "AccessDenied" });
        const store = new S3EvidenceStore("evidence", client);
        await assert.rejects(store.get(key, 10), /AccessDenied.*does not exist, or the role may not read it/);
        server.interruptions.push({ method: "PUT", status: 403, code: "AccessDenied" });
        await assert.rejects(
            store.put(key, Buffer.from("one")),
            /cannot be written \(AccessDenied: AccessDenied\)$/,
        );
        assert.equal(server.objects.size, 0);
    });
});

describe("stored report text", () => {
    it("is JSON of the whole report, whatever is in it, in pieces that are not large", () => {
        const finding = {
            id: 'CVE-1"\n  "findings": []',
            severity: "high" as const,
            package: { name: "a\n", version: "é\u2028", type: "\\" },
            fixedIn: null,
            willNotFix: false,
            url: null,
            source: "/matches/0",
        };
        for (const count of [0, 1, 2, 5_000]) {
            const full = {
                ...report,
                incompleteReasons: ['\n  "findings": []'],
                findings: Array.from({ length: count }, () => finding),
            };
            const text = serializeReport(full);
            assert.deepEqual(JSON.parse(text), full);
            assert.deepEqual(parseReport(Buffer.from(text), "a", "grype"), full);
            assert.equal(text, `${JSON.stringify(JSON.parse(text), null, 2)}\n`);
            for (const piece of reportPieces(full)) assert.ok(piece.length < 70_000);
        }
    });

    it("may come without an expected scanner", () => {
        assert.deepEqual(parseReport(Buffer.from('{"scanner":{"name":"x"}}'), "a"), {
            scanner: { name: "x" },
        });
        assert.deepEqual(parseReport(Buffer.from([0xff]), "a"), {
            unreadable: "a is not JSON (not UTF-8 text, near byte 0)",
            scanner: null,
        });
    });
});
