/** ECR repositories as rules see them: type tokens, name, tier. */
import type { PackConfiguration } from "../../harness/configuration";
import type { Reading, ResourceReader } from "../../harness/reader";
import { matchesAny } from "../../harness/wildcard";

export const repositoryType = "aws:ecr/repository:Repository";
export const registryScanningType = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration";
export const lifecyclePolicyType = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
export const repositoryPolicyType = "aws:ecr/repositoryPolicy:RepositoryPolicy";
export const creationTemplateType = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate";
export const pullThroughCacheType = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule";
export const replicationType = "aws:ecr/replicationConfiguration:ReplicationConfiguration";
export const registryPolicyType = "aws:ecr/registryPolicy:RegistryPolicy";

export const repositoryTiers = ["candidate", "staging", "production", "tooling"] as const;
export type RepositoryTier = (typeof repositoryTiers)[number];

/**
 * The tier of a repository: its tier tag, else the name patterns of the settings. `none` when neither says,
 * `several` when the name fits the patterns of more than one tier.
 */
export type TierReading =
    | { kind: "tier"; tier: RepositoryTier }
    | { kind: "several"; tiers: RepositoryTier[] }
    | { kind: "none" }
    | { kind: "unknown"; property: string };

export function repositoryTier(repository: ResourceReader, configuration: PackConfiguration): TierReading {
    const tag = repository.string("tags", configuration.repositoryTierTag);
    if (tag.kind === "unknown") return { kind: "unknown", property: tag.property };
    if (tag.kind === "known") {
        const tier = repositoryTiers.find((candidate) => candidate === tag.value);
        if (tier) return { kind: "tier", tier };
    }
    const name = repository.string("name");
    if (name.kind === "unknown") return { kind: "unknown", property: name.property };
    if (name.kind !== "known") return { kind: "none" };
    const tiers = tiersOfName(name.value, configuration);
    const [only] = tiers;
    if (only === undefined) return { kind: "none" };
    return tiers.length === 1 ? { kind: "tier", tier: only } : { kind: "several", tiers };
}

/** Tiers whose name patterns the repository name fits. */
export function tiersOfName(name: string, configuration: PackConfiguration): RepositoryTier[] {
    return repositoryTiers.filter((tier) => matchesAny(configuration.repositoryTiers[tier], name));
}

/** For messages: the physical name when known, else the name in the program. */
export function repositoryLabel(repository: ResourceReader): string {
    const name: Reading<string> = repository.string("name");
    return name.kind === "known" ? name.value : repository.name;
}
