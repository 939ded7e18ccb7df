import type { SecurityFinding } from "./securityFinding";

/**
 * What `BatchImportFindings` takes at once: 100 findings, 240 KB each, 6 MB altogether (Security Hub Partner
 * Integration Guide, "Guidelines for using the BatchImportFindings API"). Kilobytes are taken as 1,000 bytes.
 */
export const batchLimits = { findings: 100, findingBytes: 240_000, batchBytes: 6_000_000 } as const;

/** Bytes of a request around its findings: `{"Findings":[]}`. */
const frameBytes = 15;

/**
 * Divides findings into requests, in their order, one after the other as they are asked for. A finding whose id was
 * there before is the same finding and left out.
 * @throws Error for a finding that is too large for any request.
 */
export function* batchesOf(findings: Iterable<SecurityFinding>): Generator<SecurityFinding[], void> {
    const seen = new Set<string>();
    let batch: SecurityFinding[] = [];
    let bytes = frameBytes;
    for (const finding of findings) {
        if (seen.has(finding.Id)) continue;
        seen.add(finding.Id);
        const own = Buffer.byteLength(JSON.stringify(finding));
        if (own > batchLimits.findingBytes) {
            throw new Error(
                `the finding ${finding.Id} has ${own} bytes, and Security Hub takes ${batchLimits.findingBytes}`,
            );
        }
        // With the comma before it.
        if (batch.length === batchLimits.findings || bytes + own + 1 > batchLimits.batchBytes) {
            yield batch;
            batch = [];
            bytes = frameBytes;
        }
        batch.push(finding);
        bytes += own + 1;
    }
    if (batch.length > 0) yield batch;
}
