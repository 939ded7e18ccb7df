/** A review as a whole: what ran, what was found, how it is judged. Pure. */
import * as z from "zod";
import type { GatePolicy } from "../policy/gatePolicy";
import { severities, type RankedSeverity, type Severity } from "../report/severity";
import { scannerNames, type ScannerName } from "../report/scanReport";
import { parseForeignJson } from "../approval/foreignJson";
import { checkReportSchema, type CheckReport } from "../verify/checkReport";
import type { Evidence, UnreadableEvidence } from "../evidence/evidence";
import { sortReports } from "../verdict/readReports";
import { judge, type Verdict } from "../verdict/verdict";
import { wayToPass } from "../verdict/wayToPass";
import { hasEnded, isBad, type ReviewExecution, type StepResult } from "./reviewExecution";
import type { ReviewedApplication, ReviewStep } from "./reviewSettings";

/** What a step of the Verify stage left behind. */
export type CheckEvidence =
    | { kind: "report"; report: CheckReport }
    | { kind: "absent" }
    /** Why it cannot be believed. */
    | { kind: "unreadable"; why: string };

export interface CheckSection {
    step: ReviewStep & { kind: "lint" | "secrets" };
    state: StepResult["state"];
    evidence: CheckEvidence;
}

/** One vulnerability in one package, whichever scanners found it. */
export interface VulnerabilityRow {
    /** As the scanner says it that thinks it worst. */
    severity: Severity;
    id: string;
    package: string;
    installed: string;
    fixedIn: string | null;
    scanners: ScannerName[];
    waived: boolean;
}

export interface UsedWaiver {
    id: string;
    package: string;
    owner: string;
    expires: string;
}

export interface ImageSection {
    verdict: Verdict;
    vulnerabilities: VulnerabilityRow[];
    waivers: UsedWaiver[];
    /** What would have to be done; empty when it passes. */
    wayToPass: string[];
}

/**
 * - `running`: something still runs, and nothing has failed yet.
 * - `passed`: every step passed, and the image is judged to pass.
 * - `unjudged`: everything ran, and what came of it cannot be believed.
 */
export type ReviewOutcome = "running" | "passed" | "failed" | "unjudged" | "stopped" | "superseded";

export interface Review {
    application: string;
    execution: ReviewExecution;
    outcome: ReviewOutcome;
    checks: CheckSection[];
    /** Null until every scanner has ended, and when there is no image. */
    image: ImageSection | null;
    /** Whether anything still runs. */
    isOpen: boolean;
}

export interface ReviewRequest {
    application: ReviewedApplication;
    policy: GatePolicy;
    execution: ReviewExecution;
    /** By the tool's name, what the steps of the Verify stage stored. */
    checks: ReadonlyMap<string, CheckEvidence>;
    /** Scan reports as they were read, for `judge`. */
    scans: readonly unknown[];
}

/** Reads what a check stored. `about`: the commit that it has to be about. */
export function readCheckEvidence(
    evidence: Evidence | UnreadableEvidence | null,
    { tool, commit }: { tool: string; commit: string },
): CheckEvidence {
    if (evidence === null) return { kind: "absent" };
    if ("unreadable" in evidence) return { kind: "unreadable", why: evidence.unreadable };
    let value: unknown;
    try {
        value = parseForeignJson(new TextDecoder("utf-8", { fatal: true }).decode(evidence.report));
    } catch (error) {
        return { kind: "unreadable", why: `the ${tool} report: ${(error as Error).message}` };
    }
    const result = checkReportSchema.safeParse(value);
    if (!result.success) {
        const problem = z.prettifyError(result.error).replace(/\s+/g, " ").slice(0, 300);
        return { kind: "unreadable", why: `the ${tool} report is of another format (${problem})` };
    }
    const { data: report } = result;
    if (report.tool.name !== tool)
        return { kind: "unreadable", why: `the ${tool} report is one of ${report.tool.name}` };
    if (report.subject.commit !== commit) {
        return { kind: "unreadable", why: `the ${tool} report is about commit ${report.subject.commit}` };
    }
    return { kind: "report", report };
}

/** Whether every scanner has ended, and there is an image that they could have scanned. */
export function isJudgeable({ digest, steps }: ReviewExecution): boolean {
    const scans = steps.filter(({ step }) => step?.kind === "scan");
    // Without any that ran there is nothing to judge: the build failed, or the review was stopped before.
    return (
        digest !== null &&
        scans.every(({ state }) => hasEnded(state)) &&
        scans.some(({ state }) => state !== "notRun")
    );
}

/** Puts a review together. The image is judged as of the moment in which the last step changed: equal news give an equal review. */
export function assembleReview({ application, policy, execution, checks, scans }: ReviewRequest): Review {
    const sections = execution.steps.flatMap(({ step, state }): CheckSection[] =>
        step?.kind === "lint" || step?.kind === "secrets"
            ? [{ step, state, evidence: checks.get(step.tool) ?? { kind: "absent" } }]
            : [],
    );
    const image = isJudgeable(execution) ? judgeImage(application.name, policy, execution, scans) : null;
    const isOpen = execution.steps.some(({ state }) => !hasEnded(state));
    return {
        application: application.name,
        execution,
        outcome: outcomeOf(execution, sections, image),
        checks: sections,
        image,
        isOpen,
    };
}

const endings: Record<string, ReviewOutcome> = {
    Stopped: "stopped",
    Stopping: "stopped",
    Cancelled: "stopped",
    Superseded: "superseded",
};

function outcomeOf(
    { status, steps }: ReviewExecution,
    checks: readonly CheckSection[],
    image: ImageSection | null,
): ReviewOutcome {
    const ending = endings[status];
    if (ending !== undefined) return ending;
    if (steps.some(({ state }) => isBad(state))) return "failed";
    if (status === "InProgress") return "running";
    if (status !== "Succeeded" || image?.verdict.outcome === "fail") return "failed";
    // Green steps alone are no pass: what they stored has to say the same.
    const outcomes = checks.map(({ evidence }) =>
        evidence.kind === "report" ? evidence.report.outcome : "incomplete",
    );
    if (outcomes.includes("fail")) return "failed";
    const isBelieved =
        image?.verdict.outcome === "pass" &&
        outcomes.every((outcome) => outcome === "pass") &&
        steps.every(({ state }) => state === "passed");
    return isBelieved ? "passed" : "unjudged";
}

function judgeImage(
    application: string,
    policy: GatePolicy,
    { digest, updatedAt }: ReviewExecution,
    reports: readonly unknown[],
): ImageSection {
    const request = {
        policy,
        stage: "test" as const,
        reports,
        digest: digest ?? "",
        now: updatedAt,
        application,
    };
    const verdict = judge(request);
    const waived = verdict.reasons.flatMap(({ kind, finding, waiver }) =>
        kind === "waived" && finding !== undefined && waiver !== undefined ? [{ finding, waiver }] : [],
    );
    const isWaived = new Set(
        waived.map(({ finding }) => keyOf(finding.id, finding.package, finding.version)),
    );
    const waivers = new Map(
        waived.map(({ finding, waiver }) => [
            JSON.stringify([waiver.id, waiver.package, waiver.owner, waiver.expires, finding.package]),
            { id: waiver.id, package: finding.package, owner: waiver.owner, expires: waiver.expires },
        ]),
    );
    return {
        verdict,
        vulnerabilities: vulnerabilitiesIn(reports, policy.unknownCountsAs, digest ?? "", isWaived),
        waivers: [...waivers.values()],
        wayToPass: verdict.outcome === "pass" ? [] : wayToPass(request, verdict),
    };
}

function keyOf(...parts: string[]): string {
    return JSON.stringify(parts);
}

/** All findings about the digest, the worst first; the same one of several scanners once. */
function vulnerabilitiesIn(
    reports: readonly unknown[],
    unknownCountsAs: RankedSeverity,
    digest: string,
    isWaived: ReadonlySet<string>,
): VulnerabilityRow[] {
    const rank = (severity: Severity): number =>
        severities.indexOf(severity === "unknown" ? unknownCountsAs : severity);
    const rows = new Map<string, VulnerabilityRow>();
    const { readable } = sortReports(reports);
    for (const name of scannerNames) {
        for (const { subject, findings } of readable.get(name) ?? []) {
            if (subject.digest !== digest) continue;
            for (const { id, severity, package: found, fixedIn } of findings) {
                const key = keyOf(id, found.name, found.version);
                const known = rows.get(key);
                if (known === undefined) {
                    rows.set(key, {
                        severity,
                        id,
                        package: found.name,
                        installed: found.version,
                        fixedIn,
                        scanners: [name],
                        waived: isWaived.has(key),
                    });
                    continue;
                }
                if (rank(severity) < rank(known.severity)) known.severity = severity;
                known.fixedIn ??= fixedIn;
                if (!known.scanners.includes(name)) known.scanners.push(name);
            }
        }
    }
    const textOf = ({ id, package: name, installed }: VulnerabilityRow): string => keyOf(id, name, installed);
    return [...rows.values()]
        .map((row) => ({ row, rank: rank(row.severity), text: textOf(row) }))
        .sort((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
        .map(({ row }) => row);
}
