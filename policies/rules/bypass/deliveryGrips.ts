/** What of the delivery belongs to the gate, for BYP-03: hooks' and deployers' roles, overrides' roles and signing keys. */
import { deployRoles } from "../../delivery/deployers";
import { productionServices } from "../../delivery/deliveryServices";
import { breakGlassRoles } from "../../gate/gateTables";
import type { PackConfiguration } from "../../harness/configuration";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { StackGraph } from "../../harness/stackGraph";
import { roleType } from "../../pipeline/project";
import { arnOf } from "../../pipeline/resourceArn";
import { keyVerbs, reachesKey, signingKeys } from "../../signing/signingKeys";
import { roleVerbs, type Grip } from "./grip";

/** Roles as which Amazon ECS asks the admission function. */
function hookRoles(service: ResourceReader, graph: StackGraph): ResourceReader[] {
    const hooks = valueOf(service.list("deploymentConfiguration", "lifecycleHooks")) ?? [];
    return hooks.flatMap((_, index) => {
        const role = graph.reference(service, ["deploymentConfiguration", "lifecycleHooks", index, "roleArn"], [roleType]); // prettier-ignore
        return role.kind === "exact" ? [role.resource] : [];
    });
}

export function deliveryGrips(graph: StackGraph, configuration: PackConfiguration): Grip[] {
    const targets = productionServices(graph, configuration);
    const roles = new Set([
        ...deployRoles(targets, graph).map(({ role }) => role),
        ...targets.flatMap(({ service }) => (service ? hookRoles(service, graph) : [])),
        ...breakGlassRoles(graph),
    ]);
    return [
        ...[...roles].map((role): Grip => ({
            what: valueOf(role.string("name")) ?? role.name,
            arns: [arnOf(role)],
            verbs: roleVerbs,
            certain: role.string("name").kind === "known",
        })),
        ...signingKeys(graph).map((key): Grip => ({
            what: `the signing key ${key.name}`,
            arns: [key.arn, ...key.aliases.map((alias) => `arn:*:kms:*:*:${alias}`)],
            verbs: keyVerbs,
            certain: true,
            // An alias is a resource of its own; permissions on it are not bound by the key's ARN.
            spared: (_, permission) =>
                !/:alias\//.test(permission.resource) && reachesKey(permission, key) !== "yes",
        })),
    ];
}
