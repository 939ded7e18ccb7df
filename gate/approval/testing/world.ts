/**
 * A world in memory in which the approval protocol runs: CodePipeline, the registry, the table with its stream, Lambda
 * with its retries, and the clock. A world is a value: what happens in it gives another one.
 */
import type { ApprovalRequest, ApprovalSubject, RequestKey } from "../approvalRequest";
import type { RequestRecord, ScanNotice, ScanRecord } from "../records";
import { customDataOf, minutesAfterStart, settings, type RegistryKind } from "./approvalSamples";
import { Interned } from "./interned";
import type { Answer } from "./taskTree";

/** One run of a pipeline, as it really is. */
export interface ExecutionSpec {
    subject: ApprovalSubject;
    /** What CodePipeline tells of the action's custom data; null when it does not say. */
    customData: string | null;
}

/** One time that the approval action waits. A stage that is retried waits again in the same execution. */
export interface TokenSpec {
    execution: number;
    /** What its message says. */
    request: ApprovalRequest;
}

/** What happens outside of the gate. Each may happen at any time once it can, or never. */
export type OutsideEvent =
    /** The approval's message is delivered; once more if it stands there twice. */
    | { kind: "message"; token: number }
    /** The action begins to wait: a second execution, or the stage is retried. */
    | { kind: "begin"; token: number }
    | { kind: "stop"; token: number }
    | { kind: "answer"; token: number; answer: "approved" | "rejected"; by: string }
    | { kind: "registry"; place: string; to: RegistryKind }
    /** `early`: before the registry shows what the event tells. */
    | { kind: "scan"; notice: ScanNotice; early?: true }
    | { kind: "tick" }
    /** Two minutes pass: claims run out, and whatever ran is dead. */
    | { kind: "pause" }
    /** Half a minute passes, in which nothing dies. */
    | { kind: "moment" };

export interface Scenario {
    name: string;
    executions: ExecutionSpec[];
    tokens: TokenSpec[];
    /** Tokens whose action waits from the beginning. */
    waiting: number[];
    registry: Record<string, RegistryKind>;
    events: OutsideEvent[];
    /** How many of them may happen. */
    faults: number;
    /** `crash`: only crashes; `any`: errors and lost answers of services as well. */
    faultKinds: "crash" | "any";
    /** Minutes on the clock at the beginning; 60 is when the requests have to be decided. */
    minutes: number;
    /** Whether a token can be on record twice, under what its message says and under what CodePipeline says. */
    recordedTwice?: boolean;
    /** Digests whose stored evidence has a critical finding. */
    refused?: string[];
}

export interface TokenState {
    kind: "none" | "waiting" | "answered" | "gone";
    answer?: "approved" | "rejected";
    by?: string;
    summary?: string;
}

/** A running invocation. */
export interface Task {
    /** Which invocation: index of its start. */
    start: number;
    /** How far it is: id of its node in the task tree. */
    node: number;
    /** Times that Lambda will still repeat it. */
    retries: number;
    /** The token whose request it has claimed, -1 for none. */
    claimed: number;
    /** Whether since then a judgement could have been a pass. */
    sawGood: boolean;
}

export interface World {
    minutes: number;
    /** When the watchdog ran last. */
    tickedAt: number;
    faults: number;
    /** Whether anything but the planned events has happened to tasks: a fault, or time. */
    disturbed: boolean;
    /** Bit set of the events that have not happened. */
    left: number;
    /** By token: id of its state. */
    tokens: readonly number[];
    /** By place, in the scenario's order. */
    registry: readonly RegistryKind[];
    /** Sorted pairs of key and record id. */
    requests: readonly (readonly [string, number])[];
    scans: readonly (readonly [string, number])[];
    tasks: readonly Task[];
    /** Starts that the table's stream holds back until the one before is over, in their order. */
    stream: readonly number[];
    /** Sorted: queues that hold what failed, and facts with an alarm. */
    alarms: readonly string[];
}

export type FaultMode = "none" | "error" | "answerLost" | "falseConflict";

/** What is stored, so that worlds hold small numbers. Ids are never reused. */
export interface Memory {
    scenario: Scenario;
    places: string[];
    records: Interned<RequestRecord>;
    scans: Interned<ScanRecord>;
    tokens: Interned<TokenState>;
    /** Key under which a request is stored. */
    keyOf: (key: RequestKey) => string;
}

export interface Effect {
    world: World;
    answer: Answer;
    /** A decision that the stream asks for. */
    streamed?: { key: RequestKey; revision: number };
    violation?: string;
}

export function memoryOf(scenario: Scenario, keyOf = storedUnder): Memory {
    return {
        scenario,
        places: Object.keys(scenario.registry),
        records: new Interned(),
        scans: new Interned(),
        tokens: new Interned(),
        keyOf,
    };
}

export function storedUnder({ digest, execution, token }: RequestKey): string {
    return `${digest.slice(7, 11)} ${execution} ${token}`;
}

export function beginningOf(memory: Memory): World {
    const { scenario, tokens } = memory;
    return {
        minutes: scenario.minutes,
        tickedAt: -1,
        faults: scenario.faults,
        disturbed: false,
        left: 2 ** scenario.events.length - 1,
        tokens: scenario.tokens.map((_, at) =>
            tokens.id({ kind: scenario.waiting.includes(at) ? "waiting" : "none" }),
        ),
        registry: memory.places.map((place) => scenario.registry[place] ?? "pending"),
        requests: [],
        scans: [],
        tasks: [],
        stream: [],
        alarms: [],
    };
}

/** What a world is recognized by. */
export function keyOfWorld(world: World): string {
    const { tasks } = world;
    const [only] = tasks;
    const running =
        tasks.length < 2
            ? only === undefined
                ? ""
                : keyOfTask(only)
            : tasks.map(keyOfTask).sort().join(";");
    const passed = `${world.minutes},${world.tickedAt},${world.faults}${world.disturbed ? "d" : ""},${world.left}`;
    const stored = `${idsOf(world.requests)}|${idsOf(world.scans)}|${world.stream.join()}`;
    return `${passed}|${world.tokens.join()}|${world.registry.join()}|${stored}|${running}|${world.alarms.join()}`;
}

function keyOfTask({ start, node, retries, claimed, sawGood }: Task): string {
    return `${start},${node},${retries},${claimed}${sawGood ? "g" : ""}`;
}

function idsOf(pairs: readonly (readonly [string, number])[]): string {
    let ids = "";
    for (const [, id] of pairs) ids += `${id},`;
    return ids;
}

/** Pairs with one of them replaced or added. */
export function withPair(
    pairs: readonly (readonly [string, number])[],
    key: string,
    id: number,
): (readonly [string, number])[] {
    return [...pairs.filter(([other]) => other !== key), [key, id] as const].sort(([a], [b]) =>
        a < b ? -1 : 1,
    );
}

function withAlarm(alarms: readonly string[], alarm: string): readonly string[] {
    return alarms.includes(alarm) ? alarms : [...alarms, alarm].sort();
}

export function alarmed(world: World, alarm: string): World {
    return { ...world, alarms: withAlarm(world.alarms, alarm) };
}

/** The request records of a world. */
export function requestsIn({ requests }: World, { records }: Memory): RequestRecord[] {
    return requests.map(([, id]) => records.value(id));
}

export function stateOfToken(world: World, memory: Memory, token: number): TokenState {
    return memory.tokens.value(world.tokens[token] ?? -1);
}

export function setToken(world: World, memory: Memory, token: number, state: TokenState): World {
    return { ...world, tokens: world.tokens.with(token, memory.tokens.id(state)) };
}

/** The repository of an application's staging images, with the digest. */
export function placeOf({ application, digest }: ApprovalSubject): string {
    return `${settings.applications.find(({ name }) => name === application)?.repository}@${digest}`;
}

/**
 * Whether the image that a token's execution really releases could be approved now: everything that scanned it passes,
 * and it is not too late. Written without the judgement that is tested.
 */
export function isGood(world: World, memory: Memory, token: number): boolean {
    const spec = memory.scenario.tokens[token];
    const execution = memory.scenario.executions[spec?.execution ?? -1];
    if (spec === undefined || execution === undefined) return false;
    const { subject } = execution;
    if (execution.customData !== null && execution.customData !== customDataOf(subject)) return false;
    if (memory.scenario.refused?.includes(subject.digest) === true) return false;
    const place = placeOf(subject);
    if (world.registry[memory.places.indexOf(place)] !== "clean") return false;
    const record = requestsIn(world, memory).find(({ request }) => request.token === spec.request.token);
    const decideBy = record?.request.decideBy ?? spec.request.decideBy;
    if (minutesAfterStart(world.minutes) >= new Date(decideBy)) return false;
    const [, id] = world.scans.find(([key]) => key === place) ?? [];
    if (id === undefined) return true;
    const { status, total } = memory.scans.value(id);
    return status === "ended" && (total ?? 0) === 0;
}

/** What tasks that hold a claim may have seen by now. */
export function withWhatIsSeen(world: World, memory: Memory): World {
    if (world.tasks.every(({ claimed, sawGood }) => claimed < 0 || sawGood)) return world;
    const tasks = world.tasks.map((task) =>
        task.claimed >= 0 && !task.sawGood && isGood(world, memory, task.claimed)
            ? { ...task, sawGood: true }
            : task,
    );
    return { ...world, tasks };
}
