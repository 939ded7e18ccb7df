/** BYP-01 and ECR-07, from the repository's side: its policy lets nobody but the publisher write production. */
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { StackOutcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { conditionValues, readPolicyDocument, type Statement } from "../../iam/document";
import { actionPattern } from "../../iam/effectivePermissions";
import { isPublisher } from "../../pipeline/identities";
import { roleType } from "../../pipeline/project";
import {
    repositoryLabel,
    repositoryPolicyType,
    repositoryTier,
    repositoryType,
    tiersOfName,
} from "../ecr/repository";

/** What the policies of production repositories give to others. `does`: what the verbs do to a repository. */
export function repositoryGrants(
    graph: StackGraph,
    configuration: PackConfiguration,
    verbs: readonly string[],
    does = "push to",
): StackOutcome[] {
    return graph.ofType(repositoryPolicyType).flatMap((policy): StackOutcome[] => {
        const target = productionTarget(policy, graph, configuration);
        if (target === null) return [];
        const value = policy.get("policy");
        if (value.kind === "absent") return [];
        const document =
            value.kind === "known" ? readPolicyDocument(value.value) : { kind: "unknown" as const };
        const doubt = (why: string): StackOutcome[] =>
            about(policy, inconclusive({ property: value.property }, why));
        if (document.kind === "unknown") return doubt(`whom it lets ${does} ${target.name} is not known yet`);
        if (document.kind === "malformed")
            return doubt(`whom it lets ${does} ${target.name} cannot be read: it ${document.why}`);
        const found = document.statements.flatMap((statement) =>
            strangers(statement, verbs, graph, configuration).map((who) => ({ statement, who })),
        );
        const [first] = found;
        if (!first) return [];
        if (!target.certain)
            return doubt(`it lets ${first.who} ${does} ${target.name}, whose tier is not known yet`);
        return about(
            policy,
            violation(
                `${policy.name}.${value.property}, statement ${first.statement.sid ?? String(first.statement.index)}, lets ${first.who} ${does} the production repository ${target.name} without the gate.`,
                "Name nobody but the publishing role's exact ARN in statements with such actions.",
                { findingId: `${target.name}|${policy.name}|${first.who}` },
            ),
        );
    });
}

/** The production repository that the policy is for; null when it is for another. */
function productionTarget(
    policy: ResourceReader,
    graph: StackGraph,
    configuration: PackConfiguration,
): { name: string; certain: boolean } | null {
    const reference = graph.reference(policy, ["repository"], [repositoryType]);
    if (reference.kind === "absent") return null;
    if (reference.kind === "external" || reference.kind === "dangling")
        return tiersOfName(reference.value, configuration).includes("production")
            ? { name: reference.value, certain: true }
            : null;
    const possible =
        reference.kind === "exact"
            ? [reference.resource]
            : reference.kind === "candidates"
              ? reference.resources
              : graph.ofType(repositoryType);
    for (const repository of possible) {
        const tier = repositoryTier(repository, configuration);
        const production =
            (tier.kind === "tier" && tier.tier === "production") ||
            (tier.kind === "several" && tier.tiers.includes("production"));
        if (production || tier.kind === "unknown")
            return {
                name: repositoryLabel(repository),
                certain: production && reference.kind === "exact",
            };
    }
    return null;
}

/** Principals of an Allow of a push action that are not the publisher. */
function strangers(
    { effect, actions, principals, conditions, ...rest }: Statement,
    verbs: readonly string[],
    graph: StackGraph,
    configuration: PackConfiguration,
): string[] {
    const statement = { effect, actions, principals, conditions, ...rest };
    if (effect !== "Allow" || !verbs.some((verb) => actionPattern(statement, verb) !== null)) return [];
    if (!principals || principals.not) return ["everybody but a few"];
    const publishes = (arn: string): boolean => {
        if (!/^arn:[\w-]+:iam::\d{12}:role\/[^*?$]+$/.test(arn)) return false;
        const reference = graph.referenceOfValue(arn, "policy", [roleType]);
        return reference.kind === "exact" && isPublisher(reference.resource, graph, configuration);
    };
    const bound = conditionValues(conditions, "aws:PrincipalArn");
    if (bound && bound.length > 0 && bound.every(publishes)) return [];
    return Object.entries(principals.byKind).flatMap(([kind, names]) =>
        names.filter((name) => kind !== "AWS" || !publishes(name)),
    );
}
