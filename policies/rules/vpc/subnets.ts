/** What a subnet is meant to be. */
import { is, valueOf, type ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import { natGatewayType, subnetType } from "./topology";

/**
 * `private`: its tag, its name, or its use says so, or it switches public addresses off; `isolated`: without a way
 * out on purpose; `public`: its tag or name says so, or it holds a NAT gateway; `undeclared`: nothing says.
 */
export type SubnetPurpose = "private" | "isolated" | "public" | "undeclared";

export interface PurposeReading {
    purpose: SubnetPurpose;
    /** Why, for messages. */
    because: string;
    /** Names of things in it that fetch from the internet (services, instances, builds). */
    workloads: string[];
}

/** Resources that belong into private subnets, with the path of their list of subnets. */
const workloadSubnets: [type: string, path: string[]][] = [
    ["aws:ecs/service:Service", ["networkConfiguration", "subnets"]],
    ["aws:autoscaling/group:Group", ["vpcZoneIdentifiers"]],
    ["aws:codebuild/project:Project", ["vpcConfig", "subnets"]],
];

/** Reads every subnet's purpose once. */
export function subnetPurposes(graph: StackGraph): Map<ResourceReader, PurposeReading> {
    const workloads = workloadsBySubnet(graph);
    return new Map(
        graph
            .ofType(subnetType)
            .map((subnet) => [subnet, purposeOf(graph, subnet, workloads.get(subnet) ?? [])]),
    );
}

function purposeOf(graph: StackGraph, subnet: ResourceReader, workloads: string[]): PurposeReading {
    const tag = valueOf(subnet.string("tags", "SubnetType"))?.toLowerCase();
    const names = [valueOf(subnet.string("tags", "Name")) ?? "", subnet.name].join(" ").toLowerCase();
    const words = new Set(names.split(/[^a-z]+/));
    const reading = (purpose: SubnetPurpose, because: string): PurposeReading => ({
        purpose,
        because,
        workloads,
    });
    if (tag === "private" || tag === "isolated" || tag === "public")
        return reading(tag, `tag SubnetType is ${tag}`);
    if (workloads.length > 0) return reading("private", `it is used by ${workloads.join(", ")}`);
    for (const word of ["private", "isolated", "public"] as const) {
        if (words.has(word)) return reading(word, "its name says so");
    }
    if (graph.referrers(subnet, [natGatewayType], "subnetId").certain.length > 0) {
        return reading("public", "it holds a NAT gateway");
    }
    if (is(subnet.boolean("mapPublicIpOnLaunch"), false))
        return reading("private", "mapPublicIpOnLaunch is false");
    return reading("undeclared", "nothing says what it is for");
}

function workloadsBySubnet(graph: StackGraph): Map<ResourceReader, string[]> {
    const found = new Map<ResourceReader, string[]>();
    for (const [type, path] of workloadSubnets) {
        for (const workload of graph.ofType(type)) {
            for (const reference of graph.references(workload, path, [subnetType])) {
                // Candidates may be somebody else's subnets; they say nothing about this one.
                if (reference.kind !== "exact") continue;
                const names = found.get(reference.resource) ?? [];
                found.set(reference.resource, [...names, workload.name]);
            }
        }
    }
    return found;
}
