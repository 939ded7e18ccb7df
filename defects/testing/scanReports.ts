/** Small scan reports about one digest, complete and young unless a test says otherwise. */
import type { ScanReport } from "../../gate/report/scanReport";

export const now = new Date("2026-03-04T12:00:00Z");
export const imageDigest = `sha256:${"1".repeat(64)}`;

export function report(change: Partial<ScanReport> = {}): ScanReport {
    return {
        version: 1,
        scanner: { name: "grype", version: "0.115.0" },
        subject: { image: `registry.example.org/app@${imageDigest}`, digest: imageDigest },
        startedAt: "2026-03-04T11:00:00Z",
        finishedAt: "2026-03-04T11:01:00Z",
        raw: null,
        dataBuiltAt: "2026-03-03T11:00:00Z",
        complete: true,
        incompleteReasons: [],
        findings: [],
        refusals: [],
        ...change,
    };
}
