/** VPC-06: private subnets are private. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import {
    changed,
    defaultRoute,
    internetGateway,
    natGateway,
    privateTags,
    subnet,
    twoZones,
} from "./network.examples";
import { subnetPurposes, type PurposeReading } from "./subnets";
import { routingOf, subnetType } from "./topology";

export const privateSubnets: StackRule = {
    level: "stack",
    metadata: {
        id: "VPC-06",
        family: "vpc",
        title: "Private subnets give no public addresses and have no route to an internet gateway",
        rationale:
            "A scanner, a database or a build in a subnet that is private by name only can be reached from the internet " +
            "through one loose security group.",
        severity: "high",
        remediation:
            "Leave `mapPublicIpOnLaunch` false, and route 0.0.0.0/0 of private subnets to a NAT gateway instead of the " +
            "internet gateway. A subnet is private by its tag `SubnetType`, its name, its use by a service, instances or " +
            "a build, or because it switches public addresses off.",
        references: [
            "FSBP EC2.15",
            "checkov CKV_AWS_130",
            "trivy AWS-0164",
            "cdk-nag VPCNoUnrestrictedRouteToIGW",
        ],
    },
    relevantTypes: [subnetType],
    evaluate: (graph) =>
        [...subnetPurposes(graph)].flatMap(([resource, purpose]) =>
            about(resource, ...judgeSubnet(graph, resource, purpose)),
        ),
    examples: [
        {
            title: "a private subnet whose table leads to the internet gateway",
            shows: "bad",
            resources: changed(twoZones(), {
                "private-2-route": defaultRoute("private-2", "gatewayId", "internet"),
            }),
            expect: [{ resource: "private-2", kind: "violation" }],
        },
        {
            title: "a private subnet that gives public addresses",
            shows: "bad",
            resources: subnet("workers", { ...privateTags, mapPublicIpOnLaunch: true }),
            expect: [{ resource: "workers", kind: "violation" }],
        },
        {
            title: "private by its use, with an in-line route",
            shows: "bad",
            resources: [
                internetGateway,
                ...changed(subnet("a"), {
                    "a-table": {
                        props: { routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: unknown }] },
                        propertyDependencies: { routes: ["internet"] },
                    },
                }),
                {
                    type: "aws:ecs/service:Service",
                    name: "engine",
                    props: { networkConfiguration: { subnets: [unknown] } },
                    propertyDependencies: { networkConfiguration: ["a"] },
                },
            ],
            expect: [{ resource: "a", kind: "violation" }],
        },
        {
            title: "two zones as they should be, no id known",
            shows: "good",
            resources: twoZones(),
            expect: [],
        },
        {
            title: "a subnet that nothing declares private",
            shows: "good",
            resources: [
                internetGateway,
                ...subnet("a", { mapPublicIpOnLaunch: null }),
                defaultRoute("a", "gatewayId", "internet"),
            ],
            expect: [],
        },
        {
            title: "a subnet that gives no public addresses because it holds a NAT gateway",
            shows: "good",
            resources: [
                internetGateway,
                ...subnet("a"),
                defaultRoute("a", "gatewayId", "internet"),
                ...natGateway("nat", "a"),
            ],
            expect: [],
        },
        {
            title: "ids known, as at an update",
            shows: "good",
            resources: [
                {
                    type: subnetType,
                    name: "a",
                    props: { id: "subnet-1", mapPublicIpOnLaunch: false, ...privateTags },
                },
                { type: "aws:ec2/routeTable:RouteTable", name: "table", props: { id: "rtb-1", routes: [] } },
                {
                    type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
                    name: "association",
                    props: { subnetId: "subnet-1", routeTableId: "rtb-1" },
                },
            ],
            expect: [],
        },
        {
            title: "mapPublicIpOnLaunch left out is off",
            shows: "absent",
            resources: subnet("private", { mapPublicIpOnLaunch: null }),
            expect: [],
        },
        {
            title: "no association: the main route table, which nobody sees",
            shows: "absent",
            resources: changed(subnet("private"), { "private-association": undefined }),
            expect: [],
        },
        {
            title: "a gateway that is not known yet",
            shows: "unknown",
            resources: [
                ...subnet("private"),
                {
                    ...defaultRoute("private", "gatewayId", "private"),
                    propertyDependencies: { routeTableId: ["private-table"] },
                },
            ],
            expect: [{ resource: "private", kind: "inconclusive" }],
        },
        {
            title: "public addresses not known yet does not hide the other subnet",
            shows: "unknown",
            resources: [
                ...subnet("private-a", { mapPublicIpOnLaunch: unknown }),
                ...subnet("private-b", { mapPublicIpOnLaunch: true }),
            ],
            expect: [
                { resource: "private-a", kind: "inconclusive" },
                { resource: "private-b", kind: "violation" },
            ],
        },
    ],
};

function judgeSubnet(
    graph: StackGraph,
    subnet: ResourceReader,
    { purpose, because }: PurposeReading,
): Outcome[] {
    if (purpose === "public" || purpose === "undeclared")
        return [notApplicable(`not a private subnet: ${because}`)];
    const outcomes: Outcome[] = [];
    const addresses = subnet.boolean("mapPublicIpOnLaunch");
    if (is(addresses, true)) {
        outcomes.push(
            violation(
                `Private subnet ${subnet.name} (${because}) gives public addresses (mapPublicIpOnLaunch is true).`,
                "Set mapPublicIpOnLaunch: false.",
                { findingId: "mapPublicIpOnLaunch" },
            ),
        );
    } else if (addresses.kind === "unknown") {
        outcomes.push(inconclusive(addresses, "whether the subnet gives public addresses is not known yet"));
    }
    const routing = routingOf(graph, subnet);
    if (routing.kind === "undetermined") {
        outcomes.push(inconclusive(routing, "which routes the subnet has cannot be told yet"));
    } else if (routing.kind === "routes") {
        const wrong = routing.routes.find((route) => route.toInternetGateway === true);
        const open = routing.routes.find((route) => route.toInternetGateway === "unknown");
        if (wrong) {
            outcomes.push(
                violation(
                    `Private subnet ${subnet.name} (${because}) has a route to an internet gateway (${wrong.place}).`,
                    "Route it to a NAT gateway (natGatewayId) instead of the internet gateway (gatewayId).",
                    { findingId: wrong.place },
                ),
            );
        } else if (open) {
            outcomes.push(
                inconclusive(
                    { property: `${open.place}.gatewayId` },
                    "where a route of the subnet leads is not known yet",
                ),
            );
        }
    }
    return outcomes.length > 0 ? outcomes : [pass];
}
