/** VPC-03, stack half: rules that are written apart from their group, and prefix lists. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, pass } from "../../harness/outcome";
import { unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { ingressTypes, isAnyone, isHttpsOnly, ownIngress, type IngressEntry } from "./ingress";
import { group, openIngressMetadata, openTo, separate, separateTypes, tcp } from "./openIngress";
import {
    defaultSecurityGroupType,
    ingressRuleType,
    isEdgeGroup,
    securityGroupRuleType,
    securityGroupType,
} from "./securityGroup";

const prefixListType = "aws:ec2/managedPrefixList:ManagedPrefixList";
const prefixListEntryType = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry";
const bad = [{ resource: "group", kind: "violation" as const }];

/** Separate rules do not know their group, and nobody knows a prefix list, before the stack is complete. */
export const openSeparateIngress: StackRule = {
    level: "stack",
    metadata: openIngressMetadata,
    relevantTypes: ingressTypes,
    evaluate: (graph, configuration) =>
        graph.ofType(...ingressTypes).flatMap((resource) => {
            const outcomes = ownIngress(resource).flatMap((entry) => [
                ...judgeSeparate(graph, entry, configuration),
                ...judgePrefixLists(graph, entry, configuration),
            ]);
            return about(resource, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    examples: [
        {
            title: "443 from anywhere on a group that is no edge group",
            shows: "bad",
            resources: [group(null), separate({ cidrIpv4: "0.0.0.0/0" })],
            expect: [{ resource: "rule", kind: "violation" }],
        },
        {
            title: "a prefix list that contains everybody",
            shows: "bad",
            resources: [
                group([tcp(22, { prefixListIds: [unknown] })]),
                {
                    type: prefixListType,
                    name: "list",
                    props: { entries: [{ cidr: "10.0.0.0/8" }, { cidr: "0.0.0.0/0" }] },
                },
            ].map((resource) =>
                resource.name === "group"
                    ? { ...resource, propertyDependencies: { ingress: ["list"] } }
                    : resource,
            ),
            expect: bad,
        },
        {
            title: "a prefix list that everybody is added to, by its id",
            shows: "bad",
            resources: [
                group([tcp(22, { prefixListIds: ["pl-1"] })]),
                { type: prefixListType, name: "list", props: { id: "pl-1", maxEntries: 5 } },
                {
                    type: prefixListEntryType,
                    name: "entry",
                    props: { prefixListId: "pl-1", cidr: "0.0.0.0/0" },
                },
            ],
            expect: bad,
        },
        {
            title: "a prefix list whose addresses are not known yet",
            shows: "unknown",
            resources: [
                {
                    ...group([tcp(22, { prefixListIds: [unknown] })]),
                    propertyDependencies: { ingress: ["list"] },
                },
                { type: prefixListType, name: "list", props: { entries: [{ cidr: unknown }] } },
            ],
            expect: [{ resource: "group", kind: "inconclusive" }],
        },
        {
            title: "443 from anywhere on an edge group",
            shows: "good",
            resources: [group(null, { tags: { "gate:edge": true } }), separate({ cidrIpv4: "0.0.0.0/0" })],
            expect: [],
        },
        { title: "no source", shows: "absent", resources: [group(null), separate({})], expect: [] },
        {
            title: "one of two groups, and only one of them is an edge group",
            shows: "unknown",
            resources: [
                group(null),
                { ...group(null, { tags: { "gate:edge": "true" } }), name: "edge" },
                {
                    ...separate({ cidrIpv4: "0.0.0.0/0" }),
                    propertyDependencies: { securityGroupId: ["group", "edge"] },
                },
            ],
            expect: [{ resource: "rule", kind: "inconclusive" }],
        },
    ],
};

function judgeSeparate(graph: StackGraph, entry: IngressEntry, configuration: PackConfiguration): Outcome[] {
    const anyone = entry.cidrs.find(isAnyone);
    if (!separateTypes.includes(entry.resource.type) || anyone === undefined || isHttpsOnly(entry) !== "yes")
        return [];
    const reference = graph.reference(
        entry.resource,
        ["securityGroupId"],
        [securityGroupType, defaultSecurityGroupType],
    );
    if (reference.kind === "external") return [];
    const groups =
        reference.kind === "exact"
            ? [reference.resource]
            : reference.kind === "candidates"
              ? reference.resources
              : [];
    const edges = groups.map((candidate) => isEdgeGroup(candidate, configuration));
    if (edges.length > 0 && edges.every((edge) => edge === "yes")) return [];
    if (reference.kind === "dangling" || (edges.length > 0 && edges.every((edge) => edge === "no"))) {
        return [openTo(anyone, entry, configuration)];
    }
    return [
        inconclusive(
            { property: `${entry.place}.securityGroupId` },
            "whether the rule is for an edge group cannot be told",
        ),
    ];
}

function judgePrefixLists(
    graph: StackGraph,
    entry: IngressEntry,
    configuration: PackConfiguration,
): Outcome[] {
    if (!entry.prefixLists) return [];
    const topLevel: Record<string, string> = {
        [securityGroupRuleType]: "prefixListIds",
        [ingressRuleType]: "prefixListId",
    };
    const property = topLevel[entry.resource.type] ?? "ingress";
    const given = entry.resource.get(property);
    const byId = entry.prefixListIds.flatMap((id) => {
        const reference = graph.referenceOfValue(id, property, [prefixListType]);
        return reference.kind === "exact" ? [reference.resource] : [];
    });
    // Several in-line entries share the dependencies of the whole list, so a prefix list may be another entry's.
    const traced = graph.dependencies(entry.resource, property, [prefixListType]);
    const lists = [...new Set([...byId, ...(given.kind === "absent" ? [] : traced)])];
    return lists.flatMap((list): Outcome[] => {
        const { cidrs, open } = cidrsOf(graph, list);
        const anyone = cidrs.find(isAnyone);
        if (anyone !== undefined)
            return [openTo(`${anyone} (prefix list ${list.name})`, entry, configuration)];
        const why = "which addresses the prefix list has is not known yet";
        return open ? [inconclusive({ property: `${list.name}.entries` }, why)] : [];
    });
}

/** The addresses of a prefix list, in-line ones and those of entries written apart from it. */
function cidrsOf(graph: StackGraph, list: ResourceReader): { cidrs: string[]; open: boolean } {
    const entries = list.list("entries");
    const readings = [
        ...(valueOf(entries) ?? []).map((item) => item.string("cidr")),
        ...graph
            .referrers(list, [prefixListEntryType], "prefixListId")
            .certain.map((item) => item.string("cidr")),
    ];
    return {
        cidrs: readings.flatMap((reading) => (reading.kind === "known" ? [reading.value] : [])),
        open: entries.kind === "unknown" || readings.some(({ kind }) => kind === "unknown"),
    };
}
