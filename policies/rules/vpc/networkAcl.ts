/** VPC-08: network ACLs do not open administration ports to everybody. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import {
    aclEntry,
    inlineAclForm,
    networkAclRuleType,
    networkAclType,
    openedAdminPort,
    separateAclForm,
    type AclEntry,
} from "./networkAclRules";

const metadata: RuleMetadata = {
    id: "VPC-08",
    family: "vpc",
    title: "Network ACLs do not open administration ports to everybody",
    rationale:
        "The network ACL is what is left when a security group is opened by mistake; one that lets the internet in on SSH or RDP leaves nothing.",
    severity: "medium",
    remediation:
        "Allow ports 22 and 3389 from address ranges of your own only, or refuse them by an entry with a smaller number before a range of ports (1024 to 65535 contains 3389).",
    references: ["FSBP EC2.21", "trivy AWS-0105", "CIS AWS 5.0.0 5.2"],
};

function refused(acl: ResourceReader, entries: readonly AclEntry[]): Outcome | undefined {
    const opened = openedAdminPort(entries);
    return (
        opened &&
        violation(
            `Network ACL ${acl.name} lets ${opened.entry.cidr} in on port ${opened.port} (${opened.entry.place}).`,
            "Name address ranges of your own, or refuse the port by an entry with a smaller number.",
            { findingId: String(opened.port) },
        )
    );
}

/** In-line entries, and whether one of them cannot be judged yet. */
function inlineEntries(acl: ResourceReader): { entries: AclEntry[]; unclear: string | undefined } {
    const list = acl.list("ingress");
    const read = (valueOf(list) ?? []).map((each) => ({
        property: each.property,
        entry: aclEntry(each, `${acl.name}.${each.property}`, inlineAclForm),
    }));
    const unread = list.kind === "unknown" || list.kind === "malformed" ? "ingress" : undefined;
    return {
        entries: read.flatMap(({ entry }) => (entry ? [entry] : [])),
        unclear: read.find(({ entry }) => entry === undefined)?.property ?? unread,
    };
}

export const networkAcl: ResourceRule = {
    level: "resource",
    metadata,
    types: [networkAclType],
    evaluate: (acl) => {
        const { entries, unclear } = inlineEntries(acl);
        const wrong = refused(acl, entries);
        const open = unclear === undefined ? [] : [inconclusive({ property: unclear }, "whom the network ACL lets in is not known yet")]; // prettier-ignore
        return wrong ? [wrong, ...open] : open.length > 0 ? open : [pass];
    },
    examples: [
        badExample("SSH from anywhere", [acl([allow(100, 22)])], "acl"),
        badExample("RDP from anywhere, by IPv6", [acl([{ ...allow(100, 3389), cidrBlock: null, ipv6CidrBlock: "::/0" }])], "acl"), // prettier-ignore
        badExample("everything", [acl([{ ...allow(100, 0), protocol: "-1" }])], "acl"),
        badExample("a range that contains RDP", [acl([allow(100, 443), allow(110, 1024, 65_535)])], "acl"),
        badExample("refused too late", [acl([allow(100, 22), { ...allow(110, 22), action: "deny" }])], "acl"),
        goodExample("HTTPS, and answers after RDP was refused", [
            acl([allow(100, 443), { ...allow(105, 3389), action: "deny" }, allow(110, 1024, 65_535)]),
        ]),
        goodExample("SSH from inside", [acl([{ ...allow(100, 22), cidrBlock: "10.0.0.0/8" }])]),
        absentExample("no ingress", [acl(null)]),
        openExample("ingress not known yet", [acl(unknown)], "acl"),
        {
            title: "the first entry not known yet does not hide the second",
            shows: "unknown",
            resources: [acl([{ ...allow(100, 443), cidrBlock: unknown }, allow(110, 22)])],
            expect: [
                { resource: "acl", kind: "violation" },
                { resource: "acl", kind: "inconclusive" },
            ],
        },
    ],
};

function judgeRules(graph: StackGraph, acl: ResourceReader): Outcome {
    const { certain, possible } = graph.referrers(acl, [networkAclRuleType], "networkAclId");
    const ingress = certain.filter((rule) => !is(rule.boolean("egress"), true));
    const [doubtful] = possible.filter((rule) => !is(rule.boolean("egress"), true));
    if (ingress.length === 0 && !doubtful) return notApplicable("no rules apart from the ACL");
    const read = ingress.map((rule) => ({ rule, entry: aclEntry(rule, rule.name, separateAclForm) }));
    const entries = read.flatMap(({ entry }) => (entry ? [entry] : []));
    const wrong = refused(acl, [...inlineEntries(acl).entries, ...entries]);
    if (wrong) return wrong;
    const unread = read.find(({ entry }) => entry === undefined)?.rule ?? doubtful;
    return unread
        ? inconclusive({ property: unread.name }, "whom this rule of a network ACL lets in is not known yet")
        : pass;
}

export const separateNetworkAclRules: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [networkAclType],
    evaluate: (graph) => graph.ofType(networkAclType).flatMap((each) => about(each, judgeRules(graph, each))),
    examples: [
        badExample("SSH from anywhere by a rule of its own", [acl(null), rule(100, 22)], "acl"),
        goodExample("refused before a range that contains it", [
            acl(null),
            rule(100, 3389, { ruleAction: "deny" }),
            { ...rule(110, 1024, { toPort: 65_535 }), name: "range" },
        ]),
        goodExample("egress is not ingress", [acl(null), rule(100, 22, { egress: true })]),
        absentExample("no rules", [acl(null)]),
        openExample("source not known yet", [acl(null), rule(100, 22, { cidrBlock: unknown })], "acl"),
    ],
};

function acl(ingress: unknown): ExampleResource {
    return { type: networkAclType, name: "acl", props: { vpcId: unknown, ingress } };
}

function allow(ruleNo: number, fromPort: number, toPort = fromPort): Record<string, unknown> {
    return { ruleNo, action: "allow", protocol: "tcp", fromPort, toPort, cidrBlock: "0.0.0.0/0" };
}

function rule(ruleNumber: number, port: number, more: Record<string, unknown> = {}): ExampleResource {
    return {
        type: networkAclRuleType,
        name: "rule",
        props: {
            networkAclId: unknown,
            ruleNumber,
            ruleAction: "allow",
            protocol: "tcp",
            fromPort: port,
            toPort: port,
            cidrBlock: "0.0.0.0/0",
            ...more,
        },
        propertyDependencies: { networkAclId: ["acl"] },
    };
}
