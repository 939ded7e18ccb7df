/** What the words of a command become: variables whose value is certain are put in, all others stay visible as `${NAME}`. */
import type { Argument } from "./invocation";
import { nonZero, type ShellState } from "./shellState";
import type { Word } from "./shellSyntax";

/** The certain value of a variable or of `$?`; undefined when it is not certain. */
export function variableValue(name: string, state: ShellState): string | undefined {
    if (name === "?") return state.status === "ok" ? "0" : nonZero;
    return state.variables.get(name);
}

/**
 * The words that one word becomes.
 * @param parameters positional parameters of the function that runs
 * @param whole the value is used as one word (assignments, redirections): no splitting at blanks
 */
export function expandWord(
    word: Word,
    state: ShellState,
    parameters: readonly Argument[],
    whole = false,
): Argument[] {
    const result: Argument[] = [];
    let open: Argument | null = null;
    const add = (text: string, known: boolean): void => {
        open = open ? { text: open.text + text, known: open.known && known } : { text, known };
    };
    const close = (): void => {
        if (open) result.push(open);
        open = null;
    };
    const every = word.parts.some(
        (part) => part.kind === "parameter" && (part.name === "@" || part.name === "*"),
    );
    for (const part of word.parts) {
        if (part.kind === "text") {
            // `"$@"` without parameters is no word at all.
            if (!every || whole || part.text !== "") add(part.text, true);
        } else if (part.kind === "parameter" && (part.name === "@" || part.name === "*") && !whole) {
            close();
            result.push(...parameters);
        } else if (part.kind === "parameter" && part.plain) {
            const value = parameterValue(part.name, state, parameters);
            if (!value.known || part.quoted || whole) add(value.text, value.known);
            else {
                const [first = "", ...others] = value.text.trim().split(/\s+/);
                if (first !== "" || open) add(first, true);
                for (const other of others) {
                    close();
                    add(other, true);
                }
            }
        } else add(part.kind === "parameter" ? `\${${part.name}}` : "${__substitution}", false);
    }
    close();
    return whole ? [joinedWord(result)] : result;
}

function parameterValue(name: string, state: ShellState, parameters: readonly Argument[]): Argument {
    if (name === "@" || name === "*") return joinedWord(parameters);
    const positional = /^\d+$/.test(name) ? parameters[Number(name) - 1] : undefined;
    if (positional) return positional;
    const value = variableValue(name, state);
    if (value !== undefined) return { text: value, known: true };
    return { text: /^\w+$/.test(name) ? `\${${name}}` : `$${name}`, known: false };
}

export function joinedWord(words: readonly Argument[]): Argument {
    return { text: words.map((word) => word.text).join(" "), known: words.every((word) => word.known) };
}

/** The word as it can be written into a script again. */
export function quotedWord(word: Argument): string {
    return word.known ? `'${word.text.replaceAll("'", "'\\''")}'` : `"${word.text}"`;
}

export function isText(word: Word, text: string): boolean {
    const part = word.parts[0];
    return part?.kind === "text" && part.text === text;
}
