/**
 * `awsx:ec2:Vpc`, expanded into the children that the awsx provider 3.9.0 makes: types, names, parents, inputs and
 * dependencies. Facts and their sources are in `offline/FACTS.md`; arguments that are not imitated are refused by name.
 */
import { ChildOutput, DerivedValue, ExpansionError } from "./expansion";
import type { ChildInput, ComponentOutput, ExpandedChild, Expansion, ExpansionContext } from "./expansion";
import { explicitLayout, legacyLayout, readSubnetSpecs, refuseOverlaps } from "./subnetLayout";
import type { PlannedSubnet, SubnetSpec } from "./subnetLayout";
import { endpointChildren, readEndpointSpecs } from "./vpcEndpoints";
import type { Wire, WireObject } from "../engine/wire";

/** Arguments that are handed to the VPC as they are. */
const vpcArguments = [
    "enableDnsHostnames",
    "enableDnsSupport",
    "enableNetworkAddressUsageMetrics",
    "instanceTenancy",
];
const otherArguments = [
    "availabilityZoneNames",
    "cidrBlock",
    "natGateways",
    "numberOfAvailabilityZones",
    "subnetSpecs",
    "subnetStrategy",
    "tags",
    "vpcEndpointSpecs",
    "vpcEndpointStrategy",
];

type NatStrategy = "none" | "single" | "oneperaz";

/**
 * Pure: the same arguments give the same children. `args` are plain values (no unknowns, no secret marks). Throws
 * `ExpansionError` with one line for what is not imitated or what the provider refuses.
 */
export function expandVpc(name: string, args: WireObject, context: ExpansionContext): Expansion {
    const unsupported = Object.keys(args).find(
        (key) => args[key] !== null && !vpcArguments.includes(key) && !otherArguments.includes(key),
    );
    if (unsupported !== undefined) {
        throw new ExpansionError(`the argument ${unsupported} is not imitated offline`);
    }
    const zones = availabilityZones(args, context);
    const nat = natStrategy(args);
    const cidrBlock = typeof args["cidrBlock"] === "string" ? args["cidrBlock"] : "10.0.0.0/16";
    const { subnets, specs } = layout(name, args, cidrBlock, zones);
    refuseOverlaps(subnets);
    refuseNatWithoutSubnets(nat, subnets);

    const endpoints = readEndpointSpecs(args);
    const argumentTags = (args["tags"] ?? {}) as WireObject;
    const sharedTags: WireObject = { Name: name, ...argumentTags };

    const children: ExpandedChild[] = [];
    const vpc = add(children, {
        key: "vpc",
        type: "aws:ec2/vpc:Vpc",
        name,
        inputs: {
            ...Object.fromEntries(vpcArguments.map((key) => [key, args[key] ?? undefined])),
            ...endpoints.dns,
            cidrBlock,
            tags: sharedTags,
        },
        dependsOn: [],
    });
    const vpcId = new ChildOutput(vpc, "id");
    const gateway = add(children, {
        key: "internetGateway",
        type: "aws:ec2/internetGateway:InternetGateway",
        name,
        parent: vpc,
        inputs: { vpcId, tags: sharedTags },
        dependsOn: [vpc],
    });

    const natGateways: string[] = [];
    for (const [zoneIndex, zone] of zones.entries()) {
        for (const subnet of inRegistrationOrder(subnets.filter((candidate) => candidate.zone === zone))) {
            const tags = { ...sharedTags, Name: subnet.name, SubnetType: subnet.type };
            const subnetKey = add(children, {
                key: `subnet ${subnet.name}`,
                type: "aws:ec2/subnet:Subnet",
                name: subnet.name,
                parent: vpc,
                inputs: {
                    vpcId,
                    availabilityZone: zone,
                    mapPublicIpOnLaunch: subnet.type === "Public",
                    cidrBlock: subnet.cidrBlock,
                    assignIpv6AddressOnCreation: false,
                    ipv6CidrBlock: new DerivedValue(new ChildOutput(vpc, "ipv6CidrBlock"), undefined),
                    tags: { ...sharedTags, ...subnet.tags, Name: subnet.name, SubnetType: subnet.type },
                },
                dependsOn: [vpc],
            });
            const routeTable = add(children, {
                key: `routeTable ${subnet.name}`,
                type: "aws:ec2/routeTable:RouteTable",
                name: subnet.name,
                parent: subnetKey,
                inputs: { vpcId, tags },
                dependsOn: [subnetKey],
            });
            add(children, {
                key: `association ${subnet.name}`,
                type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
                name: subnet.name,
                parent: routeTable,
                inputs: {
                    routeTableId: new ChildOutput(routeTable, "id"),
                    subnetId: new ChildOutput(subnetKey, "id"),
                },
                dependsOn: [routeTable],
            });
            if (subnet.type === "Public" && natGatewayWanted(nat, natGateways.length, zoneIndex)) {
                natGateways.push(
                    ...natGateway(children, `${name}-${zoneIndex + 1}`, subnetKey, argumentTags),
                );
            }
            const route = routeTarget(subnet, nat, gateway, natGateways, zoneIndex);
            if (route !== undefined) {
                add(children, {
                    key: `route ${subnet.name}`,
                    type: "aws:ec2/route:Route",
                    name: subnet.name,
                    parent: routeTable,
                    inputs: {
                        routeTableId: new ChildOutput(routeTable, "id"),
                        ...route,
                        destinationCidrBlock: "0.0.0.0/0",
                    },
                    dependsOn: [routeTable],
                });
            }
        }
    }
    // The security groups of interface endpoints are no output of the component.
    const outputDependencies = () => children.filter(({ key }) => !key.startsWith("endpoint security"));
    children.push(...endpointChildren(endpoints, { vpc, sharedTags, zones, subnets, children }));
    return {
        children,
        outputs: componentOutputs(children, subnetLayoutOutput(specs, subnets)),
        outputDependencies: outputDependencies().map(({ key }) => key),
        warnings: endpoints.warnings,
    };
}

function add(children: ExpandedChild[], child: ExpandedChild): string {
    children.push(child);
    return child.key;
}

function availabilityZones(args: WireObject, context: ExpansionContext): string[] {
    const names = args["availabilityZoneNames"] as string[] | undefined;
    const wanted = args["numberOfAvailabilityZones"] as number | undefined;
    if (names && wanted) {
        throw new ExpansionError(
            "Only one of [availabilityZoneNames] and [numberOfAvailabilityZones] can be specified",
        );
    }
    if (names) {
        return names;
    }
    const count = wanted ?? 3;
    if (context.availabilityZones.length < count) {
        throw new ExpansionError(
            `The configured region for this provider does not have at least ${count} Availability Zones.`,
        );
    }
    return context.availabilityZones.slice(0, count);
}

function natStrategy(args: WireObject): NatStrategy {
    const { strategy, ...rest } = (args["natGateways"] ?? {}) as WireObject;
    const unsupported = Object.keys(rest).find((key) => rest[key] !== null);
    if (unsupported !== undefined) {
        throw new ExpansionError(`the argument natGateways.${unsupported} is not imitated offline`);
    }
    const text = String(strategy ?? "OnePerAz").toLowerCase();
    if (text !== "none" && text !== "single" && text !== "oneperaz") {
        throw new ExpansionError(`Unknown NatGatewayStrategy '${String(strategy)}'`);
    }
    return text;
}

function layout(
    name: string,
    args: WireObject,
    cidrBlock: string,
    zones: string[],
): { subnets: PlannedSubnet[]; specs: SubnetSpec[] | undefined } {
    const strategy = args["subnetStrategy"] ?? "Legacy";
    const given = args["subnetSpecs"];
    if (given === undefined || given === null) {
        if (strategy !== "Legacy") {
            throw new ExpansionError(
                `subnetStrategy "${String(strategy)}" without subnetSpecs is not imitated offline`,
            );
        }
        return { subnets: legacyLayout(name, cidrBlock, zones), specs: undefined };
    }
    if (strategy !== "Auto") {
        throw new ExpansionError(
            `subnetStrategy "${String(strategy)}" with subnetSpecs is not imitated offline: use "Auto" with explicit cidrBlocks`,
        );
    }
    const specs = readSubnetSpecs(given as unknown[], zones.length);
    return { subnets: explicitLayout(name, zones, specs), specs };
}

function refuseNatWithoutSubnets(nat: NatStrategy, subnets: PlannedSubnet[]): void {
    const has = (...types: string[]) => subnets.some((subnet) => types.includes(subnet.type));
    if (nat !== "none" && !(has("Public") && has("Private", "Isolated"))) {
        throw new ExpansionError(
            "If NAT Gateway strategy is 'OnePerAz' or 'Single', public subnets must be declared to host the NAT Gateway resource, along with private or isolated subnets to route through it.",
        );
    }
}

/** Public first (a NAT gateway must exist before a private route), isolated last, unused not at all. */
function inRegistrationOrder(subnets: PlannedSubnet[]): PlannedSubnet[] {
    return ["Public", "Private", "Isolated"].flatMap((type) =>
        subnets.filter((subnet) => subnet.type === type),
    );
}

function natGatewayWanted(nat: NatStrategy, existing: number, zoneIndex: number): boolean {
    return nat === "single" ? existing < 1 : nat === "oneperaz" && existing < zoneIndex + 1;
}

function natGateway(children: ExpandedChild[], name: string, subnet: string, tags: WireObject): string[] {
    const natTags = { ...tags, Name: name };
    const address = add(children, {
        key: `eip ${name}`,
        type: "aws:ec2/eip:Eip",
        name,
        parent: subnet,
        inputs: { tags: natTags },
        dependsOn: [subnet],
    });
    return [
        add(children, {
            key: `nat ${name}`,
            type: "aws:ec2/natGateway:NatGateway",
            name,
            parent: subnet,
            inputs: {
                subnetId: new ChildOutput(subnet, "id"),
                allocationId: new ChildOutput(address, "allocationId"),
                tags: natTags,
            },
            dependsOn: [subnet],
        }),
    ];
}

function routeTarget(
    subnet: PlannedSubnet,
    nat: NatStrategy,
    gateway: string,
    natGateways: string[],
    zoneIndex: number,
): Record<string, ChildInput> | undefined {
    if (subnet.type === "Public") {
        return { gatewayId: new ChildOutput(gateway, "id") };
    }
    if (subnet.type === "Private" && nat !== "none") {
        return { natGatewayId: new ChildOutput(natGateways[nat === "single" ? 0 : zoneIndex]!, "id") };
    }
    return undefined;
}

/** `subnetLayout`: the specs, or for the legacy layout the specs of one zone that would give the same under Auto. */
function subnetLayoutOutput(specs: SubnetSpec[] | undefined, subnets: PlannedSubnet[]): Wire {
    if (specs !== undefined) {
        return specs.map(({ type, name, cidrBlocks }) => ({ type, cidrBlocks, ...(name ? { name } : {}) }));
    }
    const maskOf = (type: string) =>
        Number(subnets.find((subnet) => subnet.type === type)!.cidrBlock.split("/")[1]);
    return ["Private", "Public"].map((type) => ({ type, cidrMask: maskOf(type) }));
}

function componentOutputs(children: ExpandedChild[], subnetLayout: Wire): Record<string, ComponentOutput> {
    const ofType = (type: string) => children.filter((child) => child.type.startsWith(`aws:ec2/${type}:`));
    const references = (type: string) => ofType(type).map(({ key }) => ({ child: key }));
    const subnetsOf = (type: string) =>
        ofType("subnet").filter((child) => (child.inputs["tags"] as WireObject)["SubnetType"] === type);
    const outputs: Record<string, ComponentOutput> = {
        vpc: { child: "vpc" },
        vpcId: new ChildOutput("vpc", "id"),
        internetGateway: { child: "internetGateway" },
        subnets: references("subnet"),
        routeTables: references("routeTable"),
        routeTableAssociations: references("routeTableAssociation"),
        routes: references("route"),
        natGateways: references("natGateway"),
        eips: references("eip"),
        vpcEndpoints: references("vpcEndpoint"),
        subnetLayout: { plain: subnetLayout },
    };
    for (const type of ["Public", "Private", "Isolated"]) {
        const group = subnetsOf(type);
        outputs[`${type.toLowerCase()}Subnets`] = group.map(({ key }) => ({ child: key }));
        outputs[`${type.toLowerCase()}SubnetIds`] = group.map(({ key }) => new ChildOutput(key, "id"));
    }
    return outputs;
}
