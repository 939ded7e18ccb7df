import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { documentPlan, elementPlan } from "./jsonPlan";
import { JsonScanner } from "./jsonScanner";
import { JsonText } from "./jsonText";

/** Bounds that apply unless others are given; bytes, and number of elements. */
export const jsonBounds = {
    largestBytes: 256 * 1024 * 1024,
    largestElementBytes: 16 * 1024 * 1024,
    largestRestBytes: 32 * 1024 * 1024,
    mostElements: 100_000,
};

/** Longest key or number in bytes. */
const longestToken = 65_536;

/** Elements are parsed together up to this many bytes of text. */
const batchBytes = 65_536;

/** How a large JSON document is read. */
export interface JsonStreamOptions {
    // Arrays whose elements are handed out one by one instead of being kept, as JSON pointers of their elements:
    // "/matches/*", "/Results/*/Vulnerabilities/*", "/*" for a document that is a list. `*` stands for any index.
    elements: readonly string[];
    /**
     * Keys that are needed, by pattern of the element (`""` for the document around the elements): dot paths such as
     * `artifact.locations.path`, which look through arrays. A path keeps everything below it. What is not named is
     * checked and left out; of a pattern that is not listed here, everything is kept.
     */
    keep?: Readonly<Record<string, readonly string[]>>;
    /** Takes one element. @param pointer its place as a JSON pointer (RFC 6901), e.g. `/Results/0/Vulnerabilities/3` */
    onElement(element: { pattern: string; pointer: string; value: unknown }): void;
    /** At most this many bytes of the document for one element, 16 MiB unless given. */
    largestElementBytes?: number;
    /** At most this many bytes of kept text around the elements, 32 MiB unless given. */
    largestRestBytes?: number;
    /** At most this many bytes, 256 MiB unless given. */
    largestBytes?: number;
    /** At most this many elements in all, 100,000 unless given. */
    mostElements?: number;
}

export interface JsonStreamResult {
    /** The document with the arrays of elements emptied. */
    rest: unknown;
    /** Hash of all bytes, in lower-case hexadecimal. */
    sha256: string;
    bytes: number;
}

/** Why a document was refused: nothing there, not UTF-8, not JSON, a key twice, or over a bound. */
export type JsonFault = "empty" | "encoding" | "syntax" | "duplicate" | "bound";

/** A document that cannot be read. The message is one line: what, and at which byte where that is known. */
export class JsonFormatError extends Error {
    override name = "JsonFormatError";
    constructor(
        readonly fault: JsonFault,
        message: string,
    ) {
        super(message);
    }
}

/**
 * Reads one JSON document of any size in one pass. Memory is bounded by the largest element and the rest, not by the
 * document. It accepts what `JSON.parse` accepts, but refuses a byte order mark, bytes that are not UTF-8, a key that
 * stands twice in an object that is kept, nesting deeper than 256, keys and numbers over 64 KiB, and what is over a
 * bound. Elements are handed out before the end is known: they count only when this returns.
 * @throws JsonFormatError
 */
export function readJsonStream(chunks: Iterable<Uint8Array>, options: JsonStreamOptions): JsonStreamResult {
    const largestBytes = options.largestBytes ?? jsonBounds.largestBytes;
    const largestElement = options.largestElementBytes ?? jsonBounds.largestElementBytes;
    const elements = new Elements(options, largestElement, options.mostElements ?? jsonBounds.mostElements);
    const rest = new JsonText(options.largestRestBytes ?? jsonBounds.largestRestBytes, (what) =>
        refuseBound(`${what} outside of ${options.elements.join(", ") || "any list"}`),
    );
    const scanner = new JsonScanner(
        documentPlan(options.elements, options.keep?.[""]),
        options.elements.map((pattern) => elementPlan(options.keep?.[pattern])),
        largestElement,
        {
            rest,
            beginElements: (pattern, pointer) => elements.begin(pattern, pointer),
            beginElement: () => elements.beginElement(),
            endElement: () => elements.endElement(),
            endElements: () => elements.flush(),
            refuse: (what, at) => {
                const fault = /more than|deeper/.test(what) ? "bound" : "syntax";
                throw new JsonFormatError(fault, `${what}, at byte ${at}`);
            },
        },
    );
    const hash = createHash("sha256");
    let bytes = 0;
    /** What the scanner has not read of earlier chunks. */
    let carried: Uint8Array = new Uint8Array(0);
    const scan = (piece: Uint8Array, last: boolean): void => {
        const whole = last ? piece.length : wholeCharacters(piece);
        const text = piece.subarray(0, whole);
        if (bytes === piece.length && text[0] === 0xef) {
            throw new JsonFormatError(
                "encoding",
                "a byte order mark at the beginning; write UTF-8 without one",
            );
        }
        if (!isUtf8(text))
            throw new JsonFormatError("encoding", `not UTF-8 text, near byte ${bytes - piece.length}`);
        const read = scanner.scan(text, last);
        if (whole - read > longestToken) {
            throw new JsonFormatError("bound", `a key or number of more than ${longestToken} bytes`);
        }
        // A copy, because the reader may use its buffer again (the slice of a Buffer would be a view).
        carried = Uint8Array.from(piece.subarray(read));
    };
    for (const chunk of chunks) {
        if (chunk.length === 0) continue;
        hash.update(chunk);
        bytes += chunk.length;
        if (bytes > largestBytes) refuseBound(`more than ${largestBytes} bytes`);
        scan(carried.length === 0 ? chunk : Buffer.concat([carried, chunk]), false);
    }
    if (bytes === 0) throw new JsonFormatError("empty", "nothing there");
    scan(carried, true);
    return { rest: asFault(() => rest.parse()), sha256: hash.digest("hex"), bytes };
}

/** The elements of one array at a time, parsed together and handed out one by one. */
class Elements {
    private readonly text: JsonText;
    private pattern = 0;
    private pointer = "";
    /** Index of the first element in the text. */
    private first = 0;
    /** Number of elements in the text, and of all so far. */
    private waiting = 0;
    private total = 0;

    constructor(
        private readonly options: JsonStreamOptions,
        largest: number,
        private readonly most: number,
    ) {
        this.text = new JsonText(largest + 2 * batchBytes, (what) => refuseBound(`${what} in one element`));
    }

    begin(pattern: number, pointer: string): JsonText {
        this.pattern = pattern;
        this.pointer = pointer;
        this.first = 0;
        return this.text;
    }

    beginElement(): void {
        this.text.addByte(this.waiting === 0 ? 0x5b : 0x2c);
    }

    endElement(): void {
        this.waiting += 1;
        this.total += 1;
        if (this.total > this.most) {
            refuseBound(`more than ${this.most} elements in ${this.options.elements.join(", ")}`);
        }
        if (this.text.length > batchBytes) this.flush();
    }

    /** Hands out what is waiting. */
    flush(): void {
        if (this.waiting === 0) return;
        this.text.addByte(0x5d);
        const values = asFault(() => this.text.parse()) as unknown[];
        const pattern = this.options.elements[this.pattern] as string;
        for (const [at, value] of values.entries()) {
            this.options.onElement({ pattern, pointer: `${this.pointer}/${this.first + at}`, value });
        }
        this.first += values.length;
        this.waiting = 0;
    }
}

/** A repeated key is the one fault of text that the scanner has let through. */
function asFault(parse: () => unknown): unknown {
    try {
        return parse();
    } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw new JsonFormatError("duplicate", error.message.slice(0, 200));
    }
}

function refuseBound(what: string): never {
    throw new JsonFormatError("bound", what);
}

/** Number of bytes up to the last character that is there as a whole. */
function wholeCharacters(bytes: Uint8Array): number {
    for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
        const byte = bytes[bytes.length - back] as number;
        if ((byte & 0xc0) === 0x80) continue;
        const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return needed > back ? bytes.length - back : bytes.length;
    }
    return bytes.length;
}
