/** Rules of network ACLs, and which of them decides about a port. */
import { valueOf, type PropertyReader } from "../../harness/reader";
import { isAnyone } from "./ingress";

export const networkAclType = "aws:ec2/networkAcl:NetworkAcl";
export const networkAclRuleType = "aws:ec2/networkAclRule:NetworkAclRule";

/** Ports of remote administration that FSBP EC2.21 asks about. */
const adminPorts = [22, 3389];

export interface AclEntry {
    /** For messages. */
    place: string;
    number: number;
    allows: boolean;
    cidr: string;
    covers(port: number): boolean;
}

interface AclForm {
    number: string;
    action: string;
}
/** The two forms name number and action differently. */
export const inlineAclForm: AclForm = { number: "ruleNo", action: "action" };
export const separateAclForm: AclForm = { number: "ruleNumber", action: "ruleAction" };

/** The entry; undefined when something that decides is not known yet, or cannot be read. */
export function aclEntry(reader: PropertyReader, place: string, form: AclForm): AclEntry | undefined {
    const number = valueOf(reader.number(form.number));
    const action = valueOf(reader.string(form.action))?.toLowerCase();
    const cidrs = [reader.string("cidrBlock"), reader.string("ipv6CidrBlock")];
    const protocol = valueOf(reader.string("protocol"))?.toLowerCase();
    const [from, to] = [reader.number("fromPort"), reader.number("toPort")];
    const open = [...cidrs, from, to].some(({ kind }) => kind === "unknown" || kind === "malformed");
    if (number === undefined || action === undefined || protocol === undefined || open) return undefined;
    const cidr = cidrs.flatMap((reading) => valueOf(reading) || []).join(" and ");
    const [first, last] = [valueOf(from), valueOf(to)];
    return {
        place,
        number,
        allows: action === "allow",
        cidr,
        covers: (port) =>
            protocol === "-1" ||
            protocol === "all" ||
            (["tcp", "6"].includes(protocol) && (first ?? 0) <= port && port <= (last ?? 65_535)),
    };
}

/**
 * The entry that lets everybody in on an administration port, with the port: entries count in the order of their
 * numbers, and the first one that fits decides. A refusal of a part of the internet refuses nobody else.
 */
export function openedAdminPort(entries: readonly AclEntry[]): { entry: AclEntry; port: number } | undefined {
    const ordered = [...entries].sort((a, b) => a.number - b.number);
    for (const port of adminPorts) {
        for (const family of [/^[\d.]+\//, /:/]) {
            const entry = ordered.find(
                (each) =>
                    each.covers(port) && each.cidr.split(" and ").some((cidr) => family.test(cidr) && isAnyone(cidr)), // prettier-ignore
            );
            if (entry?.allows) return { entry, port };
        }
    }
    return undefined;
}
