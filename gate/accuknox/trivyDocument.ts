import { readJsonStream } from "../report/jsonStream";
import type { Finding } from "../report/scanReport";
import type { Severity } from "../report/severity";
import {
    modifiedFindingTypes,
    trivyDocumentSchema,
    vulnerabilityKeys,
    vulnerabilitySchema,
    type TrivyDocument,
    type TrivyVulnerability,
} from "./trivyFormat";

/** Findings of one report that are kept; a report with more is incomplete. */
export const mostFindings = 100_000;

/** List elements of any kind in one report: findings, and the packages of every target. */
const mostElements = 1_000_000;

const inResult = (list: string) => `/Results/*/${list}/*`;
const vulnerabilities = inResult("Vulnerabilities");
/** Those of a Trivy before 0.20, whose report is the list of results itself. */
const formerVulnerabilities = "/*/Vulnerabilities/*";
const modifiedFindings = inResult("ExperimentalModifiedFindings");
const packages = inResult("Packages");
/** Lists that are of no concern here. */
const others = ["Misconfigurations", "Secrets", "Licenses", "CustomResources"].map(inResult);
/**
 * Keys that only vulnerabilities and modified findings have. In any other list they show that a piece of the report
 * is lost, whose end has run into the beginning of another element: the finding must not go with it.
 */
const keysOfFindings = ["VulnerabilityID", "InstalledVersion", "SeveritySource", "Statement", "Finding"];

/** A Trivy report as it was read. Findings are all there are, whatever else is wrong with the document. */
export interface TrivyReading {
    /** Null when the document around the lists is not Trivy's; `problems` says why. */
    document: TrivyDocument | null;
    findings: Finding[];
    /** Number of packages that are listed, by index of the result. */
    packages: ReadonlyMap<number, number>;
    /** Packages of the distribution's kind from repositories of third parties, by name: Trivy matches none of them. */
    passedOver: Lines;
    /** What is not as Trivy writes it, each in one line. */
    problems: string[];
    sha256: string;
    bytes: number;
}

/**
 * Reads a Trivy JSON report of any size in one pass.
 * @throws JsonFormatError when it is not one JSON document within the bounds.
 */
export function readTrivyDocument(chunks: Iterable<Uint8Array>): TrivyReading {
    const findings: Finding[] = [];
    const strange = new Lines();
    const passedOver = new Lines();
    const counted = new Map<number, number>();
    let tooMany = 0;
    const add = (pointer: string, value: unknown): void => {
        if (findings.length >= mostFindings) {
            tooMany += 1;
            return;
        }
        const entry = vulnerabilitySchema.safeParse(value);
        if (!entry.success) {
            const [issue] = entry.error.issues;
            strange.add(`${pointer}: ${issue?.path.join(".") || "entry"}: ${issue?.message}`);
        } else {
            const fault = faultOf(entry.data);
            if (fault !== null) strange.add(`${pointer}: ${fault}`);
        }
        findings.push(toFinding(entry.success ? entry.data : readable(value), pointer));
    };
    const { rest, sha256, bytes } = readJsonStream(chunks, {
        elements: [vulnerabilities, formerVulnerabilities, modifiedFindings, packages, ...others],
        keep: {
            [vulnerabilities]: vulnerabilityKeys,
            [formerVulnerabilities]: vulnerabilityKeys,
            [modifiedFindings]: ["Type", ...vulnerabilityKeys.map((key) => `Finding.${key}`)],
            [packages]: ["Name", "Repository.Class", ...keysOfFindings],
            ...Object.fromEntries(others.map((pattern) => [pattern, keysOfFindings])),
        },
        mostElements,
        onElement: ({ pattern, pointer, value }) => {
            if (pattern === vulnerabilities || pattern === formerVulnerabilities) {
                add(pointer, value);
            } else if (pattern === modifiedFindings) {
                const { Type: type, Finding: finding } = asRecord(value);
                if (!modifiedFindingTypes.some((known) => known === type)) {
                    strange.add(`${pointer}: a finding of unknown type has been taken out`);
                } else if (type !== "vulnerability") {
                    if ("VulnerabilityID" in asRecord(finding))
                        strange.add(`${pointer}: a vulnerability that calls itself a ${String(type)}`);
                    return;
                }
                add(pointer, finding);
            } else {
                const fields = asRecord(value);
                const foreign = keysOfFindings.find((key) => key in fields);
                if (foreign !== undefined) strange.add(`${pointer}: ${foreign} belongs to a vulnerability`);
                if (pattern !== packages) return;
                const at = resultIndex(pointer);
                counted.set(at, (counted.get(at) ?? 0) + 1);
                const { Name: name, Repository: repository } = fields;
                // The keys that RPM keeps beside its packages are listed as packages without a vendor.
                if (asRecord(repository)["Class"] === "third-party" && name !== "gpg-pubkey") {
                    passedOver.add(String(name));
                }
            }
        },
    });
    const parsed = trivyDocumentSchema.safeParse(rest);
    const problems: string[] = [];
    if (Array.isArray(rest)) {
        problems.push(
            "it does not have Trivy's JSON format, schema 2, but is a list, as Trivy before 0.20 wrote it; " +
                "scan with the pinned Trivy",
        );
    } else if (!parsed.success) {
        const faults = new Lines();
        for (const { path, message } of parsed.error.issues) {
            faults.add(`${path.join(".") || "document"}: ${message}`);
        }
        problems.push(`it does not have Trivy's JSON format, schema 2 (${faults})`);
    }
    // What a result is of may stand behind its lists.
    for (const finding of findings) addTarget(finding, asRecord(resultOf(finding.source, rest)));
    if (strange.count > 0) problems.push(`it has entries that Trivy does not write (${strange})`);
    if (tooMany > 0) problems.push(`it lists more than ${mostFindings} findings`);
    return {
        document: parsed.success ? parsed.data : null,
        findings,
        packages: counted,
        passedOver,
        problems,
        sha256,
        bytes,
    };
}

/** Index of the result in `/Results/3/Vulnerabilities/0`. */
function resultIndex(pointer: string): number {
    return Number(pointer.split("/")[2]);
}

/** The result of `/Results/3/Vulnerabilities/0`, or of `/3/Vulnerabilities/0` in a report that is a list. */
function resultOf(pointer: string, rest: unknown): unknown {
    if (Array.isArray(rest)) return rest[Number(pointer.split("/")[1])];
    const results = asRecord(rest)["Results"];
    return Array.isArray(results) ? results[resultIndex(pointer)] : undefined;
}

function asRecord(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The first lines of possibly very many. */
export class Lines {
    count = 0;
    private readonly first: string[] = [];

    add(line: string): void {
        this.count += 1;
        if (this.first.length < 3) this.first.push(line);
    }

    toString(): string {
        const more = this.count - this.first.length;
        return this.first.join("; ") + (more > 0 ? ` and ${more} more` : "");
    }
}

/** What can be read of an entry that is not as Trivy writes it; the finding counts, the report is incomplete. */
function readable(value: unknown): TrivyVulnerability {
    const fields = asRecord(value);
    const text = (key: string): string => {
        const field = fields[key];
        return typeof field === "string" ? field : "";
    };
    return {
        VulnerabilityID: text("VulnerabilityID") || "unknown",
        PkgName: text("PkgName") || "unknown",
        InstalledVersion: text("InstalledVersion"),
        Severity: text("Severity"),
    };
}

/** A finding as far as its own entry goes; see `addTarget`. */
function toFinding(vulnerability: TrivyVulnerability, source: string): Finding {
    const {
        Status: status = "",
        FixedVersion: fixed = "",
        PkgIdentifier,
        PkgPath: path = "",
    } = vulnerability;
    const willNotFix = status === "will_not_fix" || status === "end_of_life";
    const [, ecosystem = ""] = /^pkg:([a-z0-9.+-]+)\//i.exec(PkgIdentifier?.PURL ?? "") ?? [];
    return {
        id: vulnerability.VulnerabilityID,
        severity: toSeverity(vulnerability.Severity),
        package: {
            name: vulnerability.PkgName,
            version: vulnerability.InstalledVersion ?? "",
            type: ecosystem.toLowerCase(),
            ...(path === "" ? {} : { path }),
        },
        // Several versions stand for several maintained lines; which of them applies, Trivy does not say.
        fixedIn: willNotFix || fixed === "" ? null : fixed,
        willNotFix,
        url: vulnerability.PrimaryURL || null,
        source,
    };
}

/** Targets that stand for all packages of a language instead of for a file (pkg/scan/langpkg/scan.go). */
const collectiveTargets = new Set(["Python", "Conda", "Ruby", "Node.js", "Java", "Kubernetes"]);

/** Adds what only the result says: the kind of package where its URL is absent, and the file it was found in. */
function addTarget({ package: found }: Finding, result: Record<string, unknown>): void {
    const { Class: resultClass, Type: type, Target: target } = result;
    if (found.type === "" && typeof type === "string") found.type = type;
    const isFile =
        resultClass === "lang-pkgs" && typeof target === "string" && !collectiveTargets.has(target);
    if (isFile && target !== "") found.path ??= target;
}

/** Trivy's severities (trivy-db pkg/types/types.go). */
const severityOf: ReadonlyMap<string, Severity> = new Map([
    ["CRITICAL", "critical"],
    ["HIGH", "high"],
    ["MEDIUM", "medium"],
    ["LOW", "low"],
    ["UNKNOWN", "unknown"],
]);
const severityNames = [...severityOf.keys()];

/**
 * What Trivy would not write, in half a line; null when it is all right. A policy may be milder about findings of
 * unknown severity and about those without a fix: damage must not make one.
 */
function faultOf(vulnerability: TrivyVulnerability): string | null {
    const { Severity: severity, Status: status, FixedVersion: fixed } = vulnerability;
    if (!severityOf.has(severity)) return `its Severity is ${JSON.stringify(severity.slice(0, 40))}`;
    const { SeveritySource: source = "", VendorSeverity: bySource } = vulnerability;
    const given = asRecord(bySource)[source];
    // The one is taken from the other (FillInfo), unless a module of Trivy changes it afterwards.
    if (given !== undefined && severityNames.indexOf(severity) !== 4 - Number(given))
        return `its Severity is ${severity}, not what ${JSON.stringify(source.slice(0, 40))} has given it`;
    // There is always one, and it is `fixed` exactly when there is a fixed version (pkg/vulnerability, FillInfo).
    if (status === undefined) return "it has no Status";
    if (!statuses.has(status)) return `its Status is ${JSON.stringify(status.slice(0, 40))}`;
    if ((status === "fixed") === ((fixed ?? "") !== "")) return null;
    return `its Status is ${status} and there is ${status === "fixed" ? "no" : "a"} FixedVersion`;
}

/** Trivy's statuses of a vulnerability (trivy-db pkg/types/status.go). */
const statuses: ReadonlySet<string> = new Set([
    "unknown",
    "not_affected",
    "affected",
    "fixed",
    "under_investigation",
    "will_not_fix",
    "fix_deferred",
    "end_of_life",
]);

/** A severity that Trivy does not have is unknown, and so counts as the gate policy says. */
function toSeverity(text: string): Severity {
    return severityOf.get(text) ?? "unknown";
}
