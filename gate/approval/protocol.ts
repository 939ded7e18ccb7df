/**
 * The approval protocol: what each event does, as steps that yield effects. Nothing here touches the world; see
 * effects.ts.
 */
import { requestOf } from "./approvalMessage";
import { requestKey, type ApprovalRequest, type RequestKey } from "./approvalRequest";
import type { ApplicationGate } from "./approvalSettings";
import { decideRequest, isLive, UndecidedError, wake, type DecisionContext } from "./decideRequest";
import { perform, type Protocol } from "./effects";
import { gateOf } from "./judgement";
import type { RequestRecord, ScanNotice, ScanRecord } from "./records";

export { decideRequest, UndecidedError, type DecisionContext, type RequestOutcome } from "./decideRequest";

/** Tries of a conditional write that others may forestall. */
const mostTries = 3;

const minute = 60_000;

/** Minutes after `decideBy` from which an open request is an alarm: three runs of the watchdog. */
export const overdueMinutes = 15;

/**
 * Records a request; the table's stream starts the decision. The first message about a token counts.
 * @throws UndecidedError when another message with the same token says something else.
 */
export function* recordRequest(request: ApprovalRequest): Protocol<"recorded" | "repeated"> {
    const key = requestKey(request);
    for (let attempt = 1; attempt <= mostTries; attempt++) {
        const known = yield* perform("readRequest", { key });
        if (known !== null) {
            const differs = whatDiffers(known.request, request);
            if (differs.length > 0) {
                throw new UndecidedError(
                    `two messages about request ${request.token} differ in ${differs.join(", ")}; ` +
                        "find out who publishes to the approval topic",
                );
            }
            yield* perform("report", { fact: "RequestRepeated", details: { ...key } });
            return "repeated";
        }
        const record: RequestRecord = { revision: 1, request, status: "waiting" };
        if ((yield* perform("writeRequest", { record, revision: null })) === "written") {
            yield* perform("report", {
                fact: "RequestRecorded",
                details: { ...key, pipeline: request.pipeline, decideBy: request.decideBy },
            });
            return "recorded";
        }
    }
    throw new UndecidedError(
        `the record of request ${request.token} could not be written; it is tried again`,
    );
}

/** What two messages about one request say differently; times differ from message to message. */
function whatDiffers(known: ApprovalRequest, request: ApprovalRequest): string[] {
    const differs: string[] = (["pipeline", "stage", "action"] as const).filter(
        (key) => known[key] !== request[key],
    );
    if (JSON.stringify(sorted(known.subject)) !== JSON.stringify(sorted(request.subject)))
        differs.push("subject");
    return differs;
}

function sorted(subject: ApprovalRequest["subject"]): [string, unknown][] {
    return Object.entries(subject ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Records what a scan event says, and decides every request that waits for it. A request that cannot be decided does not
 * keep the others waiting.
 * @throws what the first of them threw, when all were tried.
 */
export function* handleScanNotice(context: DecisionContext, notice: ScanNotice): Protocol<void> {
    yield* recordScan(notice);
    const waiting = yield* perform("waitingRequests", { digest: notice.digest });
    const failures: unknown[] = [];
    for (const { request } of waiting) {
        if (gateOf(context.settings, request)?.repository !== notice.repository) continue;
        try {
            yield* decideRequest(context, requestKey(request), { hasNews: true });
        } catch (error) {
            failures.push(error);
        }
    }
    if (failures.length > 0) throw failures[0];
}

/** Keeps the newest word about a scan. An event that neither ends a scan nor fails it says nothing to keep. */
function* recordScan(notice: ScanNotice): Protocol<void> {
    if (notice.status === "other") return;
    const { repository, digest } = notice;
    for (let attempt = 1; attempt <= mostTries; attempt++) {
        const known = yield* perform("readScan", { repository, digest });
        if (known !== null && !outranks(notice, known)) return;
        const record: ScanRecord = { ...notice, revision: (known?.revision ?? 0) + 1 };
        if ((yield* perform("writeScan", { record, revision: known?.revision ?? null })) === "written") {
            yield* perform("report", {
                fact: "ScanRecorded",
                details: { repository, digest, status: notice.statusText, total: notice.total },
            });
            return;
        }
    }
    throw new UndecidedError(
        `the record of the scan of ${repository}@${digest} keeps changing; the event is tried again`,
    );
}

/** Whether an event counts more than the one on record: newer, or of the same time and worse. */
function outranks(notice: ScanNotice, known: ScanRecord): boolean {
    const [at, before] = [Date.parse(notice.at), Date.parse(known.at)];
    if (at !== before) return !(at < before);
    if (notice.status !== known.status) return notice.status === "failed";
    return (notice.total ?? -1) > (known.total ?? -1);
}

/** What one run of the watchdog did. */
export interface SweepResult {
    woken: number;
    recovered: number;
}

/**
 * The watchdog: never answers, only sees to it that somebody does.
 *
 * - Every open request that nobody works on is woken, so that it is judged again: a scan's event may never come, and
 *   whoever worked on it may have died.
 * - An action that waits and is not on record is recorded: its message never came. So is one whose record was closed
 *   because CodePipeline did not show it as waiting yet.
 * - A request that is still open well after it had to be decided is an alarm.
 *
 * @throws what went wrong first, when everything else was tried.
 */
export function* sweep(context: DecisionContext): Protocol<SweepResult> {
    const failures: unknown[] = [];
    const open = yield* perform("openRequests", {});
    let woken = 0;
    for (const record of open) {
        try {
            if (yield* wakeIfIdle(record)) woken += 1;
        } catch (error) {
            failures.push(error);
        }
    }
    let recovered = 0;
    for (const gate of context.settings.applications) {
        try {
            if (yield* recover(context, gate, open)) recovered += 1;
        } catch (error) {
            failures.push(error);
        }
    }
    if (failures.length > 0) throw failures[0];
    return { woken, recovered };
}

function* wakeIfIdle(record: RequestRecord): Protocol<boolean> {
    const now = yield* perform("now", {});
    const { request, claim } = record;
    if (!(now.getTime() < Date.parse(request.decideBy) + overdueMinutes * minute)) {
        yield* perform("report", {
            fact: "RequestOverdue",
            details: { ...requestKey(request), pipeline: request.pipeline, decideBy: request.decideBy },
        });
    }
    if (claim !== undefined && isLive(claim, now)) return false;
    // A conflict means that somebody else has just seen to it.
    return (yield* wake(record, now)) === "written";
}

function* recover(
    { settings }: DecisionContext,
    gate: ApplicationGate,
    open: readonly RequestRecord[],
): Protocol<boolean> {
    const { pipeline, stage, action } = gate;
    const state = yield* perform("approvalState", { pipeline, stage, action, execution: null });
    if (state.kind !== "waiting") return false;
    if (open.some(({ request }) => request.token === state.token)) return false;
    if (state.customData === null) {
        throw new UndecidedError(
            `${pipeline}/${stage}/${action} waits in execution ${state.execution}, has no open request, and ` +
                "CodePipeline does not say what for; it is asked again, see the action in the console if this repeats",
        );
    }
    const now = yield* perform("now", {});
    const request = requestOf(settings, gate, state, now);
    const key: RequestKey = requestKey(request);
    const known = yield* perform("readRequest", { key });
    if (known === null) {
        if ((yield* recordRequest(request)) === "repeated") return false;
    } else {
        if (known.status !== "closed") return false;
        const { closed: _, ...rest } = known;
        const reopened: RequestRecord = {
            ...rest,
            revision: known.revision + 1,
            status: "waiting",
            wakeAt: now.toISOString(),
        };
        const written = yield* perform("writeRequest", { record: reopened, revision: known.revision });
        if (written === "conflict") return false;
    }
    yield* perform("report", { fact: "RequestRecovered", details: { ...key, pipeline } });
    return true;
}
