/** In which subnets a database lies, and whether they are private. */
import { inconclusive, violation } from "../../harness/outcome";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { routingOf, subnetType } from "../vpc/topology";
import { subnetGroupType } from "./database";

/** Outcomes about the subnet group of a database; empty when its subnets are private. */
export function judgeSubnets(graph: StackGraph, database: ResourceReader): Outcome[] {
    const fix = "Put it into an aws.rds.SubnetGroup of private subnets.";
    const reference = graph.reference(database, ["dbSubnetGroupName"], [subnetGroupType]);
    if (reference.kind === "external") return [];
    // What lives elsewhere may be private; the group that every account has by itself is not.
    if (reference.kind === "dangling" && reference.value !== "default")
        return [
            inconclusive(
                reference,
                "whether a subnet group outside the stack has private subnets cannot be told; name it in the setting externalReferences if it has",
            ),
        ];
    if (reference.kind === "absent" || reference.kind === "dangling") {
        // A replica or a restored snapshot may name its group elsewhere; without one it lands in the default VPC.
        const read =
            reference.kind === "absent" ? "is not set, so the default VPC counts" : "is the default one";
        return [
            violation(
                `Database ${database.name} is not known to be in private subnets (dbSubnetGroupName ${read}).`,
                fix,
            ),
        ];
    }
    if (reference.kind !== "exact")
        return [inconclusive(reference, "in which subnets the database lies cannot be told yet")];
    return graph.references(reference.resource, ["subnetIds"], [subnetType]).flatMap((member) => {
        const subnets =
            member.kind === "exact"
                ? [member.resource]
                : member.kind === "candidates"
                  ? member.resources
                  : [];
        const routings = subnets.map((subnet) => ({ subnet, routing: routingOf(graph, subnet) }));
        const isPublic = ({ routing }: (typeof routings)[number]) =>
            routing.kind === "routes" && routing.routes.some((route) => route.toInternetGateway === true);
        const exposed = routings.filter(isPublic);
        if (exposed.length > 0 && exposed.length === routings.length) {
            const names = exposed.map(({ subnet }) => subnet.name).join(", ");
            return [
                violation(
                    `Database ${database.name} lies in a subnet with a route to an internet gateway (${names}).`,
                    fix,
                ),
            ];
        }
        if (isDeclaredPrivate(reference.resource, subnets.length, exposed.length)) return [];
        if (exposed.length > 0) {
            const why =
                "which of several subnets the database lies in is not known yet, and one has a route to the internet";
            return [inconclusive({ property: `${reference.resource.name}.${member.property}` }, why)];
        }
        const undetermined = routings.find(({ routing }) => routing.kind === "undetermined");
        if (undetermined || member.kind === "unknown") {
            const property = `${reference.resource.name}.${member.property}`;
            return [
                inconclusive({ property }, "whether the database's subnets are private cannot be told yet"),
            ];
        }
        return [];
    });
}

/**
 * The subnets of a component (`awsx.ec2.Vpc`) cannot be told apart before they exist: each of its lists depends on all
 * of them. Until the ids are known, which is from the first update on, a subnet group counts as private when it says so
 * itself, by a tag `SubnetType: Private` or the word in its name or description, and private subnets are among those it
 * may consist of.
 */
function isDeclaredPrivate(subnetGroup: ResourceReader, candidates: number, exposed: number): boolean {
    if (exposed >= candidates) return false;
    if (valueOf(subnetGroup.string("tags", "SubnetType"))?.toLowerCase() === "private") return true;
    const texts = [
        subnetGroup.string("name"),
        subnetGroup.string("description"),
        subnetGroup.string("tags", "Name"),
    ];
    return texts.some((text) => /\bprivate\b/i.test(valueOf(text) ?? ""));
}
