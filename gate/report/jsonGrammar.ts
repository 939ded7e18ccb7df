/*
 * The parts of RFC 8259 that are read byte by byte. All functions work on a piece of a document: what is not there as
 * a whole gives `incomplete` and is read again when more has come.
 */

export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const openArray = 0x5b;
export const backslash = 0x5c;
export const closeArray = 0x5d;
export const openObject = 0x7b;
export const closeObject = 0x7d;

/** What may come next. Numbers, because this is asked for every token of hundreds of megabytes. */
export const expectValue = 0;
export const expectValueOrEnd = 1;
export const expectKey = 2;
export const expectKeyOrEnd = 3;
export const expectColon = 4;
export const expectCommaOrEnd = 5;
export const expectNothing = 6;

/** The same in words, for messages. */
export const expected = [
    "a value",
    'a value or "]"',
    "a key",
    'a key or "}"',
    '":"',
    '"," or the end of the list or object',
    "the end, after one JSON value",
];

/** The piece ends before what is read does. */
export const incomplete = -1;
/** It is not what it would have to be. */
export const wrong = -2;

const literals: ReadonlyMap<number, Uint8Array> = new Map(
    ["true", "false", "null"].map((text) => [text.charCodeAt(0), Buffer.from(text)]),
);

/** Bytes that a number is written with. */
const ofNumber = new Uint8Array(256);
for (const byte of Buffer.from("0123456789+-.eE")) ofNumber[byte] = 1;

/** Bytes that can follow a backslash, but for u. */
const escaped = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) escaped[byte] = 1;

/**
 * The end of the number or literal (true, false, null) that begins at `at`.
 * @param last whether the document ends with the piece: only then can a number end with it.
 */
export function endOfScalar(piece: Uint8Array, at: number, last: boolean): number {
    const literal = literals.get(piece[at] as number);
    if (literal === undefined) return endOfNumber(piece, at, last);
    for (let offset = 1; offset < literal.length; offset += 1) {
        if (at + offset === piece.length) return incomplete;
        if (piece[at + offset] !== literal[offset]) return wrong;
    }
    return at + literal.length;
}

function endOfNumber(piece: Uint8Array, from: number, last: boolean): number {
    let end = from;
    while (end < piece.length && ofNumber[piece[end] as number] === 1) end += 1;
    if (end === from) return wrong;
    if (end === piece.length && !last) return incomplete;
    let at = from;
    const digits = (): boolean => {
        const first = at;
        while (at < end && isDigit(piece[at] as number)) at += 1;
        return at > first;
    };
    if (piece[at] === 0x2d) at += 1;
    if (at < end && piece[at] === 0x30) at += 1;
    else if (!digits()) return wrong;
    if (at < end && piece[at] === 0x2e) {
        at += 1;
        if (!digits()) return wrong;
    }
    if (at < end && ((piece[at] as number) | 0x20) === 0x65) {
        at += 1;
        if (at < end && (piece[at] === 0x2b || piece[at] === 0x2d)) at += 1;
        if (!digits()) return wrong;
    }
    return at === end ? end : wrong;
}

/** The end of the escape that begins at `at` with a backslash. */
export function endOfEscape(piece: Uint8Array, at: number): number {
    if (at + 1 === piece.length) return incomplete;
    const byte = piece[at + 1] as number;
    if (escaped[byte] === 1) return at + 2;
    if (byte !== 0x75) return wrong;
    for (let position = at + 2; position < at + 6; position += 1) {
        if (position === piece.length) return incomplete;
        if (!isHexadecimal(piece[position] as number)) return wrong;
    }
    return at + 6;
}

export function isBlank(byte: number): boolean {
    return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number): boolean {
    return byte >= 0x30 && byte <= 0x39;
}

function isHexadecimal(byte: number): boolean {
    const lower = byte | 0x20;
    return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}
