/** IPv4 blocks as plain numbers. */

export interface Block {
    /** First address, 0 to 2^32 - 1. */
    base: number;
    /** Prefix length, 0 to 32. */
    mask: number;
}

/** Parses `a.b.c.d/n`; undefined when the text is no IPv4 block. Host bits are cut off. */
export function parseBlock(text: string): Block | undefined {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
    if (match === null) {
        return undefined;
    }
    const [a, b, c, d, mask] = match.slice(1).map(Number) as [number, number, number, number, number];
    if ([a, b, c, d].some((octet) => octet > 255) || mask > 32) {
        return undefined;
    }
    const address = ((a * 256 + b) * 256 + c) * 256 + d;
    return { base: address - (address % size({ base: 0, mask })), mask };
}

export function formatBlock({ base, mask }: Block): string {
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
    return `${octets.join(".")}/${mask}`;
}

/** Number of addresses. */
export function size({ mask }: Block): number {
    return 2 ** (32 - mask);
}

/** The `index`-th block of `newBits` more prefix bits, counted from the start of `block` (may lie behind its end). */
export function subBlock(block: Block, newBits: number, index: number): Block {
    const mask = block.mask + newBits;
    return { base: block.base + index * size({ base: 0, mask }), mask };
}

export function overlaps(one: Block, other: Block): boolean {
    return one.base < other.base + size(other) && other.base < one.base + size(one);
}
