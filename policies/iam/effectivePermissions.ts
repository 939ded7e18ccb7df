/**
 * Who may do what: the union of everything attached to each role, user and group of the stack, minus explicit denies.
 * What cannot be read is kept as a doubt of that principal, never dropped.
 */
import type { ResourceReader } from "../harness/reader";
import type { Reference, StackGraph } from "../harness/stackGraph";
import { readPolicyDocument, type Conditions, type Statement } from "./document";
import { managedPolicies, managedPolicyName } from "./managedPolicies";
import { intersects, isSubset } from "./matcher";

/** A statement together with where it comes from. */
export interface Grant {
    statement: Statement;
    /** Resource that carries the document. */
    source: ResourceReader;
    /** Property of the document, e.g. `policy` or `inlinePolicies[0].policy`. */
    property: string;
}

export interface Doubt {
    source: ResourceReader;
    property: string;
    why: string;
}

export interface PrincipalPermissions {
    /** Role, user or group; the resource that grants, where it names a principal outside the stack. */
    principal: ResourceReader;
    grants: Grant[];
    doubts: Doubt[];
}

/** One way in which a principal may do something. */
export interface Permission {
    grant: Grant;
    /** The action pattern of the statement that grants it. */
    action: string;
    resource: string;
    conditions: Conditions;
}

export type Answer =
    { kind: "no" } | { kind: "yes"; permissions: Permission[] } | { kind: "unknown"; doubts: Doubt[] };

const roleTypes = ["aws:iam/role:Role"];
const userTypes = ["aws:iam/user:User"];
const groupTypes = ["aws:iam/group:Group"];
const policyTypes = ["aws:iam/policy:Policy"];
/** What an unknown role reference may mean. */
const principalTypes = [...roleTypes, ...userTypes, ...groupTypes];

const inlineForms: [type: string, owner: string, ownerTypes: string[]][] = [
    ["aws:iam/rolePolicy:RolePolicy", "role", roleTypes],
    ["aws:iam/userPolicy:UserPolicy", "user", userTypes],
    ["aws:iam/groupPolicy:GroupPolicy", "group", groupTypes],
];
const attachmentForms: [type: string, owner: string, ownerTypes: string[]][] = [
    ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", roleTypes],
    ["aws:iam/userPolicyAttachment:UserPolicyAttachment", "user", userTypes],
    ["aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "group", groupTypes],
];

/**
 * Managed policies of one principal as a whole. Their siblings for inline policies (`rolePoliciesExclusive` …) only name
 * documents that are attached elsewhere.
 */
const exclusiveForms: [type: string, owner: string, ownerTypes: string[]][] = [
    ["aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "roleName", roleTypes],
    ["aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive", "userName", userTypes],
    ["aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive", "groupName", groupTypes],
];

const cache = new WeakMap<StackGraph, PrincipalPermissions[]>();

/** Permissions of every principal of the stack, in the order of registration; worked out once per graph. */
export function effectivePermissions(graph: StackGraph): PrincipalPermissions[] {
    const known = cache.get(graph);
    if (known) return known;
    const result = new Collector(graph).collect();
    cache.set(graph, result);
    return result;
}

class Collector {
    private readonly byPrincipal = new Map<ResourceReader, PrincipalPermissions>();

    constructor(private readonly graph: StackGraph) {
        for (const principal of graph.ofType(...principalTypes))
            this.byPrincipal.set(principal, { principal, grants: [], doubts: [] });
    }

    collect(): PrincipalPermissions[] {
        for (const entry of this.byPrincipal.values()) this.ownDocuments(entry);
        for (const [type, property, ownerTypes] of inlineForms) {
            for (const resource of this.graph.ofType(type)) {
                for (const owner of this.owners(resource, [property], ownerTypes))
                    this.document(owner, resource, resource.get("policy"), "policy");
            }
        }
        for (const [type, property, ownerTypes] of attachmentForms) {
            for (const resource of this.graph.ofType(type)) {
                for (const owner of this.owners(resource, [property], ownerTypes))
                    this.managed(owner, resource, ["policyArn"]);
            }
        }
        for (const [type, property, ownerTypes] of exclusiveForms) {
            for (const resource of this.graph.ofType(type)) {
                for (const owner of this.owners(resource, [property], ownerTypes))
                    this.managedList(owner, resource, "policyArns");
            }
        }
        for (const resource of this.graph.ofType("aws:iam/policyAttachment:PolicyAttachment")) {
            for (const [property, types] of [
                ["roles", roleTypes],
                ["users", userTypes],
                ["groups", groupTypes],
            ] as const) {
                for (const owner of this.listedOwners(resource, property, types))
                    this.managed(owner, resource, ["policyArn"]);
            }
        }
        this.groupMembers();
        return [...this.byPrincipal.values()];
    }

    private ownDocuments(entry: PrincipalPermissions): void {
        const { principal } = entry;
        const inline = principal.list("inlinePolicies");
        if (inline.kind === "known") {
            inline.value.forEach((policy, index) => {
                this.document(entry, principal, policy.get("policy"), `inlinePolicies[${index}].policy`);
            });
        } else if (inline.kind !== "absent")
            this.doubt(entry, principal, inline.property, "inline policies are not known");
        this.managedList(entry, principal, "managedPolicyArns");
    }

    private managedList(entry: PrincipalPermissions, source: ResourceReader, property: string): void {
        const managed = source.list(property);
        if (managed.kind === "known") {
            managed.value.forEach((_, index) => { this.managed(entry, source, [property, index]); }); // prettier-ignore
        } else if (managed.kind !== "absent")
            this.doubt(entry, source, managed.property, "managed policies are not known");
    }

    private doubt(entry: PrincipalPermissions, source: ResourceReader, property: string, why: string): void {
        entry.doubts.push({ source, property, why });
    }

    private document(
        entry: PrincipalPermissions,
        source: ResourceReader,
        reading: ReturnType<ResourceReader["get"]>,
        property: string,
    ): void {
        if (reading.kind === "absent") return;
        if (reading.kind !== "known") {
            this.doubt(entry, source, property, "the policy document is not known yet");
            return;
        }
        const document = readPolicyDocument(reading.value);
        if (document.kind === "unknown")
            this.doubt(entry, source, property, "the policy document is not known yet");
        else if (document.kind === "malformed")
            this.doubt(entry, source, property, `the policy document ${document.why}`);
        else entry.grants.push(...document.statements.map((statement) => ({ statement, source, property })));
    }

    /** A policy named by ARN: AWS managed from the table, a policy of the stack from its document. */
    private managed(
        entry: PrincipalPermissions,
        source: ResourceReader,
        path: [string, ...(string | number)[]],
    ): void {
        const text = source.string(...path);
        const name = text.kind === "known" ? managedPolicyName(text.value) : null;
        if (name !== null) {
            const actions = managedPolicies[name];
            if (!actions)
                this.doubt(
                    entry,
                    source,
                    text.property,
                    `what the AWS managed policy ${name} grants is not on record`,
                );
            else
                entry.grants.push({
                    statement: allowEverywhere(name, [...actions]),
                    source,
                    property: text.property,
                });
            return;
        }
        const reference = this.graph.reference(source, path, policyTypes);
        if (reference.kind === "exact")
            this.document(entry, reference.resource, reference.resource.get("policy"), "policy");
        else if (reference.kind === "candidates") {
            // Each of them may be attached: what all of them could grant is a doubt, not a permission.
            this.doubt(entry, source, reference.property, "which policy is attached is not known yet");
        } else
            this.doubt(
                entry,
                source,
                text.property,
                "the attached policy is not in the stack or not known yet",
            );
    }

    private owners(
        resource: ResourceReader,
        path: [string, ...(string | number)[]],
        types: readonly string[],
    ): PrincipalPermissions[] {
        return this.ownersBehind(this.graph.reference(resource, path, types), resource, types);
    }

    private listedOwners(
        resource: ResourceReader,
        property: string,
        types: readonly string[],
    ): PrincipalPermissions[] {
        return this.graph
            .references(resource, [property], types)
            .flatMap((reference) => this.ownersBehind(reference, resource, types));
    }

    /** Who a reference leads to. Where several are possible, nobody is granted anything and all are in doubt. */
    private ownersBehind(
        reference: Reference,
        resource: ResourceReader,
        types: readonly string[],
    ): PrincipalPermissions[] {
        if (reference.kind === "exact") return this.entries([reference.resource]);
        if (reference.kind === "absent") return [];
        if (reference.kind === "external" || reference.kind === "dangling") return [this.outside(resource)];
        const possible = reference.kind === "candidates" ? reference.resources : this.graph.ofType(...types);
        for (const entry of this.entries(possible))
            this.doubt(
                entry,
                resource,
                reference.property,
                `whether ${resource.name} is attached to it is not known yet`,
            );
        return [];
    }

    /** A principal that is not in the stack: the resource that gives it something stands for it. */
    private outside(resource: ResourceReader): PrincipalPermissions {
        const known = this.byPrincipal.get(resource);
        const entry = known ?? { principal: resource, grants: [], doubts: [] };
        this.byPrincipal.set(resource, entry);
        return entry;
    }

    private entries(resources: readonly ResourceReader[]): PrincipalPermissions[] {
        return resources.flatMap((resource) => this.byPrincipal.get(resource) ?? []);
    }

    /** Users hold what their groups hold. */
    private groupMembers(): void {
        for (const membership of this.graph.ofType("aws:iam/userGroupMembership:UserGroupMembership")) {
            const users = this.owners(membership, ["user"], userTypes);
            for (const group of this.listedOwners(membership, "groups", groupTypes)) {
                for (const user of users) {
                    user.grants.push(...group.grants);
                    user.doubts.push(...group.doubts);
                }
            }
        }
        for (const membership of this.graph.ofType("aws:iam/groupMembership:GroupMembership")) {
            const [group] = this.owners(membership, ["group"], groupTypes);
            for (const user of group ? this.listedOwners(membership, "users", userTypes) : []) {
                user.grants.push(...(group?.grants ?? []));
                user.doubts.push(...(group?.doubts ?? []));
            }
        }
    }
}

function allowEverywhere(sid: string, actions: string[]): Statement {
    return {
        sid,
        index: 0,
        effect: "Allow",
        actions: { values: actions, not: false },
        resources: { values: ["*"], not: false },
        principals: null,
        conditions: {},
    };
}

const allowingByAction = new WeakMap<readonly Grant[], Map<string, { grant: Grant; pattern: string }[]>>();

/** The Allows of a principal that cover an action. Asked again and again about other resources, so found once. */
function allowing(
    { grants }: Pick<PrincipalPermissions, "grants">,
    action: string,
): readonly { grant: Grant; pattern: string }[] {
    let known = allowingByAction.get(grants);
    if (!known) allowingByAction.set(grants, (known = new Map()));
    let found = known.get(action);
    if (!found) {
        found = grants.flatMap((grant) => {
            const pattern =
                grant.statement.effect === "Allow" ? actionPattern(grant.statement, action) : null;
            return pattern === null ? [] : [{ grant, pattern }];
        });
        known.set(action, found);
    }
    return found;
}

/**
 * May the principal do `action` on something that matches `resource`?
 *
 * An Allow counts when its patterns meet the question anywhere, conditions or not (a condition is carried in the
 * answer). A Deny takes it away only when it covers the whole question and has no condition.
 * @param action exact action, e.g. `ecr:PutImage`
 * @param resource ARN, or a pattern for "any of these"
 */
export function mayDo(
    permissions: Pick<PrincipalPermissions, "grants" | "doubts">,
    action: string,
    resource: string,
): Answer {
    const found = allowing(permissions, action).flatMap(({ grant, pattern }): Permission[] => {
        const target = resourcePattern(grant.statement, resource);
        if (target === null) return [];
        return [{ grant, action: pattern, resource: target, conditions: grant.statement.conditions }];
    });
    // Nothing that could be denied: the usual case.
    if (found.length === 0 && permissions.doubts.length === 0) return { kind: "no" };
    const denied = permissions.grants.some(
        ({ statement }) => statement.effect === "Deny" && denies(statement, action, resource),
    );
    if (denied) return { kind: "no" };
    return found.length > 0
        ? { kind: "yes", permissions: found }
        : { kind: "unknown", doubts: permissions.doubts };
}

/** The action pattern of an Allow that covers the action; null when none does. */
export function actionPattern(statement: Statement, action: string): string | null {
    const { values, not } = statement.actions;
    const lower = action.toLowerCase();
    const hit = values.find((pattern) => intersects(pattern.toLowerCase(), lower));
    if (!not) return hit ?? null;
    return values.some((pattern) => isSubset(lower, pattern.toLowerCase()))
        ? null
        : `everything but ${values.join(", ")}`;
}

function resourcePattern(statement: Statement, resource: string): string | null {
    if (!statement.resources) return "*";
    const { values, not } = statement.resources;
    const patterns = values.map(withoutVariables);
    if (!not) return values[patterns.findIndex((pattern) => intersects(pattern, resource))] ?? null;
    return patterns.some((pattern) => isSubset(resource, pattern))
        ? null
        : `everything but ${values.join(", ")}`;
}

function denies(statement: Statement, action: string, resource: string): boolean {
    if (Object.keys(statement.conditions).length > 0) return false;
    const lower = action.toLowerCase();
    const covered = statement.actions.values.some((pattern) => isSubset(lower, pattern.toLowerCase()));
    const touched = statement.actions.values.some((pattern) => intersects(pattern.toLowerCase(), lower));
    if (statement.actions.not ? touched : !covered) return false;
    if (!statement.resources) return true;
    const { values, not } = statement.resources;
    return not
        ? !values.some((pattern) => intersects(withoutVariables(pattern), resource))
        : values.some((pattern) => !pattern.includes("${") && isSubset(resource, pattern));
}

/** `${aws:PrincipalTag/team}` may become any text. */
function withoutVariables(pattern: string): string {
    return pattern.includes("${") ? pattern.replace(/\$\{[^}]*\}/g, "*") : pattern;
}
