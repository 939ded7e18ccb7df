/** The commands of a buildspec as the rules about single commands read them, with what their variables stand for. */
import type { Argument, Invocation } from "./invocation";
import type { Phase, PhaseName } from "./parse";
import { expandWord, joinedWord } from "./shellExpansion";
import { initialState } from "./shellState";
import type { SimpleCommand, Word } from "./shellSyntax";
import { simpleCommands } from "./simpleCommands";

/** A command that runs, or stands where it may run. Wrappers (`sudo`, `env A=b`, `timeout 5`) are taken off. */
export interface CommandFinding extends Pick<
    Invocation,
    "words" | "environment" | "redirects" | "input" | "pipedFrom" | "logged" | "tested" | "node"
> {
    phase: PhaseName;
    inFinally: boolean;
    /** As it is written. */
    text: string;
    /** Commands after it have a higher number; comparable with the order of scanners and deliveries. */
    order: number;
}

/** A variable that the shell of a build sets: `A=b`, `export A=b`, `A=$(command)`. */
export interface AssignmentFinding {
    name: string;
    /** Parts that are not certain stand as `${NAME}`. */
    value: Argument;
    /** The commands whose output it takes. */
    from: SimpleCommand[];
    phase: PhaseName;
    text: string;
}

/** A command that no way through reaches, as it stands. */
export function unreachedInvocation(node: SimpleCommand): Invocation {
    return {
        words: node.words.flatMap((word) => expandWord(word, initialState, [])),
        environment: new Map(),
        redirects: [],
        input: null,
        pipedFrom: null,
        logged: true,
        tested: true,
        node,
    };
}

/** Commands of the shell whose operands are assignments. */
export const declaring: ReadonlySet<string> = new Set(["export", "declare", "typeset", "readonly", "local"]);

/** Every assignment that stands in the commands of the phases, in order. */
export function assignmentsOf(phases: readonly Phase[]): AssignmentFinding[] {
    return phases.flatMap((phase) =>
        [...phase.commands, ...phase.finally].flatMap(simpleCommands).flatMap((node) => {
            const about = { phase: phase.name, text: node.text };
            const own = node.assignments.map(({ name, value }) => assigned(name, value, about));
            const first = node.words[0]?.parts[0];
            if (first?.kind !== "text" || !declaring.has(first.text)) return own;
            return [...own, ...node.words.slice(1).flatMap((word) => declared(word, about))];
        }),
    );
}

function assigned(
    name: string,
    value: Word,
    about: Pick<AssignmentFinding, "phase" | "text">,
): AssignmentFinding {
    const from = value.parts.flatMap((part) =>
        part.kind === "substitution" ? simpleCommands(part.script) : [],
    );
    return { name, value: joinedWord(expandWord(value, initialState, [], true)), from, ...about };
}

function declared(word: Word, about: Pick<AssignmentFinding, "phase" | "text">): AssignmentFinding[] {
    const [head, ...rest] = word.parts;
    const match = head?.kind === "text" ? /^([A-Za-z_]\w*)\+?=/.exec(head.text) : null;
    if (head?.kind !== "text" || !match) return [];
    const value = { parts: [{ ...head, text: head.text.slice(match[0].length) }, ...rest] };
    return [assigned(match[1] as string, value, about)];
}
