/**
 * Protocols that are wrong on purpose, each in one way that a real mistake would be; the explorer must find out each of
 * them. Most are the real one with some of its steps changed on their way to the world.
 */
import type { ApprovalRequest } from "../approvalRequest";
import type { DecisionContext } from "../decideRequest";
import { perform, type ApprovalState, type ApprovalStep, type Protocol } from "../effects";
import * as real from "../protocol";
import type { RequestRecord, ScanNotice } from "../records";
import { registryAnswer } from "./approvalSamples";
import type { ProtocolUnderTest } from "./explorer";
import { scenarioFor } from "./scenarios";
import { altered, tampered, type Change, type Tamper } from "./tamper";
import { storedUnder, type Scenario } from "./world";

export interface BrokenProtocol {
    protocol: ProtocolUnderTest;
    /** Where it goes wrong. */
    scenario: Scenario;
}

/** A tamper of the writes of request records. */
function onWrite(change: (record: RequestRecord, step: ApprovalStep) => Change | undefined): () => Tamper {
    return () => (step) => (step.effect === "writeRequest" ? change(step.input.record, step) : undefined);
}

function forced(step: ApprovalStep): Change {
    return { step: { ...step, input: { ...step.input, force: true } } as unknown as ApprovalStep };
}

function isClaim({ status, claim, decision, wakeAt }: RequestRecord): boolean {
    return status === "waiting" && claim !== undefined && decision === undefined && wakeAt === undefined;
}

function isIntention({ status, claim, decision }: RequestRecord): boolean {
    return status === "waiting" && claim !== undefined && decision !== undefined;
}

/** Steps of one effect answered by something else. */
function answering<T>(effect: ApprovalStep["effect"], after: (answer: T) => unknown): () => Tamper {
    return () => (step) => (step.effect === effect ? { after: (answer) => after(answer as T) } : undefined);
}

function* withoutNews(context: DecisionContext, notice: ScanNotice): Protocol<unknown> {
    return yield* altered(real.handleScanNotice(context, notice), (step) =>
        step.effect === "writeRequest" && step.input.record.wakeAt !== undefined
            ? { instead: { answer: "written" } }
            : undefined,
    );
}

function* sweepThatAnswers(context: DecisionContext): Protocol<unknown> {
    for (const { request } of yield* perform("openRequests", {})) {
        const { pipeline, stage, action, token } = request;
        const summary = "rejected by the watchdog";
        yield* perform("putApprovalResult", { pipeline, stage, action, token, answer: "rejected", summary });
    }
    return yield* real.sweep(context);
}

function* sweepThatOnlyRecovers(context: DecisionContext): Protocol<unknown> {
    return yield* altered(real.sweep(context), (step) =>
        step.effect === "writeRequest" && step.input.record.wakeAt !== undefined
            ? { instead: { answer: "written" } }
            : undefined,
    );
}

function* sweepThatOnlyWakes(context: DecisionContext): Protocol<unknown> {
    return yield* altered(real.sweep(context), (step) =>
        step.effect === "approvalState"
            ? { instead: { answer: { kind: "gone", why: "it was not asked" } satisfies ApprovalState } }
            : undefined,
    );
}

const untouched = tampered(() => () => undefined);

export const brokenProtocols: Record<string, BrokenProtocol> = {
    "claims nothing": {
        protocol: tampered(
            onWrite((record, step) => {
                const { claim: _, ...rest } = record;
                return {
                    step: { ...step, input: { ...step.input, record: rest } } as unknown as ApprovalStep,
                };
            }),
        ),
        scenario: scenarioFor("clean", ["message", "ended"]),
    },
    "claims without a condition": {
        protocol: tampered(onWrite((record, step) => (isClaim(record) ? forced(step) : undefined))),
        scenario: scenarioFor("clean", ["message", "ended"]),
    },
    "takes a claim that still holds": {
        protocol: tampered(
            answering<RequestRecord | null>("readRequest", (record) => {
                if (record === null) return null;
                const { claim: _, ...rest } = record;
                return rest;
            }),
        ),
        scenario: scenarioFor("clean", ["message", "ended"]),
    },
    "answers before it writes what it is going to answer": {
        protocol: tampered(() => {
            let skipped = 0;
            return (step) => {
                if (step.effect !== "writeRequest") return undefined;
                const { record, revision } = step.input;
                if (isIntention(record)) {
                    skipped += 1;
                    return { instead: { answer: "written" } };
                }
                if (skipped === 0) return undefined;
                const input = {
                    record: { ...record, revision: record.revision - skipped },
                    revision: revision === null ? null : revision - skipped,
                };
                return { step: { effect: "writeRequest", input } };
            };
        }),
        scenario: scenarioFor("clean", ["message", "pause"], { faults: 1 }),
    },
    "writes over what others wrote": {
        protocol: tampered(onWrite(({ status }, step) => (status === "waiting" ? forced(step) : undefined))),
        scenario: scenarioFor("pending", ["message", "clean", "ended"]),
    },
    "does not ask what is true after a crash": {
        protocol: tampered(() => {
            let request: ApprovalRequest | null = null;
            return (step) => {
                if (step.effect === "readRequest")
                    return {
                        after: (record) => {
                            request = (record as RequestRecord | null)?.request ?? null;
                            return record;
                        },
                    };
                if (step.effect !== "approvalState" || step.input.execution === null) return undefined;
                const state: ApprovalState = {
                    kind: "waiting",
                    token: request?.token ?? "",
                    execution: step.input.execution,
                    customData: null,
                    expiresAt: null,
                };
                return { instead: { answer: state } };
            };
        }),
        scenario: scenarioFor("clean", ["message", "pause"], { faults: 1 }),
    },
    "takes every answer for its own": {
        protocol: tampered(answering("putApprovalResult", () => "accepted")),
        scenario: scenarioFor("clean", ["message", "approvedByHand"]),
    },
    "takes an answer by others for gone": {
        protocol: tampered(
            answering<ApprovalState>("approvalState", (state) =>
                state.kind === "answered" ? { kind: "gone", why: "it does not wait" } : state,
            ),
        ),
        scenario: scenarioFor("clean", ["message", "approvedByHand"]),
    },
    "answers whichever token waits now": {
        protocol: tampered(() => {
            let own = "";
            let waiting = "";
            return (step) => {
                if (step.effect === "readRequest") own = step.input.key.token;
                if (step.effect === "approvalState" && step.input.execution !== null)
                    return {
                        after: (answer) => {
                            const state = answer as ApprovalState;
                            if (state.kind !== "waiting") return state;
                            waiting = state.token;
                            return { ...state, token: own };
                        },
                    };
                if (step.effect === "putApprovalResult")
                    return { step: { ...step, input: { ...step.input, token: waiting } } };
                return undefined;
            };
        }),
        scenario: scenarioFor("clean", ["message", "stopped", "secondBegins", "secondMessage"], {
            faults: 1,
        }),
    },
    "believes the message's digest over CodePipeline's": {
        protocol: tampered(() => (step) => {
            if (step.effect !== "approvalState" || step.input.execution === null) return undefined;
            return { after: (state) => ({ ...(state as ApprovalState), customData: null }) };
        }),
        scenario: scenarioFor("foreign", ["message"]),
    },
    "loses a wake when it lets go": {
        protocol: tampered(
            onWrite((record, step) =>
                record.status === "waiting" && record.claim === undefined && record.revision > 1
                    ? forced(step)
                    : undefined,
            ),
        ),
        scenario: scenarioFor("pending", ["message", "early", "clean", "ended"]),
    },
    "does not tell the holder of news": {
        protocol: { ...untouched, handleScanNotice: withoutNews },
        scenario: scenarioFor("pending", ["message", "early", "clean", "ended"]),
    },
    "approves after it had to decide": {
        protocol: tampered(
            answering<Date>(
                "now",
                (now) => new Date(Math.min(now.getTime(), Date.parse("2026-03-04T12:59:59Z"))),
            ),
        ),
        scenario: scenarioFor("clean", ["message"], { minutes: 60 }),
    },
    "waits for ever": {
        protocol: tampered(
            answering<Date>(
                "now",
                (now) => new Date(Math.min(now.getTime(), Date.parse("2026-03-04T12:59:59Z"))),
            ),
        ),
        scenario: scenarioFor("pending", ["message"]),
    },
    "answers in the watchdog": {
        protocol: { ...untouched, sweep: sweepThatAnswers },
        scenario: scenarioFor("clean", ["message", "tick"]),
    },
    "has a watchdog that wakes nobody": {
        protocol: { ...untouched, sweep: sweepThatOnlyRecovers },
        scenario: scenarioFor("clean", ["message", "pause"], { faults: 1 }),
    },
    "has a watchdog that does not look for lost messages": {
        protocol: { ...untouched, sweep: sweepThatOnlyWakes },
        scenario: scenarioFor("clean", ["message"]),
    },
    "keeps requests by digest and execution, without the token": {
        protocol: {
            ...untouched,
            keyOf: (key) => storedUnder({ ...key, token: "any" }),
        },
        scenario: scenarioFor("clean", ["message", "stopped", "secondBegins", "secondMessage"]),
    },
    "keeps requests by digest alone": {
        protocol: {
            ...untouched,
            keyOf: (key) => storedUnder({ ...key, execution: "any", token: "any" }),
        },
        scenario: scenarioFor("twoExecutions", ["message", "stopped", "secondBegins", "secondMessage"]),
    },
    "does not name the request in its summary": {
        protocol: tampered(() => (step) => {
            const strip = (text: string | null): string | null =>
                text?.replace(/ \[request .*\]$/, "") ?? null;
            if (step.effect === "putApprovalResult")
                return {
                    step: { ...step, input: { ...step.input, summary: strip(step.input.summary) ?? "" } },
                };
            if (step.effect !== "writeRequest") return undefined;
            const { record } = step.input;
            if (record.decision === undefined) return undefined;
            const decision = {
                ...record.decision,
                summary: strip(record.decision.summary) ?? "",
            };
            return { step: { ...step, input: { ...step.input, record: { ...record, decision } } } };
        }),
        scenario: scenarioFor("clean", ["message", "stopped", "secondBegins", "secondMessage"], {
            faults: 1,
        }),
    },
    "approves what the registry has not scanned": {
        protocol: tampered(
            () => (step) =>
                step.effect === "askRegistry"
                    ? {
                          after: (answer) =>
                              (answer as { kind: string }).kind === "pending"
                                  ? registryAnswer("clean", step.input.repository, step.input.digest)
                                  : answer,
                      }
                    : undefined,
        ),
        scenario: scenarioFor("pending", ["message", "clean"]),
    },
    "does not look at scan events": {
        protocol: tampered(answering("readScan", () => null)),
        scenario: scenarioFor("clean", ["message", "failed"]),
    },
};
