/** Of which tier the images are that a container runs. */
import type { PackConfiguration } from "../harness/configuration";
import { is, valueOf, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { repositoryTier, repositoryType, tiersOfName } from "../rules/ecr/repository";
import { parseImageReference } from "../rules/ecs/imageReference";

/** Tier of the repository of an image: of the stack's repository of this name, else by the patterns for names. */
export function imageTier(repository: string, graph: StackGraph, configuration: PackConfiguration): string {
    const registry = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/(.+)$/.exec(repository);
    const name = registry?.[1];
    if (name === undefined) return "none: it is in no registry of Amazon ECR";
    const declared = graph.ofType(repositoryType).find((each) => is(each.string("name"), name));
    const tier = declared ? repositoryTier(declared, configuration) : null;
    if (tier?.kind === "tier") return tier.tier;
    const tiers = tiersOfName(name, configuration);
    return tiers.length === 1 ? (tiers[0] ?? "none") : tiers.join(" or ") || "none";
}

/** Whether a container of the task definition is certain to run an image of a production repository. */
export function runsProductionImage(
    task: ResourceReader,
    graph: StackGraph,
    configuration: PackConfiguration,
): boolean {
    const definitions = task.json("containerDefinitions");
    const containers = definitions.kind === "known" ? definitions.value.list() : definitions;
    return (valueOf(containers) ?? []).some((container) => {
        const image = parseImageReference(valueOf(container.string("image")) ?? "");
        return image !== undefined && imageTier(image.repository, graph, configuration) === "production";
    });
}
