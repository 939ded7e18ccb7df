/**
 * Subnets and how packets leave them. At a first preview no id is known; the engine's property dependencies still tell
 * which association belongs to which subnet and table, and which route leads to which gateway.
 */
import { is, valueOf, type PathSegment, type ResourceReader } from "../../harness/reader";
import type { Reference, StackGraph } from "../../harness/stackGraph";

export const vpcType = "aws:ec2/vpc:Vpc";
export const subnetType = "aws:ec2/subnet:Subnet";
export const routeTableTypes = [
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/defaultRouteTable:DefaultRouteTable",
];
export const routeTableAssociationType = "aws:ec2/routeTableAssociation:RouteTableAssociation";
export const routeType = "aws:ec2/route:Route";
export const internetGatewayType = "aws:ec2/internetGateway:InternetGateway";
export const natGatewayType = "aws:ec2/natGateway:NatGateway";
export const elasticIpType = "aws:ec2/eip:Eip";

/** Other targets that carry packets out of a subnet, by the property that names them. */
const otherTargets = [
    "transitGatewayId",
    "networkInterfaceId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
    "egressOnlyGatewayId",
    "carrierGatewayId",
    "coreNetworkArn",
    "localGatewayId",
];

export interface RouteEntry {
    /** For messages, e.g. `network-private-1.natGatewayId`. */
    place: string;
    /** True for 0.0.0.0/0 and ::/0. `unknown` when the destination is not known. */
    toAnywhere: boolean | "unknown";
    /** True when it leads to an internet gateway; `unknown` when the gateway cannot be told. */
    toInternetGateway: boolean | "unknown";
    /** Set when it leads to a NAT gateway. */
    natGateway?: Reference;
    /** Property that names another target, when there is one. */
    otherTarget?: string;
}

/** `undetermined`: what is known does not tell; `property` would. */
export type Routing =
    | { kind: "routes"; routes: RouteEntry[] }
    | { kind: "noTable" }
    | { kind: "undetermined"; property: string };

/** The routes of the table that a subnet is associated with, in-line ones and separate ones. */
export function routingOf(graph: StackGraph, subnet: ResourceReader): Routing {
    const { certain, possible } = graph.referrers(subnet, [routeTableAssociationType], "subnetId");
    const [association] = certain;
    if (!association) {
        const [candidate] = possible;
        // Without an association the VPC's main table counts, which is not among the resources of most programs.
        return candidate
            ? { kind: "undetermined", property: `${candidate.name}.subnetId` }
            : { kind: "noTable" };
    }
    const table = graph.reference(association, ["routeTableId"], routeTableTypes);
    if (table.kind !== "exact")
        return { kind: "undetermined", property: `${association.name}.${table.property}` };
    return routesOfTable(graph, table.resource);
}

function routesOfTable(graph: StackGraph, table: ResourceReader): Routing {
    const inline = table.list("routes");
    if (inline.kind === "unknown") return { kind: "undetermined", property: `${table.name}.routes` };
    const { certain, possible } = graph.referrers(table, [routeType], "routeTableId");
    const [candidate] = possible;
    if (candidate) return { kind: "undetermined", property: `${candidate.name}.routeTableId` };
    return {
        kind: "routes",
        routes: [
            ...(valueOf(inline) ?? []).map((_, index) =>
                routeEntry(graph, table, ["routes", index], ["cidrBlock", "ipv6CidrBlock"]),
            ),
            ...certain.map((route) =>
                routeEntry(graph, route, [], ["destinationCidrBlock", "destinationIpv6CidrBlock"]),
            ),
        ],
    };
}

function routeEntry(
    graph: StackGraph,
    resource: ResourceReader,
    base: PathSegment[],
    destinationProperties: string[],
): RouteEntry {
    const destinations = destinationProperties.map((property) => resource.string(...base, property));
    const toAnywhere = destinations.some((reading) => is(reading, "0.0.0.0/0") || is(reading, "::/0"))
        ? true
        : destinations.some((reading) => reading.kind === "unknown")
          ? "unknown"
          : false;
    const nat = graph.reference(resource, [...base, "natGatewayId"], [natGatewayType]);
    const other = otherTargets.find((property) => isSet(resource.string(...base, property).kind));
    return {
        place: [resource.name, ...base].join("."),
        toAnywhere,
        toInternetGateway: leadsToInternetGateway(graph, resource, [...base, "gatewayId"]),
        ...(nat.kind === "absent" || isEmptyText(resource, [...base, "natGatewayId"])
            ? {}
            : { natGateway: nat }),
        ...(other === undefined ? {} : { otherTarget: other }),
    };
}

function leadsToInternetGateway(
    graph: StackGraph,
    resource: ResourceReader,
    path: PathSegment[],
): boolean | "unknown" {
    const gateway = resource.string(...path);
    if (gateway.kind === "absent" || gateway.kind === "malformed") return false;
    if (gateway.kind === "known" && gateway.value.startsWith("igw-")) return true;
    const reference = graph.reference(resource, path, [internetGatewayType]);
    if (reference.kind === "exact" || reference.kind === "candidates") return true;
    return reference.kind === "unknown" ? "unknown" : false;
}

function isSet(kind: string): boolean {
    return kind === "known" || kind === "unknown";
}

/** Upgraded programs carry "" for targets that are not used. */
function isEmptyText(resource: ResourceReader, path: PathSegment[]): boolean {
    return is(resource.string(...path), "");
}
