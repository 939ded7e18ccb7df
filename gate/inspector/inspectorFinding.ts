import type { Finding } from "../report/scanReport";
import type { Severity } from "../report/severity";
import type { BasicFinding, InspectorFinding } from "./inspectorFormat";

const severityOf: ReadonlyMap<string, Severity> = new Map([
    ["CRITICAL", "critical"],
    ["HIGH", "high"],
    ["MEDIUM", "medium"],
    ["LOW", "low"],
    ["INFORMATIONAL", "negligible"],
    // Of basic scanning, and of Inspector: both say that it is not known.
    ["UNDEFINED", "unknown"],
    ["UNTRIAGED", "unknown"],
]);

/** Whether ECR or Inspector has a severity of this name. */
export function isSeverity(name: string): boolean {
    return severityOf.has(name);
}

/** A severity of ECR or Inspector, in a finding or as a key of the counts; what is not known is unknown. */
export function toSeverity(name: string): Severity {
    return severityOf.get(name) ?? "unknown";
}

/** A finding of ECR basic scanning, which covers packages of the operating system and names no fixed version. */
export function fromBasic(finding: BasicFinding, source: string): Finding {
    const attribute = (name: string): string =>
        finding.attributes?.find(({ key }) => key === name)?.value ?? "";
    return {
        id: finding.name,
        severity: toSeverity(finding.severity),
        package: {
            name: attribute("package_name") || "package not named",
            version: attribute("package_version"),
            type: "OS",
        },
        // Not null: that would say that there is no fix, and a policy may be milder about those.
        fixedIn: "a version that ECR basic scanning does not name",
        willNotFix: false,
        url: finding.uri || null,
        source,
    };
}

/**
 * A finding of Inspector. One finding may be in several packages and is counted once, as Inspector counts it; all of
 * them are named, so that nothing that is said about one package is about the others.
 */
export function fromInspector(finding: InspectorFinding, source: string): Finding {
    const { packageVulnerabilityDetails: details, codeVulnerabilityDetails: code } = finding;
    const packages = details?.vulnerablePackages ?? [];
    const path = distinct(packages.map(({ filePath }) => filePath)) || code?.filePath?.filePath || undefined;
    const type = distinct(packages.map(({ packageManager }) => packageManager)) || finding.type || "";
    return {
        id:
            details?.vulnerabilityId ||
            code?.detectorId ||
            finding.title ||
            finding.findingArn ||
            "finding without a name",
        severity: toSeverity(finding.severity),
        package: {
            name: distinct(packages.map(({ name }) => name)) || finding.title || "package not named",
            version: distinct(packages.map(versionOf)),
            type,
            ...(path === undefined ? {} : { path }),
        },
        fixedIn: fixedIn(finding),
        willNotFix: false,
        url: details?.sourceUrl || null,
        source,
    };
}

const unreadable = "unreadable finding";

/** What can be told of an entry that is not as it should be; it counts, so that it can lower nothing. */
export function readableFinding(value: unknown, source: string): Finding {
    const { severity, title, name } = (value ?? {}) as Record<string, unknown>;
    return {
        id:
            [title, name].find((text): text is string => typeof text === "string" && text !== "") ??
            unreadable,
        severity: typeof severity === "string" ? toSeverity(severity) : "unknown",
        package: { name: unreadable, version: "", type: "" },
        fixedIn: null,
        willNotFix: false,
        url: null,
        source,
    };
}

/** Digests of the images that a finding says it is about. */
export function digestsOf({ resources }: InspectorFinding): string[] {
    return (resources ?? []).flatMap(({ id, details }) =>
        [
            details?.awsEcrContainerImage?.imageHash,
            details?.image?.imageDigest,
            /\/(sha256:[0-9a-f]{64})$/.exec(id ?? "")?.[1],
        ].filter((digest): digest is string => typeof digest === "string" && digest !== ""),
    );
}

/** Whether a finding says what it is about: an image, an instance, a function. */
export function namesResource(finding: InspectorFinding): boolean {
    return digestsOf(finding).length > 0 || (finding.resources ?? []).some(({ id }) => (id ?? "") !== "");
}

type VulnerablePackage = NonNullable<
    NonNullable<InspectorFinding["packageVulnerabilityDetails"]>["vulnerablePackages"]
>[number];

/** `epoch:version-release`, as the package manager writes it; an epoch of 0 is not written. */
function versionOf({ version, release, epoch }: VulnerablePackage): string {
    const start = (epoch ?? 0) > 0 ? `${epoch}:` : "";
    return `${start}${version ?? ""}${release ? `-${release}` : ""}`;
}

/** Fixed in part counts as fixed: only what has no fix at all may be treated as such. */
function fixedIn({ fixAvailable, packageVulnerabilityDetails: details }: InspectorFinding): string | null {
    const versions = distinct(
        (details?.vulnerablePackages ?? [])
            .map(({ fixedInVersion }) => fixedInVersion)
            .filter((version) => version !== "NotAvailable"),
    );
    if (versions !== "") return versions;
    return fixAvailable === "NO" ? null : "a version that Inspector does not name";
}

function distinct(texts: readonly (string | null | undefined)[]): string {
    return [...new Set(texts.filter((text) => text !== null && text !== undefined && text !== ""))].join(
        ", ",
    );
}
