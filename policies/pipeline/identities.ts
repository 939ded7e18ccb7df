/**
 * Which role is whose: by the tag `gate:role` on the role or on the project that runs as it, by the configuration, else by
 * what the project's commands do.
 */
import type { PackConfiguration } from "../harness/configuration";
import { valueOf, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { matchesAny } from "../harness/wildcard";
import { deliveryTier } from "./deliveryTarget";
import { pipelineType } from "./pipelineModel";
import { gateRole, projectBuildspec, roleType } from "./project";
import { projectsOf } from "./projectsOfRole";

/** Pipelines that run as the role. */
export function pipelinesOf(role: ResourceReader, graph: StackGraph): ResourceReader[] {
    return graph.ofType(pipelineType).filter((pipeline) => {
        const reference = graph.reference(pipeline, ["roleArn"], [roleType]);
        return reference.kind === "exact" && reference.resource === role;
    });
}

/** The declared purpose of a role: its own tag, else the tag that all its projects agree on. */
export function declaredRole(role: ResourceReader, graph: StackGraph): string | null {
    const own = gateRole(role);
    if (own !== null) return own;
    const tags = new Set(projectsOf(role, graph).map(gateRole));
    const [only] = tags;
    return tags.size === 1 ? (only ?? null) : null;
}

/** A tag does not make a publisher of the role that builds, scans or serves several projects. */
function ofAnotherStep(role: ResourceReader, graph: StackGraph): boolean {
    const projects = projectsOf(role, graph);
    return (
        projects.length > 1 ||
        projects.some((project) => {
            if (["builder", "scanner", "scan"].includes(gateRole(project) ?? "")) return true;
            const buildspec = projectBuildspec(project);
            return (
                buildspec.kind === "inline" &&
                (buildspec.analysis.deliveries.some(({ kind }) => kind === "build") ||
                    buildspec.analysis.scanners.some(({ subject }) => subject === "image"))
            );
        })
    );
}

/**
 * May this role write production? A declared publisher; a declared promoter only where the stack has no publisher (else
 * it is the one that fills staging, before the approval); an undeclared role only if it belongs to exactly one project
 * whose commands do nothing but copy to production, by digest, and deploy there.
 */
export function isPublisher(
    role: ResourceReader,
    graph: StackGraph,
    configuration: PackConfiguration,
): boolean {
    if (ofAnotherStep(role, graph)) return false;
    const declared = declaredRole(role, graph);
    if (declared === "publisher") return true;
    if (declared === "promoter")
        return !graph.ofType(roleType).some((other) => declaredRole(other, graph) === "publisher");
    if (declared !== null) return false;
    const [project, ...others] = projectsOf(role, graph);
    if (!project || others.length > 0) return false;
    const buildspec = projectBuildspec(project);
    if (buildspec.kind !== "inline") return false;
    const { deliveries, unreadable } = buildspec.analysis;
    const copies = deliveries.filter((delivery) => delivery.kind === "copy");
    return (
        unreadable.length === 0 &&
        copies.length > 0 &&
        // What it copied it may also deploy; how that names the image is judged there (PIPE-09, BS-16).
        deliveries.every(
            ({ kind, pinning }) => kind === "deploy" || (kind === "copy" && pinning === "digest"),
        ) &&
        copies.some((copy) => deliveryTier(copy, buildspec.analysis, configuration, graph) === "production")
    );
}

const userType = "aws:iam/user:User";

/** Where a resource that stands for a principal says who that is. A list of several principals says it of none. */
const identityProperties: Record<string, readonly string[]> = {
    [roleType]: ["name", "arn"],
    [userType]: ["name", "arn"],
    "aws:iam/group:Group": ["name", "arn"],
    "aws:iam/rolePolicy:RolePolicy": ["role"],
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["role"],
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": ["roleName"],
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": ["userName"],
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": ["groupName"],
    "aws:iam/userPolicy:UserPolicy": ["user"],
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": ["user"],
    "aws:iam/groupPolicy:GroupPolicy": ["group"],
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": ["group"],
};

/** May this role answer approvals? A declared decider or approver, or one that the configuration names. */
export function isApprover(principal: ResourceReader, configuration: PackConfiguration): boolean {
    const declared = principal.type === roleType || principal.type === userType ? gateRole(principal) : null;
    if (declared === "decider" || declared === "approver") return true;
    // A policy of a principal outside the stack names that principal: its own name says nothing.
    const identity = identityProperties[principal.type] ?? [];
    return identity.some((property) => {
        const value = valueOf(principal.string(property));
        return value !== undefined && matchesAny(configuration.approverRoles, value);
    });
}
