import { createHash } from "node:crypto";
import {
    GetPipelineExecutionCommand,
    ListActionExecutionsCommand,
    ListPipelineExecutionsCommand,
    StartPipelineExecutionCommand,
    type ActionExecutionDetail,
    type CodePipelineClient,
    type PipelineExecution,
    type PipelineExecutionSummary,
} from "@aws-sdk/client-codepipeline";
import { pullRequestIn } from "../../gate/review/reviewExecution";
import { reviewVariables, sourceAction } from "../../gate/review/reviewPipeline";
import type { ReviewedApplication } from "../../gate/review/reviewSettings";
import type { PullRequest } from "../codeHosts/codeHost";
import { callService, ServiceError } from "../effects/serviceCalls";

/** Pages of a hundred executions, or of a hundred actions, that are looked through. */
const mostPages = 10;
const pageSize = 100;

/** What CodePipeline says about one execution. */
export interface PipelineAnswers {
    execution: PipelineExecution;
    actions: ActionExecutionDetail[];
}

/**
 * Starts review pipelines and asks about them. Needs codepipeline:GetPipelineExecution, ListActionExecutions and
 * ListPipelineExecutions on them, and StartPipelineExecution where the function starts them.
 */
export class ReviewPipelines {
    constructor(
        private readonly client: CodePipelineClient,
        private readonly signal: AbortSignal,
    ) {}

    /** Null when CodePipeline does not know the execution. */
    async ask({ pipeline }: ReviewedApplication, execution: string): Promise<PipelineAnswers | null> {
        const found = await this.#execution(pipeline, execution);
        if (found === null) return null;
        return { execution: found, actions: await this.#actions(pipeline, execution) };
    }

    /** The execution that a build belongs to; null when no recent one has started it. */
    async executionOf({ pipeline }: ReviewedApplication, build: string): Promise<string | null> {
        for await (const run of this.#pagesOfActions(pipeline, undefined)) {
            const { externalExecutionId } = run.output?.executionResult ?? {};
            if (externalExecutionId === build) return run.pipelineExecutionId ?? null;
        }
        return null;
    }

    /**
     * The newest execution that looks at this commit of this pull request; null when there is none yet.
     */
    async newest(
        application: ReviewedApplication,
        { id, sourceCommit }: PullRequest,
    ): Promise<string | null> {
        const candidates: PipelineExecutionSummary[] = [];
        for await (const summary of this.#executions(application.pipeline)) {
            const revisions = summary.sourceRevisions ?? [];
            if (revisions.some(({ revisionId }) => revisionId === sourceCommit)) candidates.push(summary);
        }
        candidates.sort((a, b) => Number(b.startTime ?? 0) - Number(a.startTime ?? 0));
        for (const { pipelineExecutionId: execution = "" } of candidates) {
            // Two pull requests can have the same newest commit.
            const about = await this.#about(application, execution);
            if (about?.pullRequest === id && about.commit === sourceCommit) return execution;
        }
        return null;
    }

    /**
     * Starts the review of a pull request's newest commit.
     * @returns the execution's id; that of the first, when the same is asked for again.
     */
    async start(application: ReviewedApplication, pullRequest: PullRequest): Promise<string> {
        const { id, sourceCommit, destinationCommit } = pullRequest;
        const { pipeline } = application;
        const variables = {
            [reviewVariables.pullRequest]: id,
            [reviewVariables.sourceCommit]: sourceCommit,
            [reviewVariables.destinationCommit]: destinationCommit ?? "",
        };
        const answer = await callService(`CodePipeline StartPipelineExecution of ${pipeline}`, () =>
            this.client.send(
                new StartPipelineExecutionCommand({
                    name: pipeline,
                    sourceRevisions: [
                        {
                            actionName: sourceAction.action,
                            revisionType: "COMMIT_ID",
                            revisionValue: sourceCommit,
                        },
                    ],
                    variables: Object.entries(variables).map(([name, value]) => ({ name, value })),
                    clientRequestToken: createHash("sha256")
                        .update(JSON.stringify([pipeline, id, sourceCommit]))
                        .digest("hex"),
                }),
                { abortSignal: this.signal },
            ),
        );
        if (answer.pipelineExecutionId === undefined) {
            throw new ServiceError(
                `CodePipeline started ${pipeline} and gave no execution; the event is tried again`,
            );
        }
        return answer.pipelineExecutionId;
    }

    async #about(
        application: ReviewedApplication,
        id: string,
    ): Promise<{ pullRequest: string | null; commit: string | null } | null> {
        const { pipeline, host } = application;
        const execution = await this.#execution(pipeline, id);
        if (execution === null) return null;
        // With CodeCommit its variables say it.
        const actions = host.type === "codecommit" ? [] : await this.#actions(pipeline, id);
        return pullRequestIn(application, { execution, actions });
    }

    async #execution(pipeline: string, id: string): Promise<PipelineExecution | null> {
        const answer = await callService(
            `CodePipeline GetPipelineExecution of ${id} in ${pipeline}`,
            () =>
                this.client.send(
                    new GetPipelineExecutionCommand({ pipelineName: pipeline, pipelineExecutionId: id }),
                    { abortSignal: this.signal },
                ),
            { PipelineExecutionNotFoundException: () => null, PipelineNotFoundException: () => null },
        );
        const execution = answer?.pipelineExecution ?? null;
        // An answer about another execution must not count.
        return execution?.pipelineExecutionId === id ? execution : null;
    }

    async #actions(pipeline: string, execution: string): Promise<ActionExecutionDetail[]> {
        const actions: ActionExecutionDetail[] = [];
        for await (const run of this.#pagesOfActions(pipeline, execution)) actions.push(run);
        return actions;
    }

    async *#pagesOfActions(
        pipeline: string,
        execution: string | undefined,
    ): AsyncGenerator<ActionExecutionDetail> {
        let nextToken: string | undefined;
        for (let page = 1; page <= mostPages; page += 1) {
            const answer = await callService(
                `CodePipeline ListActionExecutions in ${pipeline}`,
                () =>
                    this.client.send(
                        new ListActionExecutionsCommand({
                            pipelineName: pipeline,
                            maxResults: pageSize,
                            ...(execution === undefined
                                ? {}
                                : { filter: { pipelineExecutionId: execution } }),
                            ...(nextToken === undefined ? {} : { nextToken }),
                        }),
                        { abortSignal: this.signal },
                    ),
                { PipelineExecutionNotFoundException: () => null },
            );
            yield* answer?.actionExecutionDetails ?? [];
            nextToken = answer?.nextToken || undefined;
            if (nextToken === undefined) return;
        }
        // A list that is cut would show steps as not run.
        if (execution !== undefined) {
            throw new ServiceError(`CodePipeline lists more actions of ${execution} than a review has`);
        }
    }

    /** The newest first; as many as are looked through. */
    async *#executions(pipeline: string): AsyncGenerator<PipelineExecutionSummary> {
        let nextToken: string | undefined;
        for (let page = 1; page <= mostPages; page += 1) {
            const answer = await callService(`CodePipeline ListPipelineExecutions of ${pipeline}`, () =>
                this.client.send(
                    new ListPipelineExecutionsCommand({
                        pipelineName: pipeline,
                        maxResults: pageSize,
                        ...(nextToken === undefined ? {} : { nextToken }),
                    }),
                    { abortSignal: this.signal },
                ),
            );
            yield* answer.pipelineExecutionSummaries ?? [];
            nextToken = answer.nextToken || undefined;
            if (nextToken === undefined) return;
        }
    }
}
