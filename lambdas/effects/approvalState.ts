import {
    GetPipelineStateCommand,
    ListActionExecutionsCommand,
    type ActionExecution,
    type ActionExecutionDetail,
    type CodePipelineClient,
    type StageState,
} from "@aws-sdk/client-codepipeline";
import type { ApprovalState, AsyncApprovalEffects } from "../../gate/approval/effects";
import { callService, ServiceError } from "./serviceCalls";
import type { TokenMask } from "./tokenMask";

type Question = Parameters<AsyncApprovalEffects["approvalState"]>[0];

export interface PipelineAccess {
    client: CodePipelineClient;
    /** Ends every call. */
    signal: AbortSignal;
    tokens: TokenMask;
}

/**
 * Asks CodePipeline what an approval action waits for. Needs codepipeline:GetPipelineState and ListActionExecutions on
 * the pipeline.
 */
export function approvalStateEffects({
    client,
    signal,
    tokens,
}: PipelineAccess): Pick<AsyncApprovalEffects, "approvalState"> {
    const options = { abortSignal: signal };

    /** The stage's state now; a text says why there is none. */
    async function stageState({ pipeline, stage }: Question): Promise<StageState | string> {
        const state = await callService(
            `CodePipeline GetPipelineState of ${pipeline}`,
            () => client.send(new GetPipelineStateCommand({ name: pipeline }), options),
            { PipelineNotFoundException: () => `there is no pipeline ${pipeline}` },
        );
        if (typeof state === "string") return state;
        const found = state.stageStates?.find(({ stageName }) => stageName === stage);
        return found ?? `the pipeline ${pipeline} has no stage ${stage}`;
    }

    /** Every run of the action in an execution, the newest first; null when there is no history of that execution. */
    async function runsOf(
        { pipeline, stage, action }: Question,
        execution: string,
    ): Promise<ActionExecutionDetail[] | null> {
        const runs: ActionExecutionDetail[] = [];
        let nextToken: string | undefined;
        do {
            const page = await callService(
                `CodePipeline ListActionExecutions of ${execution} in ${pipeline}`,
                () =>
                    client.send(
                        new ListActionExecutionsCommand({
                            pipelineName: pipeline,
                            filter: { pipelineExecutionId: execution },
                            ...(nextToken === undefined ? {} : { nextToken }),
                        }),
                        options,
                    ),
                { PipelineExecutionNotFoundException: () => null, PipelineNotFoundException: () => null },
            );
            if (page === null) return null;
            runs.push(...(page.actionExecutionDetails ?? []));
            nextToken = page.nextToken || undefined;
        } while (nextToken !== undefined);
        if (runs.length === 0) return null;
        return runs
            .filter(
                (run) =>
                    run.stageName === stage &&
                    run.actionName === action &&
                    // The filter was asked for; an answer about another execution must not count.
                    (run.pipelineExecutionId ?? execution) === execution,
            )
            .sort((a, b) => Number(b.startTime ?? 0) - Number(a.startTime ?? 0));
    }

    return {
        async approvalState(question) {
            const stage = await stageState(question);
            if (typeof stage === "string") return { kind: "gone", why: stage };
            const action = stage.actionStates?.find(({ actionName }) => actionName === question.action);
            if (action === undefined) {
                return { kind: "gone", why: `the stage ${question.stage} has no action ${question.action}` };
            }
            const inStage = stage.latestExecution?.pipelineExecutionId;
            const execution = question.execution ?? inStage;
            if (execution === undefined)
                return { kind: "gone", why: `nothing has run in ${question.stage} yet` };
            const runs = await runsOf(question, execution);
            const latest = inStage === execution ? (action.latestExecution ?? null) : null;
            const state = stateOf(question, ofToken(question.token, { execution, runs, latest }));
            if (state.kind === "waiting") tokens.learn(state.token);
            return state;
        },
    };
}

/** What is known about an action in one execution. */
interface Known {
    execution: string;
    /** Its runs in CodePipeline's history, the newest first; null when there is no history of the execution. */
    runs: ActionExecutionDetail[] | null;
    /** How the pipeline's state shows the action, if the stage is in this execution now. */
    latest: ActionExecution | null;
}

/**
 * What is known about the run with this token alone, where the history has it: an action that runs again, in a stage
 * that was retried, has another.
 */
function ofToken(token: string | undefined, known: Known): Known {
    const run = known.runs?.find((each) => token !== undefined && tokenOf(each) === token);
    if (run === undefined || known.latest?.token === token) return known;
    const isLatest = known.latest !== null && isRun(run, known.latest);
    return { ...known, runs: [run], latest: isLatest ? known.latest : null };
}

/** A state without ids, as of actions before March 2020, is about the run that is under way, if one is. */
function isRun(run: ActionExecutionDetail, { actionExecutionId: id, status }: ActionExecution): boolean {
    if (id === undefined) return status === "InProgress" && run.status === status;
    return run.actionExecutionId === id;
}

/**
 * Puts the pipeline's state and its history together. The state has the token and is up to date, but between entering
 * a stage and starting its action it still shows the action's run in the execution before; the history says which run
 * belongs to which execution, has the custom data, and may lag behind.
 * @throws ServiceError when they contradict each other: it is asked again.
 */
function stateOf({ pipeline, stage, action, execution: asked }: Question, known: Known): ApprovalState {
    const { execution, runs, latest } = known;
    const run = runs?.[0] ?? null;
    const where = `${pipeline}/${stage}/${action}`;
    const isSameRun = run !== null && latest !== null && isRun(run, latest);
    if (latest?.status === "InProgress") {
        // An action runs in the execution that its stage is in. Its custom data is only believed from the same run.
        const customData = isSameRun ? customDataOf(run) : null;
        const token = latest.token ?? (isSameRun ? tokenOf(run) : undefined);
        if (token === undefined)
            throw new ServiceError(`CodePipeline gives no token for ${where}; asked again`);
        return { kind: "waiting", token, execution, customData, expiresAt: null };
    }
    if (runs === null && latest !== null) {
        const { status, lastUpdatedBy: by = null, summary = null, errorDetails: error = null } = latest;
        return ended(where, execution, { status, by, summary, error });
    }
    if (run === null) {
        const why = `no run of ${where} in execution ${execution}`;
        // Asked about the very execution that the stage is in, and it has a history without this action: that lags.
        if (asked !== null && latest !== null)
            throw new ServiceError(`CodePipeline lists ${why} yet; asked again`);
        return { kind: "gone", why: `CodePipeline knows ${why}` };
    }
    if (run.status === "InProgress") {
        if (isSameRun)
            throw new ServiceError(`CodePipeline shows ${where} as both running and ${latest.status}`);
        // In execution mode PARALLEL the state has no tokens; the history's external id is the same.
        const token = tokenOf(run);
        if (token === undefined)
            throw new ServiceError(`CodePipeline gives no token for ${where}; asked again`);
        return { kind: "waiting", token, execution, customData: customDataOf(run), expiresAt: null };
    }
    const result = run.output?.executionResult;
    return ended(where, execution, {
        status: run.status,
        by: (isSameRun ? latest.lastUpdatedBy : undefined) ?? run.updatedBy ?? null,
        summary: (isSameRun ? latest.summary : undefined) ?? result?.externalExecutionSummary ?? null,
        error: (isSameRun ? latest.errorDetails : undefined) ?? result?.errorDetails ?? null,
    });
}

function ended(
    where: string,
    execution: string,
    run: {
        status: string | undefined;
        by: string | null;
        summary: string | null;
        error: { code?: string | undefined; message?: string | undefined } | null;
    },
): ApprovalState {
    const { status, summary, error } = run;
    const by = run.by || null;
    const told = error === null ? "" : ` (${error.code ?? ""}: ${error.message ?? ""})`;
    if (status === "Succeeded") return { kind: "answered", answer: "approved", by, summary };
    // A run that nobody answered fails as well, when its time is up; the text of an answer may say the same words.
    const isTimeout = /time.?out|timed out|expired/i.test(summary ? told.replaceAll(summary, "") : told);
    if (status === "Failed" && !isTimeout && (by !== null || summary !== null)) {
        return { kind: "answered", answer: "rejected", by, summary };
    }
    return { kind: "gone", why: `${where} is ${status ?? "in no state"} in execution ${execution}${told}` };
}

function customDataOf({ input }: ActionExecutionDetail): string | null {
    return input?.resolvedConfiguration?.["CustomData"] ?? null;
}

function tokenOf({ output }: ActionExecutionDetail): string | undefined {
    return output?.executionResult?.externalExecutionId || undefined;
}
