/** VPC-03, stack half: HTTPS from anywhere, which only an edge group may let in, and prefix lists. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, pass } from "../../harness/outcome";
import { is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { groupAttachments } from "./groupAttachments";
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
const world = { cidrBlocks: ["0.0.0.0/0"] };
const balancer = (props: Record<string, unknown>): ExampleResource => ({
    type: "aws:lb/loadBalancer:LoadBalancer",
    name: "balancer",
    props: { securityGroups: [unknown], ...props },
    propertyDependencies: { securityGroups: ["group"] },
});

/** Nobody knows what uses a group, and what a prefix list holds, before the stack is complete. */
export const openSeparateIngress: StackRule = {
    level: "stack",
    metadata: openIngressMetadata,
    relevantTypes: ingressTypes,
    evaluate: (graph, configuration) =>
        graph.ofType(...ingressTypes).flatMap((resource) => {
            const outcomes = ownIngress(resource).flatMap((entry) => [
                ...judgeHttps(graph, entry, configuration),
                ...judgePrefixLists(graph, entry, configuration),
            ]);
            return about(resource, ...(outcomes.length > 0 ? outcomes : [pass]));
        }),
    examples: [
        {
            title: "443 without a declaration",
            shows: "bad",
            resources: [group([tcp(443, world)])],
            expect: bad,
        },
        {
            title: "443 on another group than the settings name",
            shows: "bad",
            configuration: { edgeSecurityGroups: ["edge-*"] },
            resources: [group([tcp(443, world)])],
            expect: bad,
        },
        {
            title: "whether it is an edge group is not known yet",
            shows: "unknown",
            resources: [group([tcp(443, world)], { tags: unknown })],
            expect: [{ resource: "group", kind: "inconclusive" }],
        },
        {
            title: "an edge group by its name, which is not known yet",
            shows: "unknown",
            configuration: { edgeSecurityGroups: ["edge-*"] },
            resources: [group([tcp(443, world)], { name: unknown })],
            expect: [{ resource: "group", kind: "inconclusive" }],
        },
        {
            title: "443 on the group of a load balancer that faces the internet",
            shows: "good",
            resources: [group([tcp(443, world)]), balancer({ internal: false })],
            expect: [],
        },
        {
            title: "443 on the group of an internal load balancer",
            shows: "bad",
            resources: [group([tcp(443, world)]), balancer({ internal: true })],
            expect: bad,
        },
        {
            title: "443 on a group that tasks have too",
            shows: "bad",
            resources: [
                group([tcp(443, world)]),
                balancer({}),
                {
                    type: "aws:ecs/service:Service",
                    name: "service",
                    props: { networkConfiguration: { securityGroups: [unknown] } },
                    propertyDependencies: { networkConfiguration: ["group"] },
                },
            ],
            expect: bad,
        },
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

function judgeHttps(graph: StackGraph, entry: IngressEntry, configuration: PackConfiguration): Outcome[] {
    const anyone = entry.cidrs.find(isAnyone);
    if (anyone === undefined || isHttpsOnly(entry) !== "yes") return [];
    const { groups, property, placed } = groupsOf(graph, entry);
    if (!placed) return [];
    const edges = groups.map((group) => edgeOf(graph, group, configuration));
    if (edges.length > 0 && edges.every((edge) => edge === "yes")) return [];
    if (property === undefined || (edges.length > 0 && edges.every((edge) => edge === "no"))) {
        return [openTo(anyone, entry, configuration)];
    }
    return [inconclusive({ property }, "whether the rule is for an edge group cannot be told")];
}

/** Groups that the entry may belong to; no property where it certainly belongs to none of the stack. */
function groupsOf(
    graph: StackGraph,
    { resource, place }: IngressEntry,
): { groups: ResourceReader[]; property: string | undefined; placed: boolean } {
    if (!separateTypes.includes(resource.type)) return { groups: [resource], property: place, placed: true };
    const types = [securityGroupType, defaultSecurityGroupType];
    const reference = graph.reference(resource, ["securityGroupId"], types);
    const property = `${place}.securityGroupId`;
    if (reference.kind === "exact") return { groups: [reference.resource], property, placed: true };
    if (reference.kind === "candidates") return { groups: reference.resources, property, placed: true };
    return {
        groups: [],
        property: reference.kind === "dangling" ? undefined : property,
        placed: reference.kind !== "external",
    };
}

/** Declared to be an edge, or the group of load balancers that face the internet and of nothing else. */
function edgeOf(
    graph: StackGraph,
    group: ResourceReader,
    configuration: PackConfiguration,
): "yes" | "no" | "unknown" {
    const declared = isEdgeGroup(group, configuration);
    if (declared !== "no") return declared;
    const attached = groupAttachments(graph).of(group);
    if (attached.length === 0 || attached.some(({ kind }) => kind !== "loadBalancer")) return "no";
    const internal = attached.map(({ resource }) => resource.boolean("internal"));
    if (internal.some((reading) => is(reading, true))) return "no";
    return internal.every(({ kind }) => kind === "known" || kind === "absent") ? "yes" : "unknown";
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
