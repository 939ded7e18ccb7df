import { createHash } from "node:crypto";
import { canonicalJson } from "../policy/canonicalJson";
import { serializeGatePolicy, rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import type { ScanStage } from "../policy/scanStage";
import { scannerNames, type ScannerName, type ScanReport } from "../report/scanReport";
import { judgeFindings, noFindings, type SeverityCounts, type Tally } from "./limits";
import { sortReports } from "./readReports";
import { reasonEffects, type Reason, type ReasonKind } from "./reason";
import { doubtsAboutReport } from "./trust";
import { notesOnWaivers, waiversAt, type WaiverMatches } from "./waivers";

export type { UnreadableReport } from "./readReports";

/** Only `pass` opens anything. `fail`: judged and refused. `incomplete`: could not be judged. */
export type Outcome = "pass" | "fail" | "incomplete";

/** What one scanner contributed. `usable`: its one report could be believed; without it there are no numbers. */
export interface ScannerSummary extends Record<keyof Tally, SeverityCounts | null> {
    name: ScannerName;
    required: boolean;
    usable: boolean;
}

/** The judgement over one digest. Equal inputs, in any order, give an equal verdict. */
export interface Verdict {
    version: 1;
    outcome: Outcome;
    digest: string;
    stage: ScanStage;
    /** Whose image it was said to be; null when that was not said. */
    application: string | null;
    judgedAt: string;
    /** SHA-256, in hex, of the canonical text of the policy that was applied. */
    policySha256: string;
    /** Per severity as which findings are counted, the highest number that any required scanner counts. */
    counts: SeverityCounts;
    /** Likewise for findings that are waived and not in `counts`. */
    waived: SeverityCounts;
    scanners: ScannerSummary[];
    reasons: Reason[];
}

export interface JudgeRequest {
    policy: GatePolicy;
    /** Whose required scanners count. */
    stage: ScanStage;
    /**
     * Scan reports as they were read, or `UnreadableReport` in their place. Anything that is not a scan report is
     * unreadable, not ignored.
     */
    reports: readonly unknown[];
    digest: string;
    now: Date;
    /** The application whose image it is; without it, waivers that name applications excuse nothing. */
    application?: string | undefined;
}

/**
 * Judges one image digest. Pure; never throws on bad reports.
 *
 * Decisions that are worth knowing:
 * - `incomplete` outranks `fail`, which outranks `pass`. Both block; with this order neither a lost report nor
 *   ageing data can make a verdict look better than it was, and all reasons of both kinds are listed anyway.
 * - Advisory scanners (not in the stage's `policy.requiredScanners`) never decide: all they say is a `note`. Were their
 *   findings counted, deleting an advisory report would improve a verdict.
 * - A limit is on findings of that severity *or worse*. Were each severity counted by itself, raising a finding
 *   from high to critical would free a place under the limit for high.
 * - Every entry of a scanner's list counts, also one that looks like another: were they taken for one, a change
 *   of a letter could bring a number under its limit. Scanners are never summed: each scanner has to stay within
 *   the limits by itself.
 * - A repeated report counts once; two different reports of one scanner are a contradiction.
 * - A waiver excuses findings and nothing else: no doubt, no scanner's own refusal. An expired waiver, and one that
 *   does not hold yet, fails by itself, so that time alone never makes a verdict better. One that lives longer than
 *   `policy.maximumWaiverDays` allows for a finding's severity is not applied to it. Waivers for other applications
 *   say nothing here.
 */
export function judge({ policy, stage, reports, digest, now, application }: JudgeRequest): Verdict {
    const requiredScanners = policy.requiredScanners[stage];
    const sorted = sortReports(reports);
    const waivers = waiversAt(policy, application, now);
    const reasons: Reason[] = [...sorted.unreadable, ...waivers.reasons];
    const scanners: ScannerSummary[] = [];
    const matches: (WaiverMatches | null)[] = [];
    for (const name of scannerNames) {
        const required = requiredScanners.includes(name);
        const own = sorted.readable.get(name) ?? [];
        if (!required && own.length === 0) continue;
        const doubts = doubtsAboutReport({ name, reports: own, policy, digest, now });
        for (const doubt of doubts) reasons.push({ ...doubt, scanner: name });
        const report = own[0];
        const usable = doubts.length === 0 && report !== undefined;
        const judged = usable ? judgeFindings(report, policy, waivers) : null;
        if (required) matches.push(judged?.matches ?? null);
        if (usable) for (const refusal of refusalsOf(report)) reasons.push(refusal);
        for (const reason of judged?.reasons ?? []) reasons.push(reason);
        scanners.push({ name, required, usable, ...(judged?.tally ?? noTally) });
    }
    for (const note of notesOnWaivers(waivers, matches)) reasons.push(note);
    const decided = sortReasons(reasons.map((reason) => asNoteIfAdvisory(reason, requiredScanners)));
    return {
        version: 1,
        outcome: outcomeOf(decided),
        digest,
        stage,
        application: application ?? null,
        judgedAt: now.toISOString(),
        policySha256: createHash("sha256").update(serializeGatePolicy(policy)).digest("hex"),
        counts: worstCounts(scanners, "counts"),
        waived: worstCounts(scanners, "waived"),
        scanners,
        reasons: decided,
    };
}

const noTally = { counts: null, waived: null, capped: null, unknown: null } satisfies Record<
    keyof Tally,
    null
>;

function refusalsOf(report: ScanReport): Reason[] {
    return report.refusals.map(({ rule, message }) => ({
        kind: "refusal",
        scanner: report.scanner.name,
        message: `${report.scanner.name} refuses the image by its rule ${rule}: ${message}`,
    }));
}

function asNoteIfAdvisory(reason: Reason, requiredScanners: readonly ScannerName[]): Reason {
    if (reason.scanner === null || requiredScanners.includes(reason.scanner)) return reason;
    const kind = reasonEffects[reason.kind] === "note" ? reason.kind : "note";
    return { ...reason, kind, message: `advisory, does not decide: ${reason.message}` };
}

function outcomeOf(reasons: readonly Reason[]): Outcome {
    const deciding = reasons.map(({ kind }) => reasonEffects[kind]).filter((effect) => effect !== "note");
    if (deciding.length === 0) return "pass";
    return deciding.every((effect) => effect === "fail") ? "fail" : "incomplete";
}

function worstCounts(scanners: readonly ScannerSummary[], which: "counts" | "waived"): SeverityCounts {
    const worst = noFindings();
    for (const { required, [which]: counts } of scanners) {
        if (!required || counts === null) continue;
        for (const severity of rankedSeverities)
            worst[severity] = Math.max(worst[severity], counts[severity]);
    }
    return worst;
}

/** The place of a kind in the list of reasons. */
const placeOf = Object.fromEntries(Object.keys(reasonEffects).map((kind, place) => [kind, place])) as Record<
    ReasonKind,
    number
>;

/**
 * What could not be judged comes first and notes last; within a kind the worst findings first. There can be a hundred
 * thousand reasons, so whole ones are only compared when their messages are equal.
 */
function sortReasons(reasons: readonly Reason[]): Reason[] {
    const rankOf = ({ kind, finding }: Reason): number =>
        placeOf[kind] * 10 + (finding === undefined ? 9 : rankedSeverities.indexOf(finding.severity));
    return reasons
        .map((reason) => ({ reason, rank: rankOf(reason) }))
        .sort(
            (a, b) =>
                a.rank - b.rank ||
                compareText(a.reason.message, b.reason.message) ||
                compareText(canonicalJson(a.reason), canonicalJson(b.reason)),
        )
        .map(({ reason }) => reason);
}

function compareText(a: string, b: string): number {
    return a < b ? -1 : a === b ? 0 : 1;
}
