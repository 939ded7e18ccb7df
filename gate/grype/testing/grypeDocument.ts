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
