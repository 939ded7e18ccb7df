import { sha256, type StoredManifest } from "../../registry/registryClient";
import type { TrivyProofs, TrivySubject } from "../trivyReport";

const configuration = `sha256:${"1c".repeat(32)}`;
const layer = `sha256:${"2d".repeat(32)}`;

/** Manifest of the image that the sample documents are about; its hash is the digest. */
export const sampleManifest: StoredManifest = storedManifest({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: configuration, size: 1470 },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: layer, size: 29_124_181 }],
});
export const sampleDigest = sampleManifest.digest;
export const sampleImage = `registry.example.org/orders/candidate@${sampleDigest}`;

/** A manifest as a registry holds it. */
export function storedManifest(document: { mediaType: string; [key: string]: unknown }): StoredManifest {
    const content = Buffer.from(JSON.stringify(document));
    return { content, mediaType: document.mediaType, digest: sha256(content) };
}

export function sampleSubject(now: Date): TrivySubject {
    return { image: sampleImage, digest: sampleDigest, now };
}

const before = (now: Date, minutes: number) =>
    new Date(now.getTime() - minutes * 60_000).toISOString().replace("Z", "031415Z");

/** A finding as a specification writes it down; everything else is filled in the way Trivy does. */
export interface SampleVulnerability {
    id?: string;
    severity?: string;
    package?: string;
    version?: string;
    /** Ecosystem in the package URL. */
    type?: string;
    path?: string;
    fixedVersion?: string;
    status?: string;
}

/** A severity as Trivy's database has it; what is none is unknown there. */
const numberOf = (severity: string): number =>
    Math.max(0, ["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"].indexOf(severity));

/** One entry of `Vulnerabilities`, with the fields that Trivy 0.69 prints. */
export function sampleVulnerability(given: SampleVulnerability = {}) {
    const { id = "CVE-2023-4911", severity = "HIGH", type = "deb/debian", path, fixedVersion = "" } = given;
    const { package: name = "libc6", version = "2.36-9+deb12u1" } = given;
    const { status = fixedVersion === "" ? "affected" : "fixed" } = given;
    return {
        VulnerabilityID: id,
        VendorIDs: ["DSA-5514-1"],
        PkgID: `${name}@${version}`,
        PkgName: name,
        ...(path === undefined ? {} : { PkgPath: path }),
        PkgIdentifier: { PURL: `pkg:${type}/${name}@${version}?arch=amd64`, UID: "9ff9f7ea2dd8cdfb" },
        InstalledVersion: version,
        ...(fixedVersion === "" ? {} : { FixedVersion: fixedVersion }),
        Status: status,
        Layer: { Digest: layer, DiffID: `sha256:${"3e".repeat(32)}` },
        SeveritySource: "nvd",
        PrimaryURL: `https://avd.aquasec.com/nvd/${id.toLowerCase()}`,
        DataSource: { ID: "debian", Name: "Debian Security Tracker", URL: "https://salsa.debian.org" },
        Fingerprint: `sha256:${"4f".repeat(32)}`,
        Title: "a buffer overflow in the loader",
        Description:
            "A buffer overflow was found in the loader while it reads a variable of the environment.",
        Severity: severity,
        CweIDs: ["CWE-787", "CWE-122"],
        VendorSeverity: { nvd: numberOf(severity), redhat: 3, ubuntu: 3 },
        CVSS: { nvd: { V3Vector: "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", V3Score: 7.8 } },
        References: [`https://www.example.org/${id}`],
        PublishedDate: "2023-10-03T18:15:10.463Z",
        LastModifiedDate: "2024-09-17T14:08:28.64Z",
    };
}

/** One entry of `ExperimentalModifiedFindings`. */
export function sampleModifiedFinding(finding: unknown, type = "vulnerability") {
    return {
        Type: type,
        Status: "ignored",
        Statement: "",
        Source: ".trivyignore",
        Finding: finding,
    };
}

/** A target with packages, e.g. an archive of Java classes or a Go program. */
export function sampleTarget(target: string, type: string, vulnerabilities: unknown[]): SampleResult {
    return {
        Target: target,
        Class: "lang-pkgs",
        Type: type,
        Packages: [{ Name: "a", Version: "1.0.0", Identifier: { UID: "1" } }],
        ...(vulnerabilities.length === 0 ? {} : { Vulnerabilities: vulnerabilities }),
    };
}

/** A result as it stands in a report; optional parts are left out by Trivy when they are empty. */
export interface SampleResult extends Record<string, unknown> {
    Target: string;
    Class?: string;
    Type?: string;
    Packages?: unknown[];
    Vulnerabilities?: unknown;
}

/** A report of Trivy 0.69.3 about the sample image, scanned 20 minutes before `now`. */
export function sampleTrivyDocument(vulnerabilities: SampleVulnerability[], now: Date) {
    const results: SampleResult[] = [
        {
            Target: `${sampleImage} (debian 12.5)`,
            Class: "os-pkgs",
            Type: "debian",
            Packages: ["libc6", "tar"].map((name) => ({
                ID: `${name}@2.36-9+deb12u1`,
                Name: name,
                Identifier: { PURL: `pkg:deb/debian/${name}@2.36-9`, UID: "9ff9f7ea2dd8cdfb" },
                Version: "2.36",
                SrcName: "glibc",
                Licenses: ["GPL-2.0-only"],
                Layer: { Digest: layer },
            })),
            ...(vulnerabilities.length === 0
                ? {}
                : { Vulnerabilities: vulnerabilities.map(sampleVulnerability) }),
        },
    ];
    return {
        SchemaVersion: 2,
        Trivy: { Version: "0.69.3" } as Record<string, unknown> | undefined,
        ReportID: "0199c2f1-6a7c-7a31-b1d1-0b8f5d2c9a10",
        CreatedAt: before(now, 20),
        ArtifactID: `sha256:${"5a".repeat(32)}`,
        ArtifactName: sampleImage,
        ArtifactType: "container_image",
        Metadata: {
            Size: 77_881_344,
            OS: { Family: "debian", Name: "12.5" } as Record<string, unknown> | undefined,
            ImageID: configuration,
            DiffIDs: [`sha256:${"3e".repeat(32)}`],
            RepoDigests: [sampleImage],
            Reference: sampleImage,
            ImageConfig: { architecture: "amd64", os: "linux", rootfs: { type: "layers" }, config: {} },
            Layers: [{ Size: 77_881_344, Digest: layer, DiffID: `sha256:${"3e".repeat(32)}` }],
        } as Record<string, unknown>,
        Results: results as SampleResult[] | null,
    };
}

/** Output of `trivy version --format json`; the database was built 12 hours before `now` and fetched an hour before. */
export function sampleVersion(now: Date) {
    return {
        Version: "0.69.3",
        VulnerabilityDB: {
            Version: 2,
            NextUpdate: before(now, -12 * 60),
            UpdatedAt: before(now, 12 * 60),
            DownloadedAt: before(now, 60),
        } as Record<string, unknown> | undefined,
        JavaDB: {
            Version: 1,
            NextUpdate: before(now, -60),
            UpdatedAt: before(now, 60),
            DownloadedAt: before(now, 59),
        },
    };
}

/** Report of the canary, scanned 19 minutes before `now`, in which Trivy found what is in it. */
export function sampleCanary(now: Date) {
    /** With the fields that are read only: the canary is read with every report. */
    const found = (id: string, severity: string, name: string, fixedVersion: string) => ({
        VulnerabilityID: id,
        PkgName: name,
        InstalledVersion: "1.0.0",
        ...(fixedVersion === "" ? { Status: "affected" } : { FixedVersion: fixedVersion, Status: "fixed" }),
        Severity: severity,
    });
    return {
        SchemaVersion: 2,
        Trivy: { Version: "0.69.3" },
        CreatedAt: before(now, 19),
        ArtifactName: "canary.cdx.json",
        ArtifactType: "cyclonedx",
        Metadata: { OS: { Family: "debian", Name: "12" } },
        Results: [
            {
                Target: "canary.cdx.json (debian 12)",
                Class: "os-pkgs",
                Type: "debian",
                Vulnerabilities: [found("CVE-2005-2541", "LOW", "tar", "")],
            },
            {
                Target: "Java",
                Class: "lang-pkgs",
                Type: "jar",
                Vulnerabilities: [
                    found(
                        "CVE-2021-44228",
                        "CRITICAL",
                        "org.apache.logging.log4j:log4j-core",
                        "2.15.0, 2.3.1",
                    ),
                ],
            },
            {
                Target: "Node.js",
                Class: "lang-pkgs",
                Type: "node-pkg",
                Vulnerabilities: [
                    found("CVE-2021-23337", "HIGH", "lodash", "4.17.21"),
                    found("CVE-2020-28500", "MEDIUM", "lodash", "4.17.21"),
                ],
            },
        ] as SampleResult[],
    };
}

/** Everything that a complete report needs beside it. */
export function sampleProofs(now: Date): TrivyProofs {
    return {
        version: toBytes(sampleVersion(now)),
        canary: toBytes(sampleCanary(now)),
        manifest: sampleManifest,
    };
}

export function toBytes(document: unknown): Uint8Array {
    return Buffer.from(JSON.stringify(document));
}
