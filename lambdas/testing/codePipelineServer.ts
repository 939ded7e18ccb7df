import type { ServerResponse } from "node:http";
import { AwsJsonServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall } from "./callJournal";
import { checkInput, type MemberRule } from "./inputRules";
import { PipelineModel, type ActionRun, type PipelineDeclaration } from "./pipelineModel";

/** API reference: PipelineName, StageName and ActionName. */
const name: MemberRule = {
    type: "string",
    required: true,
    minimum: 1,
    maximum: 100,
    pattern: /^[A-Za-z0-9.@\-_]+$/,
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const executionId: MemberRule = { type: "string", pattern: uuid };

/** Inputs of the operations that the gate uses, from the API reference of CodePipeline 2015-07-09. */
const operations: Record<string, Record<string, MemberRule>> = {
    GetPipelineState: { name },
    ListActionExecutions: {
        pipelineName: name,
        filter: {
            type: "object",
            members: {
                pipelineExecutionId: executionId,
                latestInPipelineExecution: {
                    type: "object",
                    members: {
                        pipelineExecutionId: { ...executionId, required: true },
                        startTimeRange: { type: "string", required: true, values: ["Latest", "All"] },
                    },
                },
            },
        },
        maxResults: { type: "integer", minimum: 1, maximum: 100 },
        nextToken: { type: "string", minimum: 1, maximum: 2048 },
    },
    PutApprovalResult: {
        pipelineName: name,
        stageName: name,
        actionName: name,
        result: {
            type: "object",
            required: true,
            members: {
                summary: { type: "string", required: true, maximum: 512 },
                status: { type: "string", required: true, values: ["Approved", "Rejected"] },
            },
        },
        token: { type: "string", required: true, pattern: uuid },
    },
};

/** Times of CodePipeline are epoch seconds with milliseconds. */
const seconds = (date: Date): number => date.getTime() / 1000;

/**
 * GetPipelineState, ListActionExecutions and PutApprovalResult of AWS CodePipeline, about the pipelines that were
 * declared. Documented behaviour is in the API reference; where it is silent (what a timed out approval looks like, and
 * that `lastUpdatedBy` of an answered approval is the session's ARN), the mildest thing is assumed.
 */
export class CodePipelineServer extends AwsJsonServer {
    readonly pipelines = new Map<string, PipelineModel>();
    /** Entries in one answer of ListActionExecutions, where the caller does not want fewer. */
    pageSize = 100;
    /** Whether the history does not show yet what runs now; it follows the pipeline's state after a moment. */
    historyLags = false;
    /** Accepted answers, in their order. */
    readonly answers: { token: string; status: string; summary: string; by: string }[] = [];
    /** ARN under which a principal's session shows. */
    sessionArn: (principal: string) => string;

    constructor(
        options: AwsServerOptions,
        private readonly declarations: readonly PipelineDeclaration[],
    ) {
        super("codepipeline", options, { version: "1.1", target: "CodePipeline_20150709" });
        this.reset();
        this.sessionArn = (principal) =>
            `arn:aws:sts::${options.account.accountId}:assumed-role/${principal}/${principal}`;
    }

    /** Nothing has ever run. */
    reset(): void {
        this.answers.length = 0;
        this.pageSize = 100;
        this.historyLags = false;
        for (const declaration of this.declarations) {
            this.pipelines.set(declaration.name, new PipelineModel(declaration, this.options.now));
        }
    }

    protected check(operation: string, input: Record<string, unknown>): AwsRequest {
        const rules = operations[operation];
        if (rules === undefined)
            throw new Refusal("UnknownOperationException", `the fake does not know ${operation}`);
        const { partition, region, accountId } = this.options.account;
        const parts = [input["pipelineName"] ?? input["name"]];
        if (operation === "PutApprovalResult") parts.push(input["stageName"], input["actionName"]);
        const resource = `arn:${partition}:codepipeline:${region}:${accountId}:${parts.join("/")}`;
        return { operation, input, permissions: [{ action: `codepipeline:${operation}`, resource }] };
    }

    protected async carryOut(call: AwsCall): Promise<(response: ServerResponse) => void> {
        const { operation, input } = call;
        checkInput(input, operations[operation] ?? {});
        const wanted = String(input["pipelineName"] ?? input["name"]);
        const pipeline = this.pipelines.get(wanted);
        if (pipeline === undefined) {
            const { accountId } = this.options.account;
            throw new Refusal(
                "PipelineNotFoundException",
                `Account '${accountId}' does not have a pipeline with name '${wanted}'`,
            );
        }
        pipeline.expire();
        const body =
            operation === "GetPipelineState"
                ? this.state(pipeline)
                : operation === "ListActionExecutions"
                  ? this.list(pipeline, input)
                  : this.answerApproval(pipeline, call);
        return (response) => this.answer(response, body);
    }

    private state(pipeline: PipelineModel): unknown {
        const isParallel = pipeline.declaration.executionMode === "PARALLEL";
        return {
            pipelineName: pipeline.name,
            pipelineVersion: 1,
            stageStates: pipeline.declaration.stages.map((stage, at) => {
                const latest = pipeline.latest(stage.name);
                return {
                    stageName: stage.name,
                    ...(at === 0 ? {} : { inboundTransitionState: { enabled: true } }),
                    actionStates: stage.actions.map((action) => {
                        const run = pipeline.latest(stage.name, action.name);
                        return {
                            actionName: action.name,
                            ...(run === undefined ? {} : { latestExecution: stateOf(run, isParallel) }),
                        };
                    }),
                    ...(latest === undefined
                        ? {}
                        : {
                              latestExecution: {
                                  pipelineExecutionId: latest.execution,
                                  status: statusOfStage(pipeline, latest),
                              },
                          }),
                };
            }),
            created: seconds(new Date("2026-01-05T10:00:00Z")),
            updated: seconds(new Date("2026-01-05T10:00:00Z")),
        };
    }

    private list(pipeline: PipelineModel, input: Record<string, unknown>): unknown {
        const filter = input["filter"] as
            | { pipelineExecutionId?: string; latestInPipelineExecution?: { pipelineExecutionId: string } }
            | undefined;
        const execution =
            filter?.pipelineExecutionId ?? filter?.latestInPipelineExecution?.pipelineExecutionId;
        if (execution !== undefined && !pipeline.knows(execution)) {
            throw new Refusal(
                "PipelineExecutionNotFoundException",
                `Execution with id: ${execution} does not exist for pipeline with name: ${pipeline.name}`,
            );
        }
        const runs = pipeline.runs
            .filter((run) => execution === undefined || run.execution === execution)
            .filter((run) => !this.historyLags || run.status !== "InProgress")
            .toReversed();
        const token = input["nextToken"] as string | undefined;
        const from = token === undefined ? 0 : Number(/^page-(\d+)$/.exec(token)?.[1] ?? Number.NaN);
        if (Number.isNaN(from)) throw new Refusal("InvalidNextTokenException", "The next token is invalid");
        const size = Math.min(Number(input["maxResults"] ?? 100), this.pageSize);
        return {
            actionExecutionDetails: runs.slice(from, from + size).map((run) => detailOf(pipeline, run)),
            ...(from + size < runs.length ? { nextToken: `page-${from + size}` } : {}),
        };
    }

    private answerApproval(pipeline: PipelineModel, { input, principal }: AwsCall): unknown {
        const { stageName, actionName, token } = input as {
            stageName: string;
            actionName: string;
            token: string;
        };
        const { status, summary } = input["result"] as { status: "Approved" | "Rejected"; summary: string };
        if (pipeline.stage(stageName) === undefined)
            throw new Refusal(
                "StageNotFoundException",
                `Pipeline '${pipeline.name}' has no stage '${stageName}'`,
            );
        if (pipeline.action(stageName, actionName)?.category !== "Approval")
            throw new Refusal(
                "ActionNotFoundException",
                `Stage '${stageName}' has no action '${actionName}'`,
            );
        const run = pipeline.approvalOf(stageName, actionName, token);
        if (run?.approval?.answer !== undefined) {
            throw new Refusal(
                "ApprovalAlreadyCompletedException",
                "The approval action has already been approved or rejected.",
            );
        }
        if (run?.status !== "InProgress") {
            throw new Refusal(
                "InvalidApprovalTokenException",
                "The approval request already received a response or has expired.",
            );
        }
        const by = this.sessionArn(principal);
        pipeline.answer(run, status, summary, by);
        this.answers.push({ token, status, summary, by });
        return { approvedAt: seconds(this.options.now()) };
    }
}

function stateOf(run: ActionRun, isParallel: boolean): Record<string, unknown> {
    return {
        actionExecutionId: run.id,
        status: run.status,
        ...(run.summary === undefined ? {} : { summary: run.summary }),
        lastStatusChange: seconds(run.updatedAt),
        // Only open requests have a token here, and none in PARALLEL mode (API reference, PutApprovalResult).
        ...(run.approval !== undefined && run.status === "InProgress" && !isParallel
            ? { token: run.approval.token }
            : {}),
        ...(run.updatedBy === undefined ? {} : { lastUpdatedBy: run.updatedBy }),
        ...(run.error === undefined ? {} : { errorDetails: run.error }),
    };
}

function statusOfStage(pipeline: PipelineModel, latest: ActionRun): string {
    const runs = pipeline.runs.filter(
        ({ stage, execution }) => stage === latest.stage && execution === latest.execution,
    );
    if (runs.some(({ status }) => status === "InProgress")) return "InProgress";
    if (latest.status === "Abandoned") return "Stopped";
    const actions = pipeline.stage(latest.stage)?.actions.length ?? 0;
    if (latest.status === "Failed") return "Failed";
    return new Set(runs.map(({ action }) => action)).size < actions ? "InProgress" : "Succeeded";
}

function detailOf(pipeline: PipelineModel, run: ActionRun): Record<string, unknown> {
    const declared = pipeline.action(run.stage, run.action);
    const result = {
        ...(run.approval !== undefined && pipeline.declaration.executionMode === "PARALLEL"
            ? { externalExecutionId: run.approval.token }
            : {}),
        ...(run.summary === undefined ? {} : { externalExecutionSummary: run.summary }),
        ...(run.error === undefined ? {} : { errorDetails: run.error }),
    };
    return {
        pipelineExecutionId: run.execution,
        actionExecutionId: run.id,
        pipelineVersion: 1,
        stageName: run.stage,
        actionName: run.action,
        startTime: seconds(run.startedAt),
        lastUpdateTime: seconds(run.updatedAt),
        ...(run.updatedBy === undefined ? {} : { updatedBy: run.updatedBy }),
        status: run.status,
        input: {
            actionTypeId: {
                category: declared?.category,
                owner: declared?.owner,
                provider: declared?.provider,
                version: declared?.version,
            },
            configuration: declared?.configuration ?? {},
            resolvedConfiguration: run.configuration,
            inputArtifacts: [],
        },
        ...(run.status === "InProgress" && Object.keys(result).length === 0
            ? {}
            : { output: { outputArtifacts: [], executionResult: result, outputVariables: {} } }),
    };
}
