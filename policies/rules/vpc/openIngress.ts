/** VPC-03: nothing is open to everybody, except HTTPS on an edge group. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata } from "../../harness/rule";
import { ingressTypes, isAnyone, isHttpsOnly, ownIngress, portsText, type IngressEntry } from "./ingress";
import {
    defaultSecurityGroupType,
    ingressRuleType,
    isEdgeGroup,
    securityGroupRuleType,
    securityGroupType,
} from "./securityGroup";

export const separateTypes = [securityGroupRuleType, ingressRuleType];

export const openIngressMetadata: RuleMetadata = {
    id: "VPC-03",
    family: "vpc",
    title: "No ingress from anywhere, except port 443 on an edge group",
    rationale: "What the whole internet may connect to is tried by the whole internet, within minutes.",
    severity: "critical",
    remediation:
        "Let in security groups or known address ranges. Everybody may reach only TCP 443, on the group of a load balancer that " +
        "faces the internet, or on one with the tag of the setting `edgeSecurityGroupTag` (`gate:edge: true`).",
    references: [
        "FSBP EC2.18",
        "FSBP EC2.19",
        "FSBP EC2.53",
        "FSBP EC2.54",
        "checkov CKV_AWS_24",
        "checkov CKV_AWS_260",
        "trivy AWS-0107",
        "CIS AWS 5.0.0 5.3",
        "CIS AWS 5.0.0 5.4",
    ],
};

export const group = (ingress: unknown, more: Record<string, unknown> = {}): ExampleResource => ({
    type: securityGroupType,
    name: "group",
    props: { name: "group", ingress, ...more },
});
export const tcp = (port: unknown, source: object, to: unknown = port) => ({
    protocol: "tcp",
    fromPort: port,
    toPort: to,
    ...source,
});
const world = { cidrBlocks: ["0.0.0.0/0"] };
const bad = [{ resource: "group", kind: "violation" as const }];
export const separate = (props: Record<string, unknown>, dependency = "group"): ExampleResource => ({
    type: ingressRuleType,
    name: "rule",
    props: { ipProtocol: "tcp", fromPort: 443, toPort: 443, securityGroupId: unknown, ...props },
    propertyDependencies: { securityGroupId: [dependency] },
});

export const openIngress: ResourceRule = {
    level: "resource",
    metadata: openIngressMetadata,
    types: ingressTypes,
    evaluate: (resource, configuration) => {
        const entries = ownIngress(resource);
        if (entries.length === 0) return [notApplicable("no ingress")];
        const isSeparate = separateTypes.includes(resource.type);
        const outcomes = entries.flatMap((entry): Outcome[] => {
            const anyone = entry.cidrs.find(isAnyone);
            if (anyone === undefined) {
                return entry.unknownCidrs
                    ? [
                          inconclusive(
                              { property: entry.place },
                              "from where connections are accepted is not known yet",
                          ),
                      ]
                    : [];
            }
            const https = isHttpsOnly(entry);
            // What uses the group, and so whether it is an edge, only the stack tells.
            if (https === "yes") return [];
            const edge = isSeparate ? "unknown" : isEdgeGroup(resource, configuration);
            if (https !== "no" && edge !== "no")
                return [
                    inconclusive(
                        { property: entry.place },
                        "whether this is HTTPS on an edge group is not known yet",
                    ),
                ];
            return [openTo(anyone, entry, configuration)];
        });
        if (outcomes.length > 0) return outcomes;
        const leftToStack = entries.some(
            (entry) => (isSeparate && entry.prefixLists) || entry.cidrs.some(isAnyone),
        );
        return [
            leftToStack ? notApplicable("the stack half judges it together with what uses the group") : pass,
        ];
    },
    examples: [
        {
            title: "SSH from every IPv6 address",
            shows: "bad",
            resources: [group([tcp(22, { ipv6CidrBlocks: ["::/0"] })])],
            expect: bad,
        },
        { title: "all ports", shows: "bad", resources: [group([tcp(0, world, 65_535)])], expect: bad },
        {
            title: "half of the internet",
            shows: "bad",
            resources: [group([tcp(8443, { cidrBlocks: ["0.0.0.0/1"] })])],
            expect: bad,
        },
        {
            title: "an edge group that opens more than 443",
            shows: "bad",
            resources: [group([tcp(80, world, 443)], { tags: { "gate:edge": "true" } })],
            expect: bad,
        },
        {
            title: "a separate rule",
            shows: "bad",
            resources: [
                {
                    ...separate({ cidrIpv4: "0.0.0.0/0", fromPort: 5432, toPort: 5432 }),
                    propertyDependencies: {},
                },
            ],
            expect: [{ resource: "rule", kind: "violation" }],
        },
        {
            title: "a separate rule of the older form",
            shows: "bad",
            resources: [
                {
                    type: securityGroupRuleType,
                    name: "rule",
                    props: { type: "ingress", ...tcp(3389, world), securityGroupId: unknown },
                },
            ],
            expect: [{ resource: "rule", kind: "violation" }],
        },
        {
            title: "the default group is a group too",
            shows: "bad",
            resources: [{ ...group([tcp(22, world)]), type: defaultSecurityGroupType }],
            expect: bad,
        },
        {
            title: "443 on a declared edge group",
            shows: "good",
            resources: [group([tcp(443, world)], { tags: { "gate:edge": "true" } })],
            expect: [],
        },
        {
            title: "443 on a group that the settings name",
            shows: "good",
            configuration: { edgeSecurityGroups: ["gro*"] },
            resources: [group([tcp(443, world)])],
            expect: [],
        },
        {
            title: "private addresses and other groups",
            shows: "good",
            resources: [
                group([tcp(8228, { cidrBlocks: ["10.0.0.0/8"] }), tcp(5432, { securityGroups: [unknown] })]),
            ],
            expect: [],
        },
        {
            title: "egress is not ingress",
            shows: "good",
            resources: [
                {
                    type: securityGroupRuleType,
                    name: "rule",
                    props: { type: "egress", ...tcp(0, world, 65_535) },
                },
            ],
            expect: [],
        },
        { title: "no ingress", shows: "absent", resources: [group(null)], expect: [] },
        {
            title: "an unknown source in the first entry does not hide the second",
            shows: "unknown",
            resources: [group([tcp(443, { cidrBlocks: [unknown] }), tcp(22, world)])],
            expect: [{ resource: "group", kind: "inconclusive" }, ...bad],
        },
        {
            title: "the port of an edge group is not known yet",
            shows: "unknown",
            resources: [group([tcp(unknown, world)], { tags: { "gate:edge": "true" } })],
            expect: [{ resource: "group", kind: "inconclusive" }],
        },
        {
            title: "ingress not known yet",
            shows: "unknown",
            resources: [group(unknown)],
            expect: [{ resource: "group", kind: "inconclusive" }],
        },
    ],
};

/** The violation that all forms share: somebody named by `source` may connect. */
export function openTo(cidr: string, entry: IngressEntry, configuration: PackConfiguration): Outcome {
    const [from, to] = [valueOf(entry.fromPort) ?? 0, valueOf(entry.toPort) ?? 65_535];
    const all = ["-1", "all"].includes(valueOf(entry.protocol)?.toLowerCase() ?? "");
    const admin = configuration.adminPorts.filter((port) => all || (port >= from && port <= to));
    const named = admin.length > 0 && from !== to ? `, among them ${admin.slice(0, 5).join(", ")}` : "";
    return violation(
        `${entry.place} lets ${cidr} connect to ${portsText(entry)}${named}.`,
        "Name a security group or an address range of your own as the source; only TCP 443 may be open to everybody, on a group " +
            `tagged ${configuration.edgeSecurityGroupTag}: "true" or one that only load balancers facing the internet have.`,
        { findingId: entry.place },
    );
}
