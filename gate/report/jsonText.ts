import { isAscii } from "node:buffer";
import { parseStrictJson } from "./strictJson";

/** Largest number of values in one piece of text that is parsed at once; a tiny value takes some 50 bytes of memory. */
const mostValues = 1_000_000;

/**
 * Text that is put together from pieces of a document and then parsed. The pieces have been checked for grammar, so
 * that only a repeated key is left to be refused: there are then fewer keys in the value than colons in the text.
 */
export class JsonText {
    /** Number of colons outside of strings that were put in. */
    colons = 0;
    /** Number of values that were put in, at least. */
    values = 0;
    private content = Buffer.allocUnsafe(4_096);
    private end = 0;

    /** @param largest bytes of text. @param refuse is called instead of growing over it, or for too many values. */
    constructor(
        private readonly largest: number,
        private readonly refuse: (what: string) => never,
    ) {}

    get length(): number {
        return this.end;
    }

    addByte(byte: number): void {
        if (this.end === this.content.length) this.grow(1);
        this.content[this.end] = byte;
        this.end += 1;
    }

    /** Adds `source[from..to)`. */
    add(source: Uint8Array, from: number, to: number): void {
        const length = to - from;
        if (this.end + length > this.content.length) this.grow(length);
        const { content } = this;
        if (length > 64) content.set(source.subarray(from, to), this.end);
        else
            for (let at = from, put = this.end; at < to; at += 1, put += 1)
                content[put] = source[at] as number;
        this.end += length;
    }

    /**
     * The value of the text. The text is then empty again.
     * @throws SyntaxError when a key stands twice in one object.
     */
    parse(): unknown {
        if (this.values > mostValues) this.refuse(`more than ${mostValues} values`);
        const bytes = this.content.subarray(0, this.end);
        const text = isAscii(bytes) ? bytes.toString("latin1") : bytes.toString("utf8");
        const value: unknown = JSON.parse(text);
        if (countKeys(value) !== this.colons) {
            parseStrictJson(text);
            throw new SyntaxError("a key stands twice in one object");
        }
        this.colons = 0;
        this.values = 0;
        this.end = 0;
        return value;
    }

    private grow(length: number): void {
        if (this.end + length > this.largest) this.refuse(`more than ${this.largest} bytes`);
        const size = Math.min(this.largest, Math.max(2 * this.content.length, this.end + length));
        const larger = Buffer.allocUnsafe(size);
        larger.set(this.content.subarray(0, this.end));
        this.content = larger;
    }
}

function countKeys(value: unknown): number {
    if (typeof value !== "object" || value === null) return 0;
    let count = 0;
    if (Array.isArray(value)) {
        for (const item of value) count += countKeys(item);
        return count;
    }
    for (const key of Object.keys(value)) count += 1 + countKeys((value as Record<string, unknown>)[key]);
    return count;
}
