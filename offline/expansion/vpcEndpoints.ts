/** The VPC endpoints of `awsx:ec2:Vpc`: Gateway and Interface, with `vpcEndpointStrategy` Legacy or Auto. */
import { ChildOutput, ExpansionError } from "./expansion";
import type { ExpandedChild } from "./expansion";
import type { PlannedSubnet } from "./subnetLayout";
import type { Wire, WireObject } from "../engine/wire";

/** Arguments that the endpoint gets as they are. */
const passedOn = [
    "autoAccept",
    "dnsOptions",
    "ipAddressType",
    "policy",
    "privateDnsEnabled",
    "routeTableIds",
    "securityGroupIds",
    "serviceName",
    "serviceRegion",
    "subnetIds",
    "vpcEndpointType",
];

interface EndpointSpec {
    serviceName: string;
    kind: "gateway" | "interface";
    inputs: WireObject;
    tags: WireObject;
}

export interface EndpointPlan {
    strategy: "Auto" | "Legacy";
    specs: EndpointSpec[];
    /** DNS attributes of the VPC that private DNS names need. */
    dns: WireObject;
    warnings: string[];
}

/** Reads and checks `vpcEndpointSpecs` and `vpcEndpointStrategy`. */
export function readEndpointSpecs(args: WireObject): EndpointPlan {
    const strategy = args["vpcEndpointStrategy"] ?? "Legacy";
    if (strategy !== "Legacy" && strategy !== "Auto") {
        throw new ExpansionError(`vpcEndpointStrategy "${String(strategy)}" is not one of Legacy, Auto`);
    }
    const given = (args["vpcEndpointSpecs"] ?? []) as WireObject[];
    const specs = given.map(readSpec);
    return {
        strategy,
        specs,
        dns: strategy === "Auto" ? privateDnsAttributes(args, specs) : {},
        warnings: strategy === "Legacy" ? specs.flatMap(incompleteWarning) : [],
    };
}

function readSpec(spec: WireObject, index: number): EndpointSpec {
    const { tags, ...inputs } = spec;
    const unsupported = Object.keys(inputs).find((key) => !passedOn.includes(key));
    if (unsupported !== undefined) {
        throw new ExpansionError(`vpcEndpointSpecs[${index}].${unsupported} is not imitated offline`);
    }
    if (typeof inputs["serviceName"] !== "string") {
        throw new ExpansionError(`vpcEndpointSpecs[${index}].serviceName is missing`);
    }
    const kind = String(inputs["vpcEndpointType"] ?? "Gateway").toLowerCase();
    if (kind !== "gateway" && kind !== "interface") {
        throw new ExpansionError(
            `vpcEndpointSpecs[${index}].vpcEndpointType "${kind}" is not imitated offline`,
        );
    }
    if (kind === "interface" && /^(ipv6|dualstack)$/i.test(String(inputs["ipAddressType"] ?? ""))) {
        throw new ExpansionError(
            `vpcEndpointSpecs[${index}].ipAddressType with IPv6 is not imitated offline`,
        );
    }
    return { serviceName: inputs["serviceName"], kind, inputs, tags: (tags ?? {}) as WireObject };
}

function privateDnsAttributes(args: WireObject, specs: EndpointSpec[]): WireObject {
    const wanted = specs.some(
        ({ kind, inputs }) => kind === "interface" && (inputs["privateDnsEnabled"] ?? true) === true,
    );
    if (!wanted) {
        return {};
    }
    const attributes: WireObject = {};
    for (const attribute of ["enableDnsHostnames", "enableDnsSupport"]) {
        if (args[attribute] === false) {
            throw new ExpansionError(
                `vpcEndpointStrategy "Auto" requires ${attribute} to be true when Interface endpoint private DNS is enabled.`,
            );
        }
        attributes[attribute] = args[attribute] ?? true;
    }
    return attributes;
}

/** The provider's own warnings for endpoints that reach nothing. */
function incompleteWarning({ serviceName, kind, inputs }: EndpointSpec): string[] {
    if (kind === "interface" && inputs["subnetIds"] === undefined) {
        return [
            `VPC endpoint "${serviceName}" is an Interface endpoint without subnetIds or subnetConfigurations. Specify vpcEndpointStrategy: "Auto" to use generated VPC subnets.`,
        ];
    }
    if (kind === "gateway" && inputs["routeTableIds"] === undefined) {
        return [
            `VPC endpoint "${serviceName}" is a Gateway endpoint without routeTableIds. Specify vpcEndpointStrategy: "Auto" to use generated VPC route tables.`,
        ];
    }
    return [];
}

interface EndpointSurroundings {
    vpc: string;
    sharedTags: WireObject;
    zones: string[];
    subnets: PlannedSubnet[];
    children: ExpandedChild[];
}

export function endpointChildren(plan: EndpointPlan, around: EndpointSurroundings): ExpandedChild[] {
    return plan.specs.flatMap((spec) => {
        const vpcId = new ChildOutput(around.vpc, "id");
        const tags = { ...around.sharedTags, ...spec.tags };
        const inputs: ExpandedChild["inputs"] = { ...spec.inputs };
        const before: ExpandedChild[] = [];
        if (plan.strategy === "Auto" && spec.kind === "gateway") {
            inputs["routeTableIds"] ??= around.children
                .filter(({ type }) => type === "aws:ec2/routeTable:RouteTable")
                .map(({ key }) => new ChildOutput(key, "id"));
        }
        if (plan.strategy === "Auto" && spec.kind === "interface") {
            inputs["subnetIds"] ??= interfaceSubnets(around);
            inputs["privateDnsEnabled"] ??= true;
            if (inputs["securityGroupIds"] === undefined) {
                before.push(...endpointSecurityGroup(spec, around.vpc, vpcId, tags));
                inputs["securityGroupIds"] = [new ChildOutput(before[0]!.key, "id")];
            }
        }
        return [
            ...before,
            {
                key: `endpoint ${spec.serviceName}`,
                type: "aws:ec2/vpcEndpoint:VpcEndpoint",
                name: spec.serviceName,
                parent: around.vpc,
                inputs: { ...inputs, vpcId, tags: tags as Wire },
                dependsOn: [around.vpc],
            },
        ];
    });
}

/** One subnet per zone: private before isolated before public. */
function interfaceSubnets({ zones, subnets }: EndpointSurroundings): ChildOutput[] {
    return zones.flatMap((zone) => {
        const subnet = ["Private", "Isolated", "Public"]
            .map((type) => subnets.find((candidate) => candidate.zone === zone && candidate.type === type))
            .find((candidate) => candidate !== undefined);
        return subnet === undefined ? [] : [new ChildOutput(`subnet ${subnet.name}`, "id")];
    });
}

function endpointSecurityGroup(
    { serviceName }: EndpointSpec,
    vpc: string,
    vpcId: ChildOutput,
    tags: WireObject,
): ExpandedChild[] {
    const key = `endpoint security group ${serviceName}`;
    return [
        {
            key,
            type: "aws:ec2/securityGroup:SecurityGroup",
            name: `${serviceName}-sg`,
            parent: vpc,
            inputs: { vpcId, tags },
            dependsOn: [vpc],
        },
        {
            key: `endpoint security rule ${serviceName}`,
            type: "aws:ec2/securityGroupRule:SecurityGroupRule",
            name: `${serviceName}-ingress`,
            parent: vpc,
            inputs: {
                type: "ingress",
                securityGroupId: new ChildOutput(key, "id"),
                protocol: "tcp",
                fromPort: 443,
                toPort: 443,
                cidrBlocks: [new ChildOutput(vpc, "cidrBlock")],
            },
            dependsOn: [key],
        },
    ];
}
