/** Which subnets `awsx:ec2:Vpc` makes, and with which address blocks. */
import { ExpansionError } from "./expansion";
import { formatBlock, overlaps, parseBlock, subBlock } from "./addresses";
import type { WireObject } from "../engine/wire";

export type SubnetType = "Public" | "Private" | "Isolated" | "Unused";
const subnetTypes: SubnetType[] = ["Public", "Private", "Isolated", "Unused"];

export interface SubnetSpec {
    type: SubnetType;
    /** Defaults to the type in lower case. */
    name?: string;
    cidrBlocks: string[];
    tags?: WireObject;
}

export interface PlannedSubnet {
    type: SubnetType;
    /** `<vpc>-<spec name>-<number of the zone>`. */
    name: string;
    zone: string;
    cidrBlock: string;
    tags?: WireObject;
}

/** Explicit layout: one block per zone and spec, in the order zone, spec. */
export function explicitLayout(vpcName: string, zones: string[], specs: SubnetSpec[]): PlannedSubnet[] {
    return zones.flatMap((zone, index) =>
        specs.map((spec) => ({
            type: spec.type,
            name: `${vpcName}-${spec.name ?? spec.type.toLowerCase()}-${index + 1}`,
            zone,
            cidrBlock: spec.cidrBlocks[index]!,
            ...(spec.tags ? { tags: spec.tags } : {}),
        })),
    );
}

/**
 * The layout without subnet specs under the strategy Legacy: the block is divided among the zones (rounded up to a
 * power of two); the private subnet takes the first half of a zone's part, the public one the first half of the rest.
 */
export function legacyLayout(vpcName: string, vpcCidr: string, zones: string[]): PlannedSubnet[] {
    const block = parseBlock(vpcCidr);
    if (block === undefined) {
        throw new ExpansionError(`cidrBlock "${vpcCidr}" is not an IPv4 block`);
    }
    const zoneBits = Math.ceil(Math.log2(Math.max(1, zones.length)));
    if (block.mask + zoneBits + 2 > 32) {
        throw new ExpansionError(`cidrBlock "${vpcCidr}" is too small for ${zones.length} zones`);
    }
    const layout = (type: SubnetType, place: (zone: number) => string) =>
        zones.map((zone, index) => ({
            type,
            name: `${vpcName}-${type.toLowerCase()}-${index + 1}`,
            zone,
            cidrBlock: place(index),
        }));
    const privateBlock = (zone: number) => subBlock(subBlock(block, zoneBits, zone), 1, 0);
    return [
        ...layout("Private", (zone) => formatBlock(privateBlock(zone))),
        ...layout("Public", (zone) => formatBlock(subBlock(subBlock(privateBlock(zone), 0, 1), 1, 0))),
    ];
}

/** Reads and checks `subnetSpecs`; only explicit address blocks are imitated. */
export function readSubnetSpecs(specs: unknown[], zoneCount: number): SubnetSpec[] {
    const seen = new Set<string>();
    return specs.map((item, index) => {
        const path = `subnetSpecs[${index}]`;
        const { type, name, cidrBlocks, tags, ...rest } = item as Record<string, unknown>;
        const known = subnetTypes.find((candidate) => candidate.toLowerCase() === String(type).toLowerCase());
        if (known === undefined) {
            throw new ExpansionError(
                `${path}.type is "${String(type)}": allowed are ${subnetTypes.join(", ")}`,
            );
        }
        const unsupported = Object.keys(rest).find(
            (key) => !(key === "assignIpv6AddressOnCreation" && rest[key] === false),
        );
        if (unsupported !== undefined) {
            throw new ExpansionError(`${path}.${unsupported} is not imitated offline`);
        }
        if (!Array.isArray(cidrBlocks)) {
            throw new ExpansionError(
                `${path}.cidrBlocks is missing: only explicit address blocks are imitated offline`,
            );
        }
        if (cidrBlocks.length !== zoneCount) {
            throw new ExpansionError(
                `The number of CIDR blocks in ${path} must match the number of availability zones (${zoneCount}).`,
            );
        }
        const key = `${known}|${typeof name === "string" ? name : ""}`;
        if (seen.has(key)) {
            throw new ExpansionError(
                `Multiple subnet specs of type "${known.toLowerCase()}" require unique names.`,
            );
        }
        seen.add(key);
        return {
            type: known,
            cidrBlocks: cidrBlocks as string[],
            ...(typeof name === "string" ? { name } : {}),
            ...(tags === undefined ? {} : { tags: tags as WireObject }),
        };
    });
}

/** Refuses overlapping subnets, as the provider does before it creates the VPC. */
export function refuseOverlaps(subnets: PlannedSubnet[]): void {
    const blocks = subnets.map((subnet) => {
        const block = parseBlock(subnet.cidrBlock);
        if (block === undefined) {
            throw new ExpansionError(`subnet ${subnet.name}: "${subnet.cidrBlock}" is not an IPv4 block`);
        }
        return block;
    });
    const overlapping = subnets.filter((_, index) =>
        blocks.some((other, otherIndex) => otherIndex !== index && overlaps(blocks[index]!, other)),
    );
    if (overlapping.length > 0) {
        throw new ExpansionError(
            `The following subnets overlap with at least one other subnet: ${overlapping
                .map((subnet) => `${subnet.name} ${subnet.cidrBlock}`)
                .join(", ")}`,
        );
    }
}
