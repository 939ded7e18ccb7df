/**
 * Severities, worst first. Scanners spell them differently; adapters map into this list and nothing else.
 * `unknown` stands last here only as a name: what it counts as is the gate policy's decision (`unknownCountsAs`).
 */
export const severities = ["critical", "high", "medium", "low", "negligible", "unknown"] as const;

export type Severity = (typeof severities)[number];

/** A severity that can be compared: everything but `unknown`. */
export type RankedSeverity = Exclude<Severity, "unknown">;

const rank: Record<RankedSeverity, number> = { critical: 4, high: 3, medium: 2, low: 1, negligible: 0 };

/** Orders two severities: positive when `a` is worse than `b`, zero when equal, negative otherwise. */
export function compareSeverity(a: RankedSeverity, b: RankedSeverity): number {
    return rank[a] - rank[b];
}
