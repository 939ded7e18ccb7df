/** Ingress of security groups, whichever of the three forms it is written in. */
import {
    is,
    PropertyReader,
    unknown,
    valueOf,
    type Reading,
    type ResourceReader,
} from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import {
    defaultSecurityGroupType,
    ingressRuleType,
    securityGroupRuleType,
    securityGroupType,
} from "./securityGroup";
import { separateRules } from "./separateRules";

export interface IngressEntry {
    /** The resource that the entry is written in. */
    resource: ResourceReader;
    /** For messages, e.g. `database.ingress[0]`. */
    place: string;
    /** Known source address ranges. */
    cidrs: string[];
    /** True when a range, or the whole entry, is not known yet. */
    unknownCidrs: boolean;
    /** True when prefix lists are given. */
    prefixLists: boolean;
    /** Ids of prefix lists, as far as they are known. */
    prefixListIds: string[];
    /** Readings below this reader: `securityGroups`, `self`, `referencedSecurityGroupId` and so on. */
    properties: PropertyReader;
    /** Top-level path of the security groups that are let in, for the stack graph. */
    sourceGroupPaths: (string | number)[][];
    fromPort: Reading<number>;
    toPort: Reading<number>;
    /** `tcp`, `-1` and so on. */
    protocol: Reading<string>;
}

/** Names of the properties of one entry, which differ between the forms. */
interface IngressForm {
    cidrs: string[];
    prefixList: string;
    protocol: string;
}

export const inlineForm: IngressForm = {
    cidrs: ["cidrBlocks", "ipv6CidrBlocks"],
    prefixList: "prefixListIds",
    protocol: "protocol",
};
export const separateForm: IngressForm = {
    cidrs: ["cidrIpv4", "cidrIpv6"],
    prefixList: "prefixListId",
    protocol: "ipProtocol",
};

/** Entries that a resource itself carries. Egress rules carry none. */
export function ownIngress(resource: ResourceReader): IngressEntry[] {
    if (resource.type === securityGroupRuleType) {
        const type = resource.string("type");
        if (type.kind === "known" && type.value !== "ingress") return [];
        return [entryOf(resource, resource, inlineForm, [["sourceSecurityGroupId"]])];
    }
    if (resource.type === ingressRuleType) {
        return [entryOf(resource, resource, separateForm, [["referencedSecurityGroupId"]])];
    }
    const list = resource.list("ingress");
    if (list.kind === "unknown" || list.kind === "malformed") {
        return [entryOf(resource, new PropertyReader(unknown, "ingress"), inlineForm, [["ingress"]])];
    }
    return (valueOf(list) ?? []).map((entry, index) =>
        entryOf(resource, entry, inlineForm, [["ingress", index, "securityGroups"]]),
    );
}

/** Entries of a security group: its own and those of separate rules that certainly belong to it. */
export function ingressOf(graph: StackGraph, group: ResourceReader): IngressEntry[] {
    const separate = (separateRules(graph).certain.get(group) ?? []).filter(carriesIngress);
    return [group, ...separate].flatMap(ownIngress);
}

/** Separate rules that may belong to the group, but also to another. */
export function possibleIngressOf(graph: StackGraph, group: ResourceReader): ResourceReader[] {
    const { possible, unplaced } = separateRules(graph);
    return [...(possible.get(group) ?? []), ...unplaced].filter(carriesIngress);
}

function carriesIngress(rule: ResourceReader): boolean {
    return rule.type === ingressRuleType || (rule.type === securityGroupRuleType && !is(rule.string("type"), "egress")); // prettier-ignore
}

/** Entries that let anybody in, and entries of which that is not known. */
export function openSources(entries: readonly IngressEntry[]): {
    anyone: IngressEntry[];
    unknown: IngressEntry[];
} {
    return {
        anyone: entries.filter((entry) => entry.cidrs.some(isAnyone)),
        unknown: entries.filter((entry) => !entry.cidrs.some(isAnyone) && entry.unknownCidrs),
    };
}

/**
 * True for ranges that are the whole internet, or so much of it that a few of them make it whole: wider than /8 in
 * IPv4 (10.0.0.0/8 is the widest private range) and wider than /16 in IPv6.
 */
export function isAnyone(cidr: string): boolean {
    const [address = "", prefix = ""] = cidr.split("/");
    if (!/^\d+$/.test(prefix)) return false;
    return Number(prefix) < (address.includes(":") ? 16 : 8);
}

/** True when the entry is certainly TCP 443 and nothing else. */
export function isHttpsOnly(entry: IngressEntry): "yes" | "no" | "unknown" {
    const protocol = valueOf(entry.protocol)?.toLowerCase();
    if (entry.protocol.kind !== "unknown" && protocol !== "tcp" && protocol !== "6") return "no";
    for (const port of [entry.fromPort, entry.toPort]) {
        if (port.kind !== "unknown" && !is(port, 443)) return "no";
    }
    return [entry.protocol, entry.fromPort, entry.toPort].some((reading) => reading.kind === "unknown")
        ? "unknown"
        : "yes";
}

/** The ports that the entry opens; one whose ports are not known yet may open any. */
export function portsOf(entry: IngressEntry): { includes(port: number): boolean; all: boolean } {
    const protocol = valueOf(entry.protocol)?.toLowerCase();
    const [from, to] = [valueOf(entry.fromPort), valueOf(entry.toPort)];
    if (protocol === "-1" || protocol === "all") return { includes: () => true, all: true };
    return {
        includes: (port) => (from ?? 0) <= port && port <= (to ?? 65_535),
        all: (from ?? 0) <= 0 && (to ?? 65_535) >= 65_535,
    };
}

/** Ports that the entry opens, in words. */
export function portsText(entry: IngressEntry): string {
    const protocol = valueOf(entry.protocol)?.toLowerCase();
    if (protocol === "-1" || protocol === "all") return "all ports";
    const [from, to] = [valueOf(entry.fromPort), valueOf(entry.toPort)];
    if (from === undefined || to === undefined) return "ports that are not known yet";
    return from === to ? `port ${from}` : `ports ${from} to ${to}`;
}

/** True when the type carries ingress in any form. */
export const ingressTypes = [
    securityGroupType,
    defaultSecurityGroupType,
    securityGroupRuleType,
    ingressRuleType,
];

/** One entry in one of the forms. */
export function entryOf(
    resource: ResourceReader,
    properties: PropertyReader,
    form: IngressForm,
    sourceGroupPaths: (string | number)[][],
): IngressEntry {
    const cidrs: string[] = [];
    let unknownCidrs = properties.isUnknown();
    for (const property of form.cidrs) {
        const reading = properties.strings(property);
        if (reading.kind === "unknown" || reading.kind === "malformed") unknownCidrs = true;
        if (reading.kind !== "known") continue;
        cidrs.push(...reading.value.values);
        unknownCidrs ||= reading.value.unknownCount > 0;
    }
    const prefixLists = properties.strings(form.prefixList);
    return {
        resource,
        place: properties.property === "" ? resource.name : `${resource.name}.${properties.property}`,
        cidrs,
        unknownCidrs,
        prefixLists:
            !properties.isUnknown() &&
            prefixLists.kind !== "absent" &&
            !(
                prefixLists.kind === "known" &&
                prefixLists.value.values.length + prefixLists.value.unknownCount === 0
            ),
        prefixListIds: prefixLists.kind === "known" ? prefixLists.value.values : [],
        properties,
        sourceGroupPaths,
        fromPort: properties.number("fromPort"),
        toPort: properties.number("toPort"),
        protocol: properties.string(form.protocol),
    };
}
