/** IPv4 networks as number ranges. Pure; no other notation than dotted decimal with a prefix length. */

export interface Cidr {
    /** First address as an unsigned 32-bit number. */
    base: number;
    /** Prefix length, 0 to 32. */
    prefix: number;
}

/** Number of addresses in a network. */
export function sizeOf(cidr: Cidr): number {
    return 2 ** (32 - cidr.prefix);
}

function parse(text: string): { address: number; prefix: number } | undefined {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
    if (match === null) return undefined;
    const numbers = match.slice(1).map(Number);
    const octets = numbers.slice(0, 4);
    const prefix = numbers[4] ?? 0;
    const leadingZero = match.slice(1).some((part) => part.length > 1 && part.startsWith("0"));
    if (leadingZero || prefix > 32 || octets.some((octet) => octet > 255)) return undefined;
    return { address: octets.reduce((sum, octet) => sum * 256 + octet, 0), prefix };
}

/** Says what is wrong with a network's notation, or undefined when nothing is. */
export function cidrProblem(text: string): string | undefined {
    const parsed = parse(text);
    if (parsed === undefined) return "must be an IPv4 network such as 10.20.0.0/16";
    const base = parsed.address - (parsed.address % sizeOf({ base: 0, prefix: parsed.prefix }));
    if (base !== parsed.address) {
        return `has bits set behind the prefix; the network is ${formatCidr({ base, prefix: parsed.prefix })}`;
    }
    return undefined;
}

/** @throws Error with the sentence of `cidrProblem` when the text is not a network. */
export function parseCidr(text: string): Cidr {
    const problem = cidrProblem(text);
    const parsed = parse(text);
    if (problem !== undefined || parsed === undefined) throw new Error(`"${text}" ${problem}`);
    return { base: parsed.address, prefix: parsed.prefix };
}

/** Dotted decimal with the prefix length. */
export function formatCidr(cidr: Cidr): string {
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(cidr.base / 2 ** shift) % 256);
    return `${octets.join(".")}/${cidr.prefix}`;
}

/** Whether two networks share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
    return a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);
}

/** Whether `inner` lies wholly in `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
    return inner.base >= outer.base && inner.base + sizeOf(inner) <= outer.base + sizeOf(outer);
}
