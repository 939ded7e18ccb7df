import {
    backslash,
    closeArray,
    closeObject,
    colon,
    comma,
    endOfEscape,
    endOfScalar,
    expectColon,
    expectCommaOrEnd,
    expected,
    expectKey,
    expectKeyOrEnd,
    expectValue,
    expectValueOrEnd,
    incomplete,
    openArray,
    openObject,
    quote,
    wrong,
} from "./jsonGrammar";
import type { JsonInput } from "./jsonInput";

/** Containers within containers; genuine reports have less than twenty. */
export const deepest = 256;

/** Further states, beside what is expected. */
const insideString = 7;
const insideKey = 8;

/**
 * Reads one value whose keys are of no interest, and counts. Nine tenths of a report pass through here: it is written
 * for speed.
 */
export class JsonValueScanner {
    /** Colons outside of strings and values in the value, as far as it was read. */
    colons = 0;
    values = 0;
    ended = true;
    private state = expectValue;
    private depth = 0;
    private startDepth = 0;
    private readonly isObject = new Uint8Array(deepest + 1);

    constructor(private readonly input: JsonInput) {}

    /** @param depth number of containers around the value. */
    begin(depth: number): void {
        this.colons = 0;
        this.values = 0;
        this.ended = false;
        this.state = expectValue;
        this.depth = depth;
        this.startDepth = depth;
    }

    /** Reads on. @returns the byte after the value when it has ended; else the first byte that has to be read again. */
    scan(from: number): number {
        const { isObject, input, startDepth } = this;
        const { bytes, last, aligned } = input;
        const length = bytes.length;
        let { state, depth, colons, values } = this;
        let at = from;
        reading: while (at < length) {
            let byte = bytes[at] as number;
            if (state >= insideString) {
                while (byte !== quote) {
                    if (byte === backslash) {
                        const end = endOfEscape(bytes, at);
                        if (end === incomplete) break reading;
                        if (end === wrong) return input.refuse("an escape that JSON does not have", at);
                        at = end;
                    } else if (byte < 0x20) {
                        return input.refuse("a control character in a string", at);
                    } else {
                        at += 1;
                        if (((at - aligned) & 3) === 0) at = input.afterPlain(at);
                    }
                    if (at >= length) break reading;
                    byte = bytes[at] as number;
                }
                at += 1;
                if (state === insideKey) {
                    state = expectColon;
                    // Nearly always it comes at once.
                    if (at < length && bytes[at] === colon) {
                        colons += 1;
                        at += 1;
                        state = expectValue;
                    }
                    continue;
                }
            } else if (byte <= 0x20) {
                const end = input.endOfBlank(at);
                if (end === at) return this.unexpected(at, state);
                at = end;
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
                if (depth === deepest) return input.refuse(`nested deeper than ${deepest}`, at);
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
                    depth === startDepth
                )
                    return this.unexpected(at, state);
                depth -= 1;
                at += 1;
            } else {
                if (state > expectValueOrEnd) return this.unexpected(at, state);
                const end = endOfScalar(bytes, at, last);
                if (end === incomplete) break;
                if (end === wrong) return this.unexpected(at, state);
                values += 1;
                at = end;
            }
            // A value has ended.
            state = expectCommaOrEnd;
            if (depth === startDepth) {
                this.ended = true;
                break;
            }
        }
        this.state = state;
        this.depth = depth;
        this.colons = colons;
        this.values = values;
        return at;
    }

    private unexpected(at: number, state: number): never {
        return this.input.refuse(`expected ${expected[state]}`, at);
    }
}
