import type { GatePolicy } from "../policy/gatePolicy";
import type { Finding } from "../report/scanReport";
import { compareSeverity, type RankedSeverity, type Severity } from "../report/severity";

/** One vulnerability in one package and place, whatever number of times a scanner repeats it. */
export interface DistinctFinding {
    /** The repetition that is shown: the one that counts worst. */
    finding: Finding;
    /** The worst severity that any repetition has, unknown as the policy says. */
    effective: RankedSeverity;
    /** The worst severity as which any repetition is counted: without a fix, `unfixedCountsAs` at most. */
    counted: RankedSeverity;
}

/** The severity of a finding for a policy: unknown is what the policy says. */
export function effectiveSeverity(severity: Severity, policy: GatePolicy): RankedSeverity {
    return severity === "unknown" ? policy.unknownCountsAs : severity;
}

/** The severity as which a finding is counted: the milder of its own and, without a fix, `unfixedCountsAs`. */
export function countedSeverity(
    { severity, fixedIn, willNotFix }: Pick<Finding, "severity" | "fixedIn" | "willNotFix">,
    policy: GatePolicy,
): RankedSeverity {
    const effective = effectiveSeverity(severity, policy);
    const cap = policy.unfixedCountsAs;
    const unfixed = fixedIn === null || willNotFix;
    return unfixed && cap !== "own" && compareSeverity(effective, cap) > 0 ? cap : effective;
}

/**
 * One entry per vulnerability, package and place. When a scanner repeats one with another severity or fix, the worst
 * counts, so that a repetition can never lower anything.
 */
export function distinctFindings(findings: readonly Finding[], policy: GatePolicy): DistinctFinding[] {
    const distinct = new Map<string, DistinctFinding>();
    for (const finding of findings) {
        const key = keyOf(finding);
        const effective = effectiveSeverity(finding.severity, policy);
        const counted = countedSeverity(finding, policy);
        const seen = distinct.get(key);
        if (seen === undefined) {
            distinct.set(key, { finding, effective, counted });
            continue;
        }
        const difference = compareSeverity(counted, seen.counted);
        // Among equals the one with the smaller text is shown, so that the order of findings cannot matter.
        if (difference > 0 || (difference === 0 && shown(finding) < shown(seen.finding)))
            seen.finding = finding;
        if (difference > 0) seen.counted = counted;
        if (compareSeverity(effective, seen.effective) > 0) seen.effective = effective;
    }
    return [...distinct.values()];
}

/** Lengths stand before the parts, so that no two lists of parts give the same text. */
function keyOf({ id, package: { name, version, type, path } }: Finding): string {
    const place = path === undefined ? "" : `@${path}`;
    return `${id.length},${name.length},${version.length},${type.length}:${id}${name}${version}${type}${place}`;
}

function shown({ severity, fixedIn, willNotFix }: Finding): string {
    return JSON.stringify([fixedIn, willNotFix, severity]);
}
