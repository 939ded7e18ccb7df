import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import type { ScanReport } from "../report/scanReport";
import { DirectoryEvidenceStore } from "./directoryStore";
import { evidenceKey, type EvidenceStore } from "./evidenceStore";
import { S3EvidenceStore } from "./s3Store";
import { loadScans, parseReport, serializeReport, storeScan } from "./scanEvidence";
import { S3Server } from "./testing/s3Server";

const digest = `sha256:${"d".repeat(64)}`;
const subject = {
    application: "orders",
    digest,
    execution: "6f0c1b5e-5a41-4c1c-9a53-0e3f0a3f6a11",
    stage: "test" as const,
};
const prefix = `orders/sha256-${"d".repeat(64)}`;

const report: ScanReport = {
    version: 1,
    scanner: { name: "grype", version: "0.115.0" },
    subject: { image: `example.org/app@${digest}`, digest },
    startedAt: "2026-03-04T11:00:00Z",
    finishedAt: "2026-03-04T11:01:00Z",
    raw: null,
    dataBuiltAt: "2026-03-03T11:00:00Z",
    complete: true,
    incompleteReasons: [],
    findings: [],
    refusals: [],
};

describe("evidence keys", () => {
    it("hold application, digest, scanner and execution", () => {
        assert.equal(
            evidenceKey(subject, "grype", "report.json"),
            `${prefix}/grype/6f0c1b5e-5a41-4c1c-9a53-0e3f0a3f6a11/test/report.json`,
        );
    });

    for (const [change, message] of [
        [{ application: "" }, /application/],
        [{ application: "../other" }, /application/],
        [{ application: "Orders" }, /application/],
        [{ application: "a".repeat(64) }, /application/],
        [{ execution: "" }, /execution/],
        [{ execution: ".." }, /execution/],
        [{ execution: "a/b" }, /execution/],
        [{ execution: "a\n" }, /execution/],
        [{ digest: "sha256:12" }, /digest/],
        [{ digest: `${digest}/..` }, /digest/],
    ] as const) {
        it(`refuse ${JSON.stringify(change)}`, () =>
            assert.throws(() => evidenceKey({ ...subject, ...change }, "grype", "raw.json"), message));
    }
});

/** What holds for every store. `tamper` changes what is stored under a key behind the store's back. */
function behavesAsEvidenceStore(
    open: () => { store: EvidenceStore; tamper: (key: string, content: string) => Promise<void> },
): void {
    const key = evidenceKey(subject, "grype", "report.json");

    it("gives back what was put, and null for what was not", async () => {
        const { store } = open();
        assert.equal(await store.get(key), null);
        await store.put(key, Buffer.from("one"));
        assert.deepEqual(Buffer.from((await store.get(key)) ?? []).toString(), "one");
    });

    it("accepts the same bytes again and refuses others, keeping the first", async () => {
        const { store } = open();
        await store.put(key, Buffer.from("one"));
        await store.put(key, Buffer.from("one"));
        await assert.rejects(
            store.put(key, Buffer.from("two")),
            /exists with other content.*start a new pipeline/,
        );
        await assert.rejects(store.put(key, Buffer.from("one ")), /exists with other content/);
        assert.deepEqual(Buffer.from((await store.get(key)) ?? []).toString(), "one");
    });

    it("stores raw and report and loads the reports", async () => {
        const { store } = open();
        await storeScan(store, subject, { report, raw: Buffer.from("{}") });
        assert.deepEqual(await loadScans(store, subject), [report]);
        assert.deepEqual(await loadScans(store, { ...subject, execution: "other" }), []);
        assert.equal(
            Buffer.from((await store.get(evidenceKey(subject, "grype", "raw.json"))) ?? []).toString(),
            "{}",
        );
    });

    it("gives a report that is damaged or in another scanner's place as unreadable", async () => {
        const { store, tamper } = open();
        await storeScan(store, subject, { report, raw: null });
        await tamper(evidenceKey(subject, "anchore", "report.json"), serializeReport(report));
        await tamper(key, '{"version": 1');
        const place = (scanner: "anchore" | "grype"): string =>
            store.locate(evidenceKey(subject, scanner, "report.json"));
        const [anchore, grype] = (await loadScans(store, subject)) as {
            unreadable: string;
            scanner: string;
        }[];
        assert.deepEqual(anchore, {
            unreadable: `${place("anchore")} is not a report of anchore`,
            scanner: "anchore",
        });
        assert.equal(grype?.scanner, "grype");
        assert.ok(grype?.unreadable.startsWith(`${place("grype")} is not JSON (`), grype?.unreadable);
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
        tamper: async (key, content) => {
            await new DirectoryEvidenceStore(root)
                .put(key, Buffer.from("placeholder"))
                .catch(() => undefined);
            await writeFile(join(root, key), content);
        },
    }));

    it("says when it cannot write", async () => {
        await writeFile(join(root, "orders"), "a file where a folder should be");
        const store = new DirectoryEvidenceStore(root);
        await assert.rejects(store.put("orders/a", Buffer.from("x")), /cannot be written/);
    });

    it("lays files out as the key says", async () => {
        await storeScan(new DirectoryEvidenceStore(root), subject, { report, raw: null });
        const path = join(root, prefix, "grype", subject.execution, "test", "report.json");
        assert.equal(await readFile(path, "utf8"), serializeReport(report));
    });
});

describe("evidence in a bucket", () => {
    let server: S3Server;
    let client: S3Client;
    beforeEach(async () => {
        server = await S3Server.start();
        client = new S3Client({
            endpoint: server.url,
            region: "us-east-1",
            forcePathStyle: true,
            credentials: { accessKeyId: "test", secretAccessKey: "test" },
        });
    });
    afterEach(async () => {
        client.destroy();
        await server.stop();
    });
    const key = evidenceKey(subject, "grype", "report.json");

    behavesAsEvidenceStore(() => ({
        store: new S3EvidenceStore("evidence", client),
        tamper: async (tampered, content) => {
            server.objects.set(`evidence/${tampered}`, Buffer.from(content));
        },
    }));

    it("reads back and notices that the bucket holds something else", async () => {
        server.corrupt = (content) => Buffer.concat([content, Buffer.from(" ")]);
        await assert.rejects(
            new S3EvidenceStore("evidence", client).put(key, Buffer.from("one")),
            /reads back different/,
        );
        assert.deepEqual(server.requests, [`PUT /evidence/${key}`, `GET /evidence/${key}`]);
    });

    it("tries again after a passing failure", async () => {
        server.interruptions.push({ method: "PUT", status: 503, code: "SlowDown" });
        await new S3EvidenceStore("evidence", client).put(key, Buffer.from("one"));
        assert.equal(server.objects.get(`evidence/${key}`)?.toString(), "one");
    });

    it("says what a missing permission may mean", async () => {
        server.interruptions.push({ method: "GET", status: 403, code: "AccessDenied" });
        const store = new S3EvidenceStore("evidence", client);
        await assert.rejects(store.get(key), /AccessDenied.*does not exist, or the role may not read it/);
        server.interruptions.push({ method: "PUT", status: 403, code: "AccessDenied" });
        await assert.rejects(
            store.put(key, Buffer.from("one")),
            /cannot be written \(AccessDenied: AccessDenied\)$/,
        );
        assert.equal(server.objects.size, 0);
    });
});

describe("stored report text", () => {
    it("may come without an expected scanner", () => {
        assert.deepEqual(parseReport(Buffer.from('{"scanner":{"name":"x"}}'), "a"), {
            scanner: { name: "x" },
        });
        assert.deepEqual(parseReport(Buffer.from([0xff]), "a"), {
            unreadable: "a is not JSON (The encoded data was not valid for encoding utf-8)",
            scanner: null,
        });
    });
});
