/** RDS-01: only the scanner reaches its database. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { ingressOf, possibleIngressOf, type IngressEntry } from "../vpc/ingress";
import { changed, defaultRoute, internetGateway, publicProps, subnet } from "../vpc/network.examples";
import { ingressRuleType, securityGroupType } from "../vpc/securityGroup";
import { routingOf, subnetType } from "../vpc/topology";
import { clusterInstanceType, clusterType, instanceType, subnetGroupType } from "./database";

const metadata: RuleMetadata = {
    id: "RDS-01",
    family: "rds",
    title: "Databases are private and let in the scanner only",
    rationale: "Whoever can write the scanner's database can make a vulnerable image pass.",
    severity: "critical",
    remediation:
        "Leave `publiclyAccessible` false, put the database into a subnet group of private subnets, and give its security " +
        "group ingress from the security group of the scanner's tasks only. Scanner groups are told by the setting " +
        "`scannerGroupTags`, or by an ECS service that uses them.",
    references: [
        "FSBP RDS.2",
        "checkov CKV_AWS_17",
        "trivy AWS-0180",
        "CIS AWS 5.0.0 2.2.3",
        "NIST SP 800-190 4.3.3",
    ],
    profiles: ["baseline"],
};

const database = (props: Record<string, unknown> = {}): ExampleResource => ({
    type: instanceType,
    name: "database",
    props: { identifier: "database", publiclyAccessible: false, ...props },
});
const bad = [{ resource: "database", kind: "violation" as const }];
const open = [{ resource: "database", kind: "inconclusive" as const }];

const securityGroup = (name: string, props: Record<string, unknown> = {}): ExampleResource => ({
    type: securityGroupType,
    name,
    props: { name: `stack-${name}`, ...props },
    computed: { id: unknown, ingress: unknown },
});
const ingress = (props: Record<string, unknown>, from: string[] = []): ExampleResource => ({
    type: ingressRuleType,
    name: "rule",
    props: { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, securityGroupId: unknown, ...props },
    propertyDependencies: { securityGroupId: ["database-group"], referencedSecurityGroupId: from },
});
/** A database in one subnet behind one group; everything by dependency, as at a first preview. */
const wired = (...more: ExampleResource[]): ExampleResource[] => [
    ...subnet("private"),
    {
        type: subnetGroupType,
        name: "subnets",
        props: { name: "subnets", subnetIds: [unknown] },
        propertyDependencies: { subnetIds: ["private"] },
    },
    securityGroup("database-group"),
    securityGroup("anchore"),
    {
        ...database({ dbSubnetGroupName: "subnets", vpcSecurityGroupIds: [unknown] }),
        propertyDependencies: { vpcSecurityGroupIds: ["database-group"] },
    },
    ...more,
];

/** As `wired`, with a list of subnets that depends on all subnets of a component. */
const component = (props: Record<string, unknown>, subnets = ["private", "public"]): ExampleResource[] =>
    changed(
        wired(
            internetGateway,
            ...subnet("public", publicProps),
            defaultRoute("public", "gatewayId", "internet"),
            ingress({ referencedSecurityGroupId: unknown }, ["anchore"]),
        ),
        {
            subnets: {
                props: { subnetIds: unknown, ...props },
                propertyDependencies: { subnetIds: subnets },
            },
        },
    );

export const privateDatabase: ResourceRule = {
    level: "resource",
    metadata,
    types: [instanceType, clusterInstanceType],
    evaluate: (resource) => {
        const accessible = resource.boolean("publiclyAccessible");
        if (accessible.kind === "absent" || is(accessible, false)) return [pass];
        if (accessible.kind === "unknown") {
            return [inconclusive(accessible, "whether the database has a public address is not known yet")];
        }
        return [
            violation(
                `Database ${resource.name} has a public address (publiclyAccessible is true).`,
                "Set publiclyAccessible: false.",
            ),
        ];
    },
    examples: [
        { title: "public", shows: "bad", resources: [database({ publiclyAccessible: true })], expect: bad },
        { title: "private", shows: "good", resources: [database()], expect: [] },
        {
            title: "not set: an instance in a VPC of its own is private",
            shows: "absent",
            resources: [database({ publiclyAccessible: null })],
            expect: [],
        },
        {
            title: "not known yet",
            shows: "unknown",
            resources: [database({ publiclyAccessible: unknown })],
            expect: open,
        },
    ],
};

export const isolatedDatabase: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [instanceType, clusterType],
    evaluate: (graph, configuration) =>
        graph.ofType(instanceType, clusterType).flatMap((resource) => {
            const outcomes = [
                ...judgeSubnets(graph, resource),
                ...judgeIngress(graph, resource, configuration),
            ];
            return about(resource, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    examples: [
        {
            title: "open to the whole VPC",
            shows: "bad",
            resources: wired(ingress({ cidrIpv4: "10.20.0.0/16" })),
            expect: bad,
        },
        {
            title: "open to a group that is not the scanner's",
            shows: "bad",
            resources: wired(
                securityGroup("bastion"),
                ingress({ referencedSecurityGroupId: unknown }, ["bastion"]),
            ),
            expect: bad,
        },
        {
            title: "a subnet group with a public subnet",
            shows: "bad",
            resources: wired(
                internetGateway,
                defaultRoute("private", "gatewayId", "internet"),
                ingress({ referencedSecurityGroupId: unknown }, ["anchore"]),
            ),
            expect: bad,
        },
        {
            title: "only the scanner's group, private subnets",
            shows: "good",
            resources: wired(ingress({ referencedSecurityGroupId: unknown }, ["anchore"])),
            expect: [],
        },
        {
            title: "in-line ingress from the group of an ECS service",
            shows: "good",
            resources: [
                ...wired(securityGroup("tasks"), {
                    type: "aws:ecs/service:Service",
                    name: "engine",
                    props: { networkConfiguration: { securityGroups: [unknown] } },
                    propertyDependencies: { networkConfiguration: ["tasks"] },
                }).filter((resource) => resource.name !== "database-group"),
                {
                    ...securityGroup("database-group", {
                        ingress: [
                            { protocol: "tcp", fromPort: 5432, toPort: 5432, securityGroups: [unknown] },
                        ],
                    }),
                    propertyDependencies: { ingress: ["tasks"] },
                },
            ],
            expect: [],
        },
        {
            title: "no subnet group and no security group: the default ones of the VPC",
            shows: "absent",
            resources: [database()],
            expect: [...bad, ...bad],
        },
        {
            title: "one of two groups, and only one is the scanner's",
            shows: "unknown",
            resources: wired(
                securityGroup("bastion"),
                ingress({ referencedSecurityGroupId: unknown }, ["anchore", "bastion"]),
            ),
            expect: open,
        },
        {
            title: "subnets of a component that cannot be told apart, and a group that does not say what it is",
            shows: "unknown",
            resources: component({ name: "subnets" }),
            expect: open,
        },
        {
            title: "subnets of a component that cannot be told apart, in a group that says private",
            shows: "good",
            resources: component({ name: "subnets", description: "Private subnets of the database" }),
            expect: [],
        },
        {
            title: "a group that says private and has only public subnets",
            shows: "bad",
            resources: component({ name: "subnets", description: "Private subnets" }, ["public"]),
            expect: bad,
        },
        {
            title: "source range not known yet",
            shows: "unknown",
            resources: wired(ingress({ cidrIpv4: unknown })),
            expect: open,
        },
    ],
};

function judgeSubnets(graph: StackGraph, database: ResourceReader): Outcome[] {
    const fix = "Put it into an aws.rds.SubnetGroup of private subnets.";
    const reference = graph.reference(database, ["dbSubnetGroupName"], [subnetGroupType]);
    if (reference.kind === "external") return [];
    if (reference.kind === "absent" || reference.kind === "dangling") {
        // A replica or a restored snapshot may name its group elsewhere; without one it lands in the default VPC.
        const read =
            reference.kind === "absent"
                ? "is not set, so the default VPC counts"
                : `is ${reference.value}, which is not in the stack`;
        return [
            violation(
                `Database ${database.name} is not known to be in private subnets (dbSubnetGroupName ${read}).`,
                fix,
            ),
        ];
    }
    if (reference.kind !== "exact")
        return [inconclusive(reference, "in which subnets the database lies cannot be told yet")];
    return graph.references(reference.resource, ["subnetIds"], [subnetType]).flatMap((member) => {
        const subnets =
            member.kind === "exact"
                ? [member.resource]
                : member.kind === "candidates"
                  ? member.resources
                  : [];
        const routings = subnets.map((subnet) => ({ subnet, routing: routingOf(graph, subnet) }));
        const isPublic = ({ routing }: (typeof routings)[number]) =>
            routing.kind === "routes" && routing.routes.some((route) => route.toInternetGateway === true);
        const exposed = routings.filter(isPublic);
        if (exposed.length > 0 && exposed.length === routings.length) {
            const names = exposed.map(({ subnet }) => subnet.name).join(", ");
            return [
                violation(
                    `Database ${database.name} lies in a subnet with a route to an internet gateway (${names}).`,
                    fix,
                ),
            ];
        }
        if (isDeclaredPrivate(reference.resource, subnets.length, exposed.length)) return [];
        if (exposed.length > 0) {
            const why =
                "which of several subnets the database lies in is not known yet, and one has a route to the internet";
            return [inconclusive({ property: `${reference.resource.name}.${member.property}` }, why)];
        }
        const undetermined = routings.find(({ routing }) => routing.kind === "undetermined");
        if (undetermined || member.kind === "unknown") {
            const property = `${reference.resource.name}.${member.property}`;
            return [
                inconclusive({ property }, "whether the database's subnets are private cannot be told yet"),
            ];
        }
        return [];
    });
}

/**
 * The subnets of a component (`awsx.ec2.Vpc`) cannot be told apart before they exist: each of its lists depends on all
 * of them. Until the ids are known, which is from the first update on, a subnet group counts as private when it says so
 * itself, by a tag `SubnetType: Private` or the word in its name or description, and private subnets are among those it
 * may consist of.
 */
function isDeclaredPrivate(subnetGroup: ResourceReader, candidates: number, exposed: number): boolean {
    if (exposed >= candidates) return false;
    if (valueOf(subnetGroup.string("tags", "SubnetType"))?.toLowerCase() === "private") return true;
    const texts = [
        subnetGroup.string("name"),
        subnetGroup.string("description"),
        subnetGroup.string("tags", "Name"),
    ];
    return texts.some((text) => /\bprivate\b/i.test(valueOf(text) ?? ""));
}

function judgeIngress(
    graph: StackGraph,
    database: ResourceReader,
    configuration: PackConfiguration,
): Outcome[] {
    const references = graph.references(database, ["vpcSecurityGroupIds"], [securityGroupType]);
    if (references.length === 0) {
        return [
            violation(
                `Database ${database.name} has no security group of its own, so the default group of the VPC counts.`,
                "Set vpcSecurityGroupIds to a group that lets in the scanner's group only.",
            ),
        ];
    }
    return references.flatMap((reference) => {
        if (reference.kind === "external") return [];
        if (reference.kind !== "exact") {
            return [inconclusive(reference, "which security group the database has cannot be told yet")];
        }
        const group = reference.resource;
        const [unclear] = possibleIngressOf(graph, group);
        const outcomes = ingressOf(graph, group).flatMap((entry) =>
            judgeEntry(graph, database, entry, configuration),
        );
        if (unclear) {
            const property = `${unclear.name}.securityGroupId`;
            outcomes.push(
                inconclusive({ property }, "whether this rule opens the database cannot be told yet"),
            );
        }
        return outcomes;
    });
}

function judgeEntry(
    graph: StackGraph,
    database: ResourceReader,
    entry: IngressEntry,
    configuration: PackConfiguration,
): Outcome[] {
    const fix =
        "Let in the security group of the scanner's tasks (referencedSecurityGroupId) and nothing else.";
    const [cidr] = entry.cidrs;
    if (cidr !== undefined || entry.prefixLists) {
        const source = cidr ?? "a prefix list";
        return [
            violation(`${entry.place} lets ${source} connect to database ${database.name}.`, fix, {
                findingId: entry.place,
            }),
        ];
    }
    if (entry.unknownCidrs)
        return [inconclusive({ property: entry.place }, "who may connect to the database is not known yet")];
    return entry.sourceGroupPaths.flatMap((path): Outcome[] =>
        graph.references(entry.resource, path, [securityGroupType]).flatMap((source): Outcome[] => {
            if (source.kind === "external") return [];
            const groups =
                source.kind === "exact"
                    ? [source.resource]
                    : source.kind === "candidates"
                      ? source.resources
                      : [];
            const scanners = groups.filter((group) => isScannerGroup(graph, group, configuration));
            if (groups.length > 0 && scanners.length === groups.length) return [];
            if (source.kind === "dangling" || (groups.length > 0 && scanners.length === 0)) {
                const who =
                    source.kind === "dangling" ? source.value : groups.map((group) => group.name).join(", ");
                return [
                    violation(
                        `${entry.place} lets security group ${who} connect to database ${database.name}.`,
                        fix,
                        {
                            findingId: entry.place,
                        },
                    ),
                ];
            }
            return [
                inconclusive(
                    { property: entry.place },
                    "which security group may connect to the database cannot be told yet",
                ),
            ];
        }),
    );
}

function isScannerGroup(graph: StackGraph, group: ResourceReader, configuration: PackConfiguration): boolean {
    const role = valueOf(group.string("tags", "gate:role"));
    if (role !== undefined && configuration.scannerGroupTags.includes(role)) return true;
    const words = new Set((valueOf(group.string("name")) ?? group.name).toLowerCase().split(/[^a-z0-9]+/));
    if (configuration.scannerGroupTags.some((word) => words.has(word))) return true;
    return graph
        .ofType("aws:ecs/service:Service")
        .some((service) =>
            graph
                .references(service, ["networkConfiguration", "securityGroups"], [securityGroupType])
                .some((reference) => reference.kind === "exact" && reference.resource === group),
        );
}
