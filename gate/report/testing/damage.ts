/** Pseudo-random numbers in [0, 1) (mulberry32), so that every run tries the same mutations. */
export function randomNumbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** Characters that JSON is made of, and some that keep numbers and escapes valid. */
export const structural = Buffer.from('{}[],:"\\ 0el');

/**
 * The content with one random damage: a byte changed, added or lost, a piece lost, or the end cut off.
 * @param random gives numbers in [0, 1).
 */
export function damage(content: Uint8Array, random: () => number): Uint8Array {
    const at = Math.floor(random() * content.length);
    const byte = Math.floor(random() * 256);
    const meaningful = structural[Math.floor(random() * structural.length)] ?? 0;
    const changed = Buffer.from(content);
    switch (Math.floor(random() * 7)) {
        case 0:
            changed[at] = byte;
            return changed;
        case 1:
            changed[at] = (changed[at] ?? 0) ^ (1 << (byte % 8));
            return changed;
        case 2:
            changed[at] = meaningful;
            return changed;
        case 3:
            return Buffer.concat([changed.subarray(0, at), Buffer.of(meaningful), changed.subarray(at)]);
        case 4:
            return Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1)]);
        case 5:
            // A piece is lost. Shorter than a finding: a document with one whole finding cut out is again a valid one.
            return Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1 + byte)]);
        default:
            return changed.subarray(0, at);
    }
}
