/** PIPE-10, its last part: what production runs is the image that was published there. */
import type { PackConfiguration } from "../../harness/configuration";
import { violation } from "../../harness/outcome";
import type { Outcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import type { BuildspecAnalysis } from "../../buildspec/analysis";
import { isApproval, isBefore } from "../../pipeline/classify";
import { deliveryTier, targetRepository } from "../../pipeline/deliveryTarget";
import { actionLabel, type PipelineAction } from "../../pipeline/pipelineModel";
import { asRunBy, projectBuildspec } from "../../pipeline/project";
import { projectOf } from "../../pipeline/projectOfAction";

function commandsOf(action: PipelineAction, graph: StackGraph): BuildspecAnalysis | null {
    const project = projectOf(action, graph);
    const buildspec = project ? projectBuildspec(asRunBy(action, project)) : null;
    return buildspec?.kind === "inline" ? buildspec.analysis : null;
}

/** Puts images into a production repository. */
function publishes(action: PipelineAction, graph: StackGraph, configuration: PackConfiguration): boolean {
    const analysis = commandsOf(action, graph);
    return (
        analysis?.deliveries.some(
            (delivery) =>
                (delivery.kind === "push" || delivery.kind === "copy") &&
                deliveryTier(delivery, analysis, configuration, graph) === "production",
        ) ?? false
    );
}

/** Images of other repositories than production's that the file of a deployment names; empty when any is production's, or unknown. */
function stagedImages(
    producer: PipelineAction,
    graph: StackGraph,
    configuration: PackConfiguration,
): string[] {
    const analysis = commandsOf(producer, graph);
    const named = (analysis?.deliveries ?? []).filter(({ kind }) => kind === "definition");
    if (analysis === null) return [];
    const tiers = named.map((delivery) => deliveryTier(delivery, analysis, configuration, graph));
    return tiers.every((tier) => tier === "candidate" || tier === "staging" || tier === "tooling")
        ? named.map(
              (delivery, index) =>
                  `${targetRepository(delivery, analysis) ?? "an image"} of tier ${tiers[index] ?? ""}`,
          )
        : [];
}

/** What is wrong with a deployment to production; null when nothing is, or the action is none. */
export function deployedImage(
    release: PipelineAction,
    actions: readonly PipelineAction[],
    graph: StackGraph,
    configuration: PackConfiguration,
): Outcome | null {
    if (release.category !== "Deploy") return null;
    const label = actionLabel(release);
    const publishers = actions.filter((action) => publishes(action, graph, configuration));
    const [publisher] = publishers;
    // A deployment before every approval is PIPE-02's finding.
    const approved = actions.some((each) => isApproval(each) && isBefore(each, release));
    if (publisher && approved && !publishers.some((each) => isBefore(each, release)))
        return violation(
            `${label} deploys to production before ${actionLabel(publisher)} has published the image there: it deploys one that this execution has not judged.`,
            `Put ${label} after ${actionLabel(publisher)}.`,
            { findingId: `${label}|order` },
        );
    const producers = actions.filter(
        (action) =>
            action.outputs.some((output) => release.inputs.includes(output)) && isBefore(action, release),
    );
    for (const producer of producers) {
        const staged = stagedImages(producer, graph, configuration);
        if (staged.length > 0)
            return violation(
                `${label} deploys to production what ${actionLabel(producer)} names: ${staged.join(", ")}.`,
                `Give ${label} the definitions of the image in the production repository.`,
                { findingId: `${label}|image` },
            );
    }
    return null;
}
