/** Whether the approval table says that a digest may be released: the one reader of decisions outside the gate itself. */
import { scanStages } from "../policy/scanStage";
import type { Decision, RequestRecord } from "./records";

/** What has to have been approved. Without `execution`: in whichever execution of the application's pipeline. */
export interface ApprovalQuery {
    application: string;
    /** `sha256:` and 64 hexadecimal digits. */
    digest: string;
    /** The pipeline execution's id. */
    execution?: string;
}

/** A request that the gate approved, with what it decided. */
export type ApprovedRecord = RequestRecord & { status: "approved"; decision: Decision };

/**
 * - `missing`: nobody ever decided about it.
 * - `undecided`: a request waits for its answer.
 * - `rejected`: the newest answer is a rejection.
 * - `contradiction`: the records cannot all be true.
 */
export type ApprovalRefusal = "missing" | "undecided" | "rejected" | "contradiction";

export type ApprovalAnswer =
    | { kind: "approved"; record: ApprovedRecord }
    | {
          kind: "refused";
          why: ApprovalRefusal;
          /** One line: what, where, what to do next. */
          reason: string;
      };

/**
 * Finds the approval of a digest among the requests that the table holds for it.
 *
 * The newest answer counts: an approval that was followed by a rejection, by the gate or by somebody at the console, is
 * none any more. Only the gate's own approval opens: one that somebody else gave closes the request and never counts.
 * Asked about one execution, a request of it that still waits refuses as well. Records of other applications, digests
 * and executions say nothing.
 *
 * @param records every request record of the digest, in any order; strongly consistent where it matters.
 */
export function approvedRecord(records: readonly RequestRecord[], query: ApprovalQuery): ApprovalAnswer {
    const { execution } = query;
    const asked = records.filter((record) => concerns(record, query));
    for (const record of asked) {
        const problem = contradictionIn(record, query);
        if (problem !== null) return refused("contradiction", record, problem, seeRecord);
    }
    const waiting = asked.find(({ status }) => status === "waiting");
    const answers = asked.flatMap((record) => answerIn(record) ?? []);
    const newest = Math.max(...answers.map(({ at }) => at));
    const last = answers.filter(({ at }) => at === newest);
    if (waiting !== undefined && (execution !== undefined || last.length === 0)) {
        return refused("undecided", waiting, "still waits for its answer", "wait for it, then try again");
    }
    const [approval] = last.flatMap(({ record }) => (isApproved(record) ? [record] : []));
    const rejection = last.find(({ record }) => !isApproved(record))?.record;
    if (rejection !== undefined) {
        return approval === undefined
            ? refused("rejected", rejection, `was rejected (${whyRejected(rejection)})`, releaseAnew)
            : refused(
                  "contradiction",
                  rejection,
                  "was rejected in the same moment in which another one was approved",
                  seeRecord,
              );
    }
    if (approval === undefined) {
        const where = execution === undefined ? "" : ` in the pipeline execution ${execution}`;
        return {
            kind: "refused",
            why: "missing",
            reason: `${query.digest} of ${query.application} was never approved${where}; ${releaseAnew}`,
        };
    }
    return { kind: "approved", record: approval };
}

const releaseAnew = "release it through the application's pipeline";
const seeRecord = "see who wrote it, then release a new execution of the pipeline";

function concerns({ request }: RequestRecord, { application, digest, execution }: ApprovalQuery): boolean {
    const { subject } = request;
    return (
        subject !== null &&
        subject.application === application &&
        subject.digest === digest &&
        (execution === undefined || subject.execution === execution)
    );
}

function isApproved(record: RequestRecord): record is ApprovedRecord {
    return record.status === "approved" && record.decision?.answer === "approved";
}

/** When a record was answered, in milliseconds since 1970; null where nobody said yes as the gate, or no. */
function answerIn(record: RequestRecord): { record: RequestRecord; at: number } | null {
    const { status, decision, closed } = record;
    const at =
        status === "approved" || status === "rejected"
            ? decision?.decidedAt
            : closed?.answer === "rejected"
              ? closed.at
              : undefined;
    return at === undefined ? null : { record, at: Date.parse(at) };
}

/** Why a record cannot be believed; null when it can. */
function contradictionIn({ request, status, decision, closed }: RequestRecord, { digest }: ApprovalQuery) {
    if (request.problem !== null) return "could not be read and has a subject all the same";
    if (!request.subject?.image.endsWith(`@${digest}`)) return "names an image of another digest";
    if (status === "closed") {
        if (closed === undefined) return "is closed and does not say why";
        return Number.isNaN(Date.parse(closed.at)) ? "does not say when it was closed" : null;
    }
    if (closed !== undefined) return `is ${status} and closed as well`;
    if (status === "waiting") return null;
    if (decision === undefined) return `is ${status} without a decision`;
    if (decision.answer !== status) return `is ${status}, and its decision says ${decision.answer}`;
    if (Number.isNaN(Date.parse(decision.decidedAt))) return "does not say when it was decided";
    return status === "approved" ? contradictionInParts(decision) : null;
}

/** An approval is made of exactly one judgement of each stage and of the registry, and each of them passed. */
function contradictionInParts({ parts }: Decision): string | null {
    for (const name of [...scanStages, "registry"] as const) {
        const judged = parts.filter(({ part }) => part === name);
        if (judged.length !== 1)
            return `is approved with ${judged.length} judgements of ${name} instead of one`;
        if (judged[0]?.outcome !== "pass") return `is approved although ${name} is ${judged[0]?.outcome}`;
    }
    return null;
}

function whyRejected({ decision, closed }: RequestRecord): string {
    if (closed !== undefined) return `by ${closed.by ?? "somebody"} at ${closed.at}: ${closed.reason}`;
    return `at ${decision?.decidedAt}: ${decision?.reasons[0] ?? decision?.summary}`;
}

function refused(
    why: ApprovalRefusal,
    { request }: RequestRecord,
    what: string,
    next: string,
): ApprovalAnswer & { kind: "refused" } {
    const { application, digest, execution } = request.subject ?? {};
    return {
        kind: "refused",
        why,
        reason: `the approval request of ${digest} of ${application} in the pipeline execution ${execution} ${what}; ${next}`,
    };
}
