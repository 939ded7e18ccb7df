/** ASG-01, stack half: attached load balancers are asked, and subnets lie in different zones. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import { subnetType } from "../vpc/topology";
import { attachmentType, groupExample, groupType } from "./group";
import { healthOutcome, renewedGroupMetadata, servesLoadBalancer } from "./renewedGroup";

const subnet = (name: string, availabilityZone: unknown): ExampleResource => ({
    type: subnetType,
    name,
    props: { vpcId: unknown, availabilityZone },
});
const group: ExampleResource = {
    ...groupExample({ vpcZoneIdentifiers: [unknown, unknown] }),
    propertyDependencies: { vpcZoneIdentifiers: ["first", "second"] },
};
const attachment: ExampleResource = {
    type: attachmentType,
    name: "attachment",
    props: { autoscalingGroupName: "group", lbTargetGroupArn: unknown },
};

export const spreadGroup: StackRule = {
    level: "stack",
    metadata: renewedGroupMetadata,
    relevantTypes: [groupType],
    evaluate: (graph) => {
        const attached = new Set<ResourceReader>();
        const possible = new Set<ResourceReader>();
        for (const each of graph.ofType(attachmentType)) {
            const to = graph.reference(each, ["autoscalingGroupName"], [groupType]);
            if (to.kind === "exact") attached.add(to.resource);
            if (to.kind === "candidates") for (const resource of to.resources) possible.add(resource);
        }
        return graph.ofType(groupType).flatMap((resource) => {
            const outcomes = judgeZones(resource, graph);
            if (servesLoadBalancer(resource) === "no") {
                const health = healthOutcome(resource);
                if (attached.has(resource)) outcomes.push(health);
                else if (possible.has(resource) && health.kind !== "pass")
                    outcomes.push(inconclusive({ property: "healthCheckType" }, "whether the group is behind a load balancer is not known yet")); // prettier-ignore
            }
            return about(resource, ...(outcomes.length > 0 ? outcomes : [notApplicable("nothing but its own settings says anything about it")])); // prettier-ignore
        });
    },
    examples: [
        badExample("two subnets of one zone", [group, subnet("first", "eu-central-1a"), subnet("second", "eu-central-1a")], "group"), // prettier-ignore
        badExample("attached to a load balancer that is not asked", [groupExample(), attachment], "group"),
        goodExample("two zones", [group, subnet("first", "eu-central-1a"), subnet("second", "eu-central-1b")]), // prettier-ignore
        goodExample("attached to a load balancer that is asked", [groupExample({ healthCheckType: "ELB" }), attachment]), // prettier-ignore
        goodExample("zones of which nothing is said", [group, subnet("first", undefined), subnet("second", "eu-central-1a")]), // prettier-ignore
        absentExample("subnets of another stack", [groupExample()]),
        openExample("zones not known yet", [group, subnet("first", unknown), subnet("second", unknown)], "group"), // prettier-ignore
        openExample(
            "which of two groups is attached is not known yet",
            [
                groupExample(),
                { ...groupExample({ name: "other", healthCheckType: "ELB" }), name: "other" },
                { ...attachment, props: { autoscalingGroupName: unknown }, propertyDependencies: { autoscalingGroupName: ["group", "other"] } },
            ],
            "group",
        ), // prettier-ignore
    ],
};

/** Only where every subnet is one of the stack: others may lie anywhere. */
function judgeZones(resource: ResourceReader, graph: StackGraph): Outcome[] {
    const references = graph.references(resource, ["vpcZoneIdentifiers"], [subnetType]);
    const subnets = references.flatMap((reference) =>
        reference.kind === "exact" ? [reference.resource] : [],
    );
    if (subnets.length < 2 || subnets.length < references.length) return [];
    const zones = subnets.map((each) => {
        const name = each.string("availabilityZone");
        return name.kind === "absent" ? each.string("availabilityZoneId") : name;
    });
    const known = zones.map(valueOf);
    if (new Set(known.filter((zone) => zone !== undefined)).size >= 2) return [pass];
    const open = zones.find(({ kind }) => kind === "unknown");
    if (open) return [inconclusive({ property: "vpcZoneIdentifiers" }, "in which zones the subnets lie is not known yet")]; // prettier-ignore
    if (known.includes(undefined)) return [];
    return [
        violation(
            `All subnets of ${resource.name} lie in one zone, ${known[0] ?? ""} (vpcZoneIdentifiers).`,
            "Add a subnet of another zone.",
            { findingId: "zones" },
        ),
    ];
}
