import { rankedSeverities } from "../policy/rankedSeverities";
import type { ApprovalRequest } from "./approvalRequest";
import type { Decision } from "./records";

/** Longest summary of an approval result in characters (CodePipeline API reference, ApprovalResult). */
export const longestSummary = 512;

/** Characters of a token that a summary ends with. */
const tokenPart = 8;

/**
 * The end of every summary about a request. It makes summaries of two requests differ, so that an answer which
 * CodePipeline shows can be recognized as the answer to this token.
 */
export function requestMark({ token }: Pick<ApprovalRequest, "token">): string {
    return `[request ${token.slice(0, tokenPart)}]`;
}

/**
 * The text that CodePipeline shows beside the answer, at most 512 characters: answer, digest, when and by whom, the
 * first reasons or the waivers, counts and limits, where the evidence is. What does not fit is left out from the end;
 * the record has all of it.
 */
export function summaryOf(decision: Omit<Decision, "summary">, request: ApprovalRequest): string {
    const { answer, decidedAt, decidedBy, reasons, moreReasons, waivers, parts, policySha256 } = decision;
    const mark = requestMark(request);
    const about = request.subject?.digest ?? "a request that cannot be read";
    const verdicts = parts.map(({ part, outcome }) => `${part} ${outcome}`).join(", ");
    const head = `${answer} ${about}${verdicts === "" ? "" : `: ${verdicts}`}.`;
    const counts = parts.length === 0 ? "" : `${countsOf(decision)}.`;
    const excused = waivers.map(({ id, owner, expires }) => `${id} (${owner}, to ${expires})`).join(", ");
    const [first] = answer === "rejected" ? reasons : [];
    const others = (answer === "rejected" ? Math.max(0, reasons.length - 1) : 0) + moreReasons;
    const after = `By ${cut(functionName(decidedBy) ?? decidedBy, 80)} at ${decidedAt}, policy ${policySha256.slice(0, 12)}.`;
    const evidence = distinct(parts.flatMap(({ evidence: places }) => places.map(({ place }) => place)));
    let text = head;
    let room = longestSummary - mark.length - 1 - text.length;
    const add = (piece: string, least = piece.length): void => {
        if (piece === "" || room < least + 1) return;
        const fitting = cut(piece, room - 1);
        text += ` ${fitting}`;
        room -= fitting.length + 1;
    };
    const more = others === 0 ? "" : `And ${others} more.`;
    // What must not be crowded out by a long reason has its room kept.
    const kept = [more, counts, after].reduce((sum, piece) => sum + (piece === "" ? 0 : piece.length + 1), 0);
    if (first !== undefined) {
        const reason = cut(first, Math.max(0, room - kept - 1));
        add(reason);
    }
    add(more);
    add(counts);
    add(after);
    if (excused !== "") add(`Waivers: ${excused}.`, 40);
    if (evidence.length > 0) add(`Evidence: ${evidence.join(" ")}`, 40);
    return `${text} ${mark}`;
}

/** `critical 0 of 0, high 2 of 0, …`: the highest number of any part, and the limit. */
function countsOf({ parts, limits }: Pick<Decision, "parts" | "limits">): string {
    return rankedSeverities
        .map((severity) => {
            const most = Math.max(...parts.map(({ counts }) => counts[severity]));
            return `${severity} ${most} of ${limits[severity] ?? "?"}`;
        })
        .join(", ");
}

/** The function's name in an ARN of a function with or without a version; null for anything else. */
export function functionName(arn: string): string | null {
    return /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(arn)?.[1] ?? null;
}

function cut(text: string, length: number): string {
    if (text.length <= length) return text;
    return length < 2 ? "" : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function distinct(texts: readonly string[]): string[] {
    return [...new Set(texts)];
}
