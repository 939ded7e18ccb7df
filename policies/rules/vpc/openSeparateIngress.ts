/** VPC-03, stack half: rules that are written apart from their group, and prefix lists. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, pass } from "../../harness/outcome";
import { unknown, valueOf } from "../../harness/reader";
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
    const lists = graph.dependencies(entry.resource, topLevel[entry.resource.type] ?? "ingress", [
        prefixListType,
    ]);
    return lists.flatMap((list) => {
        const cidrs = (valueOf(list.list("entries")) ?? []).map((item) => valueOf(item.string("cidr")));
        const anyone = cidrs.find((cidr) => cidr !== undefined && isAnyone(cidr));
        return anyone === undefined
            ? []
            : [openTo(`${anyone} (prefix list ${list.name})`, entry, configuration)];
    });
}
