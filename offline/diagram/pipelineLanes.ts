/** Which pipelines belong to one application: the one that delivers it, and those that review what is not merged yet. */
import type { CapturedResource } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { byCodeUnit, byName, listOf, readPath, stackType, textIn, textOf } from "../report/resourceIndex";

export interface PipelineLane {
    pipeline: CapturedResource;
    /** The application's component. */
    owner: CapturedResource;
    /** Pipelines that review this application. */
    reviews: CapturedResource[];
}

function hasApproval(pipeline: CapturedResource): boolean {
    return listOf(pipeline, "stages").some((stage) => {
        const actions = readPath(stage, ["actions"]);
        return (
            actions.kind === "known" &&
            Array.isArray(actions.value) &&
            actions.value.some((action) => textIn(action, "category") === "Approval")
        );
    });
}

/** Executions side by side and nobody who is asked: what such a pipeline makes is not released. */
function isReview(pipeline: CapturedResource): boolean {
    return (
        textOf(pipeline, "tags", "gate:role") === "review" ||
        (textOf(pipeline, "executionMode") === "PARALLEL" && !hasApproval(pipeline))
    );
}

/** The component that stands for a pipeline's application: the highest one that holds no other of these pipelines. */
function ownerOf(
    pipeline: CapturedResource,
    pipelines: readonly CapturedResource[],
    index: ResourceIndex,
): CapturedResource {
    const alone = index
        .ancestorsOf(pipeline)
        .filter((ancestor) => ancestor.type !== stackType)
        .filter(
            (ancestor) =>
                index.descendantsOf(ancestor.urn).filter((each) => pipelines.includes(each)).length === 1,
        );
    return alone.at(-1) ?? pipeline;
}

/** One lane for each pipeline that delivers, by name. A review that belongs to none has a lane of its own. */
export function pipelineLanes(index: ResourceIndex): PipelineLane[] {
    const pipelines = index.ofType("aws:codepipeline/pipeline:Pipeline");
    const reviews = pipelines.filter(isReview);
    const deliveries = pipelines.filter((each) => !reviews.includes(each));
    const lanes = deliveries.map((pipeline): PipelineLane => {
        const owner = ownerOf(pipeline, deliveries, index);
        const below = index.descendantsOf(owner.urn);
        return { pipeline, owner, reviews: reviews.filter((each) => below.includes(each)) };
    });
    const placed = new Set(lanes.flatMap((lane) => lane.reviews));
    const loose = reviews
        .filter((each) => !placed.has(each))
        .map((pipeline): PipelineLane => ({
            pipeline,
            owner: ownerOf(pipeline, pipelines, index),
            reviews: [],
        }));
    return [...lanes, ...loose].sort(
        (a, b) => byName(a.owner.name, b.owner.name) || byCodeUnit(a.owner.urn, b.owner.urn),
    );
}
