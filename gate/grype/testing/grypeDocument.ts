import type { LargeReport } from "../../report/testing/largeReport";

/** A finding as a specification writes it down; everything else is filled in the way grype does. */
export interface SampleMatch {
    id?: string;
    severity?: string;
    package?: string;
    version?: string;
    type?: string;
    path?: string;
    fixVersions?: string[];
    fixState?: string;
}

/** Digest of the image that the sample documents are about. */
export const sampleDigest = "sha256:5d3a4b7c1e2f60918273645546372819a0b1c2d3e4f5061728394a5b6c7d8e9f";
export const sampleImage = `registry.example.org/orders/candidate@${sampleDigest}`;

/** One entry of `matches`, with the fields grype 0.115 prints. */
export function sampleMatch(match: SampleMatch = {}): Record<string, unknown> {
    const {
        id = "CVE-2021-3711",
        severity = "Critical",
        type = "deb",
        path = "/var/lib/dpkg/status",
    } = match;
    const { package: name = "openssl", version = "1.1.1k-1", fixVersions = ["1.1.1k-1+deb11u1"] } = match;
    return {
        vulnerability: {
            id,
            dataSource: `https://security-tracker.debian.org/tracker/${id}`,
            namespace: "debian:distro:debian:12",
            severity,
            urls: [],
            description: "SM2 decryption buffer overflow",
            cvss: [],
            fix: {
                versions: fixVersions,
                state: match.fixState ?? (fixVersions.length > 0 ? "fixed" : "not-fixed"),
            },
            advisories: [],
            risk: 0,
        },
        relatedVulnerabilities: [
            { id, dataSource: "nvd", namespace: "nvd:cpe", severity: "Unknown", urls: [], cvss: [] },
        ],
        matchDetails: [
            {
                type: "exact-direct-match",
                matcher: "dpkg-matcher",
                searchedBy: { distro: { type: "debian", version: "12" }, package: { name, version } },
                found: { vulnerabilityID: id, versionConstraint: "< 1.1.1k-1+deb11u1 (deb)" },
            },
        ],
        artifact: {
            id: "b2dfd52e71cd3bfa",
            name,
            version,
            type,
            locations: [
                {
                    path,
                    layerID: `sha256:${"c".repeat(64)}`,
                    accessPath: path,
                    annotations: { evidence: "primary" },
                },
            ],
            language: "",
            licenses: [],
            cpes: [`cpe:2.3:a:${name}:${name}:${version}:*:*:*:*:*:*:*`],
            purl: `pkg:deb/debian/${name}@${version}?distro=debian-12`,
            upstreams: [],
        },
    };
}

/** A document of grype 0.115 (database schema 6) about the sample image, scanned an hour before `now`. */
export function sampleGrypeDocument(matches: SampleMatch[], now: Date) {
    const ago = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();
    return {
        matches: matches.map(sampleMatch),
        source: {
            type: "image",
            target: {
                userInput: sampleImage,
                imageID: `sha256:${"1".repeat(64)}`,
                manifestDigest: sampleDigest,
                mediaType: "application/vnd.oci.image.manifest.v1+json",
                tags: [] as string[],
                imageSize: 1092,
                repoDigests: [sampleImage] as string[] | null,
                architecture: "amd64",
                os: "linux",
            },
        },
        distro: { name: "debian", version: "12", idLike: [] as string[] },
        descriptor: {
            name: "grype",
            version: "0.115.0",
            configuration: {
                output: ["json"],
                distro: "",
                exclude: [] as string[],
                ignore: [],
                "only-fixed": false,
                search: { scope: "squashed", "unindexed-archives": false, "indexed-archives": true },
            },
            db: {
                status: {
                    schemaVersion: "v6.1.7",
                    from: "https://grype.anchore.io/databases/v6/vulnerability-db_v6.1.7.tar.zst",
                    built: ago(12),
                    path: "/var/cache/grype/6/vulnerability.db",
                    valid: true,
                },
                providers: {
                    debian: { captured: ago(14) },
                    github: { captured: ago(14) },
                    nvd: { captured: ago(14) },
                },
            } as Record<string, unknown>,
            timestamp: ago(1).replace("Z", "123456Z"),
        },
    };
}

export function toBytes(document: unknown): Uint8Array {
    return Buffer.from(JSON.stringify(document));
}

/** The severities of large reports, in turn. */
const severitiesInTurn = ["Critical", "High", "Medium", "Low", "Negligible", "Unknown"];

/** Names of packages of a large report; every one has many findings. */
const packages = 400;

/**
 * A large report like a genuine one: 2.5 KB for each match, nine tenths of it of no use to the gate. Passes nothing:
 * every sixth match is critical.
 * @param now the scan was an hour before.
 */
export function largeGrypeReport(now: Date): LargeReport {
    const { matches: _, ...around } = sampleGrypeDocument([], now);
    const rest = JSON.stringify(around);
    return {
        head: '{"matches":[',
        entry: (number) => JSON.stringify(largeMatch(number)),
        tail: `],${rest.slice(1)}`,
    };
}

function largeMatch(number: number): Record<string, unknown> {
    const name = `library-${number % packages}`;
    const id = `CVE-20${10 + (number % 16)}-${1_000 + number}`;
    const match = sampleMatch({
        id,
        severity: severitiesInTurn[number % severitiesInTurn.length] ?? "Unknown",
        package: name,
        version: `1.${number % 7}.${number % 13}`,
        path: `/usr/lib/modules/${name}/package.json`,
    });
    const urls = [1, 2, 3, 4, 5, 6].map(
        (at) => `https://security.example.org/advisories/${name}/${id}/${at}`,
    );
    const cvss = ["2.0", "3.1"].map((version) => ({
        source: "nvd@nist.gov",
        type: "Primary",
        version,
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        metrics: { baseScore: 9.8, exploitabilityScore: 3.9, impactScore: 5.9 },
        vendorMetadata: {},
    }));
    const description =
        `A flaw was found in ${name} before 1.7. "Crafted" input makes it read over the end of a buffer, ` +
        "which can stop the process or run code of the attacker’s choice.\n".repeat(3);
    const vulnerability = { ...(match["vulnerability"] as object), urls, cvss, description };
    const artifact = {
        ...(match["artifact"] as object),
        cpes: [1, 2, 3, 4].map((at) => `cpe:2.3:a:${name}_vendor_${at}:${name}:1.2.3:*:*:*:*:node.js:*:*`),
        licenses: ["MIT", "Apache-2.0"],
    };
    return { ...match, vulnerability, artifact };
}
