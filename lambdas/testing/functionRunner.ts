import { approvalFunctionNames, type ApprovalFunctionName } from "../bundle";
import type { AwsCall, CallJournal } from "./callJournal";
import type { CapturedStack } from "./capturedStack";
import {
    FunctionProcess,
    removeUnpacked,
    unpack,
    type Invocation,
    type UploadedFunction,
} from "./functionProcess";

/** A metric that a function reported in its log (CloudWatch embedded metric format). */
export interface ReportedMetric {
    namespace: string;
    name: string;
    value: number;
    dimensions: Record<string, string>;
}

export interface FinishedInvocation {
    function: ApprovalFunctionName;
    event: unknown;
    invocation: Invocation;
    /** Calls to AWS that it made, in their order. */
    calls: AwsCall[];
    metrics: ReportedMetric[];
}

/** Executes the functions of a stack as Lambda does: one process each, kept warm until it is lost. */
export class FunctionRunner {
    readonly uploaded = new Map<ApprovalFunctionName, UploadedFunction>();
    /** Everything that ran, in its order. */
    readonly finished: FinishedInvocation[] = [];
    private readonly folders = new Map<ApprovalFunctionName, string>();
    private readonly warm = new Map<ApprovalFunctionName, FunctionProcess>();
    private endpoints: Record<string, string> = {};

    constructor(
        stack: CapturedStack,
        private readonly journal: CallJournal,
        private readonly now: () => Date,
    ) {
        this.region = stack.account.region;
        for (const name of approvalFunctionNames)
            this.uploaded.set(name, stack.uploaded(`-approval-${name}`));
    }

    private readonly region: string;

    /** @param endpoints addresses of the fakes, by `AWS_ENDPOINT_URL_<SERVICE>`. */
    start(endpoints: Record<string, string>): void {
        this.endpoints = endpoints;
        for (const [name, uploaded] of this.uploaded) this.folders.set(name, unpack(uploaded));
    }

    stop(): void {
        for (const running of this.warm.values()) running.kill();
        this.warm.clear();
        for (const folder of this.folders.values()) removeUnpacked(folder);
    }

    /** Whether it is a function of the approval gate; others of the stack do not run here. */
    knows(arn: string): boolean {
        return [...this.uploaded.values()].some((uploaded) => uploaded.arn === arn);
    }

    nameOf(arn: string): ApprovalFunctionName {
        for (const [name, uploaded] of this.uploaded) if (uploaded.arn === arn) return name;
        throw new Error(`nobody uploaded ${arn}`);
    }

    get(name: ApprovalFunctionName): UploadedFunction {
        const uploaded = this.uploaded.get(name);
        if (uploaded === undefined) throw new Error(`nobody uploaded ${name}`);
        return uploaded;
    }

    /**
     * Invokes a function with one event.
     * @param crashAfter the process is killed when this many of its calls were carried out, before it hears the answer.
     */
    async invoke(
        name: ApprovalFunctionName,
        event: unknown,
        crashAfter?: number,
    ): Promise<FinishedInvocation> {
        const running = await this.processOf(name);
        const first = this.journal.calls.length;
        let carriedOut = 0;
        const { carriedOut: before } = this.journal;
        if (crashAfter !== undefined) {
            this.journal.carriedOut = () => {
                carriedOut += 1;
                if (carriedOut === crashAfter) running.kill();
                return carriedOut >= crashAfter;
            };
            if (crashAfter === 0) throw new Error("a process that makes no call does nothing");
        }
        const invocation = await running.invoke(event, { now: this.now() });
        this.journal.carriedOut = before;
        if (invocation.kind === "crashed") this.warm.delete(name);
        const finished = {
            function: name,
            event,
            invocation,
            calls: this.journal.calls.slice(first),
            metrics: invocation.log.flatMap(metricsIn),
        };
        this.finished.push(finished);
        return finished;
    }

    /**
     * Invokes a function with several events at the same time, each in a process of its own. Calls are not told apart by
     * invocation: see the journal.
     */
    async together(name: ApprovalFunctionName, events: readonly unknown[]): Promise<Invocation[]> {
        const folder = this.folders.get(name) ?? "";
        const processes = await Promise.all(
            events.map(() => FunctionProcess.start(this.get(name), folder, this.region, this.endpoints)),
        );
        const invocations = await Promise.all(
            processes.map((running, at) => running.invoke(events[at], { now: this.now() })),
        );
        for (const running of processes) running.kill();
        return invocations;
    }

    /** A cold start of the next invocation, as after a pause. */
    cool(name: ApprovalFunctionName): void {
        this.warm.get(name)?.kill();
        this.warm.delete(name);
    }

    private async processOf(name: ApprovalFunctionName): Promise<FunctionProcess> {
        const known = this.warm.get(name);
        if (known?.isAlive) return known;
        const folder = this.folders.get(name) ?? "";
        const started = await FunctionProcess.start(this.get(name), folder, this.region, this.endpoints);
        this.warm.set(name, started);
        return started;
    }
}

/** Metrics in one line of a log. */
function metricsIn(line: string): ReportedMetric[] {
    let document: Record<string, unknown>;
    try {
        document = JSON.parse(line) as Record<string, unknown>;
    } catch {
        return [];
    }
    const { CloudWatchMetrics: groups = [] } = (document?.["_aws"] ?? {}) as {
        CloudWatchMetrics?: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
    };
    return groups.flatMap(({ Namespace: namespace, Dimensions: sets, Metrics: metrics }) =>
        sets.flatMap((set) =>
            metrics.flatMap(({ Name: name }) =>
                [document[name]].flat().map((value) => ({
                    namespace,
                    name,
                    value: Number(value),
                    dimensions: Object.fromEntries(set.map((key) => [key, String(document[key])])),
                })),
            ),
        ),
    );
}
