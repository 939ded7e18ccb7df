import { scanStages, type ScanStage } from "../policy/scanStage";
import { reasonEffects } from "../verdict/reason";
import { judge, type Verdict } from "../verdict/verdict";
import type { ApprovalRequest, ApprovalSubject } from "./approvalRequest";
import type { ApplicationGate, ApprovalSettings } from "./approvalSettings";
import { decisionOf, unlistedWaivers, type JudgedVerdict } from "./decision";
import type { RegistryAnswer, StoredScans } from "./effects";
import type { Decision, ScanRecord } from "./records";

/** Everything that a decision is made of. */
export interface JudgementRequest {
    settings: ApprovalSettings;
    request: ApprovalRequest;
    /** Stored evidence by the stage that scanned. */
    stored: Record<ScanStage, StoredScans>;
    /** What the registry says about its own scan of the staging image. */
    registry: RegistryAnswer;
    /** What scan events said about the digest in the staging repository; null when none has come. */
    scan: ScanRecord | null;
    now: Date;
    /** Who decides; goes into the decision. */
    decidedBy: string;
}

/** `wait`: nothing speaks against the image so far, and the registry's scan has not ended. */
export type Judgement = { kind: "wait"; why: string } | { kind: "decided"; decision: Decision };

const hour = 3_600_000;

/**
 * Milliseconds after the end of a scan for which the registry's list alone is not enough. AWS does not say that the end
 * and all findings become visible together; the event counts what was found.
 */
const unsettled = 60_000;

/**
 * Milliseconds by which an event may be dated before the end of the scan that it is about: EventBridge writes whole
 * seconds, and the two times come from clocks of two services.
 */
const eventDoubt = 60_000;

/** The gate that a request is for; null when the settings know none, or it waits elsewhere than its image belongs. */
export function gateOf(
    settings: ApprovalSettings,
    { subject, pipeline, stage, action }: ApprovalRequest,
): ApplicationGate | null {
    const gate = settings.applications.find(({ name }) => name === subject?.application);
    if (gate === undefined) return null;
    return gate.pipeline === pipeline && gate.stage === stage && gate.action === action ? gate : null;
}

/**
 * Judges one approval request. Pure. The image is approved only if the stored evidence of both stages passes as `gate
 * verdict` judges it, and the registry's own scan of the staging image passes by the same policy with that one scanner
 * required.
 *
 * - Evidence is written before the approval waits, so what it lacks will not come: it is a rejection at once.
 * - A registry scan that has ended and cannot be believed (failed, unsupported, too old) is a rejection at once.
 * - Where the registry has nothing yet, or an event that is not older than its scan counts more findings than it lists, the request
 *   waits. So it does for a minute after the end of a scan that no event has confirmed. An event that calls a scan failed, and is not older than the policy lets a report be, is a rejection.
 * - From `decideBy` on nothing waits any more, and nothing is approved.
 */
export function judgeRequest(given: JudgementRequest): Judgement {
    const { settings, request, now } = given;
    const { subject } = request;
    if (subject === null) {
        return {
            kind: "decided",
            decision: refuse(given, [request.problem ?? "the request has no subject"]),
        };
    }
    const gate = gateOf(settings, request);
    if (gate === null) {
        const problem =
            `${request.pipeline}/${request.stage}/${request.action} is not the gate of the application ` +
            `${subject.application}; deploy the stack that the pipeline belongs to`;
        return { kind: "decided", decision: refuse(given, [problem]) };
    }
    const verdicts: JudgedVerdict[] = scanStages.map((stage) => ({
        part: stage,
        verdict: judgeStored(given, subject, stage),
        evidence: given.stored[stage].places,
    }));
    const registry = judgeRegistry(given, gate, subject);
    if (registry.judged !== null) verdicts.push(registry.judged);
    const unlisted = unlistedWaivers(verdicts);
    const refusals = [
        ...verdicts.flatMap(refusalsOf),
        ...registry.refusals,
        ...(unlisted === null ? [] : [unlisted]),
    ];
    // Written so that a time that cannot be read is late.
    const isLate = !(now.getTime() < Date.parse(request.decideBy));
    if (refusals.length === 0 && !isLate) {
        if (registry.waitsFor !== null) return { kind: "wait", why: registry.waitsFor };
        const decision = decisionOf({ ...given, answer: "approved", verdicts, reasons: [] });
        return { kind: "decided", decision };
    }
    const reasons = [...refusals];
    if (registry.waitsFor !== null) reasons.push(`registry: ${registry.waitsFor}`);
    if (isLate) reasons.push(lateReason(request));
    return { kind: "decided", decision: decisionOf({ ...given, answer: "rejected", verdicts, reasons }) };
}

/**
 * The rejection of a request that has to be decided now although something cannot be read.
 * @param problem in one line.
 */
export function refuseUnread(
    given: Pick<JudgementRequest, "settings" | "request" | "now" | "decidedBy">,
    problem: string,
): Decision {
    return refuse(given, [problem, lateReason(given.request)]);
}

function refuse(
    given: Pick<JudgementRequest, "settings" | "request" | "now" | "decidedBy">,
    reasons: string[],
): Decision {
    return decisionOf({ ...given, answer: "rejected", verdicts: [], reasons });
}

function lateReason({ decideBy }: ApprovalRequest): string {
    return `the request had to be decided before ${decideBy}; find out why it was not, then retry the stage`;
}

function judgeStored(
    { settings, stored, now }: JudgementRequest,
    { application, digest }: ApprovalSubject,
    stage: ScanStage,
): Verdict {
    const { reports } = stored[stage];
    return judge({ policy: settings.policy, stage, reports, digest, now, application });
}

/** What stands against a verdict's image, one line each; empty exactly when it passes. */
function refusalsOf({ part, verdict }: JudgedVerdict): string[] {
    if (verdict.outcome === "pass") return [];
    const deciding = verdict.reasons.filter(({ kind }) => reasonEffects[kind] !== "note");
    return deciding.length === 0
        ? [`${part}: the verdict is ${verdict.outcome}`]
        : deciding.map(({ message }) => `${part}: ${message}`);
}

interface JudgedRegistry {
    judged: JudgedVerdict | null;
    /** What its verdict does not say. */
    refusals: string[];
    /** Null when the scan has ended and nothing contradicts it. */
    waitsFor: string | null;
}

function judgeRegistry(
    { settings, registry, scan: event, now }: JudgementRequest,
    { repository }: ApplicationGate,
    { application, digest }: ApprovalSubject,
): JudgedRegistry {
    const place = `${repository}@${digest}`;
    const scan = event?.repository === repository && event.digest === digest ? event : null;
    if (registry.kind === "pending") {
        const youngest = now.getTime() - settings.policy.maximumReportAgeHours * hour;
        const failed = scan?.status === "failed" && !(Date.parse(scan.at) < youngest);
        const refusals = failed ? [failure(scan, place)] : [];
        return { judged: null, refusals, waitsFor: `the scan of ${place} has not ended: ${registry.why}` };
    }
    const { report, total } = registry;
    const verdict = judge({
        policy: {
            ...settings.policy,
            requiredScanners: { ...settings.policy.requiredScanners, scanStagingImage: ["inspector"] },
        },
        stage: "scanStagingImage",
        reports: [report],
        digest,
        now,
        application,
    });
    const refusals: string[] = [];
    // Behind the registry's host; the verdict has compared the digest.
    if (report.subject.image.slice(report.subject.image.indexOf("/") + 1) !== place) {
        refusals.push(`registry: the answer is about ${report.subject.image}, not about ${place}`);
    }
    let waitsFor: string | null = null;
    if (scan !== null && !(Date.parse(scan.at) <= Date.parse(report.finishedAt) - eventDoubt)) {
        if (scan.status === "failed") refusals.push(failure(scan, place));
        else if (scan.status === "ended" && scan.total !== null && !(scan.total <= total)) {
            waitsFor =
                `the event ${scan.eventId} of ${scan.at} counts ${scan.total} findings in ${place}, ` +
                `the registry lists ${total} of ${report.finishedAt}`;
        }
    }
    const isConfirmed =
        scan?.status === "ended" && Date.parse(scan.at) >= Date.parse(report.finishedAt) - eventDoubt;
    if (!isConfirmed && now.getTime() - Date.parse(report.finishedAt) < unsettled) {
        waitsFor ??=
            `the scan of ${place} ended at ${report.finishedAt}, less than a minute ago, and no event has ` +
            "confirmed it: its findings may not all be listed yet";
    }
    const evidence = [{ scanner: "inspector" as const, place }];
    return { judged: { part: "registry", verdict, evidence }, refusals, waitsFor };
}

function failure({ eventId, at, statusText }: ScanRecord, place: string): string {
    return (
        `registry: the event ${eventId} of ${at} says that the scan of ${place} ended as ${statusText}; ` +
        "see Inspector or Amazon ECR for why, then release the image again"
    );
}
