/** Pieces of a page: escaped text, sections and tables. HTML that is also well-formed XML. */
import { printable } from "./terminalText";
import { xmlAttribute, xmlText } from "./xmlText";

/** Text between tags. */
export const text = (content: string | number): string => xmlText(printable(String(content)));
export const attribute = (content: string): string => xmlAttribute(printable(content));

/** A table that a narrow screen can scroll by itself, by keyboard too. The first cell of each row is its header. */
export function table(
    caption: string,
    columns: readonly string[],
    rows: readonly (string | number)[][],
): string {
    const numeric = columns.map((_, column) => rows.every((row) => typeof row[column] === "number"));
    const cls = (column: number): string => (numeric[column] && rows.length > 0 ? ' class="number"' : "");
    return [
        `<div class="scroll" role="region" tabindex="0" aria-label=${attribute(caption)}>`,
        `<table><caption>${text(caption)}</caption>`,
        `<thead><tr>${columns.map((name, column) => `<th scope="col"${cls(column)}>${text(name)}</th>`).join("")}</tr></thead>`,
        "<tbody>",
        ...rows.map(
            ([first = "", ...cells]) =>
                `<tr><th scope="row">${text(first)}</th>${cells
                    .map((cell, column) => `<td${cls(column + 1)}>${text(cell)}</td>`)
                    .join("")}</tr>`,
        ),
        "</tbody></table></div>",
    ].join("\n");
}

export function section(id: string, title: string, body: readonly string[]): string {
    return [
        `<section aria-labelledby="${id}">`,
        `<h2 id="${id}">${text(title)}</h2>`,
        ...body,
        "</section>",
    ].join("\n");
}

export const folded = (summary: string, body: string): string =>
    `<details><summary>${text(summary)}</summary>\n${body}\n</details>`;
