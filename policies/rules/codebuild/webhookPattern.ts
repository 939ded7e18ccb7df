/** Patterns of webhook filters: regular expressions that CodeBuild searches anywhere in the text unless they are anchored. */

/** The alternatives of a regular expression at its top level: `^a$|^b$` has two, `^(a|b)$` one. */
function alternatives(pattern: string): string[] {
    const result = [""];
    let depth = 0;
    let inClass = false;
    for (let index = 0; index < pattern.length; index++) {
        const character = pattern[index] ?? "";
        const last = result.length - 1;
        if (character === "\\") {
            result[last] += character + (pattern[++index] ?? "");
            continue;
        }
        if (inClass) inClass = character !== "]";
        else if (character === "[") inClass = true;
        else if (character === "(") depth++;
        else if (character === ")") depth--;
        else if (character === "|" && depth === 0) {
            result.push("");
            continue;
        }
        result[last] += character;
    }
    return result;
}

/** An end that takes whatever follows is as good as `$`. */
const endsOpenly = /(?<!\\)\.[*+]\$?$/;

/**
 * Whether every alternative says how the text begins and how it ends: `^refs/heads/main$`.
 * @param openEnd `^refs/heads/release/.*` will do
 */
export function isAnchored(pattern: string, openEnd: boolean): boolean {
    return alternatives(pattern.trim()).every(
        (each) =>
            each.startsWith("^") &&
            (/(?:^|[^\\])(?:\\\\)*\$$/.test(each) || (openEnd && endsOpenly.test(each))),
    );
}

/** Whether the pattern is met by anything: `.*`, `^.+$`, nothing. */
export function matchesAnything(pattern: string): boolean {
    return alternatives(pattern.trim()).some((each) =>
        /^\^?(?:\(?(?:refs\/(?:heads\/)?)?\.[*+]\)?)?\$?$/.test(each),
    );
}
