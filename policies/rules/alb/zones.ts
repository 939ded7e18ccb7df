/** ALB-08: a load balancer answers when one zone is down. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { isComponentList } from "../vpc/componentLists";
import { subnet } from "../vpc/network.examples";
import { subnetType } from "../vpc/topology";
import { loadBalancerTypes } from "./loadBalancer";

const metadata: RuleMetadata = {
    id: "ALB-08",
    family: "alb",
    title: "Load balancers lie in two availability zones at least",
    rationale: "With one zone the scanner or the application is gone whenever that zone is.",
    severity: "medium",
    remediation: "Give `subnets` (or `subnetMappings`) two subnets in different availability zones.",
    references: ["FSBP ELB.13"],
};
const fix = "Give subnets two subnets in different availability zones.";

export const subnetCount: ResourceRule = {
    level: "resource",
    metadata,
    types: loadBalancerTypes,
    evaluate: (balancer) => {
        const lists = (["subnets", "subnetMappings"] as const).map((property) => balancer.list(property));
        const count = lists.reduce((sum, list) => sum + (list.kind === "known" ? list.value.length : 0), 0);
        if (count > 1) return [notApplicable("the stack half compares the zones")];
        const open = lists.find(({ kind }) => kind === "unknown");
        if (open && count === 0) return [notApplicable("the stack half traces a list that is not known yet")];
        if (open) return [inconclusive(open, "in how many subnets the load balancer lies is not known yet")];
        const wrong = lists.find(({ kind }) => kind === "malformed");
        const read =
            wrong?.kind === "malformed"
                ? `${wrong.property} ${wrong.why}`
                : count === 1
                  ? "has one subnet"
                  : "has no subnets";
        return [violation(`Load balancer ${balancer.name} ${read}: it needs two zones.`, fix)];
    },
    examples: [
        badExample("one subnet", [balancer({ subnets: ["subnet-1"] })], "alb"),
        badExample("one mapping", [balancer({ subnetMappings: [{ subnetId: "subnet-1" }] })], "alb"),
        goodExample("two subnets", [balancer({ subnets: [unknown, unknown] })]),
        absentExample("none at all", [balancer({})], "alb"),
        goodExample("a list that is not known yet is the stack half's", [balancer({ subnets: unknown })]),
        openExample(
            "one subnet, and mappings that are not known yet",
            [balancer({ subnets: ["subnet-1"], subnetMappings: unknown })],
            "alb",
        ),
    ],
};

function judgeZones(graph: StackGraph, balancer: ResourceReader): Outcome {
    const inMappings = balancer.get("subnets").kind === "absent";
    const path = inMappings ? "subnetMappings" : "subnets";
    const places = balancer.list(path);
    if (places.kind === "known" && places.value.length < 2)
        return notApplicable("the resource half counts the subnets");
    if (places.kind === "absent" || places.kind === "malformed")
        return notApplicable("the resource half asks for subnets");
    const references =
        inMappings && places.kind === "known"
            ? places.value.map((_, index) =>
                  graph.reference(balancer, [path, index, "subnetId"], [subnetType]),
              )
            : graph.references(balancer, [path], [subnetType]);
    // References of several elements to the same candidates are one set of subnets.
    const subnets = [
        ...new Set(
            references.flatMap((reference) =>
                reference.kind === "exact"
                    ? [reference.resource]
                    : reference.kind === "candidates"
                      ? reference.resources
                      : [],
            ),
        ),
    ];
    const zones = subnets.map(
        (each) => valueOf(each.string("availabilityZone")) ?? valueOf(each.string("availabilityZoneId")),
    );
    const known = new Set(zones.filter((zone) => zone !== undefined));
    const exact = references.every(({ kind }) => kind === "exact");
    const told = zones.every((zone) => zone !== undefined);
    if (known.size > 1 && (exact || isComponentList(graph, balancer, path, subnets))) return pass;
    const complete = references.every(({ kind }) => kind === "exact" || kind === "candidates");
    if (complete && told && subnets.length > 0 && known.size === 1) {
        return violation(
            `All subnets of load balancer ${balancer.name} lie in ${[...known].join()}: with that zone it is gone.`,
            fix,
        );
    }
    // AWS itself refuses an application load balancer whose subnets, given by their ids, share a zone.
    if (references.some(({ kind }) => kind === "dangling" || kind === "external"))
        return notApplicable("subnets outside the stack");
    return inconclusive({ property: path }, "in which zones the load balancer lies cannot be told yet");
}

export const distinctZones: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: loadBalancerTypes,
    evaluate: (graph) =>
        graph.ofType(...loadBalancerTypes).flatMap((each) => about(each, judgeZones(graph, each))),
    examples: [
        badExample("two subnets in one zone", [...subnet("a"), ...subnet("b"), inSubnets(["a", "b"])], "alb"),
        goodExample("two zones", [...subnet("a"), ...subnet("b", {}, "eu-west-1b"), inSubnets(["a", "b"])]),
        goodExample("two zones, by mappings and ids", [
            { type: subnetType, name: "a", props: { id: "subnet-1", availabilityZone: "eu-west-1a" } },
            { type: subnetType, name: "b", props: { id: "subnet-2", availabilityZone: "eu-west-1b" } },
            balancer({ subnetMappings: [{ subnetId: "subnet-1" }, { subnetId: "subnet-2" }] }),
        ]),
        goodExample("subnets of a component that has two zones", [
            { type: "awsx:ec2:Vpc", name: "network", props: {} },
            ...[...subnet("a"), ...subnet("b", {}, "eu-west-1b")].map((resource) =>
                resource.type === subnetType ? { ...resource, parent: "network" } : resource,
            ),
            { ...inSubnets(["network", "a", "b"]), props: { name: "alb", subnets: unknown } },
        ]),
        absentExample("no subnets: the resource half asks for them", [balancer({})]),
        openExample(
            "two of three subnets",
            [
                ...subnet("a"),
                ...subnet("b", {}, "eu-west-1b"),
                ...subnet("c"),
                { ...inSubnets(["a", "b", "c"]), props: { name: "alb", subnets: [unknown, unknown] } },
            ],
            "alb",
        ),
        openExample("subnets of another stack", [{ ...inSubnets([]), props: { name: "alb", subnets: [unknown, unknown] } }], "alb"), // prettier-ignore
    ],
};

function balancer(props: Record<string, unknown>): ExampleResource {
    return { type: loadBalancerTypes[0] ?? "", name: "alb", props: { name: "alb", ...props } };
}

function inSubnets(of: string[]): ExampleResource {
    return {
        ...balancer({ subnets: of.map(() => unknown) }),
        propertyDependencies: { subnets: of },
    };
}
