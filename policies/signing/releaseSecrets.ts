/** Secrets of those who release, merge and comment: who may read them, and which they are. */
import { deliveryServices } from "../delivery/deliveryServices";
import { guardFunctionRoles } from "../gate/guardFunctions";
import { gateFunctionRoles } from "../gate/gateFunctions";
import type { PackConfiguration } from "../harness/configuration";
import { valueOf, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { actionPattern, effectivePermissions } from "../iam/effectivePermissions";
import { declaredRole, isPublisher } from "../pipeline/identities";
import { roleType } from "../pipeline/project";

const secretType = "aws:secretsmanager/secret:Secret";

/** Verbs by which a secret is read, by service. */
export const readVerbs = {
    secretsmanager: ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"],
    ssm: ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory"],
} as const;

export interface ReleaseSecret {
    /** ARN or pattern, as its keeper's policy names it. */
    arn: string;
    verbs: readonly string[];
    /** Who it is for; empty where only its tag says that it is one. */
    keepers: Set<ResourceReader>;
}

/** Roles that release or speak for the gate: what they read is theirs alone. */
export function keepers(graph: StackGraph, configuration: PackConfiguration): Set<ResourceReader> {
    const roles = graph.ofType(roleType);
    const publishing = roles.filter((role) => isPublisher(role, graph, configuration));
    const deploying = [
        ...roles.filter((role) => declaredRole(role, graph) === "deployer"),
        ...deliveryServices(graph, configuration)
            .flatMap(({ deployments }) => deployments)
            .flatMap(({ role, ownRole }) => (ownRole && role.kind === "exact" ? [role.resource] : [])),
    ];
    return new Set([...publishing, ...deploying, ...guardFunctionRoles(graph), ...gateFunctionRoles(graph)]);
}

const cache = new WeakMap<StackGraph, ReleaseSecret[]>();

/** Every secret that a keeper may read, and those with the tag `gate:role` release or signing; found once per graph. */
export function releaseSecrets(graph: StackGraph, configuration: PackConfiguration): ReleaseSecret[] {
    let found = cache.get(graph);
    if (!found) cache.set(graph, (found = collect(graph, configuration)));
    return found;
}

function collect(graph: StackGraph, configuration: PackConfiguration): ReleaseSecret[] {
    const found = new Map<string, ReleaseSecret>();
    const own = keepers(graph, configuration);
    for (const { principal, grants } of effectivePermissions(graph)) {
        if (!own.has(principal)) continue;
        for (const { statement } of grants) {
            if (statement.effect !== "Allow" || !statement.resources || statement.resources.not) continue;
            for (const verbs of Object.values(readVerbs)) {
                if (!verbs.some((verb) => actionPattern(statement, verb) !== null)) continue;
                for (const arn of statement.resources.values) add(found, arn, verbs, principal);
            }
        }
    }
    for (const secret of graph.ofType(secretType)) {
        const tag = valueOf(secret.string("tags", "gate:role"));
        if (tag !== "release" && tag !== "signing") continue;
        const name = valueOf(secret.string("name"));
        const arn = valueOf(secret.string("arn")) ?? `arn:*:secretsmanager:*:*:secret:${name ?? "*"}-*`;
        add(found, arn, readVerbs.secretsmanager, null);
    }
    return [...found.values()];
}

function add(
    found: Map<string, ReleaseSecret>,
    arn: string,
    verbs: readonly string[],
    keeper: ResourceReader | null,
): void {
    // A wildcard for everything says nothing about what is secret; IAM-03 refuses it.
    if (arn === "*") return;
    const key = `${verbs[0] ?? ""} ${arn}`;
    const secret = found.get(key) ?? { arn, verbs, keepers: new Set<ResourceReader>() };
    if (keeper) secret.keepers.add(keeper);
    found.set(key, secret);
}
