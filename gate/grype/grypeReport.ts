import type { Finding, ScanReport } from "../report/scanReport";
import { parseStrictJson } from "../report/strictJson";
import { severities, type Severity } from "../report/severity";
import {
    grypeDocumentSchema,
    providersOfDistribution,
    rollingDistributions,
    type GrypeDocument,
    type GrypeMatch,
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
 * `ignoredMatches` are findings like any other: no ignore rule of the scanner hides one from the gate policy.
 */
export function grypeReport(content: Uint8Array, subject: GrypeSubject): ScanReport {
    const parsed = parseDocument(content);
    if ("problem" in parsed) return unusableGrypeReport(parsed.problem, subject);
    const { document } = parsed;
    const timestamp = instant(document.descriptor.timestamp);
    const { db } = document.descriptor;
    const built = instant(db.status === undefined ? db.built : db.status.built);
    const reasons = doubtsAbout(document, subject.digest);
    if (timestamp === null) reasons.push("grype does not say when it scanned (descriptor.timestamp)");
    if (built === null) reasons.push("grype does not say when its database was built (descriptor.db)");
    const readAt = subject.now.toISOString();
    return {
        version: 1,
        scanner: { name: "grype", version: document.descriptor.version },
        subject: { image: subject.image, digest: subject.digest },
        // Grype gives one time only: when it wrote the document.
        startedAt: timestamp ?? readAt,
        finishedAt: timestamp ?? readAt,
        raw: null,
        dataBuiltAt: built,
        complete: reasons.length === 0,
        incompleteReasons: reasons,
        findings: [
            ...document.matches.map((match, at) => toFinding(match, `/matches/${at}`)),
            ...(document.ignoredMatches ?? []).map((match, at) => toFinding(match, `/ignoredMatches/${at}`)),
        ],
        refusals: [],
    };
}

/** The report of a scan whose output could not be used at all. */
export function unusableGrypeReport(reason: string, { image, digest, now }: GrypeSubject): ScanReport {
    const readAt = now.toISOString();
    return {
        version: 1,
        scanner: { name: "grype", version: "" },
        subject: { image, digest },
        startedAt: readAt,
        finishedAt: readAt,
        raw: null,
        dataBuiltAt: null,
        complete: false,
        incompleteReasons: [reason],
        findings: [],
        refusals: [],
    };
}

function parseDocument(content: Uint8Array): { document: GrypeDocument } | { problem: string } {
    if (content.length === 0) {
        return {
            problem:
                "grype wrote nothing; it does so when it could not scan: see its own error in the build log",
        };
    }
    let text: string;
    try {
        // ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it.
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    } catch {
        return { problem: "the grype report is not UTF-8 text" };
    }
    let value: unknown;
    try {
        value = parseStrictJson(text);
    } catch (error) {
        const detail = error instanceof Error ? error.message.slice(0, 200) : "";
        return {
            problem: `the grype report is not JSON, or cut off (${detail}); run grype again with -o json`,
        };
    }
    const result = grypeDocumentSchema.safeParse(value);
    if (result.success) return { document: result.data };
    const problems = result.error.issues.map(
        ({ path, message }) => `${path.join(".") || "document"}: ${message}`,
    );
    const more = problems.length > 3 ? ` and ${problems.length - 3} more` : "";
    return {
        problem: `the grype report does not have grype's JSON format (${problems.slice(0, 3).join("; ")}${more})`,
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

function toFinding({ vulnerability, artifact }: GrypeMatch, source: string): Finding {
    const { id, fix, dataSource } = vulnerability;
    const willNotFix = fix.state === "wont-fix";
    const path = (artifact.locations ?? [])[0]?.path;
    return {
        id,
        severity: toSeverity(vulnerability.severity),
        package: {
            name: artifact.name,
            version: artifact.version,
            type: artifact.type,
            ...(path === undefined ? {} : { path }),
        },
        fixedIn: willNotFix ? null : ((fix.versions ?? [])[0] ?? null),
        willNotFix,
        url: dataSource === undefined || dataSource === "" ? null : dataSource,
        source,
    };
}

/** A severity that this list does not know is unknown, and so counts as the gate policy says. */
function toSeverity(text: string): Severity {
    return severities.find((severity) => severity === text.toLowerCase()) ?? "unknown";
}

/** Any timestamp with a zone as ISO 8601 in UTC, or null. Grype prints nanoseconds and its local offset. */
function instant(text: string): string | null {
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
        ? Date.parse(text)
        : Number.NaN;
    return Number.isNaN(time) ? null : new Date(time).toISOString();
}
