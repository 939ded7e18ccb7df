import * as z from "zod";

/*
 * The part of grype's JSON document (grype/presenter/models/document.go, seen from 0.60 to 0.115) that the
 * judgement rests on. Keys that carry the judgement are required and the document itself is strict, so that a
 * renamed, missing or new list is noticed instead of read as "nothing found".
 */

/** One entry of `matches` or `ignoredMatches`, as far as `grypeKeys` keeps it. */
export const grypeMatchSchema = z.object({
    vulnerability: z.object({
        id: z.string().min(1),
        /** Critical, High, Medium, Low, Negligible or Unknown. */
        severity: z.string(),
        dataSource: z.string().optional(),
        fix: z.object({
            versions: z.array(z.string()).nullable(),
            /** fixed, not-fixed, wont-fix, unknown or empty. */
            state: z.string(),
        }),
    }),
    matchDetails: z.array(z.unknown()).min(1),
    artifact: z.object({
        name: z.string().min(1),
        version: z.string(),
        type: z.string(),
        locations: z.array(z.object({ path: z.string() })).nullable(),
    }),
});

/** The keys of a match that the schema names; the other nine tenths of a report are checked and left out. */
export const grypeKeys = [
    "vulnerability.id",
    "vulnerability.severity",
    "vulnerability.dataSource",
    "vulnerability.fix.versions",
    "vulnerability.fix.state",
    "matchDetails.type",
    "artifact.name",
    "artifact.version",
    "artifact.type",
    "artifact.locations.path",
] as const;

const alert = z.object({ type: z.string(), message: z.string() });

/** Database status up to 0.87 (schema 5) and from 0.88 on (schema 6, wrapped in `status`). */
const database = z.union([
    z.object({
        status: z.object({ built: z.string(), valid: z.boolean(), error: z.unknown().optional() }),
        providers: z.record(z.string(), z.unknown()),
    }),
    z.object({ built: z.string(), error: z.unknown().optional(), status: z.never().optional() }),
]);

/** A list whose elements have been taken out. */
const emptied = z.array(z.never());

/** The document of `grype registry:<image> -o json` around its matches. */
export const grypeDocumentSchema = z.strictObject({
    matches: emptied,
    /** Left out by grype when empty. Findings that a rule, VEX document or option has hidden. */
    ignoredMatches: emptied.optional(),
    /** Packages that grype could not match properly (distribution unknown, disabled or past its end of life). */
    alertsByPackage: z.array(z.object({ alerts: z.array(alert).min(1) })).optional(),
    source: z.object({
        type: z.literal("image", "must be image: the scan has to be of a registry image"),
        target: z.object({
            manifestDigest: z.string(),
            repoDigests: z.array(z.string()).nullable(),
        }),
    }),
    distro: z.object({ name: z.string(), version: z.string() }),
    descriptor: z.object({
        name: z.literal("grype"),
        version: z.string(),
        timestamp: z.string(),
        configuration: z.object({
            /** Paths that were not looked at. */
            exclude: z.array(z.string()),
            /** A distribution given by hand instead of the one in the image. */
            distro: z.string(),
            /** Whether packages inside archives with an index (jar, zip) were looked at; on by default. */
            search: z.object({ "indexed-archives": z.boolean().optional() }).optional(),
        }),
        db: database,
    }),
});

export type GrypeDocument = z.infer<typeof grypeDocumentSchema>;
export type GrypeMatch = z.infer<typeof grypeMatchSchema>;

/**
 * Providers in grype's database that carry advisories of a distribution, by the name grype prints for it
 * (grype/distro/type.go) and by its os-release ID; any one suffices. A distribution that is not listed has no
 * advisories of its own, and finding nothing in it means nothing. Provider names: vunnel, seen in a database of
 * schema v6.1.9.
 */
export const providersOfDistribution: ReadonlyMap<string, readonly string[]> = new Map(
    Object.entries({
        almalinux: ["alma", "rhel"],
        alpine: ["alpine"],
        amazonlinux: ["amazon"],
        amzn: ["amazon"],
        arch: ["arch"],
        archlinux: ["arch"],
        azurelinux: ["mariner"],
        centos: ["rhel"],
        chainguard: ["chainguard"],
        debian: ["debian"],
        echo: ["echo"],
        fedora: ["fedora"],
        hummingbird: ["hummingbird"],
        mariner: ["mariner"],
        minimos: ["minimos"],
        ol: ["oracle"],
        "opensuse-leap": ["sles"],
        opensuseleap: ["sles"],
        oraclelinux: ["oracle"],
        photon: ["photon"],
        raspbian: ["debian"],
        redhat: ["rhel"],
        rhel: ["rhel"],
        rocky: ["rocky", "rhel"],
        rockylinux: ["rocky", "rhel"],
        scientific: ["rhel"],
        sles: ["sles"],
        ubuntu: ["ubuntu"],
        wolfi: ["wolfi"],
    }),
);

/** Distributions without releases: their os-release has no version, and their advisories need none. */
export const rollingDistributions: ReadonlySet<string> = new Set([
    "arch",
    "archlinux",
    "chainguard",
    "echo",
    "hummingbird",
    "minimos",
    "wolfi",
]);
