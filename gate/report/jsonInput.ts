import { isBlank } from "./jsonGrammar";

/** Bytes of white space in a row; no writer indents as far. */
const longestBlank = 65_536;

const noWords = new Int32Array(0);

/** Refuses a document. @param at byte of the document. */
export type Refuse = (what: string, at: number) => never;

/**
 * The piece of a document that is being read, and where in the document it lies. Positions (`at`) are within the
 * piece. What has not been read of a piece stands again at the beginning of the next.
 */
export class JsonInput {
    bytes: Uint8Array = new Uint8Array(0);
    /** Whether the document ends with this piece. */
    last = false;
    /** Bytes of the document before this piece. */
    before = 0;
    /** Position of the first byte that is aligned, and the bytes from there on, four at a time. */
    aligned = 0;
    words: Int32Array = noWords;
    /** White space at the end of the piece before this one, and of this one so far as it is read. */
    private blankBefore = 0;
    private blankAfter = 0;

    constructor(private readonly refusal: Refuse) {}

    /** Goes on to the next piece, `read` bytes after the beginning of this one. */
    next(bytes: Uint8Array, last: boolean, read: number): void {
        this.before += read;
        this.bytes = bytes;
        this.last = last;
        this.blankBefore = this.blankAfter;
        this.blankAfter = 0;
        const aligned = -bytes.byteOffset & 3;
        this.aligned = aligned;
        this.words =
            bytes.length > aligned
                ? new Int32Array(bytes.buffer, bytes.byteOffset + aligned, (bytes.length - aligned) >> 2)
                : noWords;
    }

    /** @returns the byte after the white space that begins at `at`; `at` when there is none. */
    endOfBlank(at: number): number {
        const { bytes } = this;
        let end = at;
        while (end < bytes.length && isBlank(bytes[end] as number)) end += 1;
        if (end === at) return at;
        const run = end - at + (at === 0 ? this.blankBefore : 0);
        if (run > longestBlank) this.refuse(`more than ${longestBlank} bytes of white space`, end - run);
        if (end === bytes.length) this.blankAfter = run;
        return end;
    }

    /**
     * The first position from `at` on, which is aligned, where one of the next four bytes has to be looked at: a
     * quote, a backslash or a control character. (x - 1) & ~x has the highest bit of a byte set exactly where it was
     * zero, up to the first: Bit Twiddling Hacks, "Determine if a word has a zero byte" and "… a byte less than n".
     */
    afterPlain(at: number): number {
        const { words, aligned } = this;
        let index = (at - aligned) >> 2;
        for (; index < words.length; index += 1) {
            const word = words[index] as number;
            const quotes = word ^ 0x22222222;
            const backslashes = word ^ 0x5c5c5c5c;
            const found =
                ((quotes - 0x01010101) & ~quotes) |
                ((backslashes - 0x01010101) & ~backslashes) |
                ((word - 0x20202020) & ~word);
            if ((found & 0x80808080) !== 0) break;
        }
        return aligned + 4 * index;
    }

    refuse(what: string, at: number): never {
        return this.refusal(what, this.before + at);
    }
}
