/** Text on a terminal: display width, wrapping, cutting and colour. */
import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

export function createPaint(color: boolean): Paint {
    return color
        ? (style, text) => styleText(style, text, { validateStream: false })
        : (_style, text) => text;
}

/**
 * Control characters (ANSI escapes among them) could rewrite what was printed before, and bidirectional ones reorder
 * it; they are shown as `�`. Line breaks stay.
 */
export function printable(text: string): string {
    return text.replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}

const wide =
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text takes on a terminal: CJK and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
    let width = 0;
    for (const character of text) {
        width += /\p{Mark}|\u200d/u.test(character) ? 0 : wide.test(character) ? 2 : 1;
    }
    return width;
}

/** Cuts a text to a number of columns; what was cut is shown by an ellipsis. */
export function fit(text: string, columns: number): string {
    if (displayWidth(text) <= columns) {
        return text;
    }
    let kept = "";
    for (const character of text) {
        if (displayWidth(kept + character) > columns - 1) {
            break;
        }
        kept += character;
    }
    return columns < 1 ? "" : `${kept.trimEnd()}…`;
}

/** Breaks a text at blanks into lines of at most `columns`; a word longer than a line stands alone, uncut. */
export function wrap(text: string, columns: number): string[] {
    const lines: string[] = [];
    for (const paragraph of text.split("\n")) {
        let line = "";
        for (const word of paragraph.split(" ")) {
            if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > columns) {
                lines.push(line);
                line = word;
            } else {
                line = line === "" ? word : `${line} ${word}`;
            }
        }
        lines.push(line);
    }
    return lines;
}

/** Fills a text with blanks on the right up to a number of columns. */
export function pad(text: string, columns: number): string {
    return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}
