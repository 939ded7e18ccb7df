/** In which account the stack lives, as far as its resources say. */
import { valueOf } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import { effectivePermissions } from "../../iam/effectivePermissions";

/** Roles that a service assumes for a resource: always of the account that the resource is in. */
const runningRoles: readonly (readonly [type: string, property: string])[] = [
    ["aws:codepipeline/pipeline:Pipeline", "roleArn"],
    ["aws:codebuild/project:Project", "serviceRole"],
    ["aws:lambda/function:Function", "role"],
    ["aws:ecs/taskDefinition:TaskDefinition", "executionRoleArn"],
    ["aws:cloudwatch/eventTarget:EventTarget", "roleArn"],
];

/** Types whose own ARN names the account, once they exist. */
const ownedTypes = [
    "aws:ecr/repository:Repository",
    "aws:iam/role:Role",
    "aws:codepipeline/pipeline:Pipeline",
    "aws:codebuild/project:Project",
    "aws:sns/topic:Topic",
];

const cache = new WeakMap<StackGraph, ReadonlySet<string>>();

/** Account ids that are certainly the stack's own; empty when no resource names one. Worked out once per graph. */
export function ownAccounts(graph: StackGraph): ReadonlySet<string> {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph)));
    return found;
}

function collect(graph: StackGraph): ReadonlySet<string> {
    const running = runningRoles.flatMap(([type, property]) =>
        graph.ofType(type).map((resource) => valueOf(resource.string(property))),
    );
    const owned = graph.ofType(...ownedTypes).map((resource) => valueOf(resource.string("arn")));
    const sources = graph
        .ofType("aws:lambda/permission:Permission")
        .map((permission) => valueOf(permission.string("sourceAccount")));
    const certain = new Set(
        [...running, ...owned, ...sources].flatMap((text) => accountOf(text ?? "") ?? []),
    );
    return certain.size > 0 ? certain : mostlyNamed(graph);
}

/** Before anything exists: the account whose resources the stack's own roles are allowed most, by a majority. */
function mostlyNamed(graph: StackGraph): ReadonlySet<string> {
    const named = effectivePermissions(graph)
        .filter(({ principal }) => principal.type === "aws:iam/role:Role")
        .flatMap(({ grants }) => grants.flatMap(({ statement }) => statement.resources?.values ?? []))
        .flatMap((resource) => accountOf(resource) ?? []);
    const counts = new Map<string, number>();
    for (const account of named) counts.set(account, (counts.get(account) ?? 0) + 1);
    return new Set([...counts].flatMap(([account, count]) => (count * 2 > named.length ? [account] : [])));
}

/** The account that an ARN or a bare account id names; null for anything else. */
export function accountOf(text: string): string | null {
    return /^(?:arn:[\w-]+:[\w-]+:[\w-]*:)?(\d{12})(?::.*)?$/s.exec(text)?.[1] ?? null;
}
