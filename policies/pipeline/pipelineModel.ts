/** A CodePipeline pipeline as the rules see it: its stages and actions in order, with what is not known listed. */
import { PropertyReader, type PathSegment, type Reading, type ResourceReader } from "../harness/reader";

export const pipelineType = "aws:codepipeline/pipeline:Pipeline";

/**
 * Tags of a pipeline that name the service that it delivers to before the approval. Only a service outside the stack needs
 * them: it has no tier tag here.
 */
export const stagingTargetTags = {
    cluster: "gate:staging-cluster",
    service: "gate:staging-service",
} as const;

export interface PipelineAction {
    stageIndex: number;
    stage: string;
    name: string;
    /** Source, Build, Test, Deploy, Invoke, Approval, Compute; empty when not known. */
    category: string;
    /** CodeBuild, Manual, ECS …; empty when not known. */
    provider: string;
    /** Default 1. */
    runOrder: number;
    namespace: string | null;
    inputs: string[];
    outputs: string[];
    /** Whether the pipeline's tags name its cluster and service as the staging target, see `stagingTargetTags`. */
    declaredStaging: boolean;
    /** Properties of the action. */
    reader: PropertyReader;
    /** Its configuration map; empty when there is none. */
    configuration: PropertyReader;
    /** Path of the action, e.g. `stages[2].actions[0]`. */
    property: string;
}

export interface PipelineStage {
    index: number;
    name: string;
    reader: PropertyReader;
    actions: PipelineAction[];
}

export interface PipelineModel {
    stages: PipelineStage[];
    actions: PipelineAction[];
    /** Paths whose values decide what an action is or where it stands, and are not known yet. */
    unknowns: string[];
}

const cache = new WeakMap<ResourceReader, Reading<PipelineModel>>();

/** Reads `stages`. Read once per resource. */
export function readPipeline(pipeline: ResourceReader): Reading<PipelineModel> {
    const known = cache.get(pipeline);
    if (known) return known;
    const result = read(pipeline);
    cache.set(pipeline, result);
    return result;
}

function read(pipeline: ResourceReader): Reading<PipelineModel> {
    const list = pipeline.list("stages");
    if (list.kind !== "known") return list;
    const unknowns: string[] = [];
    const note = (reading: Reading<unknown>): void => {
        if (reading.kind === "unknown" || reading.kind === "malformed") unknowns.push(reading.property);
    };
    const text = (reading: Reading<string>): string => {
        note(reading);
        return reading.kind === "known" ? reading.value : "";
    };
    const isDeclaredStaging = (target: PropertyReader): boolean =>
        (
            [
                ["ClusterName", stagingTargetTags.cluster],
                ["ServiceName", stagingTargetTags.service],
            ] as const
        ).every(([key, tag]) => {
            const declared = pipeline.string("tags", tag);
            const given = target.string(key);
            return declared.kind === "known" && given.kind === "known" && declared.value === given.value;
        });
    const stages = list.value.map((reader, index): PipelineStage => {
        const name = text(reader.string("name"));
        const actions = reader.list("actions");
        note(actions);
        return {
            index,
            name,
            reader,
            actions: (actions.kind === "known" ? actions.value : []).map((action): PipelineAction => {
                const order = action.number("runOrder");
                note(order);
                const configuration = action.object("configuration");
                if (configuration.kind === "unknown") unknowns.push(configuration.property);
                const settings =
                    configuration.kind === "known"
                        ? configuration.value
                        : new PropertyReader({}, `${action.property}.configuration`);
                const namespace = action.string("namespace");
                const artifacts = (field: string): string[] => {
                    const names = action.strings(field);
                    return names.kind === "known" ? names.value.values : [];
                };
                return {
                    stageIndex: index,
                    stage: name,
                    name: text(action.string("name")),
                    category: text(action.string("category")),
                    provider: text(action.string("provider")),
                    // Not a number compares with nothing: neither before nor beside anything in its stage.
                    runOrder: order.kind === "known" ? order.value : order.kind === "absent" ? 1 : Number.NaN,
                    namespace: namespace.kind === "known" ? namespace.value : null,
                    inputs: artifacts("inputArtifacts"),
                    outputs: artifacts("outputArtifacts"),
                    declaredStaging: isDeclaredStaging(settings),
                    reader: action,
                    configuration: settings,
                    property: action.property,
                };
            }),
        };
    });
    const model = { stages, actions: stages.flatMap((stage) => stage.actions), unknowns };
    return { kind: "known", value: model, property: "stages" };
}

/** Strictly before: an earlier stage, or a smaller run order in the same stage. Equal positions run in parallel. */
export function isBefore(a: PipelineAction, b: PipelineAction): boolean {
    return a.stageIndex < b.stageIndex || (a.stageIndex === b.stageIndex && a.runOrder < b.runOrder);
}

/** In the same stage with the same run order. */
export function isBeside(a: PipelineAction, b: PipelineAction): boolean {
    return a !== b && a.stageIndex === b.stageIndex && a.runOrder === b.runOrder;
}

/** `Stage/Action`, for messages. */
export function actionLabel(action: PipelineAction): string {
    return `${action.stage || `stage ${action.stageIndex + 1}`}/${action.name || "an action"}`;
}

/** Where the action is in the properties of its pipeline. */
export function actionPath(action: PipelineAction): PathSegment[] {
    const index = /\[(\d+)\]$/.exec(action.property)?.[1] ?? "0";
    return ["stages", action.stageIndex, "actions", Number(index)];
}

/** `#{namespace.VARIABLE}` references in a text. */
export function variableReferences(text: string): { namespace: string; variable: string }[] {
    return [...text.matchAll(/#\{([A-Za-z0-9_-]+)\.([A-Za-z0-9_]+)\}/g)].map(
        ([, namespace = "", variable = ""]) => ({
            namespace,
            variable,
        }),
    );
}

/** All text of an action's configuration; unknown values are left out. */
export function configurationText(action: PipelineAction): string {
    return action.configuration
        .keys()
        .map((key) => action.configuration.string(key))
        .map((reading) => (reading.kind === "known" ? reading.value : ""))
        .join("\n");
}
