import { randomUUID } from "node:crypto";

/** As much of a pipeline as `aws.codepipeline.Pipeline` declares and the fake needs. */
export interface PipelineDeclaration {
    name: string;
    executionMode?: string;
    stages: { name: string; actions: ActionDeclaration[] }[];
}

export interface ActionDeclaration {
    name: string;
    category: string;
    owner: string;
    provider: string;
    version: string;
    runOrder?: number;
    configuration?: Record<string, string>;
    namespace?: string;
    timeoutInMinutes?: number;
}

/** One run of one action. */
export interface ActionRun {
    id: string;
    execution: string;
    stage: string;
    action: string;
    status: "InProgress" | "Succeeded" | "Failed" | "Abandoned";
    startedAt: Date;
    updatedAt: Date;
    /** ARN of who changed it last, where somebody did. */
    updatedBy?: string;
    summary?: string;
    error?: { code: string; message: string };
    /** Configuration with its variables filled in. */
    configuration: Record<string, string>;
    /** Only of approvals: the token, and until when they wait. */
    approval?: { token: string; expiresAt: Date; answer?: "Approved" | "Rejected" };
}

/** Variables that the pipeline's actions have put out, as `Namespace.NAME`. */
export type Variables = Record<string, string>;

interface Execution {
    id: string;
    variables: Variables;
}

/** Default of CodePipeline when an approval action sets no time-out: seven days (User Guide, quotas). */
const defaultTimeoutMinutes = 7 * 24 * 60;

/**
 * State of one pipeline: what ran, what waits. An approval action goes from waiting to answered, timed out, or abandoned
 * when its execution is stopped; a retried stage gives a new run with a new token in the same execution. In every mode
 * but PARALLEL one execution at a time is in a stage (User Guide, "How pipeline executions work").
 */
export class PipelineModel {
    /** Oldest first. */
    readonly runs: ActionRun[] = [];
    private readonly executions = new Map<string, Execution>();

    constructor(
        readonly declaration: PipelineDeclaration,
        private readonly now: () => Date,
    ) {}

    get name(): string {
        return this.declaration.name;
    }

    stage(name: string): { name: string; actions: ActionDeclaration[] } | undefined {
        return this.declaration.stages.find((stage) => stage.name === name);
    }

    action(stage: string, name: string): ActionDeclaration | undefined {
        return this.stage(stage)?.actions.find((action) => action.name === name);
    }

    knows(execution: string): boolean {
        return this.executions.has(execution);
    }

    latest(stage: string, action?: string): ActionRun | undefined {
        return this.runs.findLast(
            (run) => run.stage === stage && (action === undefined || run.action === action),
        );
    }

    /** Starts an execution and runs everything before the stage; gives the execution's id. */
    startExecution(untilStage: string, variables: Variables, id: string = randomUUID()): string {
        this.executions.set(id, { id, variables: { ...variables, "codepipeline.PipelineExecutionId": id } });
        for (const stage of this.declaration.stages) {
            if (stage.name === untilStage) return id;
            for (const action of stage.actions) {
                const run = this.run(id, stage.name, action);
                run.status = "Succeeded";
            }
        }
        throw new Error(`${this.name} has no stage ${untilStage}`);
    }

    /** The approval action begins to wait; also again, when its stage is retried. */
    startApproval(execution: string, stage: string, name: string, token: string = randomUUID()): ActionRun {
        this.expire();
        const busy = this.runs.find((run) => run.stage === stage && run.status === "InProgress");
        if (busy !== undefined && this.declaration.executionMode !== "PARALLEL")
            throw new Error(`${this.name}: stage ${stage} still runs in ${busy.execution}`);
        const action = this.action(stage, name);
        if (action?.category !== "Approval") throw new Error(`${this.name}: ${stage}/${name} is no approval`);
        const run = this.run(execution, stage, action);
        const unknown = Object.values(run.configuration)
            .join(" ")
            .match(/#\{[^}]+\}/g);
        if (unknown !== null) throw new Error(`${this.name}: nobody puts out ${unknown.join(", ")}`);
        const minutes = action.timeoutInMinutes ?? defaultTimeoutMinutes;
        run.approval = { token, expiresAt: new Date(run.startedAt.getTime() + minutes * 60_000) };
        return run;
    }

    /** The run that this token belongs to. */
    approvalOf(stage: string, action: string, token: string): ActionRun | undefined {
        this.expire();
        return this.runs.find(
            (run) => run.stage === stage && run.action === action && run.approval?.token === token,
        );
    }

    answer(run: ActionRun, answer: "Approved" | "Rejected", summary: string, by: string): void {
        if (run.approval === undefined || run.status !== "InProgress") throw new Error("it does not wait");
        run.approval.answer = answer;
        run.status = answer === "Approved" ? "Succeeded" : "Failed";
        run.summary = summary;
        run.updatedBy = by;
        run.updatedAt = this.now();
    }

    /** Stops an execution; its actions are abandoned. */
    stop(execution: string, by: string): void {
        for (const run of this.runs) {
            if (run.execution !== execution || run.status !== "InProgress") continue;
            Object.assign(run, { status: "Abandoned", updatedAt: this.now(), updatedBy: by });
        }
    }

    /** Ends approvals whose time is up. */
    expire(): void {
        for (const run of this.runs) {
            if (run.status !== "InProgress" || run.approval === undefined) continue;
            if (run.approval.expiresAt > this.now()) continue;
            run.status = "Failed";
            run.updatedAt = run.approval.expiresAt;
            run.error = { code: "Timeout", message: "The approval request was not answered in time" };
        }
    }

    /** What CodePipeline publishes when the approval begins to wait (User Guide, "JSON data format for manual approval notifications"). */
    message(run: ActionRun, region: string): string {
        if (run.approval === undefined) throw new Error("only approvals are announced");
        const view = `https://console.aws.amazon.com/codesuite/codepipeline/pipelines/${this.name}/view?region=${region}`;
        const { token, expiresAt } = run.approval;
        const { CustomData: customData = null, ExternalEntityLink: link = null } = run.configuration;
        return JSON.stringify({
            region,
            consoleLink: view,
            approval: {
                pipelineName: this.name,
                stageName: run.stage,
                actionName: run.action,
                token,
                expires: `${expiresAt.toISOString().slice(0, 16)}Z`,
                externalEntityLink: link,
                approvalReviewLink: `${view}#/${run.stage}/${run.action}/approve/${token}`,
                customData,
            },
        });
    }

    private run(execution: string, stage: string, action: ActionDeclaration): ActionRun {
        const { variables } = this.executions.get(execution) ?? { variables: {} as Variables };
        const at = this.now();
        const run: ActionRun = {
            id: randomUUID(),
            execution,
            stage,
            action: action.name,
            status: "InProgress",
            startedAt: at,
            updatedAt: at,
            configuration: Object.fromEntries(
                Object.entries(action.configuration ?? {}).map(([key, text]) => [
                    key,
                    fillIn(text, variables),
                ]),
            ),
        };
        this.runs.push(run);
        return run;
    }
}

/** A variable that nobody has put out stays as it is written: CodePipeline would fail the action. */
function fillIn(text: string, variables: Variables): string {
    return text.replace(/#\{([A-Za-z0-9_.-]+)\}/g, (whole, name: string) => variables[name] ?? whole);
}
