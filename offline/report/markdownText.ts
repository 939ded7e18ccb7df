/**
 * Text of others in Markdown of GitHub and GitLab. Only plain words stand as text; everything else stands as code,
 * where no host makes links, mentions, references, images, emoji or HTML of it. So nothing has to be escaped that a
 * host might read in its own way.
 */
import { printable } from "./terminalText";

/** A word that no Markdown dialect gives a meaning to, with the punctuation around words. */
const plainWord = /^["'(]*[\p{L}\p{N}\p{M}]+(?:['’-][\p{L}\p{N}\p{M}]+)*[)"']*[.,;:!?]?[)"']*$/u;
/** Words that mean something all the same: commit ids, `GH-12` and other keys of trackers, and the number of a list item. */
const linkedWord = /^\W*(?:[0-9a-f]{7,}|[a-z][a-z0-9]*-\d+|\d+[.)])\W*$/i;

function oneLine(text: string): string {
    return printable(text)
        .replace(/[\p{Zl}\p{Zp}]/gu, " ")
        .replace(/\s+/g, " ")
        .trim();
}

/** A code span that shows exactly this text on one line, whatever backticks it holds. */
export function codeSpan(text: string): string {
    const content = oneLine(text);
    if (content === "") {
        return "`(empty)`";
    }
    const longest = Math.max(0, ...(content.match(/`+/g) ?? []).map((run) => run.length));
    const fence = "`".repeat(longest + 1);
    const padding = content.startsWith("`") || content.endsWith("`") ? " " : "";
    return `${fence}${padding}${content}${padding}${fence}`;
}

/** How many brackets a piece of code has opened and not closed. */
function openBrackets(code: string): number {
    return (code.match(/[([{]/g)?.length ?? 0) - (code.match(/[)\]}]/g)?.length ?? 0);
}

/** Running text: words as they are, everything else as code. Cut to `limit` characters before that. */
export function runningText(text: string, limit = 2_000): string {
    const whole = oneLine(text);
    const cut = whole.length > limit ? `${whole.slice(0, limit).replace(/\p{Surrogate}$/u, "")} …` : whole;
    const parts: string[] = [];
    let code: string[] = [];
    const flush = (): void => {
        if (code.length > 0) {
            parts.push(codeSpan(code.join(" ")));
            code = [];
        }
    };
    for (const word of cut.split(" ")) {
        // The end of a sentence belongs to the sentence, not to the code.
        const [, body = word, end = ""] = /^(.+?)([.,;:!?]?)$/su.exec(word) ?? [];
        // `[{ name: "x" }]` is one piece of code, though it has words in it.
        const within = openBrackets(code.join(" ")) > 0;
        if (!within && (word === "…" || (plainWord.test(word) && !linkedWord.test(word)))) {
            flush();
            parts.push(word);
        } else if (
            end !== "" &&
            /[\p{L}\p{N})\]}"'>`…]$/u.test(body) &&
            openBrackets([...code, body].join(" ")) <= 0
        ) {
            code.push(body);
            flush();
            parts[parts.length - 1] += end;
        } else {
            code.push(word);
        }
    }
    flush();
    return parts.join(" ");
}
