import * as z from "zod";

/*
 * The part of Trivy's JSON report (pkg/types/report.go, schema 2, Trivy 0.50 to 0.74) that the judgement rests on.
 * Objects that carry it are strict, so that a renamed or new list is noticed instead of read as "nothing found".
 */

/** Arrays of a result; they are read element by element and stand empty in the rest of the document. */
const emptied = z.array(z.unknown()).max(0).optional();

/** Classes of a result (types.ResultClass). Vulnerabilities stand in the first two. */
const classes = [
    "os-pkgs",
    "lang-pkgs",
    "config",
    "secret",
    "license",
    "license-file",
    "custom",
    "unknown",
] as const;

const result = z.strictObject({
    Target: z.string(),
    Class: z.enum(classes),
    /** Distribution, language or file format, e.g. `debian`, `jar`, `dockerfile`. Absent for secrets and licenses. */
    Type: z.string().optional(),
    Packages: emptied,
    Vulnerabilities: emptied,
    ExperimentalModifiedFindings: emptied,
    MisconfSummary: z.unknown().optional(),
    Misconfigurations: emptied,
    Secrets: emptied,
    Licenses: emptied,
    CustomResources: emptied,
});

/** The distribution in the image (types.OS), absent when there is none that Trivy knows. */
const operatingSystem = z.strictObject({
    Family: z.string(),
    Name: z.string(),
    /** Past its end of life by Trivy's own calendar. */
    EOSL: z.boolean().optional(),
    /** An extended maintenance programme such as Ubuntu ESM. */
    extended: z.boolean().optional(),
    /** A third party that has rebuilt the packages; only its own advisories are asked then. */
    Supplier: z.string().optional(),
});

/** The document around the lists of a result. */
export const trivyDocumentSchema = z.strictObject({
    SchemaVersion: z.literal(2, "must be 2"),
    /** Since 0.68. */
    Trivy: z.strictObject({ Version: z.string(), Server: z.unknown().optional() }).optional(),
    ReportID: z.string().optional(),
    /** Since 0.49. */
    CreatedAt: z.string().optional(),
    ArtifactID: z.string().optional(),
    ArtifactName: z.string(),
    ArtifactType: z.string(),
    Metadata: z
        .object({
            OS: operatingSystem.optional(),
            /** Digest of the image's configuration. */
            ImageID: z.string().optional(),
            RepoDigests: z.array(z.string()).optional(),
            Reference: z.string().optional(),
        })
        .optional(),
    Results: z.array(result, "no list: Trivy found nothing to look at").min(1, "empty"),
});

export type TrivyDocument = z.infer<typeof trivyDocumentSchema>;

/** One entry of `Vulnerabilities` (types.DetectedVulnerability). */
export const vulnerabilitySchema = z.object({
    VulnerabilityID: z.string().min(1),
    PkgName: z.string().min(1),
    PkgPath: z.string().optional(),
    PkgIdentifier: z.object({ PURL: z.string().optional() }).optional(),
    InstalledVersion: z.string().optional(),
    /** Versions that fix it, separated by commas. */
    FixedVersion: z.string().optional(),
    /** unknown, not_affected, affected, fixed, under_investigation, will_not_fix, fix_deferred or end_of_life. */
    Status: z.string().optional(),
    /** UNKNOWN, LOW, MEDIUM, HIGH or CRITICAL; never absent (pkg/result/filter.go). */
    Severity: z.string().min(1),
    /** Whose severity it is; absent when nobody has given one, or it is that of another vendor. */
    SeveritySource: z.string().optional(),
    /** Severities by source, as numbers from 0 (UNKNOWN) to 4 (CRITICAL). */
    VendorSeverity: z.unknown().optional(),
    PrimaryURL: z.string().optional(),
});

export type TrivyVulnerability = z.infer<typeof vulnerabilitySchema>;

/** Keys of a vulnerability that are read; everything else is passed over. */
export const vulnerabilityKeys: readonly string[] = Object.keys(vulnerabilitySchema.shape).map((key) =>
    key === "PkgIdentifier" ? "PkgIdentifier.PURL" : key,
);

/** Kinds of a modified finding (types.FindingType): what an ignore file, a policy or a VEX document has taken out. */
export const modifiedFindingTypes = ["vulnerability", "misconfiguration", "secret", "license"] as const;

/**
 * Distributions that Trivy has advisories for (`drivers` in pkg/detector/ospkg/detect.go), by their present and
 * former names (`OSTypeAliases`). Left out on purpose: `coreos`, whose driver finds nothing by design, and `none`,
 * which Trivy writes when it found packages and no distribution. Fedora and CentOS Stream have no driver.
 */
export const distributionsWithAdvisories: ReadonlySet<string> = new Set([
    "alma",
    "alpine",
    "amazon",
    "azurelinux",
    "bottlerocket",
    "cbl-mariner",
    "centos",
    "chainguard",
    "debian",
    "echo",
    "minimos",
    "opensuse-leap",
    "opensuse-tumbleweed",
    "opensuse.leap",
    "opensuse.tumbleweed",
    "oracle",
    "photon",
    "redhat",
    "rocky",
    "slem",
    "sles",
    "suse linux enterprise micro",
    "suse linux enterprise server",
    "ubuntu",
    "wolfi",
]);

/** Those of them whose advisories are not by release, so that a missing version does no harm. */
export const rollingDistributions: ReadonlySet<string> = new Set([
    "bottlerocket",
    "chainguard",
    "echo",
    "minimos",
    "opensuse-tumbleweed",
    "opensuse.tumbleweed",
    "wolfi",
]);
