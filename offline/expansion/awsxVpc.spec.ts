import assert from "node:assert/strict";
import { expandVpc } from "./awsxVpc";
import { ChildOutput, DerivedValue } from "./expansion";
import type { ExpandedChild, Expansion } from "./expansion";
import type { WireObject } from "../engine/wire";

const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
const explicit: WireObject = {
    cidrBlock: "10.20.0.0/16",
    availabilityZoneNames: ["eu-west-1a", "eu-west-1b"],
    natGateways: { strategy: "Single" },
    subnetStrategy: "Auto",
    subnetSpecs: [
        { type: "Public", cidrBlocks: ["10.20.0.0/20", "10.20.16.0/20"] },
        { type: "Private", cidrBlocks: ["10.20.128.0/20", "10.20.144.0/20"] },
    ],
    tags: { Project: "portcullis" },
};

function expand(changes: WireObject = {}): Expansion {
    return expandVpc("network", { ...explicit, ...changes }, { availabilityZones: zones });
}

function named(expansion: Expansion, type: string): string[] {
    return expansion.children
        .filter((child) => child.type === type)
        .map(({ name }) => name)
        .sort();
}

function child(expansion: Expansion, type: string, name: string): ExpandedChild {
    const found = expansion.children.filter((each) => each.type === type && each.name === name);
    assert.equal(found.length, 1, `${type} ${name}`);
    return found[0]!;
}

const subnet = "aws:ec2/subnet:Subnet";
const endpoint = "aws:ec2/vpcEndpoint:VpcEndpoint";

describe("expandVpc", () => {
    it("makes 20 children for two zones and one NAT gateway", () => {
        const expansion = expand();
        assert.equal(expansion.children.length, 20);
        assert.deepEqual(named(expansion, subnet), [
            "network-private-1",
            "network-private-2",
            "network-public-1",
            "network-public-2",
        ]);
        assert.deepEqual(named(expansion, "aws:ec2/natGateway:NatGateway"), ["network-1"]);
        assert.deepEqual(named(expansion, "aws:ec2/eip:Eip"), ["network-1"]);
        assert.equal(named(expansion, "aws:ec2/route:Route").length, 4);
    });

    it("gives a subnet its inputs, tags, parent and dependencies", () => {
        assert.deepEqual(child(expand(), subnet, "network-private-2"), {
            key: "subnet network-private-2",
            type: subnet,
            name: "network-private-2",
            parent: "vpc",
            inputs: {
                vpcId: new ChildOutput("vpc", "id"),
                availabilityZone: "eu-west-1b",
                mapPublicIpOnLaunch: false,
                cidrBlock: "10.20.144.0/20",
                assignIpv6AddressOnCreation: false,
                ipv6CidrBlock: new DerivedValue(new ChildOutput("vpc", "ipv6CidrBlock"), undefined),
                tags: {
                    Name: "network-private-2",
                    Project: "portcullis",
                    SubnetType: "Private",
                },
            },
            dependsOn: ["vpc"],
        });
    });

    it("routes private subnets through the one or the zone's own NAT gateway", () => {
        const target = (strategy: string, name: string) =>
            child(expand({ natGateways: { strategy } }), "aws:ec2/route:Route", name).inputs["natGatewayId"];
        assert.deepEqual(target("Single", "network-private-2"), new ChildOutput("nat network-1", "id"));
        assert.deepEqual(target("OnePerAz", "network-private-2"), new ChildOutput("nat network-2", "id"));
    });

    it("makes no NAT gateway and no private route without NAT", () => {
        const expansion = expand({ natGateways: { strategy: "None" } });
        assert.deepEqual(named(expansion, "aws:ec2/natGateway:NatGateway"), []);
        assert.deepEqual(named(expansion, "aws:ec2/eip:Eip"), []);
        assert.deepEqual(named(expansion, "aws:ec2/route:Route"), ["network-public-1", "network-public-2"]);
    });

    it("gives isolated subnets a route table and no route, and leaves unused blocks alone", () => {
        const expansion = expand({
            subnetSpecs: [
                {
                    type: "Isolated",
                    name: "data",
                    cidrBlocks: ["10.20.32.0/24", "10.20.33.0/24"],
                    tags: { Tier: "data" },
                },
                { type: "Unused", cidrBlocks: ["10.20.34.0/24", "10.20.35.0/24"] },
                { type: "Public", cidrBlocks: ["10.20.0.0/20", "10.20.16.0/20"] },
            ],
        });
        assert.deepEqual(named(expansion, subnet), [
            "network-data-1",
            "network-data-2",
            "network-public-1",
            "network-public-2",
        ]);
        assert.deepEqual(named(expansion, "aws:ec2/route:Route"), ["network-public-1", "network-public-2"]);
        assert.equal(
            (child(expansion, subnet, "network-data-1").inputs["tags"] as WireObject)["Tier"],
            "data",
        );
        assert.equal(
            (
                child(expansion, "aws:ec2/routeTable:RouteTable", "network-data-1").inputs[
                    "tags"
                ] as WireObject
            )["Tier"],
            undefined,
        );
        assert.deepEqual(expansion.outputs["isolatedSubnetIds"], [
            new ChildOutput("subnet network-data-1", "id"),
            new ChildOutput("subnet network-data-2", "id"),
        ]);
        assert.deepEqual(expansion.outputs["privateSubnetIds"], []);
    });

    it("divides the block itself under the default strategy", () => {
        const expansion = expandVpc(
            "network",
            { cidrBlock: "10.20.0.0/16", numberOfAvailabilityZones: 3 },
            { availabilityZones: zones },
        );
        const blocks = Object.fromEntries(
            expansion.children
                .filter(({ type }) => type === subnet)
                .map(({ name, inputs }) => [name, inputs["cidrBlock"]]),
        );
        assert.deepEqual(blocks, {
            "network-private-1": "10.20.0.0/19",
            "network-public-1": "10.20.32.0/20",
            "network-private-2": "10.20.64.0/19",
            "network-public-2": "10.20.96.0/20",
            "network-private-3": "10.20.128.0/19",
            "network-public-3": "10.20.160.0/20",
        });
        assert.equal(named(expansion, "aws:ec2/natGateway:NatGateway").length, 3);
    });

    it("leaves a legacy gateway endpoint without route tables and says so", () => {
        const specs = [{ serviceName: "com.amazonaws.eu-west-1.s3", vpcEndpointType: "Gateway" }];
        const legacy = expand({ vpcEndpointSpecs: specs });
        assert.deepEqual(child(legacy, endpoint, "com.amazonaws.eu-west-1.s3").inputs, {
            serviceName: "com.amazonaws.eu-west-1.s3",
            vpcEndpointType: "Gateway",
            vpcId: new ChildOutput("vpc", "id"),
            tags: { Name: "network", Project: "portcullis" },
        });
        assert.equal(legacy.warnings.length, 1);
        const auto = expand({ vpcEndpointSpecs: specs, vpcEndpointStrategy: "Auto" });
        assert.deepEqual(auto.warnings, []);
        assert.deepEqual(
            child(auto, endpoint, "com.amazonaws.eu-west-1.s3").inputs["routeTableIds"],
            ["public-1", "private-1", "public-2", "private-2"].map(
                (name) => new ChildOutput(`routeTable network-${name}`, "id"),
            ),
        );
    });

    it("gives an automatic interface endpoint private subnets, a security group and private DNS", () => {
        const expansion = expand({
            vpcEndpointSpecs: [
                { serviceName: "com.amazonaws.eu-west-1.ecr.api", vpcEndpointType: "Interface" },
            ],
            vpcEndpointStrategy: "Auto",
        });
        const { inputs } = child(expansion, endpoint, "com.amazonaws.eu-west-1.ecr.api");
        assert.deepEqual(inputs["subnetIds"], [
            new ChildOutput("subnet network-private-1", "id"),
            new ChildOutput("subnet network-private-2", "id"),
        ]);
        assert.equal(inputs["privateDnsEnabled"], true);
        assert.deepEqual(
            child(
                expansion,
                "aws:ec2/securityGroupRule:SecurityGroupRule",
                "com.amazonaws.eu-west-1.ecr.api-ingress",
            ).inputs["cidrBlocks"],
            [new ChildOutput("vpc", "cidrBlock")],
        );
        assert.equal(child(expansion, "aws:ec2/vpc:Vpc", "network").inputs["enableDnsHostnames"], true);
    });

    it("registers every parent and dependency before it is used", () => {
        const seen = new Set<string>();
        for (const each of expand({ natGateways: { strategy: "OnePerAz" } }).children) {
            const used = [each.parent, ...each.dependsOn].filter((key) => key !== undefined);
            for (const input of Object.values(each.inputs)) {
                used.push(...(input instanceof ChildOutput ? [input.key] : []));
            }
            used.forEach((key) => assert.ok(seen.has(key), `${each.key} uses ${key}`));
            seen.add(each.key);
        }
    });

    const refused: [string, WireObject, RegExp][] = [
        [
            "an argument that is not imitated",
            { ipv4IpamPoolId: "ipam-pool" },
            /argument ipv4IpamPoolId is not imitated/,
        ],
        [
            "elastic IPs of one's own",
            { natGateways: { strategy: "Single", elasticIpAllocationIds: ["e"] } },
            /natGateways\.elasticIpAllocationIds/,
        ],
        [
            "a misspelt NAT strategy",
            { natGateways: { strategy: "Sinlge" } },
            /Unknown NatGatewayStrategy 'Sinlge'/,
        ],
        ["specs without Auto", { subnetStrategy: "Exact" }, /subnetStrategy "Exact"/],
        [
            "specs without blocks",
            { subnetSpecs: [{ type: "Public", cidrMask: 20 }] },
            /subnetSpecs\[0\]\.cidrMask/,
        ],
        [
            "too few blocks",
            { subnetSpecs: [{ type: "Public", cidrBlocks: ["10.20.0.0/20"] }] },
            /must match the number of availability zones \(2\)/,
        ],
        ["zones given twice", { numberOfAvailabilityZones: 2 }, /Only one of \[availabilityZoneNames\]/],
        [
            "NAT without public subnets",
            { subnetSpecs: [{ type: "Private", cidrBlocks: ["10.20.0.0/20", "10.20.16.0/20"] }] },
            /public subnets must be declared/,
        ],
        [
            "overlapping subnets",
            {
                subnetSpecs: [
                    { type: "Public", cidrBlocks: ["10.20.0.0/20", "10.20.16.0/20"] },
                    { type: "Private", cidrBlocks: ["10.20.8.0/21", "10.20.32.0/20"] },
                ],
            },
            /overlap with at least one other subnet: network-public-1 10\.20\.0\.0\/20, network-private-1 10\.20\.8\.0\/21/,
        ],
        [
            "two specs of a type without names",
            {
                subnetSpecs: [0, 16].map((third) => ({
                    type: "Public",
                    cidrBlocks: [`10.20.${third}.0/21`, `10.20.${third + 8}.0/21`],
                })),
            },
            /require unique names/,
        ],
    ];
    for (const [what, changes, message] of refused) {
        it(`refuses ${what}`, () => {
            assert.throws(() => expand(changes), message);
        });
    }

    it("refuses more zones than the region has", () => {
        assert.throws(
            () => expandVpc("network", { numberOfAvailabilityZones: 4 }, { availabilityZones: zones }),
            /at least 4 Availability Zones/,
        );
    });
});
