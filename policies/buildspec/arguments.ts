/** Reads options out of the words of a command. */
import type { Argument } from "./invocation";

/** A word that is, or begins with, something not known: it may turn out to be an option. */
export function maybeOption(word: Argument): boolean {
    return !word.known && word.text.startsWith("$");
}

/** Value of the first of the options that is given: text, "" when it stands alone, undefined when it is not there. */
export function optionValue(words: readonly Argument[], ...names: string[]): string | undefined {
    for (const [index, { text }] of words.entries()) {
        for (const name of names) {
            if (text === name) {
                const next = words[index + 1]?.text;
                return next === undefined || (next.startsWith("-") && next.length > 1) ? "" : next;
            }
            if (name.startsWith("--") && text.startsWith(`${name}=`)) return text.slice(name.length + 1);
            if (
                !name.startsWith("--") &&
                text.startsWith(name) &&
                text.length > name.length &&
                !text.startsWith("--")
            )
                return text.slice(name.length).replace(/^=/, "");
        }
    }
    return undefined;
}

export function hasOption(words: readonly Argument[], ...names: string[]): boolean {
    return words.some(({ text }) =>
        names.some((name) => text === name || (name.startsWith("--") && text.startsWith(`${name}=`))),
    );
}

/** Every value of a repeatable option. */
export function optionValues(words: readonly Argument[], ...names: string[]): string[] {
    return words.flatMap(({ text }, index) => {
        for (const name of names) {
            if (text === name) return [words[index + 1]?.text ?? ""];
            if (name.startsWith("--") && text.startsWith(`${name}=`)) return [text.slice(name.length + 1)];
        }
        return [];
    });
}

/**
 * Words that are neither options nor the values of the options in `valued`.
 * @param valued options that take the next word as their value
 */
export function operands(words: readonly Argument[], valued: readonly string[]): Argument[] {
    const result: Argument[] = [];
    for (let index = 0; index < words.length; index++) {
        const word = words[index] as Argument;
        if (word.text === "--") return [...result, ...words.slice(index + 1)];
        if (word.text.startsWith("-") && word.text !== "-") {
            if (valued.includes(word.text)) index++;
        } else result.push(word);
    }
    return result;
}
