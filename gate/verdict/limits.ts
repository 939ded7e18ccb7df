import { rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import type { Finding, ScanReport } from "../report/scanReport";
import { compareSeverity, type RankedSeverity, type Severity } from "../report/severity";
import type { Reason } from "./reason";

/** Number of findings per effective severity (unknown ones already counted as the policy says). */
export type SeverityCounts = Record<RankedSeverity, number>;

export function noFindings(): SeverityCounts {
    return { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };
}

/** The severity as which a finding is counted. */
export function effectiveSeverity(severity: Severity, policy: GatePolicy): RankedSeverity {
    return severity === "unknown" ? policy.unknownCountsAs : severity;
}

type RankedFinding = Finding & { effective: RankedSeverity };

/**
 * One entry per vulnerability, package and place. When a scanner repeats one with another severity, the worst
 * counts, so that a repetition can never lower anything.
 */
function distinctFindings(findings: readonly Finding[], policy: GatePolicy): RankedFinding[] {
    const distinct = new Map<string, RankedFinding>();
    for (const finding of findings) {
        const { name, version, type, path } = finding.package;
        const key = JSON.stringify([finding.id, name, version, type, path ?? null]);
        const effective = effectiveSeverity(finding.severity, policy);
        const seen = distinct.get(key);
        const difference = seen === undefined ? 1 : compareSeverity(effective, seen.effective);
        // Among equals the one with the smaller text is shown, so that the order of findings cannot matter.
        if (difference > 0 || (difference === 0 && seen !== undefined && shown(finding) < shown(seen))) {
            distinct.set(key, { ...finding, effective });
        }
    }
    return [...distinct.values()];
}

function shown({ severity, fixedIn, willNotFix }: Finding): string {
    return JSON.stringify([fixedIn, willNotFix, severity]);
}

function count(findings: readonly RankedFinding[]): SeverityCounts {
    const counts = noFindings();
    for (const { effective } of findings) counts[effective] += 1;
    return counts;
}

/** Counts one scanner's findings per effective severity, each distinct finding once. */
export function countFindings(findings: readonly Finding[], policy: GatePolicy): SeverityCounts {
    return count(distinctFindings(findings, policy));
}

/**
 * A reason for each finding that counts against an exceeded limit. The limit on a severity is compared with the
 * number of findings of that severity or worse. A finding is listed once, under the worst limit it breaks.
 */
export function exceededLimits(report: ScanReport, policy: GatePolicy): Reason[] {
    const findings = distinctFindings(report.findings, policy);
    const counts = count(findings);
    const exceeded: { severity: RankedSeverity; allowed: number; counted: number }[] = [];
    let counted = 0;
    for (const severity of rankedSeverities) {
        counted += counts[severity];
        const allowed = policy.limits[severity];
        // Written as "not within", so that a limit that is not a number refuses instead of allowing everything.
        if (allowed !== "unlimited" && !(counted <= allowed)) exceeded.push({ severity, allowed, counted });
    }
    return findings.flatMap((finding) => {
        const limit = exceeded.find(({ severity }) => compareSeverity(finding.effective, severity) >= 0);
        return limit === undefined ? [] : [limitReason(report, finding, limit)];
    });
}

function limitReason(
    report: ScanReport,
    finding: RankedFinding,
    limit: { severity: RankedSeverity; allowed: number; counted: number },
): Reason {
    const { name, version, type, path } = finding.package;
    const { severity: limitOn, allowed, counted } = limit;
    const severity =
        finding.severity === "unknown" ? `unknown, counted as ${finding.effective}` : finding.severity;
    const where = [type, path].filter((part) => part !== undefined && part !== "").join(", ");
    const fix = finding.willNotFix
        ? "the distributor will not fix it: replace or remove the package"
        : finding.fixedIn === null
          ? "no fix is known: replace or remove the package"
          : `fixed in ${finding.fixedIn}`;
    const limited = limitOn === "critical" ? "critical" : `${limitOn} or worse`;
    return {
        kind: "limitExceeded",
        scanner: report.scanner.name,
        message:
            `${finding.id} (${severity}) in ${name} ${version}${where === "" ? "" : ` (${where})`}: ` +
            `${report.scanner.name} counts ${counted} ${limited}, ${allowed} allowed; ${fix}`,
        finding: {
            id: finding.id,
            severity: finding.effective,
            package: name,
            version,
            fixedIn: finding.fixedIn,
            limitOn,
            allowed,
            counted,
        },
    };
}
