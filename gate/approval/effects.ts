/**
 * Everything that the approval protocol does to the world, one value for each step. The protocol is written as
 * generators that yield these: the functions in `lambdas/` carry them out, and the explorer in `testing/` carries them
 * out in every order, with a crash between any two.
 */
import type { ScannerName, ScanReport } from "../report/scanReport";
import type { ScanStage } from "../policy/scanStage";
import type { RequestKey } from "./approvalRequest";
import type { RequestRecord, ScanRecord } from "./records";

/** How CodePipeline sees an approval action now. */
export type ApprovalState =
    | {
          kind: "waiting";
          token: string;
          execution: string;
          /** The action's custom data with its variables filled in; null when CodePipeline does not say. */
          customData: string | null;
          /** Null when CodePipeline does not say. */
          expiresAt: string | null;
      }
    /** It was answered in this execution. `by` is an ARN where CodePipeline says so; `summary` is the answer's text. */
    | { kind: "answered"; answer: "approved" | "rejected"; by: string | null; summary: string | null }
    /** No such action execution waits: timed out, stopped, superseded, or a pipeline that is gone. */
    | { kind: "gone"; why: string };

/** What the registry says about its own scan of an image. */
export type RegistryAnswer =
    /** There is none yet, or it still runs. */
    | { kind: "pending"; why: string }
    /** It has ended; the report may well be incomplete (failed, unsupported, expired). `total`: findings listed. */
    | { kind: "ended"; report: ScanReport; total: number };

/** Stored reports of one stage, as `loadScans` gives them, and where they are. */
export interface StoredScans {
    reports: unknown[];
    places: { scanner: ScannerName; place: string }[];
}

/** Throws when the service cannot be asked (throttled, down): the event is then delivered again. */
export interface ApprovalEffects {
    /** Strongly consistent. */
    readRequest(input: { key: RequestKey }): RequestRecord | null;
    /** `revision`: of the record that this one replaces, null when there must be none. */
    writeRequest(input: { record: RequestRecord; revision: number | null }): "written" | "conflict";
    /** All open (`waiting`) requests for a digest, whatever their application; strongly consistent. */
    waitingRequests(input: { digest: string }): RequestRecord[];
    /** All open requests; may be some seconds behind. */
    openRequests(input: Record<string, never>): RequestRecord[];
    readScan(input: { repository: string; digest: string }): ScanRecord | null;
    writeScan(input: { record: ScanRecord; revision: number | null }): "written" | "conflict";
    /**
     * State of the approval action, in that execution where one is given and now where not. With a token it is that of
     * the run with this token, where CodePipeline's history tells, and else that of the newest run.
     */
    approvalState(input: {
        pipeline: string;
        stage: string;
        action: string;
        execution: string | null;
        token?: string;
    }): ApprovalState;
    /** `refused`: already answered, or not this action's token any more. */
    putApprovalResult(input: {
        pipeline: string;
        stage: string;
        action: string;
        token: string;
        answer: "approved" | "rejected";
        summary: string;
    }): "accepted" | "refused";
    /** Asks once; does not wait for a scan to end. */
    askRegistry(input: { repository: string; digest: string }): RegistryAnswer;
    loadScans(input: {
        application: string;
        digest: string;
        execution: string;
        stage: ScanStage;
    }): StoredScans;
    now(input: Record<string, never>): Date;
    /** A fact for logs and metrics. */
    report(input: { fact: ApprovalFact; details: Record<string, unknown> }): void;
}

/** Names of metrics. */
export const approvalFacts = [
    "RequestRecorded",
    /** The same message again. */
    "RequestRepeated",
    /** Custom data that cannot be read; the request is rejected. */
    "RequestUnreadable",
    /** Found by the watchdog in the pipeline, the message never came. */
    "RequestRecovered",
    "ScanRecorded",
    /** An event about a repository of somebody else. */
    "ScanIgnored",
    "Approved",
    "Rejected",
    /** Left open: the scan has not ended. */
    "Waiting",
    /** The action was answered, and not by this gate. */
    "AnsweredByOthers",
    /** The action does not wait any more and nobody answered it. */
    "RequestGone",
    /** Still open well after it had to be decided. */
    "RequestOverdue",
] as const;
export type ApprovalFact = (typeof approvalFacts)[number];

/** Facts that somebody should look at: each has an alarm. */
export const alarmingFacts = [
    "RequestUnreadable",
    "AnsweredByOthers",
    "RequestOverdue",
] as const satisfies readonly ApprovalFact[];

/** Where the metrics are, under the one dimension `service`. */
export const metricsNamespace = "Portcullis";

/** One step of the protocol: which effect, with what. */
export type ApprovalStep = {
    [Name in keyof ApprovalEffects]: { effect: Name; input: Parameters<ApprovalEffects[Name]>[0] };
}[keyof ApprovalEffects];

/** A piece of the protocol: yields steps, is sent their results, returns its own. */
export type Protocol<Result> = Generator<ApprovalStep, Result, unknown>;

/** `const record = yield* perform("readRequest", { key })`: yields the step, and gives the result its type. */
export function* perform<Name extends keyof ApprovalEffects>(
    effect: Name,
    input: Parameters<ApprovalEffects[Name]>[0],
): Protocol<ReturnType<ApprovalEffects[Name]>> {
    return (yield { effect, input } as ApprovalStep) as ReturnType<ApprovalEffects[Name]>;
}

/** The effects as the functions carry them out. */
export type AsyncApprovalEffects = {
    [Name in keyof ApprovalEffects]: (
        input: Parameters<ApprovalEffects[Name]>[0],
    ) => Promise<ReturnType<ApprovalEffects[Name]>>;
};

/** Carries out a piece of the protocol, one effect after the other; an effect that throws ends it. */
export async function carryOut<Result>(
    protocol: Protocol<Result>,
    effects: AsyncApprovalEffects,
): Promise<Result> {
    let next = protocol.next();
    while (!next.done) {
        const { effect, input } = next.value;
        const perform = effects[effect] as (given: unknown) => Promise<unknown>;
        let result: unknown;
        try {
            result = await perform(input);
        } catch (error) {
            next = protocol.throw(error);
            continue;
        }
        next = protocol.next(result);
    }
    return next.value;
}
