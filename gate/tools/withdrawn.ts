/** Versions that must never be installed, whatever checksum is given for them. */
const withdrawn: readonly { tool: string; versions: readonly string[]; why: string; instead: string }[] = [
    {
        tool: "trivy",
        versions: ["0.69.4", "0.69.5", "0.69.6"],
        // The release was built from a stolen token in March 2026; 0.69.3 and 0.70.0 or later are not affected.
        why: "was malicious (GHSA-69fq-xp46-6x23, CVE-2026-33634)",
        instead: "take 0.70.0 or later",
    },
];

/**
 * Why a version must not be used: one line with the advisory and what to do; null when nothing is known against it.
 * @param version exact, as "0.69.4".
 */
export function withdrawalOf(tool: string, version: string): string | null {
    const entry = withdrawn.find((known) => known.tool === tool && known.versions.includes(version));
    return entry === undefined ? null : `${tool} ${version} ${entry.why}: ${entry.instead}`;
}
