/** Commands of the shell itself: how they end and what they change. */
import { programName, type Argument } from "./invocation";
import {
    errexitOff,
    nonZero,
    withMark,
    withoutMark,
    withVariable,
    type ShellState,
    type Status,
} from "./shellState";
import type { ShellObserver } from "./shellFlow";
import { builtinTampering } from "./shellTampering";
import { inAnotherDirectory } from "./verifiedFile";
import { evaluateTest } from "./shellTestExpressions";

/** Programs whose failure nobody has to think about: they end well whatever happened before. */
const alwaysOk = new Set(["true", ":", "echo", "umask", "hash", "times", "sleep", "date", "disown", "jobs"]);

/**
 * The states after a shell builtin, or null when the words are not one.
 * @param bash whether `set -o pipefail` is understood
 */
export function builtin(
    words: Argument[],
    state: ShellState,
    bash: boolean,
    observer: Pick<ShellObserver, "unreadable" | "defined" | "assigned" | "tampered">,
): ShellState[] | null {
    const name = programName(words[0]?.text ?? "");
    const operands = words.slice(1);
    const text = words.map((word) => word.text).join(" ");
    const tampering = builtinTampering(name, operands);
    if (tampering) observer.tampered(text, tampering);
    const ending = (...ends: Status[]): ShellState[] => ends.map((status) => ({ ...state, status }));
    switch (name) {
        case "false":
            return ending("fail");
        case "exit":
        case "return":
            return exitStatus(operands[0], state).map((status) => ({ ...state, status, control: name }));
        case "break":
        case "continue":
            return [{ ...state, status: "ok", control: name }];
        case "set":
            return [setOptions(operands, state, bash)];
        case "test":
            return truthEnds(evaluateTest(operands), ending);
        case "[":
        case "[[":
            return truthEnds(evaluateTest(operands.slice(0, -1)), ending);
        case "trap":
            return [setTrap(operands, state)];
        case "wait":
            return waitFor(operands, state);
        case "alias":
            for (const word of operands) observer.defined(word.text.split("=")[0] ?? "");
            return [setAliases(operands, state)];
        case "unalias":
            return [{ ...state, status: "ok", aliases: new Map() }];
        case "unset":
            return [unset(operands, state)];
        case "export":
        case "local":
        case "declare":
        case "typeset":
        case "readonly":
            if (operands.some((word) => !word.known && !word.text.includes("=")))
                observer.unreadable(text, "which variables it sets cannot be read", "shell");
            for (const word of operands) {
                const at = word.text.indexOf("=");
                if (at <= 0) continue;
                const appends = word.text[at - 1] === "+";
                const variable = word.text.slice(0, appends ? at - 1 : at);
                const value = `${appends ? `\${${variable}}` : ""}${word.text.slice(at + 1)}`;
                observer.assigned(variable, { text: value, known: word.known && !appends }, text);
            }
            return [declare(operands, state)];
        case "read":
        case "mapfile":
        case "readarray":
        case "getopts": {
            for (const word of operands) observer.assigned(word.text, { text: "", known: false }, text);
            const next = operands.reduce((each, word) => withVariable(each, word.text, null), state);
            return [
                { ...next, status: "ok" },
                { ...next, status: "fail" },
            ];
        }
        case "printf": {
            const variable = operands[0]?.text === "-v" ? operands[1]?.text : undefined;
            if (variable === undefined) return ending("ok");
            observer.assigned(variable, { text: "", known: false }, text);
            return [{ ...withVariable(state, variable, null), status: "ok" }];
        }
        case "cd":
        case "pushd":
        case "popd":
            return ending("ok", "fail").map((after) => inAnotherDirectory(operands.at(-1)?.text, after));
        case "shopt":
        case "ulimit":
            return ending("ok", "fail");
        case "enable":
            observer.unreadable(text, "builtins are switched off or loaded", "shell");
            return ending("ok");
        default:
            return alwaysOk.has(name) ? ending("ok") : null;
    }
}

function truthEnds(truth: boolean | undefined, ending: (...ends: Status[]) => ShellState[]): ShellState[] {
    return truth === undefined ? ending("ok", "fail") : ending(truth ? "ok" : "fail");
}

function exitStatus(operand: Argument | undefined, state: ShellState): Status[] {
    if (!operand) return [state.status];
    if (operand.text === nonZero) return ["fail"];
    if (!operand.known || !/^\d+$/.test(operand.text)) return operand.known ? ["fail"] : ["ok", "fail"];
    return [Number(operand.text) % 256 === 0 ? "ok" : "fail"];
}

/** `set -e`, `set +e`, `set -o pipefail`, `set -euo pipefail` … */
export function setOptions(operands: Argument[], state: ShellState, bash: boolean): ShellState {
    let next: ShellState = { ...state, status: "ok" };
    const setErrexit = (on: boolean): void => {
        next = { ...next, errexit: on };
        next = on ? withoutMark(next, errexitOff) : withMark(next, errexitOff);
    };
    for (let index = 0; index < operands.length; index++) {
        const text = operands[index]?.text ?? "";
        if (text === "--" || !/^[-+][A-Za-z]+$/.test(text)) break;
        const on = text.startsWith("-");
        if (text.includes("e")) setErrexit(on);
        if (!text.endsWith("o")) continue;
        const option = operands[++index]?.text;
        if (option === "errexit") setErrexit(on);
        if (option === "pipefail") {
            // A shell that does not know the option ends the command with an error.
            if (!bash) return { ...next, status: "fail" };
            next = { ...next, pipefail: on };
        }
    }
    return next;
}

function setTrap(operands: Argument[], state: ShellState): ShellState {
    const [handler, ...signals] = operands.filter((word) => word.text !== "--");
    if (!handler || signals.length === 0) return { ...state, status: "ok" };
    const traps = new Map(state.traps);
    for (const signal of signals) {
        const name = signal.text.toUpperCase().replace(/^SIG/, "").replace(/^0$/, "EXIT");
        if (name !== "EXIT" && name !== "ERR") continue;
        if (handler.text === "-" || handler.text === "") traps.delete(name);
        else traps.set(name, handler.text);
    }
    return { ...state, traps, status: "ok" };
}

/** Only `wait` for one job answers with the job's status; plain `wait` is always ok. */
function waitFor(operands: Argument[], state: ShellState): ShellState[] {
    const [operand] = operands;
    if (!operand) return [{ ...state, status: "ok" }];
    const lastJob =
        operand.text === "$!" || operand.text === "%%" || operand.text === "%+" || operand.text === "%1";
    if (lastJob && state.job !== null && operands.length === 1) return [{ ...state, status: state.job }];
    return [
        { ...state, status: "ok" },
        { ...state, status: "fail" },
    ];
}

function setAliases(operands: Argument[], state: ShellState): ShellState {
    const aliases = new Map(state.aliases);
    for (const { text } of operands) {
        const at = text.indexOf("=");
        if (at > 0) aliases.set(text.slice(0, at), text.slice(at + 1));
    }
    return { ...state, aliases, status: "ok" };
}

function unset(operands: Argument[], state: ShellState): ShellState {
    const functions = new Map(state.functions);
    let next: ShellState = { ...state, status: "ok" };
    for (const { text } of operands) {
        functions.delete(text);
        next = withVariable(next, text, null);
    }
    return { ...next, functions };
}

/** `export X=$(command)` ends well even if the command failed: the shell's own trap for the unwary. */
function declare(operands: Argument[], state: ShellState): ShellState {
    let next: ShellState = { ...state, status: "ok" };
    for (const { text, known } of operands) {
        const at = text.indexOf("=");
        if (at > 0) next = withVariable(next, text.slice(0, at), known ? text.slice(at + 1) : null);
    }
    return next;
}
