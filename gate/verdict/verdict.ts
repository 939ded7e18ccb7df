import { createHash } from "node:crypto";
import { serializeGatePolicy, rankedSeverities, type GatePolicy } from "../policy/gatePolicy";
import { scannerNames, scanReportSchema, type ScannerName, type ScanReport } from "../report/scanReport";
import { canonicalJson } from "../policy/canonicalJson";
import type { ScanStage } from "../policy/scanStage";
import { countFindings, exceededLimits, noFindings, type SeverityCounts } from "./limits";
import type { Reason } from "./reason";
import { doubtsAboutReport } from "./trust";

/** Only `pass` opens anything. `fail`: judged and refused. `incomplete`: could not be judged. */
export type Outcome = "pass" | "fail" | "incomplete";

/** What one scanner contributed. `usable`: its one report could be believed. */
export interface ScannerSummary {
    name: ScannerName;
    required: boolean;
    usable: boolean;
    /** Findings per effective severity, de-duplicated; null when there is no usable report. */
    counts: SeverityCounts | null;
}

/** The judgement over one digest. Equal inputs, in any order, give an equal verdict. */
export interface Verdict {
    version: 1;
    outcome: Outcome;
    digest: string;
    judgedAt: string;
    /** SHA-256, in hex, of the canonical text of the policy that was applied. */
    policySha256: string;
    /** Per effective severity, the highest number that any required scanner found. */
    counts: SeverityCounts;
    scanners: ScannerSummary[];
    reasons: Reason[];
}

/** Stands in the list of reports for one that is there and could not be read. */
export interface UnreadableReport {
    /** Where it is and what is wrong with it, in one line. */
    unreadable: string;
    /** The scanner in whose place it was found; null when the place does not say. */
    scanner: ScannerName | null;
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
 * - Findings are de-duplicated within a scanner and never summed over scanners: each scanner has to stay within
 *   the limits by itself.
 * - A byte-for-byte repeated report counts once; two different reports of one scanner are a contradiction.
 */
export function judge({ policy, stage, reports, digest, now }: JudgeRequest): Verdict {
    const requiredScanners = policy.requiredScanners[stage];
    const sorted = sortReports(reports);
    const reasons: Reason[] = sorted.unreadable.map(({ scanner, message }) => ({
        kind: "reportUnreadable",
        scanner,
        message,
    }));
    const scanners: ScannerSummary[] = [];
    for (const name of scannerNames) {
        const required = requiredScanners.includes(name);
        const own = sorted.readable.get(name) ?? [];
        if (!required && own.length === 0) continue;
        const doubts = doubtsAboutReport({ name, reports: own, policy, digest, now });
        const report = own[0];
        const usable = doubts.length === 0 && report !== undefined;
        const counts = usable ? countFindings(report.findings, policy) : null;
        reasons.push(...doubts.map((doubt) => ({ ...doubt, scanner: name })));
        if (usable) reasons.push(...refusalsOf(report), ...exceededLimits(report, policy));
        scanners.push({ name, required, usable, counts });
    }
    const decided = sortReasons(reasons.map((reason) => asNoteIfAdvisory(reason, requiredScanners)));
    return {
        version: 1,
        outcome: outcomeOf(decided),
        digest,
        judgedAt: now.toISOString(),
        policySha256: createHash("sha256").update(serializeGatePolicy(policy)).digest("hex"),
        counts: worstCounts(scanners),
        scanners,
        reasons: decided,
    };
}

interface SortedReports {
    readable: Map<ScannerName, ScanReport[]>;
    unreadable: { scanner: ScannerName | null; message: string }[];
}

/** Groups reports by scanner without repetitions, in an order that does not depend on the order given. */
function sortReports(reports: readonly unknown[]): SortedReports {
    const readable = new Map<ScannerName, ScanReport[]>();
    const unreadable = new Map<string, SortedReports["unreadable"][number]>();
    const distinct = new Map(reports.map((report) => [canonicalJson(report) ?? "undefined", report]));
    for (const [text, report] of [...distinct].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const result = scanReportSchema.safeParse(report);
        if (result.success) {
            const name = result.data.scanner.name;
            readable.set(name, [...(readable.get(name) ?? []), result.data]);
        } else {
            const issue = result.error.issues[0];
            const where = issue === undefined || issue.path.length === 0 ? "document" : issue.path.join(".");
            const marked = asUnreadable(report);
            unreadable.set(text, {
                scanner: marked?.scanner ?? claimedScanner(report),
                message: `a scan report cannot be read (${
                    marked?.unreadable ?? `${where}: ${issue?.message ?? "not valid"}`
                }); run the scan again`,
            });
        }
    }
    return { readable, unreadable: [...unreadable.values()] };
}

function asUnreadable(report: unknown): UnreadableReport | null {
    const { unreadable, scanner } = (report ?? {}) as Partial<UnreadableReport>;
    if (typeof unreadable !== "string") return null;
    return { unreadable, scanner: scannerNames.find((known) => known === scanner) ?? null };
}

/** Which scanner an unreadable report says that it comes from. */
function claimedScanner(report: unknown): ScannerName | null {
    const name = (report as { scanner?: { name?: unknown } } | null | undefined)?.scanner?.name;
    return scannerNames.find((known) => known === name) ?? null;
}

function refusalsOf(report: ScanReport): Reason[] {
    return report.refusals.map(({ rule, message }) => ({
        kind: "refusal",
        scanner: report.scanner.name,
        message: `${report.scanner.name} refuses the image by its rule ${rule}: ${message}`,
    }));
}

function asNoteIfAdvisory(reason: Reason, requiredScanners: readonly ScannerName[]): Reason {
    if (reason.scanner === null || requiredScanners.includes(reason.scanner)) return reason;
    return { ...reason, kind: "note", message: `advisory, does not decide: ${reason.message}` };
}

function outcomeOf(reasons: readonly Reason[]): Outcome {
    const deciding = reasons.filter(({ kind }) => kind !== "note");
    if (deciding.length === 0) return "pass";
    return deciding.every(({ kind }) => kind === "limitExceeded" || kind === "refusal")
        ? "fail"
        : "incomplete";
}

function worstCounts(scanners: readonly ScannerSummary[]): SeverityCounts {
    const worst = noFindings();
    for (const { required, counts } of scanners) {
        if (!required || counts === null) continue;
        for (const severity of rankedSeverities)
            worst[severity] = Math.max(worst[severity], counts[severity]);
    }
    return worst;
}

/** What could not be judged first, then what was refused with the worst findings first, notes last. */
function sortReasons(reasons: readonly Reason[]): Reason[] {
    const rankOf = ({ kind }: Reason): number =>
        kind === "note" ? 3 : kind === "limitExceeded" ? 2 : kind === "refusal" ? 1 : 0;
    const keyOf = (reason: Reason): string =>
        [
            rankOf(reason),
            reason.finding === undefined ? 9 : rankedSeverities.indexOf(reason.finding.severity),
            reason.message,
            canonicalJson(reason),
        ].join(" ");
    return reasons
        .map((reason) => ({ reason, key: keyOf(reason) }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
        .map(({ reason }) => reason);
}
