import { rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import { lifetimeInDays, type Waiver } from "../policy/waiver";
import type { Finding, ScanReport } from "../report/scanReport";
import { compareSeverity, type RankedSeverity } from "../report/severity";
import { rankFinding, type RankedFinding } from "./findings";
import type { Reason } from "./reason";
import {
    aboutWaiver,
    describeWaiver,
    excuseFor,
    type Excuse,
    type StandingWaivers,
    type WaiverMatches,
} from "./waivers";

/** Number of findings per severity as which they are counted. */
export type SeverityCounts = Record<RankedSeverity, number>;

export function noFindings(): SeverityCounts {
    return { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };
}

/** One scanner's findings in numbers, each by the severity as which it is counted. */
export interface Tally {
    /** Those that count against the limits. */
    counts: SeverityCounts;
    /** Those that a waiver excuses; not in `counts`. */
    waived: SeverityCounts;
    /** Of `counts`, those that would be worse if they had a fix (`unfixedCountsAs`). */
    capped: SeverityCounts;
    /** Of `counts`, those whose severity the scanner does not know (`unknownCountsAs`). */
    unknown: SeverityCounts;
}

/** What is to be said about one scanner's findings. */
export interface JudgedFindings {
    tally: Tally;
    /** For each finding over a limit, each waived one, and each waiver that could not be applied. */
    reasons: Reason[];
    matches: WaiverMatches;
}

/** A limit that is exceeded, and by how many findings of that severity or worse. */
export interface ExceededLimit {
    on: RankedSeverity;
    allowed: number;
    counted: number;
}

/**
 * Holds one scanner's findings against the limits. A waived finding does not count. The limit on a severity is
 * compared with the number of findings of that severity or worse; a finding is listed once, under the worst limit it
 * breaks.
 */
export function judgeFindings(
    report: ScanReport,
    policy: GatePolicy,
    waivers: StandingWaivers,
): JudgedFindings {
    const tally: Tally = {
        counts: noFindings(),
        waived: noFindings(),
        capped: noFindings(),
        unknown: noFindings(),
    };
    const matches = new Map<Waiver, Set<string>>();
    const tooLong = new Map<string, Reason>();
    const reasons: Reason[] = [];
    const counting: { found: RankedFinding; excuse: Excuse }[] = [];
    for (const finding of report.findings) {
        const found = rankFinding(finding, policy);
        const excuse = excuseFor(found, waivers, policy);
        for (const waiver of excuse.matching) {
            matches.set(waiver, (matches.get(waiver) ?? new Set()).add(found.finding.package.name));
        }
        for (const waiver of excuse.tooLong) {
            const what = `does not excuse it as ${found.effective}: ${tooLongBy(waiver, found, policy)}`;
            const reason = { ...aboutWaiver("waiverTooLong", waiver, what), scanner: report.scanner.name };
            tooLong.set(JSON.stringify(reason), reason);
        }
        if (excuse.waiver !== null) {
            tally.waived[found.counted] += 1;
            reasons.push(waivedReason(report, found, excuse.waiver));
            continue;
        }
        tally.counts[found.counted] += 1;
        if (found.counted !== found.effective) tally.capped[found.counted] += 1;
        if (found.finding.severity === "unknown") tally.unknown[found.counted] += 1;
        counting.push({ found, excuse });
    }
    const exceeded = exceededLimits(tally.counts, policy);
    for (const { found, excuse } of counting) {
        const limit = exceeded.find(({ on }) => compareSeverity(found.counted, on) >= 0);
        if (limit !== undefined) reasons.push(limitReason(report, found, excuse, limit, policy));
    }
    return { tally, reasons: [...reasons, ...tooLong.values()], matches };
}

/** Limits that are exceeded, that on the worst severity first. */
export function exceededLimits(counts: SeverityCounts, policy: Pick<GatePolicy, "limits">): ExceededLimit[] {
    const exceeded: ExceededLimit[] = [];
    let counted = 0;
    for (const on of rankedSeverities) {
        counted += counts[on];
        const allowed = policy.limits[on];
        // Written as "not within", so that a limit that is not a number refuses instead of allowing everything.
        if (allowed !== "unlimited" && !(counted <= allowed)) exceeded.push({ on, allowed, counted });
    }
    return exceeded;
}

function limitReason(
    { scanner }: ScanReport,
    found: RankedFinding,
    { tooLong: [unfit] }: Excuse,
    limit: ExceededLimit,
    policy: GatePolicy,
): Reason {
    const limited = limit.on === "critical" ? "critical" : `${limit.on} or worse`;
    const waiver =
        unfit === undefined ? "" : `; its waiver is not applied: ${tooLongBy(unfit, found, policy)}`;
    return {
        kind: "limitExceeded",
        scanner: scanner.name,
        message:
            `${nameOf(found)}: ${scanner.name} counts ${limit.counted} ${limited}, ` +
            `${limit.allowed} allowed; ${fixOf(found.finding)}${waiver}`,
        finding: describe(found),
        limit,
    };
}

function waivedReason({ scanner }: ScanReport, found: RankedFinding, waiver: Waiver): Reason {
    const { owner, expires, reason } = waiver;
    return {
        kind: "waived",
        scanner: scanner.name,
        message: `${nameOf(found)}: waived by ${owner} to the end of ${expires}: ${reason.trim().replace(/\.+$/, "")}; ${fixOf(found.finding)}`,
        finding: describe(found),
        waiver: describeWaiver(waiver),
    };
}

/** `CVE-2021-3711 (critical) in openssl 1.1.1k (deb, /var/lib/dpkg/status)` */
function nameOf({ finding, effective, counted }: RankedFinding): string {
    const { name, version, type, path } = finding.package;
    const where = [type, path].filter((part) => part !== undefined && part !== "").join(", ");
    const isCapped = effective !== counted;
    const severity =
        finding.severity === counted
            ? counted
            : `${finding.severity}, counted as ${counted}${isCapped ? " without a fix" : ""}`;
    return `${finding.id} (${severity}) in ${name} ${version}${where === "" ? "" : ` (${where})`}`;
}

function fixOf({ willNotFix, fixedIn }: Finding): string {
    if (willNotFix) return "the distributor will not fix it: replace or remove the package";
    return fixedIn === null ? "no fix is known: replace or remove the package" : `fixed in ${fixedIn}`;
}

function tooLongBy(waiver: Waiver, { effective }: RankedFinding, policy: GatePolicy): string {
    return `it lives ${lifetimeInDays(waiver)} days, ${policy.maximumWaiverDays[effective]} are allowed for ${effective}`;
}

function describe({ finding, counted, effective }: RankedFinding): Reason["finding"] {
    const { id, willNotFix, package: found } = finding;
    return {
        id,
        severity: counted,
        withFix: effective,
        package: found.name,
        version: found.version,
        fixedIn: willNotFix ? null : finding.fixedIn,
    };
}
