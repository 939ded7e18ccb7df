import {
    backslash,
    closeArray,
    closeObject,
    colon,
    comma,
    endOfEscape,
    endOfScalar,
    incomplete,
    openArray,
    openObject,
    quote,
    wrong,
} from "./jsonGrammar";
import { dropped, whole, type Plan } from "./jsonPlan";
import type { JsonText } from "./jsonText";

/** Containers within containers; genuine reports have less than twenty. */
const deepest = 256;

/** Bytes of white space in a row; no writer indents as far. */
const longestBlank = 65_536;

/** What may come next. Numbers, because this is asked for every token of hundreds of megabytes. */
const expectValue = 0;
const expectValueOrEnd = 1;
const expectKey = 2;
const expectKeyOrEnd = 3;
const expectColon = 4;
const expectCommaOrEnd = 5;
const expectNothing = 6;
const insideString = 7;
const insideKey = 8;

const noWords = new Int32Array(0);

const expected = [
    "a value",
    'a value or "]"',
    "a key",
    'a key or "}"',
    '":"',
    '"," or the end of the list or object',
    "the end, after one JSON value",
];

/** How what is being read is treated: key by key as its plan says, or as a whole down to its end. */
const byPlan = 0;
const kept = 1;
const leftOut = 2;

/** What the scanner tells while it reads. */
export interface ScannerEvents {
    /** The text that the document around the elements goes to. */
    rest: JsonText;
    /** An array of elements begins. @returns the text that its elements go to. */
    beginElements(pattern: number, pointer: string): JsonText;
    beginElement(): void;
    endElement(): void;
    endElements(): void;
    /** @param at byte of the document. @throws always. */
    refuse(what: string, at: number): never;
}

/**
 * Reads JSON bytes one time, checks the grammar of RFC 8259, and copies what its plan keeps. A scan can stop at any
 * byte and go on with the next piece; what is short and was not there as a whole is then read again.
 */
export class JsonScanner {
    private state = expectValue;
    private mode = byPlan;
    /** Depth at which the value stands that is kept or left out as a whole. */
    private modeDepth = 0;
    private depth = 0;
    private readonly isObject = new Uint8Array(deepest + 1);
    /** Plan, number of values so far and whether one was copied, of each open container that is read by plan. */
    private readonly plans: Plan[] = [];
    private readonly indices: number[] = [];
    private readonly copied: boolean[] = [];
    /** Plan of the value after the current key. */
    private valuePlan: Plan;
    private text: JsonText;
    /** First byte in this piece that is not copied yet; -1 when nothing is being copied. */
    private copyFrom = -1;
    /** Depth of the array whose element is being read; -1 outside of elements. */
    private elementDepth = -1;
    private elementStart = 0;
    /** White space at the end of the piece before this one, and of this one so far as it is read. */
    private blankBefore = 0;
    private blankAfter = 0;
    /** The current piece four bytes at a time, from the first that is aligned. */
    private words: Int32Array = noWords;
    /** Bytes of the document before the current piece. */
    private before = 0;

    /** @param elementPlans by number of the pattern. */
    constructor(
        plan: Plan,
        private readonly elementPlans: readonly Plan[],
        private readonly largestElement: number,
        private readonly events: ScannerEvents,
    ) {
        this.valuePlan = plan;
        this.text = events.rest;
    }

    /**
     * Reads a piece.
     * @param last whether the document ends with this piece.
     * @returns how many bytes were read; the others have to stand at the beginning of the next piece.
     */
    scan(piece: Uint8Array, last: boolean): number {
        const length = piece.length;
        let at = 0;
        if (this.copyFrom >= 0) this.copyFrom = 0;
        this.blankBefore = this.blankAfter;
        this.blankAfter = 0;
        const aligned = -piece.byteOffset & 3;
        this.words =
            length > aligned
                ? new Int32Array(piece.buffer, piece.byteOffset + aligned, (length - aligned) >> 2)
                : noWords;
        while (at < length) {
            if (this.mode === byPlan) {
                const next = this.scanByPlan(piece, at, last);
                if (next === at && this.mode === byPlan) break;
                at = next;
            } else {
                at = this.scanWhole(piece, at, last);
                if (this.mode !== byPlan) break;
            }
        }
        if (this.copyFrom >= 0) this.copy(piece, at);
        this.before += at;
        if (this.elementDepth >= 0) this.checkElement(this.before);
        if (last && (at < length || this.state !== expectNothing)) {
            this.events.refuse("cut off", this.before + length - at);
        }
        return at;
    }

    /**
     * Reads one token of a container that is read by its plan.
     * @returns the byte after it; `at` when the token is not there as a whole, or begins a value that is read as a whole.
     */
    private scanByPlan(piece: Uint8Array, at: number, last: boolean): number {
        const byte = piece[at] as number;
        if (byte <= 0x20) return this.passBlank(piece, at, this.state);
        switch (this.state) {
            case expectCommaOrEnd:
                if (byte === comma) {
                    this.state = this.isObject[this.depth] === 1 ? expectKey : expectValue;
                    return at + 1;
                }
                if (byte !== (this.isObject[this.depth] === 1 ? closeObject : closeArray))
                    return this.unexpected(at);
                return this.close(at, byte);
            case expectColon:
                if (byte !== colon) return this.unexpected(at);
                this.state = expectValue;
                return at + 1;
            case expectKeyOrEnd:
                if (byte === closeObject) return this.close(at, byte);
                return byte === quote ? this.scanKey(piece, at, last) : this.unexpected(at);
            case expectKey:
                return byte === quote ? this.scanKey(piece, at, last) : this.unexpected(at);
            case expectValueOrEnd:
                return byte === closeArray ? this.close(at, byte) : this.beginValue(at, byte);
            case expectValue:
                return this.beginValue(at, byte);
            default:
                return this.unexpected(at);
        }
    }

    /**
     * Reads on in a value that is kept or left out as a whole. Nine tenths of a report pass through here.
     * @returns the byte after the value; or, with the mode as it was, the first byte that has to be read again.
     */
    private scanWhole(piece: Uint8Array, from: number, last: boolean): number {
        const { isObject, modeDepth, words } = this;
        const length = piece.length;
        let { state, depth } = this;
        let at = from;
        let colons = 0;
        let values = 0;
        const aligned = -piece.byteOffset & 3;
        reading: while (at < length) {
            let byte = piece[at] as number;
            if (state >= insideString) {
                while (byte !== quote) {
                    if (byte === backslash) {
                        const end = endOfEscape(piece, at);
                        if (end === incomplete) break reading;
                        if (end === wrong)
                            return this.events.refuse("an escape that JSON does not have", this.before + at);
                        at = end;
                    } else if (byte < 0x20) {
                        return this.events.refuse("a control character in a string", this.before + at);
                    } else {
                        at += 1;
                        if (((at - aligned) & 3) === 0)
                            at = aligned + 4 * afterPlain(words, (at - aligned) >> 2);
                    }
                    if (at >= length) break reading;
                    byte = piece[at] as number;
                }
                at += 1;
                if (state === insideKey) {
                    state = expectColon;
                    // Nearly always it comes at once.
                    if (at < length && piece[at] === colon) {
                        colons += 1;
                        at += 1;
                        state = expectValue;
                    }
                    continue;
                }
            } else if (byte <= 0x20) {
                at = this.passBlank(piece, at, state);
                continue;
            } else if (byte === quote) {
                at += 1;
                if (state <= expectValueOrEnd) {
                    values += 1;
                    state = insideString;
                } else if (state === expectKey || state === expectKeyOrEnd) {
                    state = insideKey;
                } else {
                    return this.unexpected(at - 1, state);
                }
                continue;
            } else if (byte === colon) {
                if (state !== expectColon) return this.unexpected(at, state);
                colons += 1;
                at += 1;
                state = expectValue;
                continue;
            } else if (byte === comma) {
                if (state !== expectCommaOrEnd) return this.unexpected(at, state);
                at += 1;
                state = isObject[depth] === 1 ? expectKey : expectValue;
                continue;
            } else if (byte === openObject || byte === openArray) {
                if (state > expectValueOrEnd) return this.unexpected(at, state);
                if (depth === deepest) return this.tooDeep(at);
                values += 1;
                depth += 1;
                isObject[depth] = byte === openObject ? 1 : 0;
                state = byte === openObject ? expectKeyOrEnd : expectValueOrEnd;
                at += 1;
                continue;
            } else if (byte === closeObject || byte === closeArray) {
                const object = byte === closeObject ? 1 : 0;
                const empty = object === 1 ? expectKeyOrEnd : expectValueOrEnd;
                if (
                    (state !== expectCommaOrEnd && state !== empty) ||
                    isObject[depth] !== object ||
                    depth === modeDepth
                )
                    return this.unexpected(at, state);
                depth -= 1;
                at += 1;
            } else {
                if (state > expectValueOrEnd) return this.unexpected(at, state);
                const end = endOfScalar(piece, at, last);
                if (end === incomplete) break;
                if (end === wrong) return this.unexpected(at, state);
                values += 1;
                at = end;
            }
            // A value has ended.
            state = expectCommaOrEnd;
            if (depth === modeDepth) {
                this.endWhole(piece, at, colons, values);
                return at;
            }
        }
        this.state = state;
        this.depth = depth;
        if (this.mode === kept) this.count(colons, values);
        return at;
    }

    /** @returns the byte after the white space that begins at `at`. */
    private passBlank(piece: Uint8Array, at: number, state: number): number {
        let end = at;
        while (end < piece.length && isBlank(piece[end] as number)) end += 1;
        if (end === at) return this.unexpected(at, state);
        const run = end - at + (at === 0 ? this.blankBefore : 0);
        if (run > longestBlank) {
            return this.events.refuse(
                `more than ${longestBlank} bytes of white space`,
                this.before + end - run,
            );
        }
        if (end === piece.length) this.blankAfter = run;
        return end;
    }

    private endWhole(piece: Uint8Array, at: number, colons: number, values: number): void {
        if (this.mode === kept) {
            this.count(colons, values);
            this.copy(piece, at);
            this.copyFrom = -1;
        }
        this.mode = byPlan;
        this.depth = this.modeDepth;
        this.endValue(at);
    }

    private count(colons: number, values: number): void {
        this.text.colons += colons;
        this.text.values += values;
    }

    private scanKey(piece: Uint8Array, at: number, last: boolean): number {
        let end = at + 1;
        let plain = true;
        for (; ; end += 1) {
            if (end >= piece.length)
                return last ? this.events.refuse("cut off", this.before + piece.length) : at;
            const byte = piece[end] as number;
            if (byte === quote) break;
            if (byte < 0x20) return this.events.refuse("a control character in a string", this.before + end);
            if (byte === backslash) {
                plain = false;
                const escapeEnd = endOfEscape(piece, end);
                if (escapeEnd === wrong)
                    return this.events.refuse("an escape that JSON does not have", this.before + end);
                if (escapeEnd === incomplete)
                    return last ? this.events.refuse("cut off", this.before + piece.length) : at;
                end = escapeEnd - 1;
            }
        }
        const parent = this.plans[this.depth] as Plan;
        if (plain) {
            this.valuePlan = findKey(parent, piece, at + 1, end);
        } else {
            // Another spelling of a key is the same key.
            const text = Buffer.from(piece.subarray(at, end + 1)).toString("utf8");
            const key = Buffer.from(JSON.parse(text) as string);
            this.valuePlan = findKey(parent, key, 0, key.length);
        }
        this.state = expectColon;
        if (this.valuePlan !== dropped) {
            this.separate();
            this.text.add(piece, at, end + 1);
            this.text.addByte(colon);
            this.text.colons += 1;
        }
        return end + 1;
    }

    /** A value begins in a container that is read by its plan, or the document. */
    private beginValue(at: number, byte: number): number {
        let plan = this.valuePlan;
        if (this.depth > 0 && this.isObject[this.depth] === 0) {
            const parent = this.plans[this.depth] as Plan;
            if (parent.elements >= 0 && this.elementDepth < 0) {
                plan = this.elementPlans[parent.elements] as Plan;
                this.elementDepth = this.depth;
                this.elementStart = this.before + at;
                this.events.beginElement();
            } else {
                plan = parent.item;
                if (plan !== dropped) this.separate();
            }
            this.indices[this.depth] = (this.indices[this.depth] as number) + 1;
        }
        const isContainer = byte === openObject || byte === openArray;
        if (isContainer && plan !== dropped && plan !== whole) return this.openByPlan(at, byte, plan);
        this.state = expectValue;
        this.modeDepth = this.depth;
        this.mode = plan === dropped ? leftOut : kept;
        if (this.mode === kept) this.copyFrom = at;
        return at;
    }

    private openByPlan(at: number, byte: number, plan: Plan): number {
        if (this.depth === deepest) return this.tooDeep(at);
        this.text.addByte(byte);
        this.text.values += 1;
        this.depth += 1;
        this.isObject[this.depth] = byte === openObject ? 1 : 0;
        this.plans[this.depth] = plan;
        this.indices[this.depth] = 0;
        this.copied[this.depth] = false;
        this.state = byte === openObject ? expectKeyOrEnd : expectValueOrEnd;
        if (byte === openArray && plan.elements >= 0 && this.elementDepth < 0)
            this.text = this.events.beginElements(plan.elements, this.pointer());
        return at + 1;
    }

    private close(at: number, byte: number): number {
        const plan = this.plans[this.depth] as Plan;
        if (byte === closeArray && plan.elements >= 0 && this.elementDepth < 0) {
            this.events.endElements();
            this.text = this.events.rest;
        }
        this.text.addByte(byte);
        this.depth -= 1;
        this.endValue(at + 1);
        return at + 1;
    }

    private endValue(end: number): void {
        if (this.depth === this.elementDepth) {
            this.checkElement(this.before + end);
            this.elementDepth = -1;
            this.events.endElement();
        }
        this.state = this.depth === 0 ? expectNothing : expectCommaOrEnd;
    }

    /** The place of the innermost open container as a JSON pointer. */
    private pointer(): string {
        let pointer = "";
        for (let depth = 2; depth <= this.depth; depth += 1) {
            const part =
                this.isObject[depth - 1] === 1
                    ? (this.plans[depth] as Plan).name.replaceAll("~", "~0").replaceAll("/", "~1")
                    : (this.indices[depth - 1] as number) - 1;
            pointer += `/${part}`;
        }
        return pointer;
    }

    /** A comma before every value of a container but the first that is copied. */
    private separate(): void {
        if (this.copied[this.depth] === true) this.text.addByte(comma);
        this.copied[this.depth] = true;
    }

    private copy(piece: Uint8Array, end: number): void {
        if (end > this.copyFrom) this.text.add(piece, this.copyFrom, end);
    }

    private checkElement(end: number): void {
        if (end - this.elementStart > this.largestElement) {
            this.events.refuse(`an element of more than ${this.largestElement} bytes`, this.elementStart);
        }
    }

    private tooDeep(at: number): never {
        return this.events.refuse(`nested deeper than ${deepest}`, this.before + at);
    }

    private unexpected(at: number, state = this.state): never {
        return this.events.refuse(`expected ${expected[state]}`, this.before + at);
    }
}

/**
 * The first word from `index` on with a quote, a backslash or a control character among its bytes, or a byte after
 * such a one; the number of words when there is none. (x - 1) & ~x has the highest bit of a byte set exactly where it
 * was zero, up to the first: Bit Twiddling Hacks, "Determine if a word has a zero byte" and "… a byte less than n".
 */
function afterPlain(words: Int32Array, index: number): number {
    let at = index;
    for (; at < words.length; at += 1) {
        const word = words[at] as number;
        const quotes = word ^ 0x22222222;
        const backslashes = word ^ 0x5c5c5c5c;
        const found =
            ((quotes - 0x01010101) & ~quotes) |
            ((backslashes - 0x01010101) & ~backslashes) |
            ((word - 0x20202020) & ~word);
        if ((found & 0x80808080) !== 0) break;
    }
    return at;
}

function isBlank(byte: number): boolean {
    return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function findKey(parent: Plan, bytes: Uint8Array, from: number, to: number): Plan {
    const candidates = parent.keys[to - from];
    if (candidates === undefined) return parent.other;
    next: for (const { bytes: key, plan } of candidates) {
        for (let at = 0; at < key.length; at += 1) if (key[at] !== bytes[from + at]) continue next;
        return plan;
    }
    return parent.other;
}
