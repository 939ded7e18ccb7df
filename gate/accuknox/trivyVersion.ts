import * as z from "zod";
import { toInstant } from "../report/instant";
import { parseStrictJson } from "../report/strictJson";

/** Trivy from 0.55 on writes what an ignore file took out, and no result for a distribution without advisories. */
export const oldestTrivy = "0.55.0";

/** Output of `trivy version --format json` (types.VersionInfo); the databases are those in its cache. */
const versionSchema = z.object({
    Version: z.string().min(1),
    /** Metadata of the vulnerability database; absent when the cache holds none. */
    VulnerabilityDB: z.object({ UpdatedAt: z.string(), DownloadedAt: z.string() }).optional(),
});

/** What Trivy says about itself and its vulnerability data. */
export interface TrivyVersion {
    version: string;
    /** When the vulnerability database was built, ISO 8601 in UTC; null when Trivy has none or does not say. */
    dataBuiltAt: string | null;
    /** When it was fetched; null when it came another way (`oras`, a mirror). */
    dataDownloadedAt: string | null;
    /** Why this cannot be believed, each in one line. */
    problems: string[];
}

/** Reads the output of `trivy version --format json`. Never throws. */
export function readTrivyVersion(content: Uint8Array): TrivyVersion {
    const unusable = (problem: string): TrivyVersion => ({
        version: "",
        dataBuiltAt: null,
        dataDownloadedAt: null,
        problems: [`${problem}; write it with trivy version --format json`],
    });
    let value: unknown;
    try {
        value = parseStrictJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content));
    } catch {
        return unusable("the Trivy version file is not JSON");
    }
    const result = versionSchema.safeParse(value);
    if (!result.success) {
        const [issue] = result.error.issues;
        return unusable(
            `the Trivy version file is not Trivy's (${issue?.path.join(".")}: ${issue?.message})`,
        );
    }
    const { Version: version, VulnerabilityDB: data } = result.data;
    const dataBuiltAt = toInstant(data?.UpdatedAt);
    const problems: string[] = [];
    if (data === undefined) {
        problems.push("Trivy had no vulnerability database (VulnerabilityDB of the Trivy version file)");
    } else if (dataBuiltAt === null) {
        problems.push("Trivy does not say when its vulnerability database was built (UpdatedAt)");
    }
    if (isOlder(version, oldestTrivy)) {
        problems.push(
            `Trivy ${version} is too old: from ${oldestTrivy} on a report shows what it leaves out; use the pinned one`,
        );
    }
    return { version, dataBuiltAt, dataDownloadedAt: toInstant(data?.DownloadedAt), problems };
}

/** Compares release numbers. A version without one (`dev`, built from source) is never older. */
function isOlder(version: string, oldest: string): boolean {
    const numbers = (text: string) => /^v?(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number);
    const given = numbers(version);
    const wanted = numbers(oldest);
    if (given === undefined || wanted === undefined) return false;
    for (const [at, number] of wanted.entries()) {
        if (given[at] !== number) return (given[at] ?? 0) < number;
    }
    return false;
}
