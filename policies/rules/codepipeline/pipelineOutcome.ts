/** What all pipeline rules share: reading the model, and judging releases from the resource or over the stack. */
import type { PackConfiguration } from "../../harness/configuration";
import { inconclusive, notApplicable, violation } from "../../harness/outcome";
import type { ResourceReader } from "../../harness/reader";
import type { Outcome, StackOutcome } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import {
    pipelineType,
    readPipeline,
    type PipelineAction,
    type PipelineModel,
} from "../../pipeline/pipelineModel";
import { release, releaseByMetadata, releases, type Release } from "../../pipeline/classify";

/** Runs the rule on the pipeline's stages; stages that are not known at all are inconclusive. */
export function onPipeline(pipeline: ResourceReader, judge: (model: PipelineModel) => Outcome[]): Outcome[] {
    const reading = readPipeline(pipeline);
    if (reading.kind === "unknown") return [inconclusive(reading, "the stages are not known yet")];
    if (reading.kind === "malformed")
        return [
            violation(
                `${reading.property} ${reading.why}, so nothing shows what the pipeline does.`,
                "Declare the stages as a list.",
            ),
        ];
    if (reading.kind === "absent") return [notApplicable("the pipeline has no stages")];
    return judge(reading.value);
}

/** Runs the rule on every pipeline of the stack. */
export function onPipelines(
    graph: StackGraph,
    judge: (model: PipelineModel, pipeline: ResourceReader) => Outcome[],
): StackOutcome[] {
    return graph.ofType(pipelineType).flatMap((pipeline) =>
        onPipeline(pipeline, (model) => judge(model, pipeline)).map((outcome) => ({
            resource: pipeline,
            outcome,
        })),
    );
}

export type ReleaseJudge = (action: PipelineAction) => Release;

export function metadataReleases(configuration: PackConfiguration): ReleaseJudge {
    return (action) => releaseByMetadata(action, configuration);
}

export function stackReleases(graph: StackGraph, configuration: PackConfiguration): ReleaseJudge {
    return (action) => release(action, graph, configuration);
}

/**
 * Applies a judgement to every release. Values that are not known yet and could be, or move, a release make the answer
 * inconclusive unless something is already wrong for certain.
 */
export function perRelease(
    model: PipelineModel,
    judgeRelease: ReleaseJudge,
    judge: (release: PipelineAction, why: string) => Outcome,
): Outcome[] {
    const found = releases(model, judgeRelease);
    const outcomes = found.certain.map(({ action, release: certain }) =>
        judge(action, certain.kind === "yes" ? certain.why : ""),
    );
    const wrong = outcomes.some((outcome) => outcome.kind === "violation");
    for (const { action, release: unknown } of wrong ? [] : found.unknown) {
        // It may be a release: only what would be wrong if it were one is worth saying.
        const outcome = judge(action, unknown.why);
        if (outcome.kind === "violation")
            outcomes.push(
                inconclusive(
                    { property: unknown.property },
                    `whether it releases is not known (${unknown.why})`,
                ),
            );
        else outcomes.push(outcome);
    }
    const [open] = model.unknowns;
    if (
        open !== undefined &&
        !outcomes.some((outcome) => outcome.kind === "violation" || outcome.kind === "inconclusive")
    )
        outcomes.push(
            inconclusive({ property: open }, "what an action is, or where it stands, is not known yet"),
        );
    return outcomes.length > 0 ? outcomes : [notApplicable("no action of the pipeline releases")];
}
