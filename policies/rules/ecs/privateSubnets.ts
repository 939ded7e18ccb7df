/** ECS-11, stack half: the subnets of tasks are private. */
import { serviceType } from "../../delivery/deliveryServices";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { isComponentList } from "../vpc/componentLists";
import { defaultRoute, internetGateway, natGateway, subnet } from "../vpc/network.examples";
import { routingOf, subnetType } from "../vpc/topology";
import { privateTasksMetadata, taskSetType } from "./publicAddress";

const defaultSubnetType = "aws:ec2/defaultSubnet:DefaultSubnet";
const path = ["networkConfiguration", "subnets"];

type Privacy = "private" | "public" | "undetermined";

function privacyOf(graph: StackGraph, subnet: ResourceReader): Privacy {
    // The subnets of a default VPC share its main route table, which leads to its internet gateway.
    if (subnet.type === defaultSubnetType) return "public";
    const routing = routingOf(graph, subnet);
    if (routing.kind === "undetermined") return "undetermined";
    const routes = routing.kind === "routes" ? routing.routes : [];
    if (routes.some(({ toInternetGateway }) => toInternetGateway === true)) return "public";
    return routes.some(({ toInternetGateway }) => toInternetGateway === "unknown")
        ? "undetermined"
        : "private";
}

function judgeReference(graph: StackGraph, resource: ResourceReader, reference: Reference): Outcome[] {
    if (reference.kind === "external" || reference.kind === "absent") return [];
    if (reference.kind === "dangling" || reference.kind === "unknown") {
        const hint = "name them in the setting externalReferences if they are private";
        return [
            inconclusive(reference, `whether subnets outside the stack are private cannot be told; ${hint}`),
        ];
    }
    const subnets = reference.kind === "exact" ? [reference.resource] : reference.resources;
    const open = subnets.filter((subnet) => privacyOf(graph, subnet) === "public");
    if (open.length === subnets.length) {
        const names = open.map(({ name }) => name).join(", ");
        return [
            violation(
                `The tasks of ${resource.name} lie in a public subnet (${reference.property}: ${names}), from where a route leads to an internet gateway.`,
                "Use private subnets, with a route to a NAT gateway.",
                { findingId: names },
            ),
        ];
    }
    const clear = open.length === 0 && subnets.every((subnet) => privacyOf(graph, subnet) === "private");
    if (clear || isComponentList(graph, resource, "networkConfiguration", subnets)) return [];
    return [inconclusive(reference, "whether the subnets of the tasks are private cannot be told yet")];
}

const service = (of: string[], count = of.length): ExampleResource => ({
    type: serviceType,
    name: "service",
    props: { networkConfiguration: { subnets: Array.from({ length: count }, () => unknown) } },
    propertyDependencies: { networkConfiguration: of },
});
const network = [
    internetGateway,
    ...subnet("public"),
    defaultRoute("public", "gatewayId", "internet"),
    ...natGateway("nat", "public"),
    ...subnet("private"),
    defaultRoute("private", "natGatewayId", "nat"),
];
const component = [
    { type: "awsx:ec2:Vpc", name: "network", props: {} },
    ...network.map((resource) =>
        resource.type === subnetType ? { ...resource, parent: "network" } : resource,
    ),
];
const wholeList = (of: string[]): ExampleResource => ({
    ...service(of),
    props: { networkConfiguration: { subnets: unknown } },
});

export const privateTaskSubnets: StackRule = {
    level: "stack",
    metadata: privateTasksMetadata,
    relevantTypes: [serviceType, taskSetType],
    evaluate: (graph) =>
        graph.ofType(serviceType, taskSetType).flatMap((resource) => {
            if (resource.get(...path).kind === "absent")
                return about(resource, notApplicable("its tasks have no network interface of their own"));
            const outcomes = graph
                .references(resource, path, [subnetType, defaultSubnetType])
                .flatMap((reference) => judgeReference(graph, resource, reference));
            return about(resource, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    examples: [
        badExample("a public subnet among two", [...network, service(["private", "public"])], "service"),
        badExample(
            "a task set in a subnet of the default VPC",
            [
                { type: defaultSubnetType, name: "default", props: { availabilityZone: "eu-west-1a" } },
                { ...service(["default"]), type: taskSetType },
            ],
            "service",
        ),
        badExample(
            "by its id, as at an update",
            [
                ...network.map((resource) =>
                    resource.name === "public"
                        ? { ...resource, props: { ...resource.props, id: "subnet-1" } }
                        : resource,
                ),
                {
                    type: serviceType,
                    name: "service",
                    props: { networkConfiguration: { subnets: ["subnet-1"] } },
                },
            ],
            "service",
        ),
        goodExample("a private subnet", [...network, service(["private"])]),
        goodExample("the private subnets of a component, which cannot be told apart yet", [
            ...component,
            wholeList(["network", "public", "private"]),
        ]),
        {
            title: "subnets that are declared external",
            shows: "good",
            configuration: { externalReferences: ["subnet-shared-*"] },
            resources: [
                {
                    type: serviceType,
                    name: "service",
                    props: { networkConfiguration: { subnets: ["subnet-shared-1"] } },
                },
            ],
            expect: [],
        },
        absentExample("no network configuration", [{ type: serviceType, name: "service", props: {} }]),
        openExample(
            "one of two, and only one is private",
            [...network, service(["private", "public"], 1)],
            "service",
        ),
        openExample("subnets of another stack", [service([], 2)], "service"),
    ],
};
