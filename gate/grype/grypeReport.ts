import { JsonFormatError, readJsonStream, type JsonStreamResult } from "../report/jsonStream";
import { toInstant } from "../report/instant";
import { unusableReport } from "../report/reportFile";
import { scanReportVersion, type ScanReport } from "../report/scanReport";
import { GrypeFindings } from "./grypeFindings";
import {
    grypeDocumentSchema,
    grypeKeys,
    providersOfDistribution,
    rollingDistributions,
    type GrypeDocument,
} from "./grypeFormat";

/** What was scanned and when it is read. */
export interface GrypeSubject {
    /** `repository@sha256:…`, as it was given to grype. */
    image: string;
    digest: string;
    now: Date;
}

/**
 * Turns the JSON output of grype into a scan report. Never throws: whatever cannot be believed gives a report with
 * `complete: false` and the reasons. Grype writes nothing and exits 1 when it could not scan, and exits 0 with an
 * empty list when it did not recognise anything, so neither emptiness nor an exit code is taken as an answer.
 *
 * One finding for each entry of `matches`, and of `ignoredMatches`: no ignore rule of the scanner hides one from the
 * gate policy. They are listed also when the document around them is not as it should be.
 * @param chunks the document in pieces, see `readReportFile`.
 */
export function grypeReport(chunks: Iterable<Uint8Array>, subject: GrypeSubject): ScanReport {
    const findings = new GrypeFindings();
    let read: JsonStreamResult;
    try {
        read = readJsonStream(chunks, {
            elements: ["/matches/*", "/ignoredMatches/*"],
            keep: { "/matches/*": grypeKeys, "/ignoredMatches/*": grypeKeys },
            onElement: ({ pointer, value }) => findings.add(value, pointer),
        });
    } catch (error) {
        return unusableReport(problemOf(error), { scanner: "grype", ...subject });
    }
    const parsed = grypeDocumentSchema.safeParse(read.rest);
    const reasons = [...findings.problems()];
    if (parsed.success) reasons.push(...doubtsAbout(parsed.data, subject.digest));
    else reasons.push(notItsFormat(parsed.error.issues));
    const { version, scannedAt, dataBuiltAt } = readDescriptor(read.rest);
    if (parsed.success && scannedAt === null)
        reasons.push("grype does not say when it scanned (descriptor.timestamp)");
    if (parsed.success && dataBuiltAt === null)
        reasons.push("grype does not say when its database was built (descriptor.db)");
    const readAt = subject.now.toISOString();
    return {
        version: scanReportVersion,
        scanner: { name: "grype", version },
        subject: { image: subject.image, digest: subject.digest },
        // Grype gives one time only: when it wrote the document.
        startedAt: scannedAt ?? readAt,
        finishedAt: scannedAt ?? readAt,
        raw: { sha256: read.sha256, bytes: read.bytes },
        dataBuiltAt,
        complete: reasons.length === 0,
        incompleteReasons: reasons,
        findings: findings.findings,
        refusals: [],
    };
}

function doubtsAbout(document: GrypeDocument, digest: string): string[] {
    return [
        ...doubtsAboutSubject(document, digest),
        ...doubtsAboutDistribution(document),
        ...doubtsAboutDatabase(document),
        ...doubtsAboutScope(document),
    ];
}

function doubtsAboutSubject({ source }: GrypeDocument, digest: string): string[] {
    const { manifestDigest, repoDigests } = source.target;
    if (manifestDigest === digest) return [];
    // Grype looks at one platform of an image index; the others would run in production without a scan.
    return (repoDigests ?? []).some((reference) => reference.endsWith(`@${digest}`))
        ? [
              `${digest} is an image of several platforms and grype looked at one of them (${manifestDigest}); ` +
                  "build and scan one platform, from the registry and by digest",
          ]
        : [`grype scanned ${manifestDigest}, not ${digest}; scan registry:<repository>@${digest}`];
}

function doubtsAboutDistribution({ distro, descriptor, alertsByPackage }: GrypeDocument): string[] {
    const alerts = new Set(
        (alertsByPackage ?? []).flatMap((each) => each.alerts.map(({ message }) => message)),
    );
    const doubts = [...alerts].sort().map((message) => `grype could not match every package: ${message}`);
    if (distro.name === "") {
        return [
            ...doubts,
            "grype recognised no distribution in the image (no /etc/os-release and so no packages that it knows); " +
                "that it found nothing means nothing",
        ];
    }
    const providers = providersOfDistribution.get(distro.name);
    if (providers === undefined) {
        return [
            ...doubts,
            `grype has no vulnerability data for the distribution ${distro.name}; use another base image`,
        ];
    }
    if (distro.version === "" && !rollingDistributions.has(distro.name)) {
        doubts.push(
            `grype does not know which version of ${distro.name} the image is (VERSION_ID in /etc/os-release); ` +
                "advisories are by version, so that it found nothing means nothing",
        );
    }
    const present = descriptor.db.status === undefined ? null : Object.keys(descriptor.db.providers);
    if (present !== null && !providers.some((name) => present.includes(name))) {
        doubts.push(
            `grype's database has no data for the distribution ${distro.name} (provider ${providers.join(" or ")} absent)`,
        );
    }
    return doubts;
}

function doubtsAboutDatabase({ descriptor: { db } }: GrypeDocument): string[] {
    const status = db.status ?? db;
    const faulty = (db.status !== undefined && !db.status.valid) || (status.error ?? null) !== null;
    return faulty
        ? ["grype calls its own vulnerability database not valid; delete its cache and scan again"]
        : [];
}

function doubtsAboutScope({ descriptor: { configuration } }: GrypeDocument): string[] {
    const doubts: string[] = [];
    if (configuration.exclude.length > 0) {
        doubts.push(`grype was told not to look at ${configuration.exclude.join(", ")} (exclude)`);
    }
    if (configuration.distro !== "") {
        doubts.push(`grype was told that the distribution is ${configuration.distro} (distro)`);
    }
    if (configuration.search?.["indexed-archives"] === false) {
        doubts.push("grype was told not to look into archives (search.indexed-archives)");
    }
    return doubts;
}

function problemOf(error: unknown): string {
    const detail = (error instanceof Error ? error.message : String(error)).slice(0, 200);
    switch (error instanceof JsonFormatError ? error.fault : null) {
        case "empty":
            return "grype wrote nothing; it does so when it could not scan: see its own error in the build log";
        case "encoding":
            return `the grype report is badly encoded (${detail}); keep what grype writes as it is`;
        case "bound":
            return `the grype report is beyond what is read (${detail}); a genuine one is far smaller: see what wrote it`;
        case "syntax":
        case "duplicate":
            return `the grype report is not JSON, or cut off (${detail}); run grype again with -o json`;
        case null:
            return `the grype report cannot be read (${detail})`;
    }
}

function notItsFormat(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
    const problems = issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`);
    const more = problems.length > 3 ? ` and ${problems.length - 3} more` : "";
    return `the grype report does not have grype's JSON format (${problems.slice(0, 3).join("; ")}${more})`;
}

/** What grype says about itself, as far as it is there: also of a document that is not as it should be. */
function readDescriptor(document: unknown): {
    version: string;
    scannedAt: string | null;
    dataBuiltAt: string | null;
} {
    const descriptor = member(document, "descriptor");
    const version = member(descriptor, "version");
    const db = member(descriptor, "db");
    return {
        version: typeof version === "string" ? version : "",
        scannedAt: toInstant(member(descriptor, "timestamp")),
        dataBuiltAt: toInstant(member(member(db, "status") ?? db, "built")),
    };
}

function member(value: unknown, key: string): unknown {
    return typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined;
}
