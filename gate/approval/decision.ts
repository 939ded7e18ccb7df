import { createHash } from "node:crypto";
import { inOneLine } from "../commands/oneLine";
import { serializeGatePolicy } from "../policy/gatePolicy";
import { compareSeverity } from "../report/severity";
import type { SeverityCounts } from "../verdict/limits";
import type { Verdict } from "../verdict/verdict";
import type { ApprovalRequest } from "./approvalRequest";
import type { ApprovalSettings } from "./approvalSettings";
import type { Decision, JudgedPart } from "./records";
import { summaryOf } from "./summary";

/** The verdict on one part, and where what it is about can be found. */
export interface JudgedVerdict {
    part: JudgedPart["part"];
    verdict: Verdict;
    evidence: JudgedPart["evidence"];
}

/** Reasons that a decision lists. A record has to fit into an item of the table, 400 KB. */
export const mostReasons = 50;

/** Bytes of the waivers that a decision lists: half of such an item. */
const mostWaiverBytes = 200_000;

/** Longest reason in characters; package names and paths in them come from the image. */
const longestReason = 500;

/**
 * Puts a decision into words and numbers.
 * @param reasons why it was rejected; for an approval there are none, and what was waived is listed instead.
 */
export function decisionOf(given: {
    settings: ApprovalSettings;
    request: ApprovalRequest;
    answer: Decision["answer"];
    verdicts: JudgedVerdict[];
    reasons: string[];
    now: Date;
    decidedBy: string;
}): Decision {
    const { settings, request, answer, verdicts, now, decidedBy } = given;
    const waived = verdicts.flatMap(({ part, verdict }) =>
        verdict.reasons.filter(({ kind }) => kind === "waived").map(({ message }) => `${part}: ${message}`),
    );
    const reasons = distinct([...given.reasons, ...waived].map((reason) => bounded(inOneLine(reason))));
    const decision: Omit<Decision, "summary"> = {
        answer,
        decidedAt: now.toISOString(),
        decidedBy,
        policySha256: createHash("sha256").update(serializeGatePolicy(settings.policy)).digest("hex"),
        limits: { ...settings.policy.limits },
        parts: verdicts.map(({ part, verdict: { outcome, counts, waived, scanners }, evidence }) => ({
            part,
            outcome,
            counts: { ...counts },
            waived: { ...waived },
            required: scanners.flatMap(({ name, required, usable }) => (required && usable ? [name] : [])),
            evidence,
        })),
        counting: countingIn(settings.policy, verdicts),
        waivers: unlistedWaivers(verdicts) === null ? waiversIn(verdicts) : [],
        reasons: reasons.slice(0, mostReasons),
        moreReasons: Math.max(0, reasons.length - mostReasons),
    };
    return { ...decision, summary: summaryOf(decision, request) };
}

/** Why a decision could not list the waivers that were used; null when it can. What is not on record opens nothing. */
export function unlistedWaivers(verdicts: readonly JudgedVerdict[]): string | null {
    const used = waiversIn(verdicts);
    if (Buffer.byteLength(JSON.stringify(used)) <= mostWaiverBytes) return null;
    return `${used.length} waivers were used, more than a record has room for; mend what can be mended`;
}

/** What of the policy decided as which severity findings were counted. */
function countingIn(
    { unknownCountsAs, unfixedCountsAs }: ApprovalSettings["policy"],
    verdicts: readonly JudgedVerdict[],
): NonNullable<Decision["counting"]> {
    const tallies = verdicts.flatMap(({ verdict }) =>
        verdict.scanners.filter(({ required, usable }) => required && usable),
    );
    const isThere = (counts: SeverityCounts | null): boolean =>
        Object.values(counts ?? {}).some((count) => count > 0);
    return {
        unknown: tallies.some(({ unknown }) => isThere(unknown)) ? unknownCountsAs : null,
        unfixed:
            unfixedCountsAs !== "own" && tallies.some(({ capped }) => isThere(capped))
                ? unfixedCountsAs
                : null,
    };
}

function waiversIn(verdicts: readonly JudgedVerdict[]): Decision["waivers"] {
    const used = new Map<string, Decision["waivers"][number]>();
    for (const { verdict } of verdicts) {
        for (const { kind, waiver, finding } of verdict.reasons) {
            if (kind !== "waived" || waiver === undefined || finding === undefined) continue;
            const { id, package: name, owner, expires } = waiver;
            const key = JSON.stringify([id, name, owner, expires]);
            const known = used.get(key)?.severity ?? finding.withFix;
            used.set(key, {
                id,
                ...(name === null ? {} : { package: name }),
                owner,
                expires,
                severity: compareSeverity(known, finding.withFix) > 0 ? known : finding.withFix,
            });
        }
    }
    return [...used.values()];
}

function bounded(text: string): string {
    return text.length <= longestReason
        ? text
        : `${text.slice(0, longestReason - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function distinct(texts: readonly string[]): string[] {
    return [...new Set(texts)];
}
