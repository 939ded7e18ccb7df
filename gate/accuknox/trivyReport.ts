import type { StoredManifest } from "../registry/registryClient";
import { sha256 } from "../registry/registryClient";
import { parseManifest } from "../registry/manifest";
import { toInstant } from "../report/instant";
import { JsonFormatError } from "../report/jsonStream";
import { unusableReport } from "../report/reportFile";
import { scanReportVersion, type ScanReport } from "../report/scanReport";
import { doubtsAboutCanary } from "./canary";
import { readTrivyDocument, type TrivyReading } from "./trivyDocument";
import { distributionsWithAdvisories, rollingDistributions, type TrivyDocument } from "./trivyFormat";
import { readTrivyVersion } from "./trivyVersion";

/** What was scanned and when it is read. */
export interface TrivySubject {
    /** `repository@sha256:…`, as it was given to Trivy. */
    image: string;
    digest: string;
    now: Date;
}

/** Something that a proof needs, or the reason in one line why it is not there. */
export type Given<T> = T | { missing: string };

/** What a Trivy report does not say by itself. */
export interface TrivyProofs {
    /** Output of `trivy version --format json` after the scan: age of the vulnerability data. */
    version: Given<Uint8Array>;
    /** Report of the canary, scanned in the same step with the same options. */
    canary: Given<Uint8Array>;
    /** Manifest that the registry holds under the digest. */
    manifest: Given<StoredManifest>;
}

/**
 * Turns a Trivy JSON report into a scan report. Never throws: whatever cannot be believed gives a report with
 * `complete: false` and the reasons; the findings are in it all the same.
 *
 * Each entry of `Vulnerabilities` is one finding, under every target that Trivy lists it. Findings that an ignore
 * file, a policy or a VEX document has taken out (`ExperimentalModifiedFindings`) are findings like any other: no
 * rule of the scanner hides one from the gate policy. Misconfigurations, secrets and licences are none.
 *
 * A report is complete when all of this is shown:
 * - it is about this digest: `RepoDigests` names it, and the manifest under the digest is that of one image whose
 *   configuration is the scanned one (`ImageID`). Without the manifest an image index could not be told from an
 *   image: Trivy scans one platform and writes the digest of the index (pkg/fanal/image/remote.go);
 * - the distribution is known, has advisories, is supported, and packages of it were found: with the package
 *   database removed Trivy only warns, and finds nothing (ErrNoPkgsDetected). Packages of third parties are passed
 *   over without a word (driver.DropThirdPartyPackages), so there must be none;
 * - the vulnerability data has an age (`version`) and Trivy looked for vulnerabilities of every kind (`canary`).
 */
export function trivyReport(
    chunks: Iterable<Uint8Array>,
    subject: TrivySubject,
    proofs: TrivyProofs,
): ScanReport {
    let reading: TrivyReading;
    try {
        reading = readTrivyDocument(chunks);
    } catch (error) {
        if (!(error instanceof JsonFormatError)) throw error;
        return unusableReport(describe(error), { scanner: "accuknox", ...subject });
    }
    const { document, findings, problems } = reading;
    const scannedAt = toInstant(document?.CreatedAt);
    const own = document?.Trivy?.Version;
    const reasons = problems.map((problem) => `the Trivy report cannot be used: ${problem}`);
    let version = own ?? "";
    let dataBuiltAt: string | null = null;
    if ("missing" in proofs.version) {
        reasons.push(proofs.version.missing);
    } else {
        const said = readTrivyVersion(proofs.version);
        reasons.push(...said.problems);
        version = own ?? said.version;
        dataBuiltAt = said.dataBuiltAt;
        if (own !== undefined && said.version !== "" && own !== said.version) {
            reasons.push(`the image was scanned by Trivy ${own}, the version file is of ${said.version}`);
        }
        if (scannedAt !== null && said.dataDownloadedAt !== null && said.dataDownloadedAt > scannedAt) {
            reasons.push(
                `Trivy's database was fetched at ${said.dataDownloadedAt}, after the scan, so the age of the data ` +
                    "that it used is not known; scan again",
            );
        }
    }
    if (document !== null) {
        if (scannedAt === null) reasons.push("Trivy does not say when it scanned (CreatedAt)");
        reasons.push(
            ...doubtsAboutSubject(document, subject.digest),
            ...doubtsAboutManifest(document, subject.digest, proofs.manifest),
            ...doubtsAboutDistribution(document),
            ...doubtsAboutPackages(document, reading),
        );
    }
    reasons.push(...canaryReasons(proofs.canary, version, scannedAt));
    const readAt = subject.now.toISOString();
    return {
        version: scanReportVersion,
        scanner: { name: "accuknox", version },
        subject: { image: subject.image, digest: subject.digest },
        // Trivy gives one time only: when it wrote the report.
        startedAt: scannedAt ?? readAt,
        finishedAt: scannedAt ?? readAt,
        raw: { sha256: reading.sha256, bytes: reading.bytes },
        dataBuiltAt,
        complete: reasons.length === 0,
        incompleteReasons: reasons,
        findings,
        refusals: [],
    };
}

function describe({ fault, message }: JsonFormatError): string {
    switch (fault) {
        case "empty":
            return "Trivy wrote nothing; it does so when it could not scan: see its own error in the build log";
        case "encoding":
            return `the Trivy report is not UTF-8 text (${message})`;
        case "bound":
            return `the Trivy report is larger than what is read (${message})`;
        default:
            return `the Trivy report is not JSON, or cut off (${message}); run trivy again with --format json`;
    }
}

function doubtsAboutSubject(document: TrivyDocument, digest: string): string[] {
    const { ArtifactType: type, ArtifactName: name, Metadata: metadata } = document;
    if (type !== "container_image") {
        return [`Trivy scanned a ${type} (${name}), not an image; run trivy image <repository>@${digest}`];
    }
    const named = [...(metadata?.RepoDigests ?? []), metadata?.Reference ?? "", name];
    const digests = new Set(named.flatMap((reference) => /@(sha256:.+)$/.exec(reference)?.[1] ?? []));
    if (digests.size === 1 && (metadata?.RepoDigests ?? []).some((each) => each.endsWith(`@${digest}`)))
        return [];
    if (digests.size === 0) {
        return [`Trivy scanned ${name}, which names no digest; scan <repository>@${digest} in the registry`];
    }
    const others = [...digests].filter((each) => each !== digest).sort();
    return others.length > 0
        ? [
              `the Trivy report is about ${others.join(" and ")}, not only ${digest}; scan <repository>@${digest}`,
          ]
        : [`Trivy did not scan ${digest} in a registry (RepoDigests); scan with --image-src remote`];
}

function doubtsAboutManifest(
    { Metadata: metadata }: TrivyDocument,
    digest: string,
    manifest: Given<StoredManifest>,
): string[] {
    if ("missing" in manifest) return [manifest.missing];
    if (sha256(manifest.content) !== digest) return [`the registry's manifest is not that of ${digest}`];
    try {
        // The configuration comes first; an index has no blobs.
        const [configuration] = parseManifest(manifest.content, manifest.mediaType).blobs;
        if (configuration === undefined) {
            return [
                `${digest} is an image of several platforms and Trivy looked at one of them; ` +
                    "build and scan one platform",
            ];
        }
        return configuration.digest === metadata?.ImageID
            ? []
            : [
                  `Trivy scanned an image with configuration ${metadata?.ImageID ?? "unknown"}, ` +
                      `that of ${digest} is ${configuration.digest}`,
              ];
    } catch (error) {
        return [`${digest} is not an image that can be judged: ${(error as Error).message}`];
    }
}

function doubtsAboutDistribution({ Metadata: metadata }: TrivyDocument): string[] {
    const {
        Family: family = "none",
        Name: release = "",
        EOSL: ended = false,
        Supplier: supplier,
    } = metadata?.OS ?? {};
    if (family === "none" || family === "") {
        return [
            "Trivy recognised no distribution in the image (no os-release file that it knows); " +
                "that it found nothing means nothing",
        ];
    }
    if (!distributionsWithAdvisories.has(family)) {
        return [`Trivy has no vulnerability data for the distribution ${family}; use another base image`];
    }
    const doubts: string[] = [];
    // A name without a number, such as Debian's trixie/sid, is that of a release to come.
    if (!/\d/.test(release) && !rollingDistributions.has(family)) {
        doubts.push(
            `Trivy does not know which release of ${family} the image is ("${release}"); advisories are by release, ` +
                "so that it found nothing means nothing",
        );
    }
    if (ended) {
        doubts.push(
            `${family} ${release} is past its end of life (EOSL): no advisories are published for it any more; ` +
                "use a supported release",
        );
    }
    if (supplier !== undefined) {
        doubts.push(
            `the image says that ${supplier} supplies its packages, so that Trivy asks only that party's advisories`,
        );
    }
    return doubts;
}

function doubtsAboutPackages(
    { Metadata: metadata, Results: results, Trivy: trivy }: TrivyDocument,
    { packages, passedOver }: TrivyReading,
): string[] {
    const doubts: string[] = [];
    const family = metadata?.OS?.Family;
    const ofDistribution = [...results.entries()].filter(([, { Class }]) => Class === "os-pkgs");
    if (ofDistribution.length !== 1) {
        doubts.push(
            `the Trivy report has ${ofDistribution.length} results for packages of the distribution (os-pkgs) ` +
                "where there should be one; scan with --pkg-types os,library",
        );
    }
    for (const [at, { Type: type }] of ofDistribution) {
        if (type !== family) {
            doubts.push(
                `the packages in the Trivy report are of ${type ?? "no distribution"}, the image is ${family ?? "none"}`,
            );
        }
        if ((packages.get(at) ?? 0) === 0) {
            doubts.push(
                "Trivy lists no package of the distribution: the image's package database is gone, " +
                    "or --list-all-pkgs is off; that it found nothing means nothing",
            );
        }
    }
    if (passedOver.count > 0) {
        doubts.push(
            `Trivy has no advisories for ${passedOver.count} packages of third parties (${passedOver}) and passes ` +
                "them over; take them from the distribution, or have another scanner judge this image",
        );
    }
    if (trivy?.Server !== undefined) {
        doubts.push("a Trivy server did the scan, whose database the version file says nothing about");
    }
    return doubts;
}

function canaryReasons(canary: Given<Uint8Array>, version: string, scannedAt: string | null): string[] {
    if ("missing" in canary) return [canary.missing];
    try {
        return doubtsAboutCanary(readTrivyDocument([canary]), { version, scannedAt });
    } catch (error) {
        if (!(error instanceof JsonFormatError)) throw error;
        return [`the canary's Trivy report is not JSON, or cut off (${error.message})`];
    }
}
