/** Whether a NAT gateway is a way to the internet, and one that other zones do not take down. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, pass, violation } from "../../harness/outcome";
import { is, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { isDisposable } from "../../harness/stackName";
import { elasticIpType, routingOf, subnetType } from "./topology";

/** Works as a way to the internet: public, with an address, in a subnet that reaches the internet itself. */
export function judgeGateway(graph: StackGraph, gateway: ResourceReader, subnet: ResourceReader): Outcome {
    const wrong = (what: string, fix: string) =>
        violation(
            `Private subnet ${subnet.name} leaves through NAT gateway ${gateway.name}, which ${what}.`,
            fix,
        );
    if (is(gateway.string("connectivityType"), "private")) {
        return wrong(
            "is private and reaches no internet",
            'Set connectivityType: "public" with an allocationId.',
        );
    }
    // A regional gateway spans the zones of its VPC, brings its addresses, and lies in no subnet.
    if (is(gateway.string("availabilityMode"), "regional")) return pass;
    const address = graph.reference(gateway, ["allocationId"], [elasticIpType]);
    if (address.kind === "absent")
        return wrong("has no elastic IP", "Set allocationId to the id of an aws.ec2.Eip.");
    const place = graph.reference(gateway, ["subnetId"], [subnetType]);
    if (place.kind === "external") return pass;
    if (place.kind !== "exact") {
        return inconclusive(
            { property: `${gateway.name}.subnetId` },
            "in which subnet the NAT gateway lies is not known yet",
        );
    }
    const routing = routingOf(graph, place.resource);
    if (routing.kind === "undetermined") {
        return inconclusive(
            routing,
            "whether the NAT gateway's subnet reaches the internet cannot be told yet",
        );
    }
    const routes = routing.kind === "routes" ? routing.routes : [];
    if (routes.some((route) => route.toAnywhere === true && route.toInternetGateway === true)) return pass;
    const open = routes.find((route) => route.toAnywhere !== false && route.toInternetGateway === "unknown");
    if (open)
        return inconclusive(
            { property: open.place },
            "where a route of the NAT gateway's subnet leads is not known yet",
        );
    return wrong(
        `lies in subnet ${place.resource.name} without a route to an internet gateway`,
        "Put the NAT gateway into a public subnet.",
    );
}

/** Outside disposable stacks the loss of one zone must not cut off the others. Weighs less than having no way out. */
export function judgeZone(
    graph: StackGraph,
    subnet: ResourceReader,
    gateway: ResourceReader,
    configuration: PackConfiguration,
): Outcome {
    const place = graph.reference(gateway, ["subnetId"], [subnetType]);
    const zone = valueOf(subnet.string("availabilityZone"));
    const gatewayZone =
        place.kind === "exact" ? valueOf(place.resource.string("availabilityZone")) : undefined;
    if (isDisposable(subnet.urn, configuration) || zone === undefined || gatewayZone === undefined)
        return pass;
    if (zone === gatewayZone) return pass;
    return violation(
        `Private subnet ${subnet.name} in ${zone} leaves through NAT gateway ${gateway.name} in ${gatewayZone}: when that ` +
            "zone is down, this one is cut off.",
        "Use one NAT gateway in each zone, or name the stack in the setting disposableStacks.",
        { severity: "medium", findingId: "zone" },
    );
}
