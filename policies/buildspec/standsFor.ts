/** What the variables in a text stand for, as far as the buildspec says: a name, a reference, an address. */
import type { BuildspecAnalysis } from "./analysis";

const variable = /\$\{?([A-Za-z_]\w*)\}?/g;

/** Puts values in the place of `$NAME` and `${NAME}`; names without one stay as they are. */
export function substituted(text: string, value: (name: string) => string | undefined): string {
    return text.replace(variable, (whole, name: string) => value(name) ?? whole);
}

/** Names of the variables in a text. */
export function variablesIn(text: string): string[] {
    return [...text.matchAll(variable)].map(([, name = ""]) => name);
}

const tables = new WeakMap<BuildspecAnalysis, Map<string, string>>();

/**
 * The text with all variables put in whose value is the same throughout the build: plain ones of the project and the
 * buildspec, and those that the shell sets once, not from the output of a command.
 */
export function standsFor(text: string, analysis: BuildspecAnalysis): string {
    let table = tables.get(analysis);
    if (!table) {
        table = valuesOf(analysis);
        tables.set(analysis, table);
    }
    const values = table;
    let result = text;
    // A value may have variables of its own.
    for (let round = 0; round < 5; round++) {
        const next = substituted(result, (name) => values.get(name));
        if (next === result || next.length > 10_000) break;
        result = next;
    }
    return result;
}

function valuesOf({ variables, assignments }: BuildspecAnalysis): Map<string, string> {
    const values = new Map(Object.entries(variables));
    const uncertain = new Set<string>();
    for (const { name, value, from } of assignments) {
        const own = from.length === 0 && !variablesIn(value.text).includes(name);
        const before = values.get(name);
        if (!own || (before !== undefined && before !== value.text)) uncertain.add(name);
        else values.set(name, value.text);
    }
    for (const name of uncertain) values.delete(name);
    return values;
}
