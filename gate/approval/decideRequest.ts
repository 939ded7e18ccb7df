/** How one approval request is decided: claimed, judged, written down, answered, written down as a fact. */
import { inOneLine } from "../commands/oneLine";
import { requestOf } from "./approvalMessage";
import { requestKey, type ApprovalRequest, type RequestKey } from "./approvalRequest";
import type { ApprovalSettings } from "./approvalSettings";
import { perform, type ApprovalState, type Protocol } from "./effects";
import { gateOf, judgeRequest, refuseUnread, type Judgement } from "./judgement";
import type { Decision, RequestRecord } from "./records";
import { factDetails, recordAnswer, replaceRecord, settle, type Ending } from "./settle";

/** Who carries out the protocol, and by which settings. */
export interface DecisionContext {
    settings: ApprovalSettings;
    /** The invocation's id. */
    owner: string;
    /** The function's ARN with its version. */
    decidedBy: string;
}

/**
 * What became of a request: answered by this gate, `closed` (see RequestStatus), `waiting` for a scan, `held` by
 * somebody else who decides it, or `settled`: there is nothing (any more) to decide.
 */
export type RequestOutcome = "approved" | "rejected" | "closed" | "waiting" | "held" | "settled";

/** The request could not be decided now. The event that asked for it has to be delivered again. */
export class UndecidedError extends Error {
    override name = "UndecidedError";
}

/** Somebody else may change a record between reading and writing; more often than this in one run is no accident. */
export const mostRounds = 3;

/** Seconds that a claim lasts longer than a function can run, for clocks that differ. */
const claimMarginSeconds = 30;

type Claim = NonNullable<RequestRecord["claim"]>;

/**
 * Decides a request if nobody else does. Safe to be called any number of times, by any number of functions at once.
 *
 * - A claim is one conditional write. While it lasts nobody else works on the request, whoever they are: an invocation
 *   that is repeated has the id of the one before. When it has run out, whoever held it is dead.
 * - Whoever takes over asks CodePipeline first, since an answer may have been given that nobody wrote down.
 * - The whole decision is written before CodePipeline is told, so that its answer can be recognized afterwards.
 * - Every write replaces exactly the revision that was read or written before. News raise the revision, so whatever was
 *   judged without them is not written, and judged again.
 * - A claim is given back when something throws, unless CodePipeline has been told: an answer that is still under way
 *   must not meet another one.
 *
 * @param hasNews whoever calls knows something that a holder of the claim may not have seen: it is told to look again.
 * @throws UndecidedError when the record keeps changing, or CodePipeline contradicts itself.
 */
export function* decideRequest(
    context: DecisionContext,
    key: RequestKey,
    { hasNews }: { hasNews: boolean } = { hasNews: false },
): Protocol<RequestOutcome> {
    let own: Claim | null = null;
    for (let round = 1; round <= mostRounds; round++) {
        const record = yield* perform("readRequest", { key });
        if (record?.status !== "waiting") return "settled";
        const now = yield* perform("now", {});
        if (record.claim !== undefined && !isSame(record.claim, own) && isLive(record.claim, now)) {
            if (!hasNews) return "held";
            if ((yield* wake(record, now)) === "written") return "held";
            continue;
        }
        const claim = claimOf(context, now);
        const { wakeAt: _, ...rest } = record;
        const claimed: RequestRecord = { ...rest, revision: record.revision + 1, claim };
        if ((yield* replaceRecord(record, claimed)) === "conflict") continue;
        own = claim;
        const outcome = yield* work(context, claimed);
        if (outcome !== "conflict") return outcome;
    }
    if (own !== null) yield* handOn(key, own);
    throw new UndecidedError(
        `the record of request ${key.token} changed ${mostRounds} times while it was decided; it is tried again`,
    );
}

/** Marks a record for whoever decides it next, or again. */
export function* wake(record: RequestRecord, now: Date): Protocol<"written" | "conflict"> {
    const woken = { ...record, revision: record.revision + 1, wakeAt: now.toISOString() };
    return yield* replaceRecord(record, woken);
}

function claimOf({ settings, owner }: DecisionContext, now: Date): Claim {
    const lasts = (settings.functionTimeoutSeconds + claimMarginSeconds) * 1000;
    return { owner, until: new Date(now.getTime() + lasts).toISOString() };
}

/** Whether somebody may still be working on it. A time that cannot be read never runs out, which the alarm tells. */
export function isLive({ until }: Claim, now: Date): boolean {
    return !(Date.parse(until) <= now.getTime());
}

function isSame(claim: Claim, own: Claim | null): boolean {
    return own !== null && claim.owner === own.owner && claim.until === own.until;
}

type WorkResult = Ending | "waiting";

function* work(context: DecisionContext, claimed: RequestRecord): Protocol<WorkResult> {
    let intended: RequestRecord & { decision: Decision };
    try {
        const { request } = claimed;
        const state = yield* askPipeline(request);
        if (!isWaitingFor(request, state)) return yield* settle(context, claimed, state);
        const problem = contradiction(context, request, state);
        const judgement = yield* judged(context, request, problem);
        if (judgement.kind === "wait") return yield* release(claimed, judgement.why);
        if (problem !== null) {
            const details = { ...factDetails(claimed), problem };
            yield* perform("report", { fact: "RequestUnreadable", details });
        }
        intended = { ...claimed, revision: claimed.revision + 1, decision: judgement.decision };
        if ((yield* replaceRecord(claimed, intended)) === "conflict") return "conflict";
    } catch (error) {
        yield* giveBack(claimed);
        throw error;
    }
    return yield* tell(context, intended);
}

function isWaitingFor(
    { token }: ApprovalRequest,
    state: ApprovalState,
): state is ApprovalState & { kind: "waiting" } {
    return state.kind === "waiting" && state.token === token;
}

/** What CodePipeline says about the waiting action that the request does not say; null when they agree. */
function contradiction(
    { settings }: DecisionContext,
    request: ApprovalRequest,
    state: ApprovalState & { kind: "waiting" },
): string | null {
    const { subject } = request;
    if (subject === null) return request.problem ?? "the approval's custom data could not be read";
    const gate = gateOf(settings, request);
    if (gate === null) return null;
    if (state.execution !== subject.execution) {
        return (
            `the approval's message is about the execution ${subject.execution}, the action waits in ` +
            `${state.execution}; release a new execution`
        );
    }
    if (state.customData === null) return null;
    const told = requestOf(
        settings,
        gate,
        { ...state, expiresAt: request.expiresAt },
        new Date(request.receivedAt),
    );
    if (told.subject === null) return told.problem ?? "the action's custom data could not be read";
    const differs = (Object.keys(subject) as (keyof typeof subject)[]).filter(
        (key) => told.subject?.[key] !== subject[key],
    );
    if (differs.length === 0) return null;
    return (
        `the approval's message and CodePipeline disagree about ${differs.join(", ")}; ` +
        "find out who publishes to the approval topic, then release a new execution"
    );
}

function* judged(
    context: DecisionContext,
    request: ApprovalRequest,
    problem: string | null,
): Protocol<Judgement> {
    const { settings, decidedBy } = context;
    const gate = gateOf(settings, request);
    const { subject } = request;
    if (problem !== null || subject === null || gate === null) {
        const now = yield* perform("now", {});
        const asked = problem === null ? request : { ...request, subject: null, problem };
        const nothing = { reports: [], places: [] };
        return judgeRequest({
            settings,
            request: asked,
            stored: { test: nothing, scanStagingImage: nothing },
            registry: { kind: "pending", why: "it was not asked" },
            scan: null,
            now,
            decidedBy,
        });
    }
    const { repository } = gate;
    const { application, digest, execution } = subject;
    try {
        const registry = yield* perform("askRegistry", { repository, digest });
        const scan = yield* perform("readScan", { repository, digest });
        const stored = {
            test: yield* perform("loadScans", { application, digest, execution, stage: "test" }),
            scanStagingImage: yield* perform("loadScans", {
                application,
                digest,
                execution,
                stage: "scanStagingImage",
            }),
        };
        const now = yield* perform("now", {});
        return judgeRequest({ settings, request, stored, registry, scan, now, decidedBy });
    } catch (error) {
        const now = yield* perform("now", {});
        if (now.getTime() < Date.parse(request.decideBy)) throw error;
        const what = inOneLine(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
        const decision = refuseUnread(
            { settings, request, now, decidedBy },
            `what the image is judged by could not be read (${what})`,
        );
        return { kind: "decided", decision };
    }
}

/** Leaves the request for the scan to come; news since the claim make it a conflict. */
function* release(claimed: RequestRecord, why: string): Protocol<WorkResult> {
    if ((yield* replaceRecord(claimed, unclaimed(claimed))) === "conflict") return "conflict";
    yield* perform("report", { fact: "Waiting", details: { ...factDetails(claimed), why } });
    return "waiting";
}

/** Lets others try at once. If that fails as well the claim runs out by itself, and the watchdog comes. */
function* giveBack(claimed: RequestRecord): Protocol<void> {
    try {
        yield* replaceRecord(claimed, unclaimed(claimed));
    } catch {
        // What went wrong first is what has to be told.
    }
}

/** Leaves a claim to whoever comes next; the news that are on record, if any, start somebody. */
function* handOn(key: RequestKey, own: Claim): Protocol<void> {
    const record = yield* perform("readRequest", { key });
    if (record?.status === "waiting" && record.claim !== undefined && isSame(record.claim, own))
        yield* replaceRecord(record, unclaimed(record));
}

function unclaimed(claimed: RequestRecord): RequestRecord {
    const { claim: _, ...rest } = claimed;
    return { ...rest, revision: claimed.revision + 1 };
}

/** Gives CodePipeline the answer that is on record. From here on the claim is kept, whatever happens. */
function* tell(
    context: DecisionContext,
    intended: RequestRecord & { decision: Decision },
): Protocol<WorkResult> {
    const { request, decision } = intended;
    const { pipeline, stage, action, token } = request;
    const { answer, summary } = decision;
    const said = yield* perform("putApprovalResult", { pipeline, stage, action, token, answer, summary });
    if (said === "accepted") return yield* recordAccepted(intended, decision);
    const state = yield* askPipeline(request);
    if (isWaitingFor(request, state)) {
        throw new UndecidedError(
            `CodePipeline refuses the answer to request ${token} and says that it still waits for one; it is tried again`,
        );
    }
    return yield* settle(context, intended, state);
}

/**
 * Writes down an answer that has been accepted. News that came in between came too late, and the fact stands all the
 * same: it is not asked for again, since CodePipeline may show it only later, or show the stage's next try instead.
 */
function* recordAccepted(intended: RequestRecord, decision: Decision): Protocol<WorkResult> {
    let record = intended;
    for (let attempt = 1; attempt <= mostRounds; attempt++) {
        const ending = yield* recordAnswer(record, decision);
        if (ending !== "conflict") return ending;
        const woken = yield* perform("readRequest", { key: requestKey(intended.request) });
        if (woken?.status !== "waiting" || woken.decision?.summary !== decision.summary) break;
        record = woken;
    }
    return "conflict";
}

function* askPipeline({ pipeline, stage, action, token, subject }: ApprovalRequest): Protocol<ApprovalState> {
    return yield* perform("approvalState", {
        pipeline,
        stage,
        action,
        execution: subject?.execution ?? null,
        token,
    });
}
