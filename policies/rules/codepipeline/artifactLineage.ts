/** PIPE-10: what is released is what was scanned. */
import { inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { isBefore, mayBeScan, scanEvidence } from "../../pipeline/classify";
import {
    buildStep,
    deployStep,
    pipelineExample,
    scanStep,
    stageExample,
} from "../../pipeline/exampleResources";
import {
    actionLabel,
    configurationText,
    pipelineType,
    variableReferences,
    type PipelineAction,
    type PipelineModel,
} from "../../pipeline/pipelineModel";
import { actionVariables, asRunBy, projectBuildspec } from "../../pipeline/project";
import { projectOf } from "../../pipeline/projectOfAction";
import { stackLineageExamples } from "./artifactLineage.examples";
import { deployedImage } from "./deployedImage";
import { metadataReleases, onPipeline, onPipelines, perRelease, stackReleases } from "./pipelineOutcome";

const metadata: RuleMetadata = {
    id: "PIPE-10",
    family: "codepipeline",
    title: "The scanned artifact is the one that is released",
    rationale:
        "A scan of one artifact says nothing about another: a release that takes its input from elsewhere has passed no scan.",
    severity: "high",
    remediation:
        "Give the release the same input artifact as the scan, or hand both the same digest variable.",
    references: ["OWASP CICD-SEC-9", "SLSA 1.0 Build L2"],
};

/** Image variables that the action is given by the pipeline. */
function imageVariables(action: PipelineAction): Set<string> {
    return new Set(
        variableReferences(configurationText(action))
            .filter(({ variable }) => /digest|image/i.test(variable))
            .map(({ namespace, variable }) => `${namespace}.${variable}`),
    );
}

/** The action's own variables that name a digest, by name. */
function digestVariables(action: PipelineAction): Map<string, string> {
    const variables = actionVariables(action.configuration);
    if (!Array.isArray(variables)) return new Map();
    return new Map(
        variables.flatMap(({ name, value }) =>
            /digest/i.test(name) && value !== null ? [[name, value]] : [],
        ),
    );
}

/** Variables of one name must agree; where the names differ, one value must be common to both. */
function differ(released: Map<string, string>, scanned: Map<string, string>): boolean {
    if (released.size === 0 || scanned.size === 0) return false;
    const shared = [...released].filter(([name]) => scanned.has(name));
    if (shared.length > 0) return shared.some(([name, value]) => scanned.get(name) !== value);
    const values = new Set(scanned.values());
    return ![...released.values()].some((value) => values.has(value));
}

/**
 * The actions that wrote what the release takes in: a step before it may say which image is deployed, from what it is given
 * itself. `names` says whether the step builds nothing of its own.
 */
function definedBy(
    release: PipelineAction,
    actions: readonly PipelineAction[],
    names: (action: PipelineAction) => boolean,
): PipelineAction[] {
    const producers = release.inputs.map((input) =>
        actions.find((action) => action.outputs.includes(input) && isBefore(action, release)),
    );
    const found = producers.filter((action) => action !== undefined);
    return found.length === producers.length && found.every(names) ? found : [];
}

/** @param defined what wrote the release's input, see `definedBy` */
function sameSubject(
    given: PipelineAction,
    scans: PipelineAction[],
    defined: readonly PipelineAction[] = [],
): Outcome {
    const scanned = new Set(scans.flatMap((scan) => scan.inputs));
    const [definition] = defined;
    // What names the image stands for the release, where the release itself takes nothing that was scanned.
    const release = definition && given.inputs.some((input) => !scanned.has(input)) ? definition : given;
    if (scans.length === 0) return notApplicable("there is no scan before the release (PIPE-01)");
    const inputs = new Set(scans.flatMap((scan) => scan.inputs));
    const variables = new Set(scans.flatMap((scan) => [...imageVariables(scan)]));
    const own = imageVariables(release);
    const released = digestVariables(release);
    // Where only one side names a digest, the artifacts and image variables below decide.
    const other = scans.find((scan) => differ(released, digestVariables(scan)));
    if (other)
        return violation(
            `${actionLabel(release)} is given the digest ${[...released.values()].join(", ")}, but ${actionLabel(other)} scans ${[...digestVariables(other).values()].join(", ")}.`,
            "Use the same #{Build.IMAGE_DIGEST} in both actions.",
            { findingId: actionLabel(release) },
        );
    if ([...own].some((variable) => variables.has(variable))) return pass;
    if (release.inputs.length === 0 && own.size === 0)
        return notApplicable("the release has neither an input artifact nor an image variable");
    const foreign = release.inputs.filter((input) => !inputs.has(input));
    if (release.inputs.length > 0 && foreign.length === 0) return pass;
    return violation(
        `${actionLabel(release)} releases ${foreign.join(", ") || [...own].join(", ")}, but the scans before it read ${[...inputs, ...variables].join(", ") || "nothing"}.`,
        "Use the scanned artifact as inputArtifacts of the release, or the same #{Build.IMAGE_DIGEST} in both actions.",
        { findingId: actionLabel(release) },
    );
}

export const artifactLineage: ResourceRule = {
    level: "resource",
    metadata,
    types: [pipelineType],
    evaluate: (pipeline, configuration) =>
        onPipeline(pipeline, (model) =>
            perRelease(model, metadataReleases(configuration), (release) =>
                sameSubject(
                    release,
                    model.actions.filter(
                        (action) => mayBeScan(action, configuration) && isBefore(action, release),
                    ),
                    // Which commands the step runs is for the stack half.
                    definedBy(release, model.actions, ({ provider }) => provider === "CodeBuild"),
                ),
            ),
        ),
    examples: [
        {
            title: "scans one artifact, deploys another",
            shows: "bad",
            resources: [
                pipelineExample([
                    stageExample("Build", buildStep, {
                        ...buildStep,
                        name: "Other",
                        outputArtifacts: ["other"],
                    }),
                    stageExample("Test", scanStep),
                    stageExample("Deploy", { ...deployStep, inputArtifacts: ["other"] }),
                ]),
            ],
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the same artifact",
            shows: "good",
            resources: [
                pipelineExample([
                    stageExample("Build", buildStep),
                    stageExample("Test", scanStep),
                    stageExample("Deploy", deployStep),
                ]),
            ],
            expect: [],
        },
        {
            title: "no scan is another rule's finding",
            shows: "absent",
            resources: [pipelineExample([stageExample("Deploy", deployStep)])],
            expect: [],
        },
        {
            title: "stages that are not known yet",
            shows: "unknown",
            resources: [pipelineExample(unknown)],
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};

/** Over the stack: a step whose commands cannot be read may do what is asked for. */
function sameStackSubject(
    release: PipelineAction,
    scans: PipelineAction[],
    { actions }: PipelineModel,
    graph: StackGraph,
): Outcome {
    const outcome = sameSubject(
        release,
        scans,
        definedBy(release, actions, (action) => namesByDigest(action, graph)),
    );
    if (outcome.kind !== "violation") return outcome;
    const hidden = definedBy(release, actions, (action) => commandsHidden(action, graph));
    const [step] = hidden;
    return step && sameSubject(release, scans, hidden).kind === "pass"
        ? inconclusive(
              { property: `${step.property}.configuration.ProjectName` },
              `whether ${actionLabel(step)} names the scanned image is not seen from here, for its commands cannot be read`,
          )
        : outcome;
}

/** Commands in a file of the source, in a bucket, or of a project that is not in the stack. */
function commandsHidden(action: PipelineAction, graph: StackGraph): boolean {
    if (action.provider !== "CodeBuild") return false;
    const project = projectOf(action, graph);
    return project === null || projectBuildspec(asRunBy(action, project)).kind !== "inline";
}

/** Whether the step's commands name, and perhaps move, an image by digest, and build none. */
function namesByDigest(action: PipelineAction, graph: StackGraph): boolean {
    const project = projectOf(action, graph);
    const buildspec = project ? projectBuildspec(asRunBy(action, project)) : null;
    if (buildspec?.kind !== "inline") return false;
    const { deliveries } = buildspec.analysis;
    const pulled = deliveries.some(({ kind, pinning }) => kind === "pull" && pinning === "digest");
    return (
        deliveries.length > 0 &&
        deliveries.every(({ kind, pinning }) => {
            if (kind === "definition" || kind === "copy" || kind === "pull") return pinning === "digest";
            // What was pulled by its digest may get a name and be pushed under it.
            return pulled && (kind === "tag" || kind === "push");
        })
    );
}

export const stackArtifactLineage: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) =>
        onPipelines(graph, (model) => {
            const scans = model.actions.filter((action) => scanEvidence(action, graph).kind === "proven");
            return perRelease(
                model,
                stackReleases(graph, configuration),
                (release) =>
                    deployedImage(release, model.actions, graph, configuration) ??
                    sameStackSubject(
                        release,
                        scans.filter((scan) => isBefore(scan, release)),
                        model,
                        graph,
                    ),
            );
        }),
    examples: stackLineageExamples,
};
