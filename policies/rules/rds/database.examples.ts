/** Building blocks for the examples of the database rules, shaped as at a first preview: no id is known. */
import { unknown } from "../../harness/reader";
import type { ExampleResource } from "../../harness/rule";
import { changed, defaultRoute, internetGateway, publicProps, subnet } from "../vpc/network.examples";
import { ingressRuleType, securityGroupType } from "../vpc/securityGroup";
import { instanceType, subnetGroupType } from "./database";

export const database = (props: Record<string, unknown> = {}): ExampleResource => ({
    type: instanceType,
    name: "database",
    props: { identifier: "database", publiclyAccessible: false, ...props },
});
export const securityGroup = (name: string, props: Record<string, unknown> = {}): ExampleResource => ({
    type: securityGroupType,
    name,
    props: { name: `stack-${name}`, ...props },
    computed: { id: unknown, ingress: unknown },
});
export const ingress = (props: Record<string, unknown>, from: string[] = []): ExampleResource => ({
    type: ingressRuleType,
    name: "rule",
    props: { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, securityGroupId: unknown, ...props },
    propertyDependencies: { securityGroupId: ["database-group"], referencedSecurityGroupId: from },
});
/** A database in one subnet behind one group; everything by dependency, as at a first preview. */
export const wired = (...more: ExampleResource[]): ExampleResource[] => [
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
export const component = (
    props: Record<string, unknown>,
    subnets = ["private", "public"],
): ExampleResource[] =>
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
