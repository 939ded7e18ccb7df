/** PIPE-10: what is released is what was scanned. */
import { notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { isBefore, mayBeScan, scanEvidence } from "../../pipeline/classify";
import {
    buildAction,
    buildspecOf,
    buildStep,
    completeStages,
    deployStep,
    pipelineExample,
    pipelineStack,
    projectExample,
    publishStep,
    scanStep,
    stageExample,
} from "../../pipeline/exampleResources";
import {
    actionLabel,
    configurationText,
    pipelineType,
    variableReferences,
    type PipelineAction,
} from "../../pipeline/pipelineModel";
import { actionVariables, projectBuildspec } from "../../pipeline/project";
import { projectOf } from "../../pipeline/projectOfAction";
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
 * The actions that wrote what the release takes in: a step before it may say which image is deployed, by the digest that
 * the pipeline gives it. `names` says whether the step does that and nothing else.
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
    return found.length === producers.length && found.every((action) => digestVariables(action).size > 0 && names(action)) // prettier-ignore
        ? found
        : [];
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

const buildDigest = "#{Build.IMAGE_DIGEST}";
const constantDigest = `sha256:${"0".repeat(64)}`;
const withDigest = (name: string, project: string, digest: string, variable = "IMAGE_DIGEST") =>
    buildAction(name, project, {
        inputArtifacts: [`${name}-input`],
        configuration: {
            ProjectName: project,
            EnvironmentVariables: JSON.stringify([{ name: variable, value: digest }]),
        },
    });
/** The complete pipeline with these digests given to the scan and to the release, in the artifact's stead. */
const digests = (scanned: string, released: string, scanVariable?: string) =>
    completeStages
        .with(2, stageExample("Test", withDigest("Scan", "scan", scanned, scanVariable)))
        .with(4, stageExample("Publish", withDigest("Publish", "publish", released)));

/** Whether the step's commands name the image of a deployment by digest, and build or move none. */
function namesByDigest(action: PipelineAction, graph: StackGraph): boolean {
    const project = projectOf(action, graph);
    const buildspec = project ? projectBuildspec(project) : null;
    if (buildspec?.kind !== "inline") return false;
    const { deliveries } = buildspec.analysis;
    return (
        deliveries.length > 0 &&
        deliveries.every(({ kind, pinning }) => kind === "definition" && pinning === "digest")
    );
}

/** The complete pipeline with a step that says what is deployed, from this digest by these commands. */
function preparing(digest: string, command: string): ExampleResource[] {
    const prepare = buildAction("Prepare", "prepare", {
        outputArtifacts: ["definitions"],
        configuration: {
            ProjectName: "prepare",
            EnvironmentVariables: JSON.stringify([{ name: "IMAGE_DIGEST", value: digest }]),
        },
    });
    const deploy = { ...deployStep, inputArtifacts: ["definitions"], runOrder: 2 };
    return [
        ...pipelineStack([...digests(buildDigest, buildDigest), stageExample("Deploy", prepare, deploy)]),
        projectExample("prepare", buildspecOf([command]), "deployer"),
    ];
}
const namesProduction = `gate imagedefinitions --image "registry.example.com/demo/production@$IMAGE_DIGEST" --container app`;
const namesStaging = namesProduction.replace("production", "staging");
/** The complete pipeline, in which the deployment stands between approval and publication. */
const deployedEarly = pipelineStack(completeStages.toSpliced(4, 0, stageExample("Deploy", deployStep)));

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
                    sameSubject(
                        release,
                        scans.filter((scan) => isBefore(scan, release)),
                        definedBy(release, model.actions, (action) => namesByDigest(action, graph)),
                    ),
            );
        }),
    examples: [
        {
            title: "a step between names another digest",
            shows: "bad",
            resources: preparing(constantDigest, namesProduction),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a step between builds what is deployed",
            shows: "bad",
            resources: preparing(buildDigest, "docker build -t app ."),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a step between names the scanned digest",
            shows: "good",
            resources: preparing(buildDigest, namesProduction),
            expect: [],
        },
        {
            title: "the step between names the image of the staging repository",
            shows: "bad",
            resources: preparing(buildDigest, namesStaging),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the deployment comes before the image is published",
            shows: "bad",
            resources: deployedEarly,
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the publishing project takes the source again",
            shows: "bad",
            resources: pipelineStack(
                completeStages.with(
                    4,
                    stageExample("Publish", { ...publishStep, inputArtifacts: ["source"] }),
                ),
            ),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the scan is given a digest of its own",
            shows: "bad",
            resources: pipelineStack(digests(constantDigest, buildDigest)),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the release is given a digest of its own",
            shows: "bad",
            resources: pipelineStack(digests(buildDigest, constantDigest)),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "a digest of its own under another name",
            shows: "bad",
            resources: pipelineStack(digests(constantDigest, buildDigest, "SCAN_DIGEST")),
            expect: [{ resource: "pipeline", kind: "violation" }],
        },
        {
            title: "the same digest under another name",
            shows: "good",
            resources: pipelineStack(digests(buildDigest, buildDigest, "SCAN_DIGEST")),
            expect: [],
        },
        {
            title: "only the scan names a digest, the artifact is the same",
            shows: "good",
            resources: pipelineStack(
                completeStages.with(
                    2,
                    stageExample("Test", {
                        ...withDigest("Scan", "scan", buildDigest),
                        inputArtifacts: ["image"],
                    }),
                ),
            ),
            expect: [],
        },
        {
            title: "the complete pipeline",
            shows: "good",
            resources: pipelineStack(completeStages),
            expect: [],
        },
        {
            title: "the same digest variable",
            shows: "good",
            resources: pipelineStack(digests(buildDigest, buildDigest)),
            expect: [],
        },
        {
            title: "no scan is another rule's finding",
            shows: "absent",
            resources: pipelineStack(completeStages.toSpliced(2, 1)),
            expect: [],
        },
        {
            title: "stages that are not known yet",
            shows: "unknown",
            resources: pipelineStack(unknown),
            expect: [{ resource: "pipeline", kind: "inconclusive" }],
        },
    ],
};
