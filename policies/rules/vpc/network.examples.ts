/** Building blocks for the examples of the network rules, shaped as at a first preview: no id is known. */
import { unknown } from "../../harness/reader";
import type { ExampleResource } from "../../harness/rule";

/** A subnet with its own route table, and the association between the two. */
export function subnet(
    name: string,
    props: Record<string, unknown> = {},
    zone = "eu-west-1a",
): ExampleResource[] {
    return [
        {
            type: "aws:ec2/subnet:Subnet",
            name,
            props: { vpcId: unknown, availabilityZone: zone, mapPublicIpOnLaunch: false, ...props },
        },
        {
            type: "aws:ec2/routeTable:RouteTable",
            name: `${name}-table`,
            props: { vpcId: unknown },
            computed: { id: unknown, routes: unknown },
            parent: name,
        },
        {
            type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
            name: `${name}-association`,
            props: { subnetId: unknown, routeTableId: unknown },
            propertyDependencies: { subnetId: [name], routeTableId: [`${name}-table`] },
        },
    ];
}

export const privateTags = { tags: { SubnetType: "Private" } };
export const publicProps = { mapPublicIpOnLaunch: true, tags: { SubnetType: "Public" } };

/** The default route of a subnet's table; the target property is `gatewayId` or `natGatewayId`. */
export function defaultRoute(
    of: string,
    property: "gatewayId" | "natGatewayId",
    target: string,
): ExampleResource {
    return {
        type: "aws:ec2/route:Route",
        name: `${of}-route`,
        props: { routeTableId: unknown, destinationCidrBlock: "0.0.0.0/0", [property]: unknown },
        propertyDependencies: { routeTableId: [`${of}-table`], [property]: [target] },
    };
}

export const internetGateway: ExampleResource = {
    type: "aws:ec2/internetGateway:InternetGateway",
    name: "internet",
    props: { vpcId: unknown },
};

/** A NAT gateway with its address. */
export function natGateway(
    name: string,
    inSubnet: string,
    props: Record<string, unknown> = {},
): ExampleResource[] {
    return [
        { type: "aws:ec2/eip:Eip", name: `${name}-address`, props: { domain: "vpc" } },
        {
            type: "aws:ec2/natGateway:NatGateway",
            name,
            props: { connectivityType: "public", allocationId: unknown, subnetId: unknown, ...props },
            propertyDependencies: { allocationId: [`${name}-address`], subnetId: [inSubnet] },
        },
    ];
}

/** Two zones, one public and one private subnet in each, one NAT gateway. */
export function twoZones(): ExampleResource[] {
    return [
        internetGateway,
        ...subnet("public-1", publicProps),
        defaultRoute("public-1", "gatewayId", "internet"),
        ...subnet("public-2", publicProps, "eu-west-1b"),
        defaultRoute("public-2", "gatewayId", "internet"),
        ...natGateway("nat-1", "public-1"),
        ...subnet("private-1", privateTags),
        defaultRoute("private-1", "natGatewayId", "nat-1"),
        ...subnet("private-2", privateTags, "eu-west-1b"),
        defaultRoute("private-2", "natGatewayId", "nat-1"),
    ];
}

/** The resources with some of them changed or, by undefined, left out. */
export function changed(
    resources: ExampleResource[],
    changes: Record<string, Partial<ExampleResource> | undefined>,
): ExampleResource[] {
    return resources.flatMap((resource) => {
        if (!(resource.name in changes)) return [resource];
        const change = changes[resource.name];
        return change === undefined ? [] : [{ ...resource, ...change }];
    });
}
