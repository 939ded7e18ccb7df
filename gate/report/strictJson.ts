/** Strings and structural characters of JSON text. Within valid JSON, a string before a colon is a key. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g;

/**
 * `JSON.parse` that also refuses an object with the same key twice. JSON.parse lets the later one win, so that a
 * second `"matches": []`, or two entries of a list run into one, would hide what stands in the first.
 * RFC 8259 section 4 calls what receivers do with such text unpredictable.
 * @throws SyntaxError when the text is not JSON or repeats a key.
 */
export function parseStrictJson(text: string): unknown {
    const value: unknown = JSON.parse(text);
    const open: (Set<string> | null)[] = [];
    let lastString = "";
    for (const [part] of text.matchAll(token)) {
        if (part === "{") open.push(new Set());
        else if (part === "[") open.push(null);
        else if (part === "}" || part === "]") open.pop();
        else if (part === ":") {
            const keys = open.at(-1);
            if (keys?.has(lastString) === true)
                throw new SyntaxError(`key ${lastString} stands twice in one object`);
            keys?.add(lastString);
        } else {
            // An escaped key may be another spelling of the same key.
            lastString = part.includes("\\") ? JSON.stringify(JSON.parse(part)) : part;
        }
    }
    return value;
}
