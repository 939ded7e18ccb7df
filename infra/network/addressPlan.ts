/**
 * Which subnet has which addresses. The VPC is cut into sixteen equal parts: four tiers of four zones each. A subnet's
 * place depends on its tier and zone number alone, so a further zone or tier never moves one that exists.
 */
import { formatCidr, parseCidr, sizeOf } from "./cidr";

/** Tiers in the order of their places. Append only: a place that is taken stays taken. */
export const tiers = ["public", "private"] as const;
export type Tier = (typeof tiers)[number];

/** Zones that one tier has room for. */
export const maximumZones = 4;
/** Tiers that a VPC has room for. */
export const maximumTiers = 4;

/**
 * Networks of each tier, one per zone, in the order of the zones.
 *
 * @param cidrBlock the VPC's network; every subnet has a sixteenth of it (a /16 gives /20 subnets of 4091 usable
 * addresses, a /20 gives /24 subnets of 251: Amazon VPC keeps five addresses of each).
 * @throws Error when there are more zones or tiers than places, or when subnets would be smaller than /28.
 */
export function planAddresses<T extends string>(
    cidrBlock: string,
    zones: number,
    names: readonly T[],
): Record<T, string[]> {
    const vpc = parseCidr(cidrBlock);
    if (!Number.isInteger(zones) || zones < 1 || zones > maximumZones) {
        throw new Error(`zones must be 1 to ${maximumZones}, not ${zones}`);
    }
    if (names.length > maximumTiers) throw new Error(`there is room for ${maximumTiers} tiers only`);
    const prefix = vpc.prefix + Math.log2(maximumZones * maximumTiers);
    if (prefix > 28)
        throw new Error(`${cidrBlock} is too small: subnets would be /${prefix}, AWS allows /28`);
    const size = sizeOf({ base: 0, prefix });
    const networks = names.map((name, tier): [T, string[]] => [
        name,
        Array.from({ length: zones }, (_, zone) =>
            formatCidr({ base: vpc.base + (tier * maximumZones + zone) * size, prefix }),
        ),
    ]);
    return Object.fromEntries(networks) as Record<T, string[]>;
}
