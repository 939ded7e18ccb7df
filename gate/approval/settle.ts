/** How a request's record ends: answered by this gate, or closed because nobody waits for an answer any more. */
import { inOneLine } from "../commands/oneLine";
import type { DecisionContext } from "./decideRequest";
import { perform, type ApprovalState, type Protocol } from "./effects";
import type { Decision, RequestRecord } from "./records";
import { functionName, requestMark } from "./summary";

/** How it ended; `conflict`: the record has changed, nothing was written. */
export type Ending = "approved" | "rejected" | "closed" | "conflict";

/** Writes down an answer of ours that CodePipeline has accepted. */
export function* recordAnswer(intended: RequestRecord, decision: Decision): Protocol<Ending> {
    const { claim: _claim, wakeAt: _wakeAt, ...rest } = intended;
    const answered: RequestRecord = {
        ...rest,
        revision: intended.revision + 1,
        status: decision.answer,
        decision,
    };
    if ((yield* replaceRecord(intended, answered)) === "conflict") return "conflict";
    yield* perform("report", {
        fact: decision.answer === "approved" ? "Approved" : "Rejected",
        details: { ...factDetails(answered), summary: decision.summary },
    });
    return decision.answer;
}

/** Writes down what has become of an action that does not wait for this token any more. */
export function* settle(
    context: DecisionContext,
    record: RequestRecord,
    state: ApprovalState,
): Protocol<Ending> {
    const { decision, request } = record;
    const isAnswered = state.kind === "answered";
    if (
        isAnswered &&
        decision !== undefined &&
        state.answer === decision.answer &&
        state.summary === decision.summary &&
        (state.by === null || isByUs(state.by, context))
    ) {
        return yield* recordAnswer(record, decision);
    }
    // Our own answer to another request of the same action, such as the stage's next try, is not somebody else's.
    const isOurOther =
        isAnswered &&
        state.by !== null &&
        isByUs(state.by, context) &&
        !(state.summary?.endsWith(requestMark(request)) ?? false);
    const fact = isAnswered && !isOurOther ? "AnsweredByOthers" : "RequestGone";
    const reason = reasonOf(state, isOurOther);
    const { claim: _claim, wakeAt: _wakeAt, ...rest } = record;
    const at = (yield* perform("now", {})).toISOString();
    const closed = isAnswered
        ? { at, reason, answer: isOurOther ? null : state.answer, by: state.by }
        : { at, reason, answer: null, by: null };
    // Before it is written: after a crash between the two nobody would hear of it.
    yield* perform("report", { fact, details: { ...factDetails(record), ...closed } });
    const ended: RequestRecord = { ...rest, revision: record.revision + 1, status: "closed", closed };
    if ((yield* replaceRecord(record, ended)) === "conflict") return "conflict";
    return "closed";
}

function reasonOf(state: ApprovalState, isOurOther: boolean): string {
    if (state.kind === "gone") return state.why;
    if (state.kind === "waiting")
        return `the action waits for another request (execution ${state.execution})`;
    if (isOurOther) return "the action was answered for another request of it";
    const summary = state.summary === null ? "" : `: ${inOneLine(state.summary).slice(0, 200)}`;
    return `${state.answer} by ${state.by ?? "somebody whom CodePipeline does not name"}${summary}`;
}

/** Whether an ARN that CodePipeline names is a session of this function's role, which has the function's name. */
function isByUs(by: string, { decidedBy, settings }: DecisionContext): boolean {
    const name = functionName(decidedBy);
    const { partition, accountId } = settings.account;
    return name !== null && by.startsWith(`arn:${partition}:sts::${accountId}:assumed-role/${name}/`);
}

/** What every fact about a request says. */
export function factDetails({ request }: RequestRecord): Record<string, unknown> {
    const { pipeline, token, subject } = request;
    return {
        pipeline,
        token,
        application: subject?.application ?? null,
        digest: subject?.digest ?? null,
        execution: subject?.execution ?? null,
    };
}

/** Writes a record over the one it was made from, if that still is on record. */
export function* replaceRecord(
    before: RequestRecord,
    after: RequestRecord,
): Protocol<"written" | "conflict"> {
    return yield* perform("writeRequest", { record: after, revision: before.revision });
}
