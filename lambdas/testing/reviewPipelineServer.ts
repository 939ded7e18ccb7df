import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { ActionExecutionDetail, PipelineExecution } from "@aws-sdk/client-codepipeline";
import { AwsJsonServer, type AwsRequest, type AwsServerOptions } from "./awsServer";
import { Refusal, type AwsCall } from "./callJournal";
import { checkInput, type MemberRule } from "./inputRules";
import { onTheWire } from "./wireFormat";

/** One execution as CodePipeline tells about it. */
export interface SampleExecution {
    execution: PipelineExecution;
    actions: ActionExecutionDetail[];
    startTime: Date;
}

const name: MemberRule = { type: "string", required: true, maximum: 100, pattern: /^[A-Za-z0-9.@\-_]+$/ };
const uuid: MemberRule = { type: "string", pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ };
const page = {
    maxResults: { type: "integer", minimum: 1, maximum: 100 },
    nextToken: { type: "string", minimum: 1, maximum: 2048 },
} as const;

/** Inputs of the operations that the functions use; lists are checked where they are carried out. */
const operations: Record<string, Record<string, MemberRule>> = {
    GetPipelineExecution: { pipelineName: name, pipelineExecutionId: { ...uuid, required: true } },
    ListActionExecutions: {
        pipelineName: name,
        filter: { type: "object", members: { pipelineExecutionId: uuid } },
        ...page,
    },
    ListPipelineExecutions: { pipelineName: name, ...page },
    StartPipelineExecution: {
        name,
        clientRequestToken: { type: "string", minimum: 1, maximum: 128, pattern: /^[a-zA-Z0-9-]+$/ },
    },
};

/** Executions of AWS CodePipeline as they were put here: review pipelines, and what delivery pipelines have released. */
export class ReviewPipelineServer extends AwsJsonServer {
    /** By the pipeline's name, the oldest first. */
    readonly executions = new Map<string, SampleExecution[]>();
    pageSize = 100;
    /** Accepted starts, with what they were given. */
    readonly starts: { id: string; input: Record<string, unknown> }[] = [];

    constructor(options: AwsServerOptions) {
        super("codepipeline", options, { version: "1.1", target: "CodePipeline_20150709" });
    }

    reset(): void {
        this.executions.clear();
        this.starts.length = 0;
        this.pageSize = 100;
    }

    protected check(operation: string, input: Record<string, unknown>): AwsRequest {
        if (operations[operation] === undefined)
            throw new Refusal("UnknownOperationException", `the fake does not know ${operation}`);
        const { partition, region, accountId } = this.options.account;
        const pipeline = String(input["pipelineName"] ?? input["name"]);
        const resource = `arn:${partition}:codepipeline:${region}:${accountId}:${pipeline}`;
        return { operation, input, permissions: [{ action: `codepipeline:${operation}`, resource }] };
    }

    protected async carryOut({ operation, input }: AwsCall): Promise<(response: ServerResponse) => void> {
        const { variables, sourceRevisions, ...rest } = input;
        checkInput(operation === "StartPipelineExecution" ? rest : input, operations[operation] ?? {});
        const pipeline = String(input["pipelineName"] ?? input["name"]);
        const known = this.executions.get(pipeline) ?? [];
        const find = (id: unknown): SampleExecution => {
            const found = known.find(({ execution }) => execution.pipelineExecutionId === id);
            if (found === undefined)
                throw new Refusal(
                    "PipelineExecutionNotFoundException",
                    `no execution ${String(id)} of ${pipeline}`,
                );
            return found;
        };
        const answers: Record<string, () => unknown> = {
            GetPipelineExecution: () => ({ pipelineExecution: find(input["pipelineExecutionId"]).execution }),
            ListActionExecutions: () => {
                const id = (input["filter"] as { pipelineExecutionId?: string } | undefined)
                    ?.pipelineExecutionId;
                const chosen = id === undefined ? known : [find(id)];
                const { items, ...next } = this.page(
                    chosen.toReversed().flatMap(({ actions }) => actions),
                    input,
                );
                return { actionExecutionDetails: items, ...next };
            },
            ListPipelineExecutions: () => {
                const { items, ...next } = this.page(known.toReversed(), input);
                return { pipelineExecutionSummaries: items.map(summaryOf), ...next };
            },
            StartPipelineExecution: () => this.begin(pipeline, input, variables, sourceRevisions),
        };
        const body = answers[operation]?.();
        return (response) => this.answer(response, onTheWire(body));
    }

    private page<Item>(items: readonly Item[], { nextToken, maxResults }: Record<string, unknown>) {
        const from = nextToken === undefined ? 0 : Number(/^page-(\d+)$/.exec(String(nextToken))?.[1]);
        if (Number.isNaN(from)) throw new Refusal("InvalidNextTokenException", "not a token of ours");
        const end = from + Math.min(this.pageSize, Number(maxResults ?? 100));
        return { items: items.slice(from, end), ...(end < items.length ? { nextToken: `page-${end}` } : {}) };
    }

    /** The same token gives the same execution. */
    private begin(
        pipeline: string,
        input: Record<string, unknown>,
        variables: unknown,
        sourceRevisions: unknown,
    ): { pipelineExecutionId: string } {
        const revisions = sourceRevisions as {
            actionName: string;
            revisionType: string;
            revisionValue: string;
        }[];
        const given = variables as { name: string; value: string }[];
        if (!given.every(({ name: key, value }) => /^[A-Za-z0-9@\-_]+$/.test(key) && value.length > 0))
            throw new Refusal("ValidationException", "a variable has no name or no value");
        if (!revisions.every(({ revisionType }) => revisionType === "COMMIT_ID"))
            throw new Refusal("ValidationException", "a revision is of another type");
        const before = this.starts.find(
            (start) => start.input["clientRequestToken"] === input["clientRequestToken"],
        );
        if (before !== undefined) return { pipelineExecutionId: before.id };
        const id = randomUUID();
        this.starts.push({ id, input });
        const execution = {
            pipelineName: pipeline,
            pipelineExecutionId: id,
            pipelineVersion: 1,
            status: "InProgress" as const,
            variables: given.map(({ name: key, value }) => ({ name: key, resolvedValue: value })),
            artifactRevisions: [],
        };
        const known = this.executions.get(pipeline) ?? [];
        this.executions.set(pipeline, [...known, { execution, actions: [], startTime: this.options.now() }]);
        return { pipelineExecutionId: id };
    }
}

/** What the list says about an execution: its source revisions, once the source action has run. */
function summaryOf({ execution, actions, startTime }: SampleExecution): unknown {
    const source = actions.find(({ actionName }) => actionName === "Source");
    const revisionId = source?.output?.outputVariables?.["CommitId"];
    return {
        pipelineExecutionId: execution.pipelineExecutionId,
        status: execution.status,
        startTime,
        lastUpdateTime: startTime,
        sourceRevisions: revisionId === undefined ? [] : [{ actionName: "Source", revisionId }],
        executionMode: "PARALLEL",
    };
}
