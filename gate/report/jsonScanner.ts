import { dropped, whole, type Plan } from "./jsonPlan";
import type { JsonText } from "./jsonText";

/** Containers within containers; genuine reports have less than twenty. */
const deepest = 256;

/** What may come next. Numbers, because this is asked for every token of hundreds of megabytes. */
const expectValue = 0;
const expectValueOrEnd = 1;
const expectKey = 2;
const expectKeyOrEnd = 3;
const expectColon = 4;
const expectCommaOrEnd = 5;
const expectNothing = 6;
const insideString = 7;

const expected = [
    "a value",
    'a value or "]"',
    "a key",
    'a key or "}"',
    '":"',
    '"," or the end of the list or object',
    "the end, after one JSON value",
];

/** How the value that is being read is treated, down to its end. */
const byPlan = 0;
const kept = 1;
const leftOut = 2;

const quote = 0x22;
const backslash = 0x5c;
const openObject = 0x7b;
const closeObject = 0x7d;
const openArray = 0x5b;
const closeArray = 0x5d;
const comma = 0x2c;
const colon = 0x3a;

const literals = ["true", "false", "null"].map((text) => Buffer.from(text));

/** Bytes that a number is written with. */
const ofNumber = new Uint8Array(256);
for (const byte of Buffer.from("0123456789+-.eE")) ofNumber[byte] = 1;

/** What the scanner tells while it reads. */
export interface ScannerEvents {
    /** The text that the document around the elements goes to. */
    rest: JsonText;
    /** An array of elements begins. Its elements go to the text that is returned.  */
    beginElements(pattern: number, pointer: string): JsonText;
    beginElement(): void;
    endElement(): void;
    endElements(): void;
    /** @throws always. @param at byte of the document. */
    refuse(what: string, at: number): never;
}

/**
 * Reads JSON bytes one time, checks the grammar of RFC 8259, and copies what its plan keeps. A scan can stop at any
 * byte and go on with the next piece: what of a key, number or escape has been read is asked for again.
 */
export class JsonScanner {
    private state = expectValue;
    private mode = byPlan;
    /** Depth at which the value that is kept or left out began. */
    private modeDepth = 0;
    private depth = 0;
    private readonly isObject = new Uint8Array(deepest + 1);
    /** Plan, number of values seen and number of values kept, of each open container that is read by plan. */
    private readonly plans: Plan[] = [];
    private readonly indices: number[] = [];
    private readonly copied: number[] = [];
    /** Plan of the value after the current key. */
    private valuePlan: Plan;
    private text: JsonText;
    /** First byte in this piece that is not copied yet; -1 when nothing is being copied. */
    private copyFrom = -1;
    /** Depth of the array whose element is being read; -1 outside of elements. */
    private elementDepth = -1;
    private elementStart = 0;
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
        while (at < length) {
            if (this.state === insideString) {
                const end = this.scanString(piece, at, last);
                at = end < 0 ? -end - 1 : end;
                if (end < 0) break;
                this.endValue(piece, at);
                continue;
            }
            const byte = piece[at] as number;
            if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
                at += 1;
                continue;
            }
            const next = this.scanToken(piece, at, byte, last);
            if (next === at) break;
            at = next;
        }
        if (this.copyFrom >= 0) this.copy(piece, at);
        this.before += at;
        if (this.elementDepth >= 0) this.checkElement(this.before);
        if (last && (at < length || this.state !== expectNothing)) {
            this.events.refuse("cut off", this.before + length - at);
        }
        return at;
    }

    /** Reads what begins at `at`. @returns the byte after it; `at` when it is not there as a whole. */
    private scanToken(piece: Uint8Array, at: number, byte: number, last: boolean): number {
        switch (this.state) {
            case expectCommaOrEnd:
                if (byte === comma) {
                    this.state = this.isObject[this.depth] === 1 ? expectKey : expectValue;
                    return at + 1;
                }
                if (byte === (this.isObject[this.depth] === 1 ? closeObject : closeArray))
                    return this.close(piece, at);
                return this.unexpected(at);
            case expectColon:
                if (byte !== colon) return this.unexpected(at);
                this.state = expectValue;
                return at + 1;
            case expectKeyOrEnd:
                if (byte === closeObject) return this.close(piece, at);
                return byte === quote ? this.scanKey(piece, at, last) : this.unexpected(at);
            case expectKey:
                return byte === quote ? this.scanKey(piece, at, last) : this.unexpected(at);
            case expectValueOrEnd:
                if (byte === closeArray) return this.close(piece, at);
                return this.scanValue(piece, at, byte, last);
            case expectValue:
                return this.scanValue(piece, at, byte, last);
            default:
                return this.unexpected(at);
        }
    }

    private scanValue(piece: Uint8Array, at: number, byte: number, last: boolean): number {
        switch (byte) {
            case quote:
                if (this.mode !== leftOut) this.beginValue(at, false);
                this.state = insideString;
                return at + 1;
            case openObject:
            case openArray:
                return this.open(at, byte);
            case 0x74: // t
                return this.scanLiteral(piece, at, 0, last);
            case 0x66: // f
                return this.scanLiteral(piece, at, 1, last);
            case 0x6e: // n
                return this.scanLiteral(piece, at, 2, last);
            default:
                return this.scanNumber(piece, at, last);
        }
    }

    private scanLiteral(piece: Uint8Array, at: number, which: number, last: boolean): number {
        const literal = literals[which] as Uint8Array;
        const end = at + literal.length;
        const present = Math.min(end, piece.length);
        for (let position = at; position < present; position += 1) {
            if (piece[position] !== literal[position - at]) return this.unexpected(at);
        }
        if (end > piece.length) return last ? this.events.refuse("cut off", this.before + piece.length) : at;
        if (this.mode !== leftOut) this.beginValue(at, false);
        this.endValue(piece, end);
        return end;
    }

    private scanNumber(piece: Uint8Array, at: number, last: boolean): number {
        let end = at;
        while (end < piece.length && ofNumber[piece[end] as number] === 1) end += 1;
        if (end === piece.length && !last && end > at) return at;
        if (!isNumber(piece, at, end)) return this.unexpected(at);
        if (this.mode !== leftOut) this.beginValue(at, false);
        this.endValue(piece, end);
        return end;
    }

    /** @returns the byte after the string that begins before `at`; `-n - 1` when it goes on and was read up to n. */
    private scanString(piece: Uint8Array, at: number, last: boolean): number {
        const length = piece.length;
        for (let position = at; position < length; position += 1) {
            const byte = piece[position] as number;
            if (byte > backslash) continue;
            if (byte === quote) return position + 1;
            if (byte === backslash) {
                const end = this.scanEscape(piece, position, last);
                if (end === position) return -position - 1;
                position = end - 1;
            } else if (byte < 0x20) {
                return this.events.refuse("a control character in a string", this.before + position);
            }
        }
        return -length - 1;
    }

    /** @returns the byte after the escape; `at` when it is not there as a whole. */
    private scanEscape(piece: Uint8Array, at: number, last: boolean): number {
        if (at + 1 < piece.length) {
            const byte = piece[at + 1] as number;
            if ('"\\/bfnrt'.includes(String.fromCharCode(byte))) return at + 2;
            if (byte !== 0x75)
                return this.events.refuse("an escape that JSON does not have", this.before + at);
            const end = at + 6;
            for (let position = at + 2; position < Math.min(end, piece.length); position += 1) {
                if (!isHexadecimal(piece[position] as number))
                    return this.events.refuse("an escape that JSON does not have", this.before + at);
            }
            if (end <= piece.length) return end;
        }
        return last ? this.events.refuse("cut off", this.before + piece.length) : at;
    }

    private scanKey(piece: Uint8Array, at: number, last: boolean): number {
        const end = this.scanString(piece, at + 1, last);
        if (end < 0) return last ? this.events.refuse("cut off", this.before + piece.length) : at;
        this.state = expectColon;
        if (this.mode === kept) {
            this.text.colons += 1;
        } else if (this.mode === byPlan) {
            const plan = this.planOfKey(piece, at, end);
            this.valuePlan = plan;
            if (plan !== dropped) {
                this.separate();
                this.text.add(piece, at, end);
                this.text.addByte(colon);
                this.text.colons += 1;
            }
        }
        return end;
    }

    private planOfKey(piece: Uint8Array, at: number, end: number): Plan {
        const parent = this.plans[this.depth] as Plan;
        if (piece.subarray(at, end).indexOf(backslash) >= 0) {
            const key = Buffer.from(
                JSON.parse(Buffer.from(piece.subarray(at, end)).toString("utf8")) as string,
            );
            return findKey(parent, key, 0, key.length);
        }
        return findKey(parent, piece, at + 1, end - 1);
    }

    private open(at: number, byte: number): number {
        const byItsPlan = this.mode === byPlan ? this.beginValue(at, true) : null;
        if (this.mode === kept) this.text.values += 1;
        if (this.depth === deepest) this.events.refuse(`nested deeper than ${deepest}`, this.before + at);
        this.depth += 1;
        this.isObject[this.depth] = byte === openObject ? 1 : 0;
        this.state = byte === openObject ? expectKeyOrEnd : expectValueOrEnd;
        if (byItsPlan !== null) {
            this.text.addByte(byte);
            this.plans[this.depth] = byItsPlan;
            this.indices[this.depth] = 0;
            this.copied[this.depth] = 0;
            if (byte === openArray && byItsPlan.elements >= 0) this.beginElements(byItsPlan);
        }
        return at + 1;
    }

    private close(piece: Uint8Array, at: number): number {
        if (this.mode === byPlan) {
            const plan = this.plans[this.depth] as Plan;
            if (this.isObject[this.depth] === 0 && plan.elements >= 0 && this.elementDepth < 0) {
                this.events.endElements();
                this.text = this.events.rest;
            }
            this.text.addByte(piece[at] as number);
        }
        this.depth -= 1;
        this.endValue(piece, at + 1);
        return at + 1;
    }

    /**
     * A value begins. @returns the plan of a container that is read by its plan; null when the value is kept or
     * left out as a whole.
     */
    private beginValue(at: number, isContainer: boolean): Plan | null {
        if (this.mode === kept) {
            this.text.values += 1;
            return null;
        }
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
        if (plan !== dropped) this.text.values += 1;
        if (isContainer && plan !== dropped && plan !== whole) return plan;
        this.modeDepth = this.depth;
        this.mode = plan === dropped ? leftOut : kept;
        if (this.mode === kept) this.copyFrom = at;
        return null;
    }

    /** A value has ended before `end`. */
    private endValue(piece: Uint8Array, end: number): void {
        if (this.mode !== byPlan && this.depth === this.modeDepth) {
            if (this.mode === kept) {
                this.copy(piece, end);
                this.copyFrom = -1;
            }
            this.mode = byPlan;
        }
        if (this.depth === this.elementDepth) {
            this.elementDepth = -1;
            this.checkElement(this.before + end);
            this.events.endElement();
        }
        this.state = this.depth === 0 ? expectNothing : expectCommaOrEnd;
    }

    private beginElements(plan: Plan): void {
        let pointer = "";
        for (let depth = 2; depth <= this.depth; depth += 1) {
            const name =
                this.isObject[depth - 1] === 1
                    ? (this.plans[depth] as Plan).name.replaceAll("~", "~0").replaceAll("/", "~1")
                    : (this.indices[depth - 1] as number) - 1;
            pointer += `/${name}`;
        }
        this.text = this.events.beginElements(plan.elements, pointer);
    }

    /** A comma before every value of a container but the first that is copied. */
    private separate(): void {
        if ((this.copied[this.depth] as number) > 0) this.text.addByte(comma);
        this.copied[this.depth] = 1;
    }

    private copy(piece: Uint8Array, end: number): void {
        if (end > this.copyFrom) this.text.add(piece, this.copyFrom, end);
    }

    private checkElement(end: number): void {
        if (end - this.elementStart > this.largestElement) {
            this.events.refuse(`an element of more than ${this.largestElement} bytes`, this.elementStart);
        }
    }

    private unexpected(at: number): never {
        return this.events.refuse(`expected ${expected[this.state]}`, this.before + at);
    }
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

/** Whether `bytes[from..to)` is a number as RFC 8259 section 6 writes it. */
function isNumber(bytes: Uint8Array, from: number, to: number): boolean {
    let at = from;
    const digits = (): boolean => {
        const first = at;
        while (at < to && isDigit(bytes[at] as number)) at += 1;
        return at > first;
    };
    if (at < to && bytes[at] === 0x2d) at += 1;
    if (at < to && bytes[at] === 0x30) at += 1;
    else if (!digits()) return false;
    if (at < to && bytes[at] === 0x2e) {
        at += 1;
        if (!digits()) return false;
    }
    if (at < to && ((bytes[at] as number) | 0x20) === 0x65) {
        at += 1;
        if (at < to && (bytes[at] === 0x2b || bytes[at] === 0x2d)) at += 1;
        if (!digits()) return false;
    }
    return at === to;
}

function isDigit(byte: number): boolean {
    return byte >= 0x30 && byte <= 0x39;
}

function isHexadecimal(byte: number): boolean {
    const lower = byte | 0x20;
    return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}
