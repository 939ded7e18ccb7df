/** Characters of text in one piece, about. */
const pieceLength = 65_536;

/**
 * The text of a document with one long list in it, indented by two, in pieces: with tens of thousands of entries it
 * would be large as a whole. The list is written as the last key.
 * @param list key of the list.
 */
export function* jsonPieces<Key extends string>(
    document: Readonly<Record<Key, readonly unknown[]>>,
    list: Key,
): Iterable<Uint8Array> {
    const { [list]: entries, ...others } = document;
    const around = JSON.stringify({ ...others, [list]: [] }, null, 2);
    // The empty list and the bracket of the document.
    const end = "]\n}";
    let text = around.slice(0, -end.length);
    for (const [at, entry] of entries.entries()) {
        // JSON escapes line breaks within strings, so that these are its own.
        const indented = JSON.stringify(entry, null, 2).replaceAll("\n", "\n    ");
        text += `${at === 0 ? "" : ","}\n    ${indented}`;
        if (text.length > pieceLength) {
            yield Buffer.from(text);
            text = "";
        }
    }
    yield Buffer.from(`${text}${entries.length === 0 ? "" : "\n  "}${end}\n`);
}
