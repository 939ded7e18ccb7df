/** Who may connect to a database. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, violation } from "../../harness/outcome";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { ingressOf, possibleIngressOf, type IngressEntry } from "../vpc/ingress";
import { securityGroupType } from "../vpc/securityGroup";

/** Outcomes about the security groups of a database; empty when only the scanner's groups are let in. */
export function judgeIngress(
    graph: StackGraph,
    database: ResourceReader,
    configuration: PackConfiguration,
): Outcome[] {
    const references = graph.references(database, ["vpcSecurityGroupIds"], [securityGroupType]);
    if (references.length === 0) {
        return [
            violation(
                `Database ${database.name} has no security group of its own, so the default group of the VPC counts.`,
                "Set vpcSecurityGroupIds to a group that lets in the scanner's group only.",
            ),
        ];
    }
    return references.flatMap((reference) => {
        if (reference.kind === "external") return [];
        if (reference.kind !== "exact") {
            return [inconclusive(reference, "which security group the database has cannot be told yet")];
        }
        const group = reference.resource;
        const [unclear] = possibleIngressOf(graph, group);
        const outcomes = ingressOf(graph, group).flatMap((entry) =>
            judgeEntry(graph, database, entry, configuration),
        );
        if (unclear) {
            const property = `${unclear.name}.securityGroupId`;
            outcomes.push(
                inconclusive({ property }, "whether this rule opens the database cannot be told yet"),
            );
        }
        return outcomes;
    });
}

function judgeEntry(
    graph: StackGraph,
    database: ResourceReader,
    entry: IngressEntry,
    configuration: PackConfiguration,
): Outcome[] {
    const fix =
        "Let in the security group of the scanner's tasks (referencedSecurityGroupId) and nothing else.";
    const [cidr] = entry.cidrs;
    if (cidr !== undefined || entry.prefixLists) {
        const source = cidr ?? "a prefix list";
        return [
            violation(`${entry.place} lets ${source} connect to database ${database.name}.`, fix, {
                findingId: entry.place,
            }),
        ];
    }
    if (entry.unknownCidrs)
        return [inconclusive({ property: entry.place }, "who may connect to the database is not known yet")];
    return entry.sourceGroupPaths.flatMap((path): Outcome[] =>
        graph.references(entry.resource, path, [securityGroupType]).flatMap((source): Outcome[] => {
            if (source.kind === "external") return [];
            const groups =
                source.kind === "exact"
                    ? [source.resource]
                    : source.kind === "candidates"
                      ? source.resources
                      : [];
            const scanners = groups.filter((group) => isScannerGroup(graph, group, configuration));
            if (groups.length > 0 && scanners.length === groups.length) return [];
            if (source.kind === "dangling" || (groups.length > 0 && scanners.length === 0)) {
                const who =
                    source.kind === "dangling" ? source.value : groups.map((group) => group.name).join(", ");
                return [
                    violation(
                        `${entry.place} lets security group ${who} connect to database ${database.name}.`,
                        fix,
                        {
                            findingId: entry.place,
                        },
                    ),
                ];
            }
            return [
                inconclusive(
                    { property: entry.place },
                    "which security group may connect to the database cannot be told yet",
                ),
            ];
        }),
    );
}

function isScannerGroup(graph: StackGraph, group: ResourceReader, configuration: PackConfiguration): boolean {
    const role = valueOf(group.string("tags", "gate:role"));
    if (role !== undefined && configuration.scannerGroupTags.includes(role)) return true;
    const words = new Set((valueOf(group.string("name")) ?? group.name).toLowerCase().split(/[^a-z0-9]+/));
    if (configuration.scannerGroupTags.some((word) => words.has(word))) return true;
    return graph
        .ofType("aws:ecs/service:Service")
        .some((service) =>
            graph
                .references(service, ["networkConfiguration", "securityGroups"], [securityGroupType])
                .some((reference) => reference.kind === "exact" && reference.resource === group),
        );
}
