import assert from "node:assert/strict";
import { gatePolicySchema } from "../policy/gatePolicy";
import type { ScanReport } from "../report/scanReport";
import { damage, randomNumbers } from "../report/testing/damage";
import { judge, type Outcome } from "../verdict/verdict";
import { evidenceKey, scanPlace, type EvidenceFileName } from "./evidencePlace";
import { describeBytes, piecesOf, type EvidenceContent, type EvidenceStore } from "./evidenceStore";
import { loadScans, parseReport, serializeReport, storeScan } from "./scanEvidence";

const now = new Date("2026-03-04T12:00:00Z");
const digest = `sha256:${"a".repeat(64)}`;
const policy = gatePolicySchema.parse({ version: 1 });

const refused: ScanReport = {
    version: 1,
    scanner: { name: "grype", version: "0.115.0" },
    subject: { image: `registry.example.org/orders/candidate@${digest}`, digest },
    startedAt: "2026-03-04T11:00:00Z",
    finishedAt: "2026-03-04T11:01:00Z",
    raw: null,
    dataBuiltAt: "2026-03-03T11:00:00Z",
    complete: true,
    incompleteReasons: [],
    findings: [
        {
            id: "CVE-2021-3711",
            severity: "critical",
            package: { name: "openssl", version: "1.1.1k-1", type: "deb" },
            fixedIn: null,
            willNotFix: false,
            url: null,
            source: "/matches/0",
        },
    ],
    refusals: [],
};

function outcomeOf(content: Uint8Array): Outcome {
    return judge({
        policy,
        stage: "test",
        reports: [parseReport(content, "report.json", "grype")],
        digest,
        now,
    }).outcome;
}

describe("damaged evidence", () => {
    for (const [name, report] of Object.entries({
        "of a refused image": refused,
        "of a scan that was not complete": {
            ...refused,
            findings: [],
            complete: false,
            incompleteReasons: ["no data"],
        },
        "of a scanner's own refusal": {
            ...refused,
            findings: [],
            refusals: [{ rule: "dockerfile", message: "runs as root" }],
        },
        "with data too old": { ...refused, findings: [], dataBuiltAt: "2024-01-03T11:00:00Z" },
    })) {
        it(`${name} never passes`, () => {
            const content = Buffer.from(serializeReport(report));
            assert.notEqual(outcomeOf(content), "pass");
            const random = randomNumbers(20_260_304);
            for (let round = 0; round < 5_000; round += 1) {
                const damaged = damage(content, random);
                assert.notEqual(outcomeOf(damaged), "pass", Buffer.from(damaged).toString());
            }
        });
    }
});

/** A store that keeps what it is given and checks nothing, for speed. */
class MemoryStore implements EvidenceStore {
    readonly objects = new Map<string, Uint8Array>();
    async put(key: string, content: EvidenceContent): Promise<void> {
        const pieces: Uint8Array[] = [];
        if (content instanceof Uint8Array) pieces.push(content);
        else for await (const piece of piecesOf(content)) pieces.push(piece);
        this.objects.set(key, Buffer.concat(pieces));
    }
    async get(key: string): Promise<Uint8Array | null> {
        return this.objects.get(key) ?? null;
    }
    async describe(key: string) {
        const content = this.objects.get(key);
        return content === undefined ? null : describeBytes(content);
    }
    locate(key: string): string {
        return key;
    }
}

describe("stored evidence that would pass", () => {
    const subject = { application: "orders", digest, execution: "1", stage: "test" as const };
    const raw = Buffer.from('{"matches": []}');
    const passing: ScanReport = { ...refused, findings: [], raw: describeBytes(raw) };

    for (const file of ["manifest.json", "report.json", "raw.json"] as EvidenceFileName[]) {
        it(`never passes with a changed byte in ${file}`, async () => {
            const store = new MemoryStore();
            const outcome = async (): Promise<Outcome> => {
                const reports = await loadScans(store, subject, ["grype"]);
                return judge({ policy, stage: "test", reports, digest, now }).outcome;
            };
            await storeScan(store, subject, { report: passing, raw });
            assert.equal(await outcome(), "pass");
            const key = evidenceKey(scanPlace(subject, "grype"), file);
            const content = Buffer.from(store.objects.get(key) ?? assert.fail());
            for (let at = 0; at < content.length; at += 1) {
                for (const bit of [1, 128]) {
                    const changed = Buffer.from(content);
                    changed[at] = (changed[at] ?? 0) ^ bit;
                    store.objects.set(key, changed);
                    assert.equal(await outcome(), "incomplete", `byte ${at} changed by ${bit}`);
                }
            }
            const random = randomNumbers(7);
            for (let round = 0; round < 1_000; round += 1) {
                const damaged = damage(content, random);
                store.objects.set(key, damaged);
                const same = content.equals(damaged);
                assert.equal(await outcome(), same ? "pass" : "incomplete", Buffer.from(damaged).toString());
            }
            store.objects.delete(key);
            assert.equal(await outcome(), "incomplete");
        });
    }
});
