/** RDS-01, stack half: private subnets, and ingress from the scanner only. */
import { about, pass } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { StackRule } from "../../harness/rule";
import { defaultRoute, internetGateway } from "../vpc/network.examples";
import { clusterType, instanceType } from "./database";
import { component, database, ingress, securityGroup, wired } from "./database.examples";
import { judgeIngress } from "./databaseIngress";
import { judgeSubnets } from "./databaseSubnets";
import { privateDatabaseMetadata } from "./privateDatabase";

const bad = [{ resource: "database", kind: "violation" as const }];
const open = [{ resource: "database", kind: "inconclusive" as const }];

export const isolatedDatabase: StackRule = {
    level: "stack",
    metadata: privateDatabaseMetadata,
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
            title: "a source group that nothing is known about",
            shows: "unknown",
            resources: wired(ingress({ referencedSecurityGroupId: unknown })),
            expect: open,
        },
        {
            title: "a source group of another stack",
            shows: "bad",
            resources: wired(ingress({ referencedSecurityGroupId: "sg-elsewhere" })),
            expect: bad,
        },
        {
            title: "a source group that is declared external",
            shows: "good",
            configuration: { externalReferences: ["sg-elsewhere"] },
            resources: wired(ingress({ referencedSecurityGroupId: "sg-elsewhere" })),
            expect: [],
        },
        {
            title: "subnet group and security group that are declared external",
            shows: "good",
            configuration: { externalReferences: ["shared-*", "sg-shared"] },
            resources: [
                database({ dbSubnetGroupName: "shared-private", vpcSecurityGroupIds: ["sg-shared"] }),
            ],
            expect: [],
        },
        {
            title: "the subnet group of the default VPC",
            shows: "bad",
            resources: [database({ dbSubnetGroupName: "default", vpcSecurityGroupIds: [unknown] })],
            expect: [...bad, ...open],
        },
        {
            title: "a subnet group that nobody declares",
            shows: "unknown",
            resources: [database({ dbSubnetGroupName: "typo", vpcSecurityGroupIds: [unknown] })],
            expect: [...open, ...open],
        },
        {
            title: "source range not known yet",
            shows: "unknown",
            resources: wired(ingress({ cidrIpv4: unknown })),
            expect: open,
        },
    ],
};
