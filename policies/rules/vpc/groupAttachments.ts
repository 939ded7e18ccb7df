/** What security groups are attached to. Worked out once per graph. */
import { type ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import { defaultSecurityGroupType, securityGroupType } from "./securityGroup";

export type AttachmentKind = "database" | "build" | "tasks" | "loadBalancer";

export interface Attachment {
    kind: AttachmentKind;
    resource: ResourceReader;
}

const attachers: [kind: AttachmentKind, type: string, path: string[]][] = [
    ["database", "aws:rds/instance:Instance", ["vpcSecurityGroupIds"]],
    ["database", "aws:rds/cluster:Cluster", ["vpcSecurityGroupIds"]],
    ["build", "aws:codebuild/project:Project", ["vpcConfig", "securityGroupIds"]],
    ["tasks", "aws:ecs/service:Service", ["networkConfiguration", "securityGroups"]],
    ["tasks", "aws:ecs/taskSet:TaskSet", ["networkConfiguration", "securityGroups"]],
    ["loadBalancer", "aws:lb/loadBalancer:LoadBalancer", ["securityGroups"]],
    ["loadBalancer", "aws:alb/loadBalancer:LoadBalancer", ["securityGroups"]],
];

export interface GroupAttachments {
    /** Attachments of a group that are certain. */
    of(group: ResourceReader): readonly Attachment[];
    /** Groups that are certainly attached to the resource. */
    groupsOf(resource: ResourceReader): readonly ResourceReader[];
}

const cache = new WeakMap<StackGraph, GroupAttachments>();

export function groupAttachments(graph: StackGraph): GroupAttachments {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph)));
    return found;
}

function collect(graph: StackGraph): GroupAttachments {
    const attachments = new Map<ResourceReader, Attachment[]>();
    const groups = new Map<ResourceReader, ResourceReader[]>();
    for (const [kind, type, path] of attachers) {
        for (const resource of graph.ofType(type)) {
            const references = graph.references(resource, path, [
                securityGroupType,
                defaultSecurityGroupType,
            ]);
            const attached = references.flatMap((reference) =>
                reference.kind === "exact" ? [reference.resource] : [],
            );
            groups.set(resource, attached);
            for (const group of attached)
                attachments.set(group, [...(attachments.get(group) ?? []), { kind, resource }]);
        }
    }
    return {
        of: (group) => attachments.get(group) ?? [],
        groupsOf: (resource) => groups.get(resource) ?? [],
    };
}
