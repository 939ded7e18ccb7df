/** One execution of a review pipeline, put together from what CodePipeline and CodeBuild say about it. */
import type { ActionExecutionDetail, PipelineExecution } from "@aws-sdk/client-codepipeline";
import type { Build } from "@aws-sdk/client-codebuild";
import { digestPattern } from "../approval/foreignJson";
import { digestVariable, reviewVariables, sourceAction, sourceVariables } from "./reviewPipeline";
import type { ReviewedApplication, ReviewStep } from "./reviewSettings";

/**
 * How a step stands. `notRun`: the execution ended before it; `fault`: AWS CodeBuild could not run it.
 */
export type StepState =
    "waiting" | "running" | "passed" | "failed" | "timedOut" | "stopped" | "fault" | "notRun";

/** States after which a step says no more, and that are no success. */
const badStates: readonly StepState[] = ["failed", "timedOut", "stopped", "fault"];

export function isBad(state: StepState): boolean {
    return badStates.includes(state);
}

/** Whether a step has ended, or will not begin. */
export function hasEnded(state: StepState): boolean {
    return state !== "waiting" && state !== "running";
}

export interface StepResult {
    /** Null for the source action. */
    step: ReviewStep | null;
    /** The action's name. */
    name: string;
    state: StepState;
    /** Address of the log, as AWS gives it; null when there is none. Foreign text. */
    log: string | null;
    /** Why it is bad, in the services' words; null when they say nothing. Foreign text. */
    detail: string | null;
}

export interface ReviewExecution {
    id: string;
    status: string;
    /** When anything in it changed last. */
    updatedAt: Date;
    /** Null when it is about no pull request. */
    pullRequest: string | null;
    /** Full id of the commit; null when it is not known. */
    commit: string | null;
    /** Digest of the image that was built; null when there is none. */
    digest: string | null;
    /** The source action, then the steps in their order. */
    steps: StepResult[];
}

/** Statuses in which an execution goes on (CodePipeline API reference, `PipelineExecution`). */
const openStatuses: readonly string[] = ["InProgress", "Stopping"];

/** What the services said about an execution. */
export interface ExecutionAnswers {
    execution: PipelineExecution;
    /** Every run of every action in it. */
    actions: readonly ActionExecutionDetail[];
    /** The builds that the actions name, as far as CodeBuild knows them. */
    builds: readonly Build[];
}

export function readExecutionAnswers(
    application: ReviewedApplication,
    { execution, actions, builds }: ExecutionAnswers,
): ReviewExecution {
    const id = execution.pipelineExecutionId ?? "";
    const isOpen = openStatuses.includes(execution.status ?? "");
    const runs = actions.filter((run) => run.pipelineExecutionId === id);
    const latest = (place: ActionPlace): ActionExecutionDetail | undefined => latestRun(actions, id, place);
    const source = latest(sourceAction);
    const build = application.steps.find(({ kind }) => kind === "build");
    const built = build === undefined ? undefined : latest(build);
    return {
        id,
        status: execution.status ?? "",
        // A build ends before CodePipeline knows.
        updatedAt: new Date(
            Math.max(
                0,
                ...runs.map(({ lastUpdateTime }) => Number(lastUpdateTime ?? 0)),
                ...builds.map(({ endTime }) => Number(endTime ?? 0)),
            ),
        ),
        ...pullRequestIn(application, { execution, actions }),
        digest: matching(digestPattern, built?.output?.outputVariables?.[digestVariable]),
        steps: [
            { step: null, name: sourceAction.action, ...resultOf(source, undefined, isOpen) },
            ...application.steps.map((step) => {
                const run = latest(step);
                return { step, name: step.action, ...resultOf(run, buildOf(run, step, builds), isOpen) };
            }),
        ],
    };
}

/** Builds that the actions of an execution name, each once. */
export function buildIdsIn(
    application: ReviewedApplication,
    actions: readonly ActionExecutionDetail[],
): string[] {
    const projects = application.steps.map(({ project }) => `${project}:`);
    const ids = actions.flatMap(({ output }) => output?.executionResult?.externalExecutionId ?? []);
    return [...new Set(ids)].filter((id) => projects.some((project) => id.startsWith(project)));
}

/** A commit's id; whether it is the right one is seen by comparing it with the pull request's. */
const commitId = /^[0-9A-Za-z]{7,64}$/;

/** A pull request's number. */
const pullRequestNumber = /^\d{1,18}$/;

/**
 * The pull request and the commit of an execution. With CodeCommit the function itself said them when it started the
 * pipeline, and the source action must have fetched that commit; with connections the source action says both.
 */
export function pullRequestIn(
    { host }: ReviewedApplication,
    { execution, actions }: Pick<ExecutionAnswers, "execution" | "actions">,
): { pullRequest: string | null; commit: string | null } {
    const { variables, artifactRevisions } = execution;
    const source = latestRun(actions, execution.pipelineExecutionId, sourceAction);
    const given = (name: string): string | undefined =>
        variables?.find((variable) => variable.name === name)?.resolvedValue;
    const put = source?.output?.outputVariables ?? {};
    const fetched = matching(commitId, put[sourceVariables.commit] ?? artifactRevisions?.[0]?.revisionId);
    if (host.type !== "codecommit") {
        return {
            pullRequest: matching(pullRequestNumber, put[sourceVariables.pullRequest]),
            commit: fetched,
        };
    }
    const asked = matching(commitId, given(reviewVariables.sourceCommit));
    const isOne = asked !== null && (fetched === null || fetched === asked);
    return {
        pullRequest: isOne ? matching(pullRequestNumber, given(reviewVariables.pullRequest)) : null,
        commit: asked,
    };
}

function matching(pattern: RegExp, text: string | undefined): string | null {
    return text !== undefined && pattern.test(text) ? text : null;
}

/** Where an action stands in its pipeline. */
export interface ActionPlace {
    stage: string;
    action: string;
}

/** The newest run of an action in an execution: a stage that was retried has run more than once. */
export function latestRun(
    actions: readonly ActionExecutionDetail[],
    execution: string | undefined,
    { stage, action }: ActionPlace,
): ActionExecutionDetail | undefined {
    const timeOf = ({ startTime, lastUpdateTime }: ActionExecutionDetail): number =>
        Number(startTime ?? lastUpdateTime ?? 0);
    return actions
        .filter(
            (run) =>
                run.pipelineExecutionId === execution && run.stageName === stage && run.actionName === action,
        )
        .sort((a, b) => timeOf(b) - timeOf(a))[0];
}

function buildOf(
    run: ActionExecutionDetail | undefined,
    { project }: ReviewStep,
    builds: readonly Build[],
): Build | undefined {
    const id = run?.output?.executionResult?.externalExecutionId;
    return builds.find((build) => build.id === id && build.projectName === project);
}

/** What statuses mean (API references, `StatusType` and `ActionExecutionStatus`); one that is not here is a failure. */
const buildStates: Record<string, StepState> = {
    SUCCEEDED: "passed",
    IN_PROGRESS: "running",
    STOPPED: "stopped",
    FAILED: "failed",
    TIMED_OUT: "timedOut",
    FAULT: "fault",
};
const actionStates: Record<string, StepState> = {
    Succeeded: "passed",
    InProgress: "running",
    Abandoned: "stopped",
    Failed: "failed",
};

function resultOf(
    run: ActionExecutionDetail | undefined,
    build: Build | undefined,
    isOpen: boolean,
): Pick<StepResult, "state" | "log" | "detail"> {
    if (run === undefined) return { state: isOpen ? "waiting" : "notRun", log: null, detail: null };
    const result = run.output?.executionResult;
    const action = actionStates[run.status ?? ""] ?? "failed";
    const state = stateOf(
        action,
        build === undefined ? null : (buildStates[build.buildStatus ?? ""] ?? "failed"),
    );
    const told = isBad(state)
        ? [failureIn(build), result?.errorDetails?.message, result?.externalExecutionSummary].find(
              (text) => text !== undefined && text.trim() !== "",
          )
        : undefined;
    return {
        state,
        log: logOf(build) ?? result?.externalExecutionUrl ?? null,
        detail: told ?? null,
    };
}

/**
 * Of the action and its build, whichever knows more: CodePipeline shows an action as running for a while after its build
 * has ended, and knows neither time-outs nor faults. A failure of either is one.
 */
function stateOf(action: StepState, build: StepState | null): StepState {
    if (build === null || isBad(build)) return build ?? action;
    return isBad(action) ? action : build;
}

/** CodeBuild links to a log stream `null` while, and when, a build did not get as far as writing one. */
function logOf(build: Build | undefined): string | undefined {
    const link = build?.logs?.deepLink;
    return link !== undefined && /[=/]null$/.test(link) ? undefined : link;
}

/** What CodeBuild says about the first phase that did not succeed. */
function failureIn(build: Build | undefined): string | undefined {
    const phase = build?.phases?.find(
        ({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== "SUCCEEDED",
    );
    const messages = (phase?.contexts ?? []).map(({ statusCode, message }) =>
        [statusCode, message].filter((part) => part !== undefined && part.trim() !== "").join(": "),
    );
    const text = messages.filter((message) => message !== "").join("; ");
    return text === "" ? undefined : `${phase?.phaseType}: ${text}`;
}
