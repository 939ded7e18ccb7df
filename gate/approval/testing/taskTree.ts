/**
 * Pieces of the protocol that can be stopped anywhere and gone on with in every way. A generator cannot be cloned, so a
 * task is named by how it was started and what it has been answered since: a node of a tree. What the generator does
 * next is found out once for each node, by running it again from the start.
 */
import type { ApprovalStep, Protocol } from "../effects";

/** Answer of an effect. Equal keys mean equal values; `thrown` is thrown into the generator. */
export interface Answer {
    key: string;
    value?: unknown;
    thrown?: Error;
}

export interface TaskNode {
    id: number;
    /** What it does next; null when it has ended. */
    step: ApprovalStep | null;
    /** What it ended with, when it threw. */
    failure: unknown;
    depth: number;
    parent: TaskNode | null;
    answer: Answer | null;
    children: Map<string, TaskNode>;
}

/** More steps than any piece of the protocol may need; more are a livelock. */
const mostSteps = 150;

export class TaskTree {
    readonly nodes: TaskNode[] = [];
    private readonly roots = new Map<string, TaskNode>();
    private readonly starters = new Map<TaskNode, () => Protocol<unknown>>();
    /** The generator that has got as far as this node, until it is taken further. */
    private readonly live = new Map<TaskNode, Protocol<unknown>>();

    root(key: string, begin: () => Protocol<unknown>): TaskNode {
        const known = this.roots.get(key);
        if (known !== undefined) return known;
        const protocol = begin();
        const node = this.add(null, null, () => protocol.next());
        this.roots.set(key, node);
        this.starters.set(node, begin);
        this.live.set(node, protocol);
        return node;
    }

    child(node: TaskNode, answer: Answer): TaskNode {
        const known = node.children.get(answer.key);
        if (known !== undefined) return known;
        const protocol = this.live.get(node) ?? this.replay(node);
        this.live.delete(node);
        const child = this.add(node, answer, () => send(protocol, answer));
        node.children.set(answer.key, child);
        if (child.step !== null) this.live.set(child, protocol);
        if (child.depth > mostSteps) throw new Error(`a task takes more than ${mostSteps} steps`);
        return child;
    }

    private add(
        parent: TaskNode | null,
        answer: Answer | null,
        advance: () => IteratorResult<ApprovalStep, unknown>,
    ): TaskNode {
        let step: ApprovalStep | null = null;
        let failure: unknown;
        try {
            const next = advance();
            if (!next.done) step = next.value;
        } catch (error) {
            failure = error ?? new Error("nothing was thrown");
        }
        const depth = parent === null ? 0 : parent.depth + 1;
        const node = { id: this.nodes.length, step, failure, depth, parent, answer, children: new Map() };
        this.nodes.push(node);
        return node;
    }

    private replay(node: TaskNode): Protocol<unknown> {
        const answers: Answer[] = [];
        let root = node;
        while (root.parent !== null) {
            if (root.answer !== null) answers.push(root.answer);
            root = root.parent;
        }
        const begin = this.starters.get(root);
        if (begin === undefined) throw new Error("a task was never started");
        const protocol = begin();
        protocol.next();
        for (const answer of answers.reverse()) send(protocol, answer);
        return protocol;
    }
}

function send(protocol: Protocol<unknown>, { value, thrown }: Answer): IteratorResult<ApprovalStep, unknown> {
    return thrown === undefined ? protocol.next(value) : protocol.throw(thrown);
}
