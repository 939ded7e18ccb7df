import { evidenceKey, type EvidencePlace } from "./evidencePlace";
import {
    describeBytes,
    descriptionOf,
    isSameContent,
    type ContentDescription,
    type EvidenceContent,
    type EvidenceReader,
    type EvidenceStore,
} from "./evidenceStore";
import { largestManifest, parseManifest, serializeManifest, type Manifest } from "./manifest";

/** Largest normalized report in bytes: a hundred thousand findings of a kilobyte. */
const largestReport = 128 * 1024 * 1024;

/** Evidence that is there as it was written. */
export interface Evidence {
    /** The bytes of report.json. */
    report: Uint8Array;
    /** What raw.json is; null when there is none. */
    raw: ContentDescription | null;
}

/** Evidence that is there and cannot be believed: one line with what, where and what to do. */
export interface UnreadableEvidence {
    unreadable: string;
}

/**
 * Stores a report and what it was made of, raw answer first and manifest last: what has a manifest is whole.
 * @param raw null when there is nothing to keep. For a file whose hash is not known: `await describeFile(path)`.
 * @throws EvidenceError
 */
export async function storeEvidence(
    store: EvidenceStore,
    place: EvidencePlace,
    { report, raw }: { report: EvidenceContent; raw: EvidenceContent | null },
): Promise<void> {
    const manifest: Manifest = {
        report: descriptionOf(report),
        raw: raw === null ? null : descriptionOf(raw),
    };
    if (raw !== null) await store.put(evidenceKey(place, "raw.json"), raw);
    await store.put(evidenceKey(place, "report.json"), report);
    await store.put(evidenceKey(place, "manifest.json"), Buffer.from(serializeManifest(place, manifest)));
}

/**
 * The evidence in one place, checked: the manifest is of this place, and report and raw answer have its hashes. Null
 * when there is none. Never throws.
 */
export async function loadEvidence(
    store: EvidenceReader,
    place: EvidencePlace,
): Promise<Evidence | UnreadableEvidence | null> {
    try {
        return await load(store, place);
    } catch (error) {
        return { unreadable: (error as Error).message };
    }
}

async function load(
    store: EvidenceReader,
    place: EvidencePlace,
): Promise<Evidence | UnreadableEvidence | null> {
    const manifestKey = evidenceKey(place, "manifest.json");
    const content = await store.get(manifestKey, largestManifest);
    if (content === null) return absent(store, place);
    let manifest: Manifest;
    try {
        manifest = parseManifest(content, place);
    } catch (error) {
        const detail = (error as Error).message.slice(0, 300);
        return doubtful(`evidence ${store.locate(manifestKey)} is not a manifest of this place (${detail})`);
    }
    const reportKey = evidenceKey(place, "report.json");
    const report = await store.get(reportKey, largestReport);
    if (report === null || !isSameContent(describeBytes(report), manifest.report)) {
        return doubtful(
            `evidence ${store.locate(reportKey)} is ${report === null ? "gone" : "not what was stored"}`,
        );
    }
    if (manifest.raw !== null) {
        const rawKey = evidenceKey(place, "raw.json");
        const raw = await store.describe(rawKey);
        if (raw === null || !isSameContent(raw, manifest.raw)) {
            return doubtful(
                `evidence ${store.locate(rawKey)} is ${raw === null ? "gone" : "not what was stored"}`,
            );
        }
    }
    return { report, raw: manifest.raw };
}

/** Without a manifest there must be nothing at all. */
async function absent(store: EvidenceReader, place: EvidencePlace): Promise<UnreadableEvidence | null> {
    for (const file of ["report.json", "raw.json"] as const) {
        const key = evidenceKey(place, file);
        if ((await store.describe(key)) !== null) {
            return doubtful(
                `evidence ${store.locate(key)} has no manifest beside it: storing it was broken off`,
            );
        }
    }
    return null;
}

function doubtful(what: string): UnreadableEvidence {
    return { unreadable: `${what}; start a new pipeline execution` };
}
