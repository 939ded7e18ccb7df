/** What the effects of the protocol do to a world. */
import type { ScanStage } from "../../policy/scanStage";
import { requestKey } from "../approvalRequest";
import type { ApprovalState, ApprovalStep } from "../effects";
import type { RequestRecord, ScanRecord } from "../records";
import { findingOf } from "../../report/testing/sampleFinding";
import { minutesAfterStart, ourSession, registryAnswer, storedOf } from "./approvalSamples";
import type { Interned } from "./interned";
import type { Answer } from "./taskTree";
import {
    alarmed,
    isGood,
    setToken,
    stateOfToken,
    withPair,
    withWhatIsSeen,
    type Effect,
    type Memory,
    type World,
} from "./world";

const noAnswer: Answer = { key: "-", value: undefined };

/** Carries out one step of a task. `at`: the task's place in the world. */
export function carryOut(world: World, memory: Memory, at: number, { effect, input }: ApprovalStep): Effect {
    switch (effect) {
        case "now":
            return { world, answer: { key: `n${world.minutes}`, value: minutesAfterStart(world.minutes) } };
        case "report": {
            const { fact, details } = input;
            const isAlarm = ["RequestUnreadable", "AnsweredByOthers", "RequestOverdue"].includes(fact);
            return {
                world: isAlarm ? alarmed(world, `${fact} ${String(details.token)}`) : world,
                answer: noAnswer,
            };
        }
        case "loadScans": {
            const { application, digest, execution, stage } = input;
            return {
                world,
                answer: { key: "l", value: evidence(memory, application, digest, execution, stage) },
            };
        }
        case "askRegistry": {
            const { repository, digest } = input;
            const kind = world.registry[memory.places.indexOf(`${repository}@${digest}`)] ?? "pending";
            return { world, answer: { key: `g${kind}`, value: registryAnswer(kind, repository, digest) } };
        }
        case "readRequest":
            return { world, answer: readAnswer(world.requests, memory.keyOf(input.key), memory.records) };
        case "readScan":
            return {
                world,
                answer: readAnswer(world.scans, `${input.repository}@${input.digest}`, memory.scans),
            };
        case "writeScan":
            return writeScan(world, memory, input);
        case "writeRequest":
            return writeRequest(world, memory, at, input);
        case "waitingRequests":
            return {
                world,
                answer: listAnswer(world, memory, ({ request, status }) => {
                    return status === "waiting" && request.subject?.digest === input.digest;
                }),
            };
        case "openRequests":
            return { world, answer: listAnswer(world, memory, ({ status }) => status === "waiting") };
        case "approvalState":
            return { world, answer: stateAnswer(world, memory, input) };
        case "putApprovalResult":
            return putResult(world, memory, at, input);
    }
}

function evidence(
    { scenario }: Memory,
    application: string,
    digest: string,
    execution: string,
    stage: ScanStage,
): unknown {
    const subject = {
        application,
        digest,
        execution,
        image: `registry.example/${application}@${digest}`,
        commit: "",
    };
    const findings = scenario.refused?.includes(digest) === true ? [findingOf()] : [];
    return storedOf(subject, stage, { findings });
}

function readAnswer<T extends object>(
    pairs: readonly (readonly [string, number])[],
    key: string,
    interned: Interned<T>,
): Answer {
    const [, id] = pairs.find(([other]) => other === key) ?? [];
    return id === undefined ? { key: "r-", value: null } : { key: `r${id}`, value: interned.value(id) };
}

function listAnswer(world: World, memory: Memory, wanted: (record: RequestRecord) => boolean): Answer {
    const ids = world.requests.map(([, id]) => id).filter((id) => wanted(memory.records.value(id)));
    return { key: `q${ids.join()}`, value: ids.map((id) => memory.records.value(id)) };
}

/** `force`: only bugs write without a condition. */
type Unconditional = { force?: boolean };

function writeScan(
    world: World,
    memory: Memory,
    { record, revision, force }: { record: ScanRecord; revision: number | null } & Unconditional,
): Effect {
    const key = `${record.repository}@${record.digest}`;
    const [, id] = world.scans.find(([other]) => other === key) ?? [];
    const current = id === undefined ? null : memory.scans.value(id).revision;
    if (current !== revision && force !== true) return { world, answer: { key: "c", value: "conflict" } };
    const scans = withPair(world.scans, key, memory.scans.id(record));
    return {
        world: withWhatIsSeen({ ...world, scans }, memory),
        answer: { key: "w", value: "written" },
    };
}

function writeRequest(
    world: World,
    memory: Memory,
    at: number,
    { record, revision, force }: { record: RequestRecord; revision: number | null } & Unconditional,
): Effect {
    const request = requestKey(record.request);
    const key = memory.keyOf(request);
    const [, id] = world.requests.find(([other]) => other === key) ?? [];
    const before = id === undefined ? null : memory.records.value(id);
    if ((before?.revision ?? null) !== revision && force !== true)
        return { world, answer: { key: "c", value: "conflict" } };
    let next: World = { ...world, requests: withPair(world.requests, key, memory.records.id(record)) };
    if (isClaim(record, before)) next = claimedBy(next, memory, at, record);
    const isNew = before === null && record.status === "waiting";
    const isWoken = before !== null && record.status === "waiting" && record.wakeAt !== undefined;
    return {
        world: next,
        answer: { key: "w", value: "written" },
        ...(isNew || isWoken ? { streamed: { key: request, revision: record.revision } } : {}),
    };
}

/** A claim leaves everything else as it is, but for the wake that it answers. */
function isClaim({ status, claim, wakeAt, decision }: RequestRecord, before: RequestRecord | null): boolean {
    return (
        status === "waiting" && claim !== undefined && wakeAt === undefined && decision === before?.decision
    );
}

function claimedBy(world: World, memory: Memory, at: number, record: RequestRecord): World {
    const token = tokenIndex(memory, record.request.token);
    const task = world.tasks[at];
    if (task === undefined) return world;
    const holder = { ...task, claimed: token, sawGood: isGood(world, memory, token) };
    return { ...world, tasks: world.tasks.with(at, holder) };
}

function tokenIndex({ scenario }: Memory, token: string): number {
    return scenario.tokens.findIndex(({ request }) => request.token === token);
}

function stateAnswer(
    world: World,
    memory: Memory,
    { pipeline, execution }: { pipeline: string; execution: string | null },
): Answer {
    const { tokens, executions } = memory.scenario;
    const begun = tokens
        .map(({ request, execution: index }, token) => ({ request, run: executions[index], token }))
        .filter(({ request, run, token }) => {
            const isAsked = execution === null || run?.subject.execution === execution;
            return (
                isAsked && request.pipeline === pipeline && stateOfToken(world, memory, token).kind !== "none"
            );
        });
    const found =
        begun.find(({ token }) => stateOfToken(world, memory, token).kind === "waiting") ?? begun.at(-1);
    if (found === undefined) return { key: "a-", value: gone };
    const { kind, answer, by, summary } = stateOfToken(world, memory, found.token);
    let value: ApprovalState = gone;
    if (kind === "waiting") {
        const { subject, customData } = found.run ?? { subject: null, customData: null };
        value = {
            kind,
            token: found.request.token,
            execution: subject?.execution ?? "",
            customData,
            expiresAt: found.request.expiresAt,
        };
    } else if (kind === "answered" && answer !== undefined) {
        value = { kind, answer, by: by ?? null, summary: summary ?? null };
    }
    return { key: `a${found.token}:${world.tokens[found.token]}`, value };
}

const gone: ApprovalState = { kind: "gone", why: "the execution was stopped" };

function putResult(
    world: World,
    memory: Memory,
    at: number,
    given: { token: string; pipeline: string; answer: "approved" | "rejected"; summary: string },
): Effect {
    const token = tokenIndex(memory, given.token);
    const spec = memory.scenario.tokens[token];
    const state = spec === undefined ? null : stateOfToken(world, memory, token);
    if (state?.kind !== "waiting" || spec?.request.pipeline !== given.pipeline) {
        const isSecond =
            memory.scenario.recordedTwice !== true && state?.kind === "answered" && state.by === ourSession;
        return {
            world,
            answer: { key: "x", value: "refused" },
            ...(isSecond ? { violation: `request ${given.token} is answered again` } : {}),
        };
    }
    const { answer, summary } = given;
    const next = setToken(world, memory, token, { kind: "answered", answer, by: ourSession, summary });
    const accepted: Effect = { world: next, answer: { key: "p", value: "accepted" } };
    if (answer !== "approved") return accepted;
    const task = world.tasks[at];
    const justified = task?.claimed === token ? task.sawGood : isGood(world, memory, token);
    return justified ? accepted : { ...accepted, violation: `request ${given.token} is approved wrongly` };
}
