import { readFile } from "node:fs/promises";
import { evidenceKey, sbomPlace } from "../evidence/evidencePlace";
import type { EvidenceStore } from "../evidence/evidenceStore";
import type { SbomReport } from "./sbomReport";

/**
 * Stores a bill of materials and what was found out about it under `<application>/sha256-<hex>/sbom/<execution>/build/`.
 * @param rawPath file with exactly the bytes that were judged.
 * @throws EvidenceError
 */
export async function storeSbom(
    store: EvidenceStore,
    subject: { application: string; digest: string; execution: string },
    { report, rawPath }: { report: SbomReport; rawPath: string },
): Promise<void> {
    const place = sbomPlace(subject);
    await store.put(evidenceKey(place, "raw.json"), await readFile(rawPath));
    await store.put(evidenceKey(place, "report.json"), Buffer.from(`${JSON.stringify(report, null, 2)}\n`));
}
