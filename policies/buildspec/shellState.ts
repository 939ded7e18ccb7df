/** The state of a shell between two commands, as far as it decides whether a failure is noticed. Immutable. */
import type { Node } from "./shellSyntax";

export type Status = "ok" | "fail";

/** Value of `$?` after a failure: not zero, but which number is not known. */
export const nonZero = "\u0001";

export interface ShellState {
    status: Status;
    /** Why the current list stops early; `run` when it does not. */
    control: "run" | "exit" | "return" | "break" | "continue";
    errexit: boolean;
    pipefail: boolean;
    /** Variables whose value is certain; all others are unknown. */
    variables: ReadonlyMap<string, string>;
    functions: ReadonlyMap<string, Node>;
    aliases: ReadonlyMap<string, string>;
    /** Handlers of EXIT and ERR. */
    traps: ReadonlyMap<string, string>;
    /** How the last background job ended. */
    job: Status | null;
    /** Facts that the observer noted on the way here. */
    marks: ReadonlySet<string>;
}

export const initialState: ShellState = {
    status: "ok",
    control: "run",
    errexit: false,
    pipefail: false,
    variables: new Map(),
    functions: new Map(),
    aliases: new Map(),
    traps: new Map(),
    job: null,
    marks: new Set(),
};

const nodeNumbers = new WeakMap<object, number>();
let nextNumber = 0;

function nodeNumber(node: Node): number {
    const known = nodeNumbers.get(node);
    if (known !== undefined) return known;
    nodeNumbers.set(node, ++nextNumber);
    return nextNumber;
}

const keys = new WeakMap<ShellState, string>();

function sorted(map: ReadonlyMap<string, string | number>): string {
    return [...map].map(([name, value]) => `${name}=${value}`).sort().join("\u0002"); // prettier-ignore
}

function key(state: ShellState): string {
    const known = keys.get(state);
    if (known !== undefined) return known;
    const functions = new Map([...state.functions].map(([name, node]) => [name, nodeNumber(node)]));
    const result = [
        state.status,
        state.control,
        state.errexit,
        state.pipefail,
        state.job,
        sorted(state.variables),
        sorted(functions),
        sorted(state.aliases),
        sorted(state.traps),
        [...state.marks].sort().join(","),
    ].join("\u0003");
    keys.set(state, result);
    return result;
}

/** Equal states once. */
export function distinct(states: ShellState[]): ShellState[] {
    if (states.length < 2) return states;
    return [...new Map(states.map((state) => [key(state), state])).values()];
}

/** Variables of scanners whose value matters even when it is not certain. */
const switchNames = /^(?:GATE|GRYPE|TRIVY|HADOLINT)_/;

/** The mark of a switch that was given a value nobody can read. */
export function unreadableValue(name: string): string {
    return `unreadable-${name}`;
}

/** `value` null: the variable is set, but not to anything certain. */
export function withVariable(state: ShellState, name: string, value: string | null): ShellState {
    if (value === null && switchNames.test(name))
        return withMark(withoutVariable(state, name), unreadableValue(name));
    return value === null ? withoutVariable(state, name) : withValue(state, name, value);
}

function withoutVariable(state: ShellState, name: string): ShellState {
    if (!state.variables.has(name)) return state;
    const variables = new Map(state.variables);
    variables.delete(name);
    return { ...state, variables };
}

function withValue(state: ShellState, name: string, value: string): ShellState {
    if (state.variables.get(name) === value) return state;
    return { ...state, variables: new Map(state.variables).set(name, value) };
}

export function withMark(state: ShellState, mark: string): ShellState {
    return state.marks.has(mark) ? state : { ...state, marks: new Set([...state.marks, mark]) };
}

/** `set +e` is in force. */
export const errexitOff = "errexit-off";
/** `set +e` of an earlier command is in force. */
export const errexitOffBefore = "errexit-off-before";

export function withoutMark(state: ShellState, mark: string): ShellState {
    if (!state.marks.has(mark)) return state;
    return { ...state, marks: new Set([...state.marks].filter((each) => each !== mark)) };
}

/** Remembers whether an earlier command switched `set -e` off. */
export function startOfCommand(state: ShellState): ShellState {
    return state.marks.has(errexitOff)
        ? withMark(state, errexitOffBefore)
        : withoutMark(state, errexitOffBefore);
}

const directoryPrefix = "directory:";

/** The directory of the shell as its `cd` commands name it; "" is the one that the build starts in. */
export function directoryOf(state: ShellState): string {
    const mark = [...state.marks].find((each) => each.startsWith(directoryPrefix));
    return mark?.slice(directoryPrefix.length) ?? "";
}

export function inDirectory(state: ShellState, directory: string): ShellState {
    const before = directoryOf(state);
    if (before === directory) return state;
    const left = withoutMark(state, `${directoryPrefix}${before}`);
    return directory === "" ? left : withMark(left, `${directoryPrefix}${directory}`);
}

/** How a subshell leaves its parent: only the status and the marks come out; the directory is the parent's own. */
export function afterSubshell(parent: ShellState, inner: ShellState): ShellState {
    const after: ShellState = { ...parent, status: inner.status, control: "run", marks: inner.marks };
    return inDirectory(after, directoryOf(parent));
}
