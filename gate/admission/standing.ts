/** Whether one digest may run in production now: the one judgement of admission and of the continuous check. */
import { approvedRecord } from "../approval/approvedRecord";
import type { RegistryAnswer } from "../approval/effects";
import type { Decision, RequestRecord } from "../approval/records";
import type { GatePolicy } from "../policy/gatePolicy";
import { reasonEffects } from "../verdict/reason";
import { judge } from "../verdict/verdict";
import { openOverrides, type Override } from "./breakGlass";
import { notStillValid } from "./stillValid";

/** Something could not be asked. One line; nothing is admitted by not knowing. */
export interface Unavailable {
    kind: "unavailable";
    why: string;
}

/** What the registry says about the digest in one repository. */
export interface RegistryView {
    /** Name, without the registry. */
    repository: string;
    answer: RegistryAnswer | Unavailable;
}

export interface StandingFacts {
    policy: GatePolicy;
    application: string;
    digest: string;
    /** Every approval request of the digest, read with strong consistency; `unavailable` where they cannot be believed. */
    records: readonly RequestRecord[] | Unavailable;
    /** Of the production repository first, then of the staging repository where that one says nothing usable. */
    registry: readonly RegistryView[];
    overrides: readonly Override[];
    now: Date;
}

/**
 * Why a digest may not run:
 * - `unapproved`: the gate has never approved it, or its records contradict each other.
 * - `turnedBad`: it was approved, and would not be by today's policy, findings and waivers.
 * - `unknown`: something that has to be known could not be asked.
 */
export type RefusalKind = "unapproved" | "turnedBad" | "unknown";

export type Standing =
    | {
          kind: "admitted";
          by: "approval";
          /** Pipeline execution in which it was approved. */
          execution: string;
          decidedAt: string;
          waivers: Decision["waivers"];
      }
    | {
          kind: "admitted";
          by: "breakGlass";
          override: Override;
          /** What would have refused it. */
          despite: string[];
      }
    /** Nothing speaks against it, and something that must speak for it may still come. */
    | { kind: "pending"; why: string }
    | { kind: "refused"; because: RefusalKind; reasons: string[] };

/**
 * Judges one digest. Pure. It may run if the newest answer of the gate about this digest of this application is an
 * approval, that approval would still be given (`notStillValid`), and what the registry finds in it today passes today's
 * policy; or else if an override holds, which changes who answers for it and not what was found.
 *
 * The newest approval decides, also where an older one would stand better: it is the one that knows more. Waivers that
 * were renewed are in the newest one as well.
 */
export function standing(facts: StandingFacts): Standing {
    const judged = judgeApproval(facts);
    if (judged.kind === "admitted") return judged;
    const [override] = openOverrides(facts.overrides, facts);
    if (override === undefined) return judged;
    const despite = judged.kind === "pending" ? [judged.why] : judged.reasons;
    return { kind: "admitted", by: "breakGlass", override, despite };
}

function judgeApproval(facts: StandingFacts): Standing {
    const { application, digest, records } = facts;
    if ("kind" in records) return refused("unknown", [records.why]);
    const answer = approvedRecord(records, { application, digest });
    if (answer.kind === "refused") {
        if (answer.why === "undecided" && records.some((record) => isBeingWritten(record, facts))) {
            return { kind: "pending", why: answer.reason };
        }
        const wasApproved = records.some((record) => isApprovalOf(record, facts));
        return refused(answer.why === "rejected" && wasApproved ? "turnedBad" : "unapproved", [
            answer.reason,
        ]);
    }
    const { decision, request } = answer.record;
    const reasons = notStillValid(answer.record, facts);
    const registry = judgeRegistry(facts);
    if (registry.kind === "bad") reasons.push(...registry.reasons);
    if (reasons.length > 0) return refused("turnedBad", reasons);
    if (registry.kind === "pending") return registry;
    if (registry.kind === "unknown") return refused("unknown", registry.reasons);
    return {
        kind: "admitted",
        by: "approval",
        execution: request.subject?.execution ?? "",
        decidedAt: decision.decidedAt,
        waivers: decision.waivers,
    };
}

function refused(because: RefusalKind, reasons: string[]): Standing {
    return { kind: "refused", because, reasons };
}

/** An answer that is about to be recorded: the decision is there already, or somebody works on it now. */
function isBeingWritten(
    { request: { subject }, status, decision, claim }: RequestRecord,
    { application, digest, now }: StandingFacts,
): boolean {
    if (status !== "waiting" || subject?.application !== application || subject.digest !== digest)
        return false;
    if (decision !== undefined) return decision.answer === "approved";
    return claim !== undefined && Date.parse(claim.until) > now.getTime();
}

function isApprovalOf(
    { request: { subject }, status }: RequestRecord,
    { application, digest }: StandingFacts,
): boolean {
    return status === "approved" && subject?.application === application && subject.digest === digest;
}

/** Whether a repository's answer settles what the registry finds, so that no other repository need be asked. */
export function isSettled({ answer }: RegistryView): boolean {
    return answer.kind === "ended" && answer.report.complete;
}

type RegistryJudgement =
    | { kind: "good" }
    | { kind: "bad"; reasons: string[] }
    | { kind: "pending"; why: string }
    | { kind: "unknown"; reasons: string[] };

/**
 * Ages that no report has: the registry lists what it finds now, and tells when it looked last, which for an image
 * without news may be long ago. That it does not look any more is a reason of its own in the report.
 */
const anyAge = Number.MAX_SAFE_INTEGER;

function judgeRegistry({ policy, application, digest, registry, now }: StandingFacts): RegistryJudgement {
    const todays: GatePolicy = {
        ...policy,
        requiredScanners: { ...policy.requiredScanners, scanStagingImage: ["inspector"] },
        maximumReportAgeHours: anyAge,
        maximumDataAgeHours: anyAge,
    };
    const [refusals, doubts, waits, unasked]: [string[], string[], string[], string[]] = [[], [], [], []];
    let passes = 0;
    for (const { repository, answer } of registry) {
        const place = `${repository}@${digest}`;
        if (answer.kind === "pending") {
            waits.push(`the scan of ${place} has not ended: ${answer.why}`);
            continue;
        }
        if (answer.kind === "unavailable") {
            unasked.push(`the registry could not be asked about ${place}: ${answer.why}`);
            continue;
        }
        const { report } = answer;
        // Behind the registry's host; the verdict has compared the digest.
        if (report.subject.image.slice(report.subject.image.indexOf("/") + 1) !== place) {
            doubts.push(`registry: the answer is about ${report.subject.image}, not about ${place}`);
            continue;
        }
        const stage = "scanStagingImage";
        const verdict = judge({ policy: todays, stage, reports: [report], digest, now, application });
        if (verdict.outcome === "pass") {
            passes += 1;
            continue;
        }
        const lines = verdict.reasons
            .filter(({ kind }) => reasonEffects[kind] !== "note")
            .map(({ message }) => `${place}: ${message}`);
        const target = verdict.outcome === "fail" ? refusals : doubts;
        target.push(...(lines.length > 0 ? lines : [`${place}: the verdict is ${verdict.outcome}`]));
    }
    if (refusals.length > 0) return { kind: "bad", reasons: refusals };
    if (passes > 0) return { kind: "good" };
    const [first] = waits;
    if (first !== undefined) return { kind: "pending", why: first };
    if (unasked.length > 0 || registry.length === 0) {
        return {
            kind: "unknown",
            reasons: [
                ...doubts,
                ...unasked,
                ...(registry.length === 0 ? ["the registry was not asked"] : []),
            ],
        };
    }
    return { kind: "bad", reasons: doubts };
}
