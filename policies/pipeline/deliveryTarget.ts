/** Which repository a command writes to, and of which tier it is by its name. */
import type { BuildspecAnalysis } from "../buildspec/analysis";
import type { Delivery } from "../buildspec/deliveries";
import type { PackConfiguration } from "../harness/configuration";
import { is } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { repositoryTier, repositoryType, tiersOfName, type RepositoryTier } from "../rules/ecr/repository";

/** The target with the plain variables of project and buildspec put in; null when the command does not name one. */
export function targetRepository(delivery: Delivery, analysis: BuildspecAnalysis): string | null {
    if (delivery.target === null) return null;
    return repositoryName(substituted(delivery.target, analysis.variables));
}

function substituted(text: string, variables: Record<string, string>): string {
    return text.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (whole, name: string) =>
        Object.hasOwn(variables, name) ? (variables[name] ?? whole) : whole,
    );
}

/** `host/team/app:tag@sha256:…` gives `team/app`; a service name stays as it is. */
export function repositoryName(reference: string): string {
    const plain = reference.replace(/^(?:docker|oci|registry):(?:\/\/)?/, "").replace(/@.*$/s, "");
    const slash = plain.indexOf("/");
    const host = slash < 0 ? "" : plain.slice(0, slash);
    const isHost = /[.:$]/.test(host) || host === "localhost";
    const path = isHost ? plain.slice(slash + 1) : plain;
    return path.replace(/:[^/]*$/s, "");
}

/**
 * Tier of what the command writes: that of the stack's repository of this name where the stack is known, else by the name
 * patterns. `unknown` when the name is (partly) in a variable or fits several tiers, `none` when it fits no pattern.
 */
export function deliveryTier(
    delivery: Delivery,
    analysis: BuildspecAnalysis,
    configuration: PackConfiguration,
    graph?: StackGraph,
): RepositoryTier | "none" | "unknown" {
    const name = targetRepository(delivery, analysis);
    if (name === null) return delivery.kind === "deploy" ? "none" : "unknown";
    const repository = graph?.ofType(repositoryType).find((candidate) => is(candidate.string("name"), name));
    const declared = repository ? repositoryTier(repository, configuration) : null;
    if (declared?.kind === "tier") return declared.tier;
    const tiers = tiersOfName(name, configuration);
    if (tiers.length > 1) return "unknown";
    return tiers[0] ?? (name.includes("$") ? "unknown" : "none");
}
