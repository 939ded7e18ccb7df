import type { GatePolicy } from "../policy/gatePolicy";
import type { Finding } from "../report/scanReport";
import { compareSeverity, type RankedSeverity, type Severity } from "../report/severity";

/** A finding as a policy sees it. */
export interface RankedFinding {
    finding: Finding;
    /** Its severity, unknown as the policy says. */
    effective: RankedSeverity;
    /** The severity as which it is counted: without a fix, `unfixedCountsAs` at most. */
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

/** A finding with its severities. Every entry of a scanner's list is one, also when the scanner repeats itself. */
export function rankFinding(finding: Finding, policy: GatePolicy): RankedFinding {
    return {
        finding,
        effective: effectiveSeverity(finding.severity, policy),
        counted: countedSeverity(finding, policy),
    };
}
