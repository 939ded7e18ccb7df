/**
 * Explores everything that can happen in a scenario: the steps of all running invocations in every order, outside
 * events at every moment or never, and at every step a crash, an error or a lost answer, as many as the scenario has
 * faults. Each world is visited once.
 *
 * What is not waited at, because every order with it is equal to one without:
 * - reading stored evidence, which never changes, reporting a fact that has no alarm, reading the clock while no moment
 *   can pass, and the action of a pipeline that has no request here;
 * - what the holder of a claim reads while nothing that is left can change it (only holders answer, see `mustClaim`);
 *   until a request is late, an error there does the same as one of the write that follows;
 * - a write that must conflict, since revisions only grow;
 * - the first step of an invocation that an event makes: the event could as well have come later.
 *
 * The stream gives a digest's records one after the other, as Lambda does; the watchdog never runs beside itself.
 */
import assert from "node:assert/strict";
import { requestKey, type ApprovalRequest, type RequestKey } from "../approvalRequest";
import type { DecisionContext } from "../decideRequest";
import type { ApprovalFact, ApprovalStep, Protocol } from "../effects";
import type { ScanNotice } from "../records";
import { contextOf } from "./approvalSamples";
import { finalProblem, promptProblem } from "./ending";
import { TaskTree, type Answer, type TaskNode } from "./taskTree";
import {
    alarmed,
    beginningOf,
    keyOfWorld,
    memoryOf,
    setToken,
    stateOfToken,
    storedUnder,
    withWhatIsSeen,
    type Memory,
    type OutsideEvent,
    type Scenario,
    type Task,
    type World,
} from "./world";
import { carryOut } from "./worldEffects";

/** The protocol to explore; a broken one differs in a part. */
export interface ProtocolUnderTest {
    recordRequest: (request: ApprovalRequest) => Protocol<unknown>;
    handleScanNotice: (context: DecisionContext, notice: ScanNotice) => Protocol<unknown>;
    decideRequest: (context: DecisionContext, key: RequestKey) => Protocol<unknown>;
    sweep: (context: DecisionContext) => Protocol<unknown>;
    /** Under which key a request is stored; as the table does unless given. */
    keyOf?: (key: RequestKey) => string;
}

/** Times that Lambda repeats an asynchronous invocation. For the stream, which repeats more often, it is the harder case. */
const retries = 2;

/** Something that must not happen, with all that led to it. */
export interface Violation {
    problem: string;
    trace: string[];
}

export interface Exploration {
    states: number;
    transitions: number;
    /** Worlds in which nothing runs any more. */
    quiescent: number;
    /** How many different histories of invocations there were. */
    histories: number;
    /** Null when everything was explored and nothing was wrong. */
    violation: Violation | null;
}

interface Start {
    /** Also its name in traces, and the owner of its claims. */
    key: string;
    begin: () => Protocol<unknown>;
    /** Of invocations with the same lane one runs at a time: the stream keeps the order of one digest's records. */
    lane?: string;
}

interface Move {
    /** Only asked for when something is wrong: there are millions of moves. */
    name: () => string;
    world: World;
    violation?: string | undefined;
}

export class Explorer {
    readonly memory: Memory;
    readonly tree = new TaskTree();
    private readonly starts: Start[] = [];
    private readonly startIds = new Map<string, number>();
    private readonly ended = new Map<string, string | null>();

    /**
     * @param mustClaim whether an answer without a claim is wrong by itself. That is what makes it right not to wait at
     *     what the holder of a claim reads; a broken protocol is to be found out by what comes of it.
     */
    constructor(
        private readonly scenario: Scenario,
        private readonly protocol: ProtocolUnderTest,
        private readonly mustClaim = true,
    ) {
        this.memory = memoryOf(scenario, protocol.keyOf);
    }

    /**
     * Visits every world.
     * @param most worlds after which it throws: nothing is cut short in silence.
     */
    explore(most: number): Exploration {
        const first = beginningOf(this.memory);
        const visited = new Map<string, number>([[keyOfWorld(first), 0]]);
        const queue: (World | null)[] = [first];
        const from: number[] = [-1];
        const by: number[] = [-1];
        let transitions = 0;
        let quiescent = 0;
        const result = (violation: Violation | null): Exploration => ({
            states: visited.size,
            transitions,
            quiescent,
            histories: this.tree.nodes.length,
            violation,
        });
        const traceTo = (at: number): string[] => {
            const chosen: number[] = [];
            for (let each = at; each > 0; each = from[each] ?? 0) chosen.push(by[each] ?? 0);
            return this.trace(chosen.reverse());
        };
        for (let at = 0; at < queue.length; at++) {
            const world = queue[at];
            assert.ok(world, "a world is visited twice");
            queue[at] = null;
            if (world.tasks.length === 0) {
                quiescent += 1;
                const problem = this.problemAtRest(world);
                if (problem !== null) return result({ problem, trace: [...traceTo(at), "and nothing else"] });
            }
            let choice = -1;
            for (const { name, world: changed, violation } of this.moves(world)) {
                choice += 1;
                const next = this.normal(changed);
                transitions += 1;
                if (violation !== undefined)
                    return result({ problem: violation, trace: [...traceTo(at), name()] });
                const key = keyOfWorld(next);
                if (visited.has(key)) continue;
                visited.set(key, queue.length);
                queue.push(next);
                from.push(at);
                by.push(choice);
                if (queue.length > most)
                    throw new Error(`${this.scenario.name} has more than ${most} states`);
            }
        }
        return result(null);
    }

    /** What the chosen moves are called, one after the other. */
    private trace(chosen: readonly number[]): string[] {
        let world = beginningOf(this.memory);
        return chosen.map((choice) => {
            const move = [...this.moves(world)][choice] ?? assert.fail("the way there has gone");
            world = this.normal(move.world);
            return move.name();
        });
    }

    /**
     * One way through, chosen step by step.
     * @param choose which of so many moves.
     */
    wander(choose: (count: number) => number): { steps: number; violation: Violation | null } {
        let world = beginningOf(this.memory);
        const trace: string[] = [];
        for (;;) {
            const moves = [...this.moves(world)];
            // At rest it may also stay so: what is left never happens.
            const move = moves[choose(world.tasks.length === 0 ? moves.length + 1 : moves.length)];
            if (move === undefined) break;
            trace.push(move.name());
            if (move.violation !== undefined)
                return { steps: trace.length, violation: { problem: move.violation, trace } };
            world = this.normal(move.world);
        }
        const problem = this.problemAtRest(world);
        return { steps: trace.length, violation: problem === null ? null : { problem, trace } };
    }

    private *moves(world: World): Iterable<Move> {
        for (let event = 0; event < this.scenario.events.length; event++) {
            if ((world.left & (1 << event)) === 0) continue;
            const next = this.happen(world, event);
            if (next !== null) yield { name: () => nameOfEvent(this.scenario.events[event]), world: next };
        }
        for (let at = 0; at < world.tasks.length; at++) {
            const task = world.tasks[at];
            if (task === undefined) continue;
            // Two invocations of one event that are equally far do the same.
            const isTwin = ({ start, node, retries: left }: Task, other: number): boolean =>
                other < at && start === task.start && node === task.node && left === task.retries;
            if (world.tasks.some(isTwin)) continue;
            yield* this.steps(world, at, task);
        }
    }

    private *steps(world: World, at: number, task: Task): Iterable<Move> {
        const step = this.stepOf(task);
        const name = (what: string) => () => `${this.starts[task.start]?.key}: ${step.effect} ${what}`;
        const { world: next, answer, streamed, ...found } = carryOut(world, this.memory, at, step);
        const isUnclaimed = this.mustClaim && step.effect === "putApprovalResult" && task.claimed < 0;
        const violation = isUnclaimed ? "a request is answered without a claim" : found.violation;
        const after = (changed: World, given: Answer): World =>
            this.streaming(this.answered(changed, at, given), changed === next ? streamed : undefined);
        yield { name: name(answer.key), world: after(next, answer), violation };
        if (world.faults === 0) return;
        const faulty = { ...world, faults: world.faults - 1, disturbed: true };
        const changed = { ...next, faults: world.faults - 1, disturbed: true };
        yield { name: name("CRASH before it"), world: this.over(faulty, at) };
        if (this.scenario.faultKinds === "crash" || step.effect === "now" || step.effect === "report") return;
        yield { name: name("ERROR"), world: this.answered(faulty, at, thrown) };
        if (!["writeRequest", "writeScan", "putApprovalResult"].includes(step.effect)) return;
        if (answer.value === "conflict" || answer.value === "refused") return;
        const lost = this.streaming(this.answered(changed, at, thrown), streamed);
        yield { name: name("done, ANSWER LOST"), world: lost, violation };
        if (step.effect === "putApprovalResult") return;
        const repeated = this.answered(changed, at, { key: "c", value: "conflict" });
        yield { name: name("done, and REPEATED by the client"), world: this.streaming(repeated, streamed) };
    }

    private stepOf({ node }: Task): ApprovalStep {
        const step = this.tree.nodes[node]?.step;
        if (step === null || step === undefined) throw new Error("a task that has ended runs");
        return step;
    }

    /** The world when a task has been answered. */
    private answered(world: World, at: number, answer: Answer): World {
        const task = world.tasks[at];
        const node = this.tree.nodes[task?.node ?? -1];
        if (task === undefined || node === undefined) throw new Error("there is no such task");
        return this.reached(world, at, this.tree.child(node, answer));
    }

    private reached(world: World, at: number, node: TaskNode): World {
        const task = world.tasks[at];
        if (task === undefined) throw new Error("there is no such task");
        if (node.step !== null) return { ...world, tasks: world.tasks.with(at, { ...task, node: node.id }) };
        return node.failure === undefined ? this.done(world, at) : this.over(world, at);
    }

    /** The world when every task has gone on to its next step that matters. */
    private normal(given: World): World {
        let world = given;
        for (let at = 0; at < world.tasks.length;) {
            const task = world.tasks[at];
            if (task === undefined) break;
            const step = this.stepOf(task);
            if (!this.isUnseen(world, at, step)) {
                at += 1;
                continue;
            }
            const { world: next, answer } = carryOut(world, this.memory, at, step);
            world = this.answered(next, at, answer);
            // Whatever has become of it, it stands at the same place or is gone.
        }
        return world;
    }

    private isUnseen(world: World, at: number, step: ApprovalStep): boolean {
        const { left, faults, minutes } = world;
        const canHappen = (...kinds: OutsideEvent["kind"][]): boolean =>
            this.scenario.events.some(
                ({ kind }, event) => (left & (1 << event)) !== 0 && kinds.includes(kind),
            );
        if (step.effect === "loadScans") return true;
        if (step.effect === "writeRequest" && this.isStale(world, step)) {
            const { key = "" } = this.starts[world.tasks[at]?.start ?? -1] ?? {};
            return faults === 0 || key.startsWith("stream");
        }
        if (step.effect === "report") return !isAlarm(step.input.fact);
        if (step.effect === "now") return !canHappen("moment");
        if (step.effect === "approvalState") {
            const { pipeline } = step.input;
            if (this.scenario.tokens.every(({ request }) => request.pipeline !== pipeline)) return true;
        }
        // Until a request is late, an error of reading does the same as one of the write that follows.
        const isHolder = (world.tasks[at]?.claimed ?? -1) >= 0;
        if (!isHolder || (faults > 0 && minutes > 55)) return false;
        if (step.effect === "approvalState") return !canHappen("answer", "stop", "begin", "pause");
        if (step.effect === "askRegistry") return !canHappen("registry");
        if (step.effect === "readScan") {
            const isScan = ({ start }: Task): boolean => this.starts[start]?.key.startsWith("scan") === true;
            return !canHappen("scan") && !world.tasks.some((task, other) => other !== at && isScan(task));
        }
        return false;
    }

    /** Revisions only grow, so what conflicts now always will. */
    private isStale(world: World, { input }: ApprovalStep & { effect: "writeRequest" }): boolean {
        if ("force" in input) return false;
        const key = this.memory.keyOf(requestKey(input.record.request));
        const [, id] = world.requests.find(([other]) => other === key) ?? [];
        return id !== undefined && this.memory.records.value(id).revision !== input.revision;
    }

    /** An invocation has died or thrown: Lambda repeats it, or it ends in the queue. */
    private over(world: World, at: number): World {
        const task = world.tasks[at];
        if (task === undefined) throw new Error("there is no such task");
        if (task.retries === 0)
            return this.done(alarmed(world, `queue of ${this.starts[task.start]?.key}`), at);
        const others = { ...world, tasks: world.tasks.toSpliced(at, 1) };
        return this.started(others, task.start, task.retries - 1);
    }

    /** An invocation has ended, well or not. The stream goes on to its next record of the same digest. */
    private done(world: World, at: number): World {
        const { lane } = this.starts[world.tasks[at]?.start ?? -1] ?? {};
        const others = { ...world, tasks: world.tasks.toSpliced(at, 1) };
        if (lane === undefined) return others;
        const next = world.stream.findIndex((start) => this.starts[start]?.lane === lane);
        const start = world.stream[next];
        if (start === undefined) return others;
        return this.started({ ...others, stream: world.stream.toSpliced(next, 1) }, start, retries);
    }

    private begin(world: World, key: string, begin: () => Protocol<unknown>): World {
        return this.started(world, this.startId({ key, begin }), retries);
    }

    /**
     * Invoked by an event, and its first step taken: were others to go before that step, the event could as well have
     * come after them.
     */
    private invoked(world: World, key: string, begin: () => Protocol<unknown>): World {
        const begun = this.begin(world, key, begin);
        const at = begun.tasks.length - 1;
        const task = begun.tasks[at];
        if (task === undefined) throw new Error("nothing was invoked");
        const { world: next, answer, streamed } = carryOut(begun, this.memory, at, this.stepOf(task));
        return this.streaming(this.answered(next, at, answer), streamed);
    }

    private startId(start: Start): number {
        const known = this.startIds.get(start.key);
        if (known !== undefined) return known;
        const id = this.starts.push(start) - 1;
        this.startIds.set(start.key, id);
        return id;
    }

    private started(world: World, start: number, tries: number): World {
        const given = this.starts[start];
        if (given === undefined) throw new Error("nothing was started");
        const root = this.tree.root(given.key, given.begin);
        const task: Task = { start, node: root.id, retries: tries, claimed: -1, sawGood: false };
        return { ...world, tasks: [...world.tasks, task] };
    }

    private streaming(world: World, streamed: { key: RequestKey; revision: number } | undefined): World {
        if (streamed === undefined) return world;
        const { key, revision } = streamed;
        const name = `stream ${storedUnder(key)} revision ${revision}`;
        const begin = (): Protocol<unknown> => this.protocol.decideRequest(contextOf(name), key);
        const start = this.startId({ key: name, begin, lane: key.digest });
        const isBusy = world.tasks.some((task) => this.starts[task.start]?.lane === key.digest);
        return isBusy ? { ...world, stream: [...world.stream, start] } : this.started(world, start, retries);
    }

    /** The watchdog runs every five minutes: after a pause, and never beside itself. */
    private canTick(world: World): boolean {
        return world.minutes !== world.tickedAt && !world.tasks.some((task) => this.isSweep(task));
    }

    private isSweep({ start }: Task): boolean {
        return this.starts[start]?.key.startsWith("watchdog") === true;
    }

    private ticked(world: World, owner: string): World {
        const next = { ...world, tickedAt: world.minutes };
        return this.invoked(next, owner, () => this.protocol.sweep(contextOf(owner)));
    }

    /** The world after an event; null when it cannot happen now. */
    private happen(world: World, event: number): World | null {
        const outside = this.scenario.events[event];
        if (outside === undefined) return null;
        const rest = { ...world, left: world.left & ~(1 << event) };
        const { memory } = this;
        switch (outside.kind) {
            case "message": {
                const { request } = this.scenario.tokens[outside.token] ?? assert.fail();
                if (stateOfToken(world, memory, outside.token).kind === "none") return null;
                // The same message again is the same invocation once more.
                const name = `message ${request.token.slice(0, 8)}`;
                return this.invoked(rest, name, () => this.protocol.recordRequest(request));
            }
            case "begin":
                return this.canBegin(world, outside.token)
                    ? setToken(rest, memory, outside.token, { kind: "waiting" })
                    : null;
            case "stop":
                if (stateOfToken(world, memory, outside.token).kind !== "waiting") return null;
                return setToken(rest, memory, outside.token, { kind: "gone" });
            case "answer": {
                if (stateOfToken(world, memory, outside.token).kind !== "waiting") return null;
                const { token, answer, by } = outside;
                return setToken(rest, memory, token, { kind: "answered", answer, by, summary: "by hand" });
            }
            case "registry": {
                const at = memory.places.indexOf(outside.place);
                return withWhatIsSeen({ ...rest, registry: world.registry.with(at, outside.to) }, memory);
            }
            case "scan": {
                const { notice } = outside;
                const place = memory.places.indexOf(`${notice.repository}@${notice.digest}`);
                // The event of a scan that has ended is sent when it has ended.
                if (
                    notice.status === "ended" &&
                    outside.early !== true &&
                    world.registry[place] === "pending"
                )
                    return null;
                const name = `scan ${notice.eventId}`;
                return this.invoked(rest, name, () =>
                    this.protocol.handleScanNotice(contextOf(name), notice),
                );
            }
            case "tick":
                return this.canTick(world) ? this.ticked(rest, `watchdog at ${world.minutes}`) : null;
            case "moment":
                return { ...rest, minutes: world.minutes + 0.5, disturbed: true };
            case "pause":
                return this.passed(rest, 2);
        }
    }

    /** One action waits at a time, and only a stage that has failed is retried. */
    private canBegin(world: World, token: number): boolean {
        const { tokens } = this.scenario;
        if (stateOfToken(world, this.memory, token).kind !== "none") return false;
        return tokens.every(({ execution, request: { pipeline } }, other) => {
            const own = tokens[token];
            if (other === token || own?.request.pipeline !== pipeline) return true;
            const { kind, answer } = stateOfToken(world, this.memory, other);
            if (kind === "waiting") return false;
            return own.execution !== execution || kind === "gone" || answer === "rejected" || other > token;
        });
    }

    /** So much time passes that everything that ran is dead. */
    private passed(world: World, minutes: number): World {
        let next: World = { ...world, minutes: world.minutes + minutes, disturbed: true };
        for (let count = world.tasks.length; count > 0; count--) next = this.over(next, 0);
        return next;
    }

    /**
     * What is wrong with a world in which nothing runs: by itself, and when from now on everything works, the watchdog
     * runs and time passes.
     */
    private problemAtRest(world: World): string | null {
        const now = promptProblem(world, this.memory);
        if (now !== null) return now;
        const key = keyOfWorld({ ...world, left: 0, faults: 0 });
        let problem = this.ended.get(key);
        if (problem === undefined) {
            problem = this.problemInTheEnd({ ...world, left: 0, faults: 0 });
            this.ended.set(key, problem);
        }
        return problem;
    }

    private problemInTheEnd(world: World): string | null {
        let next = world;
        // Claims run out; the requests have to be decided; those that were recovered late as well.
        for (const minutes of [world.minutes + 2, 61, 63, 111, 113]) {
            const later = { ...next, minutes: Math.max(minutes, next.minutes) };
            next = this.normal(this.ticked(later, `watchdog at ${minutes}`));
            for (let steps = 0; next.tasks.length > 0; steps++) {
                if (steps > 2_000) return "the invocations never end";
                const [task] = next.tasks;
                if (task === undefined) break;
                const {
                    world: changed,
                    answer,
                    streamed,
                    violation,
                } = carryOut(next, this.memory, 0, this.stepOf(task));
                if (violation !== undefined) return `${violation} (in the end)`;
                next = this.normal(this.streaming(this.answered(changed, 0, answer), streamed));
            }
        }
        return finalProblem(next, this.memory);
    }
}

function isAlarm(fact: ApprovalFact): boolean {
    return ["RequestUnreadable", "AnsweredByOthers", "RequestOverdue"].includes(fact);
}

const thrown: Answer = { key: "!", thrown: new Error("ThrottlingException: Rate exceeded") };

function nameOfEvent(event: OutsideEvent | undefined): string {
    return `EVENT ${Object.values(event ?? {})
        .map((value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value)))
        .join(" ")}`;
}
