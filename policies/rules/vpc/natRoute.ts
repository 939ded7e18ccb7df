/** VPC-07: private subnets reach the internet, and only by a NAT gateway that works. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { judgeGateway, judgeZone } from "./natGatewayReach";
import {
    changed,
    defaultRoute,
    natGateway,
    privateTags,
    publicProps,
    subnet,
    twoZones,
} from "./network.examples";
import { subnetPurposes, type PurposeReading } from "./subnets";
import { routingOf, subnetType } from "./topology";

const disposable = { disposableStacks: ["example"] };

export const natRoute: StackRule = {
    level: "stack",
    metadata: {
        id: "VPC-07",
        family: "vpc",
        title: "Private subnets leave through a NAT gateway in a public subnet",
        rationale:
            "A scanner that cannot fetch vulnerability data judges images by old data, or by none; builds cannot fetch " +
            "what they need.",
        severity: "high",
        remediation:
            "Give the private subnets' route table a default route to a NAT gateway that has an elastic IP and lies in a " +
            "public subnet; outside disposable stacks, one NAT gateway in each zone.",
        references: ["checkov CKV2_AWS_35"],
    },
    relevantTypes: [subnetType],
    evaluate: (graph, configuration) =>
        [...subnetPurposes(graph)].flatMap(([resource, purpose]) =>
            about(resource, ...judgeSubnet(graph, resource, purpose, configuration)),
        ),
    examples: [
        {
            title: "the NAT gateway lies in a private subnet",
            shows: "bad",
            configuration: disposable,
            resources: changed(twoZones(), { "nat-1": natGateway("nat-1", "private-1")[1] }),
            expect: [
                { resource: "private-1", kind: "violation" },
                { resource: "private-2", kind: "violation" },
            ],
        },
        {
            title: "a private NAT gateway reaches no internet",
            shows: "bad",
            configuration: disposable,
            resources: changed(twoZones(), {
                "nat-1": natGateway("nat-1", "public-1", {
                    connectivityType: "private",
                    allocationId: null,
                })[1],
                "private-2-route": undefined,
                "private-2": { props: { tags: { SubnetType: "Isolated" } } },
            }),
            expect: [{ resource: "private-1", kind: "violation" }],
        },
        {
            title: "production with one NAT gateway for two zones (advisory)",
            shows: "bad",
            resources: twoZones(),
            expect: [{ resource: "private-2", kind: "violation" }],
        },
        {
            title: "a disposable stack with one NAT gateway",
            shows: "good",
            configuration: disposable,
            resources: twoZones(),
            expect: [],
        },
        {
            title: "one NAT gateway in each zone",
            shows: "good",
            resources: changed([...twoZones(), ...natGateway("nat-2", "public-2")], {
                "private-2-route": defaultRoute("private-2", "natGatewayId", "nat-2"),
            }),
            expect: [],
        },
        {
            title: "one regional NAT gateway",
            shows: "good",
            resources: changed(twoZones(), {
                "nat-1": natGateway("nat-1", "public-1", {
                    availabilityMode: "regional",
                    allocationId: null,
                    subnetId: null,
                    vpcId: unknown,
                })[1],
            }),
            expect: [],
        },
        {
            title: "a NAT gateway for some addresses only",
            shows: "bad",
            configuration: disposable,
            resources: changed(twoZones(), {
                "private-1-route": {
                    props: {
                        routeTableId: unknown,
                        destinationCidrBlock: "192.0.2.0/24",
                        natGatewayId: unknown,
                    },
                },
            }),
            expect: [{ resource: "private-1", kind: "violation" }],
        },
        {
            title: "the public subnet has other routes as well",
            shows: "good",
            configuration: disposable,
            resources: [
                ...twoZones(),
                {
                    type: "aws:ec2/route:Route",
                    name: "peer",
                    props: {
                        routeTableId: unknown,
                        destinationCidrBlock: "10.9.0.0/16",
                        vpcPeeringConnectionId: unknown,
                    },
                    propertyDependencies: { routeTableId: ["public-1-table"] },
                },
            ],
            expect: [],
        },
        {
            title: "no default route",
            shows: "absent",
            resources: changed(twoZones(), { "private-1-route": undefined, "private-2-route": undefined }),
            expect: [
                { resource: "private-1", kind: "violation" },
                { resource: "private-2", kind: "violation" },
            ],
        },
        {
            title: "a NAT gateway without an address",
            shows: "absent",
            configuration: disposable,
            resources: changed(twoZones(), {
                "nat-1": { props: { subnetId: unknown }, propertyDependencies: { subnetId: ["public-1"] } },
                "private-2-route": undefined,
                "private-2": { props: { tags: { SubnetType: "Isolated" } } },
            }),
            expect: [{ resource: "private-1", kind: "violation" }],
        },
        {
            title: "one of two NAT gateways, one of them in the wrong place",
            shows: "unknown",
            configuration: disposable,
            resources: [
                ...changed(twoZones(), {
                    "private-1-route": {
                        ...defaultRoute("private-1", "natGatewayId", "nat-1"),
                        propertyDependencies: {
                            routeTableId: ["private-1-table"],
                            natGatewayId: ["nat-1", "nat-2"],
                        },
                    },
                }),
                ...natGateway("nat-2", "private-2"),
            ],
            expect: [{ resource: "private-1", kind: "inconclusive" }],
        },
        {
            title: "a route whose destination is not known yet may be the default route",
            shows: "unknown",
            configuration: disposable,
            resources: changed(twoZones(), {
                "private-1-route": {
                    props: { routeTableId: unknown, destinationCidrBlock: unknown, gatewayId: unknown },
                    propertyDependencies: { routeTableId: ["private-1-table"] },
                },
            }),
            expect: [{ resource: "private-1", kind: "inconclusive" }],
        },
        {
            title: "an association that is not known yet",
            shows: "unknown",
            resources: changed([...subnet("private-1", privateTags), ...subnet("public-1", publicProps)], {
                "private-1-association": { propertyDependencies: {} },
            }),
            expect: [{ resource: "private-1", kind: "inconclusive" }],
        },
    ],
};

function judgeSubnet(
    graph: StackGraph,
    subnet: ResourceReader,
    { purpose, because, workloads }: PurposeReading,
    configuration: PackConfiguration,
): Outcome[] {
    const declared = valueOf(subnet.string("tags", "SubnetType"))?.toLowerCase() === "private";
    const concerned =
        purpose === "private" && (declared || workloads.length > 0 || because === "its name says so");
    if (!concerned) return [notApplicable(`not a private subnet that something leaves: ${because}`)];
    const routing = routingOf(graph, subnet);
    const fix = "Route 0.0.0.0/0 of its table to a NAT gateway with an elastic IP in a public subnet.";
    if (routing.kind === "undetermined") {
        return [inconclusive(routing, "which routes the subnet has cannot be told yet")];
    }
    if (routing.kind === "noTable") {
        return [
            violation(
                `Private subnet ${subnet.name} has no route table of its own, so no way out is certain.`,
                fix,
            ),
        ];
    }
    const ways = routing.routes.filter((route) => route.toAnywhere !== false);
    if (ways.some((route) => route.otherTarget !== undefined)) {
        return [notApplicable("leaves through a transit gateway or another appliance")];
    }
    const way = ways.find((route) => route.natGateway);
    if (!way?.natGateway) {
        const open = ways.find(
            (route) => route.toAnywhere === "unknown" || route.toInternetGateway === "unknown",
        );
        if (open)
            return [
                inconclusive({ property: open.place }, "where a route of the subnet leads is not known yet"),
            ];
        return [
            violation(
                `Private subnet ${subnet.name} (${because}) has no default route to a NAT gateway.`,
                fix,
            ),
        ];
    }
    const { natGateway: reference } = way;
    if (reference.kind === "external") return [pass];
    if (reference.kind === "dangling") {
        return [
            violation(
                `The default route of private subnet ${subnet.name} leads to NAT gateway ${reference.value}, which is not in the stack.`,
                "Use a NAT gateway of the stack, or name it in the setting externalReferences.",
            ),
        ];
    }
    if (reference.kind !== "exact" && reference.kind !== "candidates") {
        return [inconclusive({ property: way.place }, "which NAT gateway the subnet uses is not known yet")];
    }
    const gateways = reference.kind === "exact" ? [reference.resource] : reference.resources;
    const judged = gateways.map((gateway) => judgeGateway(graph, gateway, subnet));
    const [first] = judged;
    const wrong = judged.filter((outcome) => outcome.kind === "violation");
    if (first && wrong.length === judged.length) return [first];
    if (wrong.length > 0) {
        return [
            inconclusive(
                { property: way.place },
                "which of several NAT gateways the subnet uses is not known yet",
            ),
        ];
    }
    const open = judged.find((outcome) => outcome.kind === "inconclusive");
    if (open) return [open];
    return gateways.length === 1 && gateways[0]
        ? [judgeZone(graph, subnet, gateways[0], configuration)]
        : [pass];
}
