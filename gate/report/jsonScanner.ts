import {
    backslash,
    closeArray,
    closeObject,
    colon,
    comma,
    endOfEscape,
    expectColon,
    expectCommaOrEnd,
    expected,
    expectKey,
    expectKeyOrEnd,
    expectNothing,
    expectValue,
    expectValueOrEnd,
    incomplete,
    openArray,
    openObject,
    quote,
    wrong,
} from "./jsonGrammar";
import { JsonInput, type Refuse } from "./jsonInput";
import { dropped, whole, type Plan } from "./jsonPlan";
import type { JsonText } from "./jsonText";
import { deepest, JsonValueScanner } from "./jsonValue";

/** What the scanner tells while it reads. */
export interface ScannerEvents {
    /** The text that the document around the elements goes to. */
    rest: JsonText;
    /** An array of elements begins. @returns the text that its elements go to. */
    beginElements(pattern: number, pointer: string): JsonText;
    beginElement(): void;
    endElement(): void;
    endElements(): void;
    refuse: Refuse;
}

/**
 * Reads JSON bytes one time, checks the grammar of RFC 8259, and copies what its plan keeps. A scan can stop at any
 * byte and go on with the next piece; what is short and was not there as a whole is then read again.
 */
export class JsonScanner {
    private state = expectValue;
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
    private readonly input: JsonInput;
    /** Bytes of the piece that have been read. */
    private read = 0;
    /** Reads what is kept or left out as a whole, until it has ended. */
    private readonly value: JsonValueScanner;

    /** @param elementPlans by number of the pattern. */
    constructor(
        plan: Plan,
        private readonly elementPlans: readonly Plan[],
        private readonly largestElement: number,
        private readonly events: ScannerEvents,
    ) {
        this.valuePlan = plan;
        this.text = events.rest;
        this.input = new JsonInput(events.refuse);
        this.value = new JsonValueScanner(this.input);
    }

    /**
     * Reads a piece.
     * @param last whether the document ends with this piece.
     * @returns how many bytes were read; the others have to stand at the beginning of the next piece.
     */
    scan(bytes: Uint8Array, last: boolean): number {
        this.input.next(bytes, last, this.read);
        const { length } = bytes;
        let at = 0;
        while (at < length) {
            if (this.value.ended) {
                const next = this.scanByPlan(at);
                if (next === at && this.value.ended) break;
                at = next;
            } else {
                at = this.value.scan(at);
                this.readWhole(at);
                if (!this.value.ended) break;
            }
        }
        this.read = at;
        if (this.elementDepth >= 0) this.checkElement(at);
        if (last && (at < length || this.state !== expectNothing)) this.input.refuse("cut off", length);
        return at;
    }

    /**
     * Reads one token of a container that is read by its plan.
     * @returns the byte after it; `at` when the token is not there as a whole, or begins a value that is read as a whole.
     */
    private scanByPlan(at: number): number {
        const byte = this.input.bytes[at] as number;
        if (byte <= 0x20) {
            const end = this.input.endOfBlank(at);
            return end === at ? this.unexpected(at) : end;
        }
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
                return byte === quote ? this.scanKey(at) : this.unexpected(at);
            case expectKey:
                return byte === quote ? this.scanKey(at) : this.unexpected(at);
            case expectValueOrEnd:
                return byte === closeArray ? this.close(at, byte) : this.beginValue(at, byte);
            case expectValue:
                return this.beginValue(at, byte);
            default:
                return this.unexpected(at);
        }
    }

    /** A value that was read as a whole, or a part of it, lies before `at`. */
    private readWhole(at: number): void {
        const { value } = this;
        if (this.copyFrom >= 0) {
            this.text.add(this.input.bytes, this.copyFrom, at);
            this.copyFrom = value.ended ? -1 : 0;
            if (value.ended) {
                this.text.colons += value.colons;
                this.text.values += value.values;
            }
        }
        if (value.ended) this.endValue(at);
    }

    private scanKey(at: number): number {
        const { input } = this;
        const { bytes } = input;
        let end = at + 1;
        let plain = true;
        while (end < bytes.length && bytes[end] !== quote) {
            if ((bytes[end] as number) < 0x20) return input.refuse("a control character in a string", end);
            if (bytes[end] === backslash) {
                plain = false;
                const escapeEnd = endOfEscape(bytes, end);
                if (escapeEnd === wrong) return input.refuse("an escape that JSON does not have", end);
                end = escapeEnd === incomplete ? bytes.length : escapeEnd;
            } else {
                end += 1;
            }
        }
        if (end >= bytes.length) return at;
        const parent = this.plans[this.depth] as Plan;
        if (plain) {
            this.valuePlan = findKey(parent, bytes, at + 1, end);
        } else {
            // Another spelling of a key is the same key.
            const text = Buffer.from(bytes.subarray(at, end + 1)).toString("utf8");
            const key = Buffer.from(JSON.parse(text) as string);
            this.valuePlan = findKey(parent, key, 0, key.length);
        }
        this.state = expectColon;
        if (this.valuePlan !== dropped) {
            this.separate();
            this.text.add(bytes, at, end + 1);
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
                this.elementStart = this.input.before + at;
                this.events.beginElement();
            } else {
                plan = parent.item;
                if (plan !== dropped) this.separate();
            }
            this.indices[this.depth] = (this.indices[this.depth] as number) + 1;
        }
        const isContainer = byte === openObject || byte === openArray;
        if (isContainer && plan !== dropped && plan !== whole) return this.openByPlan(at, byte, plan);
        this.value.begin(this.depth);
        if (plan !== dropped) this.copyFrom = at;
        return at;
    }

    private openByPlan(at: number, byte: number, plan: Plan): number {
        if (this.depth === deepest) return this.input.refuse(`nested deeper than ${deepest}`, at);
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
            this.checkElement(end);
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

    private checkElement(end: number): void {
        if (this.input.before + end - this.elementStart > this.largestElement) {
            this.events.refuse(`an element of more than ${this.largestElement} bytes`, this.elementStart);
        }
    }

    private unexpected(at: number): never {
        return this.input.refuse(`expected ${expected[this.state]}`, at);
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
