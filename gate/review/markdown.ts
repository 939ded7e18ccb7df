/**
 * Text from outside in a comment. Package names, rule texts, file names and what else comes from images, commits and
 * scanners is written by people whom nobody knows; none of it may become a link, an image, a mention, a reference, HTML,
 * a command of the host or a part of a table.
 *
 * Everything from outside stands in a code span, where Markdown and the hosts' own extensions mean nothing (CommonMark
 * 0.31, "Code spans"; GitHub and GitLab look for mentions and references outside of code only), without the two
 * characters that could end the span or its table cell.
 */

/** Shown where there is nothing. */
export const nothing = "–";

/**
 * Text from outside as a code span of at most `longest` characters.
 * - Controls, line ends and what cannot be seen (zero width, direction marks) would move or hide other text.
 * - A grave accent would end the span, a vertical line the table cell; similar characters stand for them.
 * - A backslash before the end of the span is an escape to some readers.
 */
export function code(text: string, longest: number): string {
    const visible = text
        .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
        .replace(/[\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu, "�")
        .replaceAll("`", "'")
        .replaceAll("|", "¦")
        .trim();
    if (visible === "") return nothing;
    const characters = [...visible];
    const cut =
        characters.length > longest ? `${characters.slice(0, Math.max(0, longest - 1)).join("")}…` : visible;
    return `\`${cut.endsWith("\\") ? `${cut} ` : cut}\``;
}

/** Consoles of AWS by partition. */
const consoles =
    /^https:\/\/([a-z0-9-]+\.)?console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)\//;

/** Longest address that is linked, in characters. */
const longestAddress = 500;

/** A link to a console of AWS; nothing for any other address, and for one with characters that Markdown could take for its own. */
export function consoleLink(text: string, address: string | null): string {
    const isSafe =
        address !== null &&
        address.length <= longestAddress &&
        consoles.test(address) &&
        /^[A-Za-z0-9/_.:;=?&#$%+,~-]+$/.test(address);
    return isSafe ? `[${text}](${address})` : nothing;
}

/** Items as rows of a table, of which the first few are shown, and how many are not. */
export function table<Item>(
    head: readonly string[],
    items: readonly Item[],
    most: number,
    cellsOf: (item: Item) => readonly string[],
): string[] {
    const shown = items.slice(0, most).map(cellsOf);
    const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
    const lines = shown.length === 0 ? [] : [line(head), line(head.map(() => "---")), ...shown.map(line), ""];
    return [...lines, ...left(items.length - shown.length, shown.length)];
}

/** Items as lines of a list, likewise. */
export function list<Item>(items: readonly Item[], most: number, textOf: (item: Item) => string): string[] {
    const shown = items.slice(0, most).map((item) => `- ${textOf(item)}`);
    return [
        ...shown,
        ...(shown.length === 0 ? [] : [""]),
        ...left(items.length - shown.length, shown.length),
    ];
}

function left(count: number, shown: number): string[] {
    if (count <= 0) return [];
    return [shown === 0 ? `${count} not shown here.` : `And ${count} more.`, ""];
}
