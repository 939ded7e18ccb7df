import { inOneLine } from "./oneLine";

/** Columns of the narrowest build log that our output is made for. */
export const outputWidth = 110;

/**
 * Rows as aligned lines, the first row as a heading; empty when there is no other. The last column is broken over
 * several lines where it would be wider than the output. Control characters, which could forge lines, become blanks.
 */
export function textTable(rows: readonly (readonly string[])[], indent = "  "): string[] {
    if (rows.length < 2) return [];
    const clean = rows.map((row) => row.map(inOneLine));
    const last = Math.max(...clean.map((row) => row.length)) - 1;
    const widths = Array.from({ length: last }, (_, column) =>
        clean.reduce((width, row) => Math.max(width, (row[column] ?? "").length), 0),
    );
    const before = indent.length + widths.reduce((sum, width) => sum + width + 2, 0);
    return clean.flatMap((row) => {
        const [first = "", ...further] = brokenUp(row[last] ?? "", Math.max(outputWidth - before, 30));
        const start = widths.map((width, column) => `${(row[column] ?? "").padEnd(width)}  `).join("");
        return [`${indent}${start}${first}`.trimEnd(), ...further.map((text) => " ".repeat(before) + text)];
    });
}

/** A text as lines that fit the output, the later ones indented under the first. */
export function paragraph(text: string, first = "", indent = " ".repeat(first.length)): string[] {
    const width = outputWidth - indent.length;
    return brokenUp(inOneLine(text), width).map((line, at) => (at === 0 ? first : indent) + line);
}

/** Breaks at blanks, and within a word that is longer than a line. */
function brokenUp(text: string, width: number): string[] {
    const lines: string[] = [];
    let line = "";
    for (const word of text.split(" ")) {
        if (line !== "" && line.length + 1 + word.length > width) {
            lines.push(line);
            line = "";
        }
        line = line === "" ? word : `${line} ${word}`;
        while (line.length > width) {
            lines.push(line.slice(0, width));
            line = line.slice(width);
        }
    }
    return [...lines, line];
}
