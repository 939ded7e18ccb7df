/** The findings of one scan report in Security Hub's format. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../policy/canonicalJson";
import { serializeGatePolicy, type GatePolicy } from "../policy/gatePolicy";
import type { Waiver } from "../policy/waiver";
import type { Finding, ScanReport } from "../report/scanReport";
import type { EvidenceSubject } from "../evidence/evidencePlace";
import { compareSeverity, type RankedSeverity } from "../report/severity";
import { rankFinding, type RankedFinding } from "../verdict/findings";
import { judge, type Outcome } from "../verdict/verdict";
import { excuseFor, waiversAt } from "../verdict/waivers";
import { imageResource } from "./imageResource";
import {
    findingLimits,
    idPrefix,
    securityFinding,
    shownText,
    textOrNone,
    webAddress,
    type FindingOrigin,
    type FindingVulnerability,
    type SecurityFinding,
    type SeverityLabel,
} from "./securityFinding";

/** A report and where it comes from. */
export interface StoredScan extends EvidenceSubject {
    report: ScanReport;
    /** Where it is stored: `s3://…/report.json`. */
    place: string;
}

/**
 * Severities as Security Hub names them. `negligible` has no name of its own there: the distributor says that nothing
 * needs to be done, which is less than LOW ("does not require action on its own").
 */
export const labels: Record<RankedSeverity, SeverityLabel> = {
    critical: "CRITICAL",
    high: "HIGH",
    medium: "MEDIUM",
    low: "LOW",
    negligible: "INFORMATIONAL",
};

/** Beginning of the ids of an application's scan findings, of one digest, of one scanner. */
export function scanIdPrefix(
    origin: Pick<FindingOrigin, "stack">,
    application: string,
    ...parts: [] | [digest: string] | [digest: string, scanner: string]
): string {
    return idPrefix(origin, "scan", application, ...parts);
}

/**
 * What names a finding within a report: the vulnerability, and the package where it is. Neither the run nor its place in
 * the list, so that the same finding of the same digest is the same one in Security Hub.
 */
function findingKey({ id, package: { name, version, type, path = "" } }: Finding): string {
    return createHash("sha256")
        .update(canonicalJson([id, name, version, type, path]))
        .digest("hex");
}

/**
 * What the gate policy says about one report alone, when it was made: whether this scanner would let the image pass. The
 * release is decided from the reports of all required scanners, later.
 */
export function verdictOn({ report, application, digest, stage }: StoredScan, policy: GatePolicy): Outcome {
    const { name } = report.scanner;
    return judge({
        policy: { ...policy, requiredScanners: { ...policy.requiredScanners, [stage]: [name] } },
        stage,
        reports: [report],
        digest,
        now: new Date(report.finishedAt),
        application,
    }).outcome;
}

/** The ids of a report's findings, each with what of the report it stands for. */
export type ReportFindings = ReadonlyMap<string, Finding>;

/**
 * The findings of a report by their ids in Security Hub. Entries that name the same vulnerability in the same package
 * are one finding: the worst of them, whatever their order.
 */
export function findingsById(
    origin: Pick<FindingOrigin, "stack">,
    { report, application, digest }: Pick<StoredScan, "report" | "application" | "digest">,
    policy: GatePolicy,
): ReportFindings {
    const prefix = scanIdPrefix(origin, application, digest, report.scanner.name);
    const byId = new Map<string, Finding>();
    for (const finding of report.findings) {
        const id = `${prefix}${findingKey(finding)}`;
        const known = byId.get(id);
        byId.set(id, known === undefined ? finding : worse(known, finding, policy));
    }
    return byId;
}

/** The worse of two, and of two that are as bad the one whose text comes first. */
function worse(a: Finding, b: Finding, policy: GatePolicy): Finding {
    const difference = compareSeverity(rankFinding(a, policy).effective, rankFinding(b, policy).effective);
    if (difference !== 0) return difference > 0 ? a : b;
    return essence(a) <= essence(b) ? a : b;
}

/** A finding without its place in the raw report. */
function essence({ source: _source, ...finding }: Finding): string {
    return canonicalJson(finding);
}

/**
 * Makes the findings of a report, one after the other as they are asked for: there can be tens of thousands.
 * @param createdAt when a finding was first imported, by its id; what is not there is new.
 */
export function* scanFindings(
    origin: FindingOrigin,
    scan: StoredScan,
    findings: ReportFindings,
    { policy, createdAt }: { policy: GatePolicy; createdAt: ReadonlyMap<string, Date> },
): Generator<SecurityFinding, void> {
    const { report, application, digest, execution, stage, place } = scan;
    const { name: scanner, version } = report.scanner;
    const finishedAt = new Date(report.finishedAt);
    const waivers = waiversAt(policy, application, finishedAt);
    const resource = imageResource(origin, report.subject.image);
    const common = {
        application,
        digest,
        image: report.subject.image,
        scanner,
        scannerVersion: version,
        stage,
        execution,
        evidence: place,
        scannedAt: finishedAt.toISOString(),
        verdict: verdictOn(scan, policy),
        required: String(policy.requiredScanners[stage].includes(scanner)),
        complete: String(report.complete),
        policy: createHash("sha256").update(serializeGatePolicy(policy)).digest("hex"),
    };
    const prefix = scanIdPrefix(origin, application, digest, scanner);
    for (const [id, finding] of findings) {
        const ranked = rankFinding(finding, policy);
        const { waiver } = excuseFor(ranked, waivers, policy);
        const { name, version: installed, type, path } = finding.package;
        yield securityFinding(origin, {
            id: ["scan", application, digest, scanner, id.slice(prefix.length)],
            generator: `scan/${scanner}`,
            createdAt: createdAt.get(id) ?? finishedAt,
            updatedAt: finishedAt,
            title: `${finding.id} in ${nameAndVersion(finding)} of ${application}`,
            description: description(scan, ranked, waiver),
            remediation: { text: remediation(finding), url: finding.url },
            severity: { label: labels[ranked.effective], original: finding.severity },
            types: [
                finding.id.startsWith("CVE-")
                    ? "Software and Configuration Checks/Vulnerabilities/CVE"
                    : "Software and Configuration Checks/Vulnerabilities",
            ],
            resources: [resource],
            vulnerabilities: [vulnerability(finding, scanner)],
            fields: {
                ...common,
                vulnerability: finding.id,
                package: name,
                packageVersion: installed,
                packageType: type,
                packagePath: path,
                fixedIn: hasFix(finding) ? finding.fixedIn : null,
                countedAs: ranked.counted,
                waiver: waiver?.id,
                waiverOwner: waiver?.owner,
                waiverExpires: waiver?.expires,
                waiverReason: waiver?.reason,
            },
            state: "ACTIVE",
        });
    }
}

/** Whether there is a version to change to. */
function hasFix({ fixedIn, willNotFix }: Finding): boolean {
    return !willNotFix && textOrNone(fixedIn, findingLimits.packageText) !== undefined;
}

function nameAndVersion({ package: { name, version } }: Finding): string {
    return textOrNone(version, findingLimits.packageText) === undefined ? name : `${name} ${version}`;
}

function description(
    { report, application }: StoredScan,
    { finding, counted }: RankedFinding,
    waiver: Waiver | null,
): string {
    const { type, path } = finding.package;
    const where = [type, path].filter((part) => part !== undefined && part !== "").join(", ");
    const sentences = [
        `${report.scanner.name} ${report.scanner.version} found ${finding.id} (${finding.severity}) in ` +
            `${nameAndVersion(finding)}${where === "" ? "" : ` (${where})`} of the image ${report.subject.image} ` +
            `of ${application}.`,
        hasFix(finding) ? `Fixed in ${finding.fixedIn}.` : remediation(finding),
        ...(counted === finding.severity ? [] : [`The gate policy counts it as ${counted}.`]),
        ...(waiver === null
            ? []
            : [`Waived by ${waiver.owner} to the end of ${waiver.expires}: ${waiver.reason.trim()}`]),
    ];
    return sentences.join(" ");
}

function remediation(finding: Finding): string {
    const { name } = finding.package;
    if (hasFix(finding)) return `Update ${name} to ${finding.fixedIn}, then release the application again.`;
    return finding.willNotFix
        ? `The distributor will not fix it: replace or remove ${name}.`
        : `No fix is known: replace or remove ${name}.`;
}

function vulnerability(finding: Finding, scanner: string): FindingVulnerability {
    const { name, version, type, path } = finding.package;
    const url = webAddress(finding.url);
    const of = (text: string | null | undefined) => textOrNone(text, findingLimits.packageText);
    const parts = {
        Version: of(version),
        PackageManager: of(type),
        FilePath: of(path),
        ...(hasFix(finding)
            ? { FixedInVersion: of(finding.fixedIn), Remediation: of(remediation(finding)) }
            : {}),
    };
    return {
        Id: shownText(finding.id, findingLimits.vulnerabilityId),
        VulnerablePackages: [{ Name: shownText(name, findingLimits.packageText), ...present(parts) }],
        Vendor: { Name: scanner, VendorSeverity: finding.severity },
        ...(url === undefined ? {} : { ReferenceUrls: [url] }),
        FixAvailable: hasFix(finding) ? "YES" : "NO",
    };
}

/** Without the members that are undefined. */
function present<T extends Record<string, string | undefined>>(parts: T): { [Name in keyof T]?: string } {
    return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as {
        [Name in keyof T]?: string;
    };
}
