/** PIPE-10: what is released is what was scanned. */
import { notApplicable, pass, violation } from "../../harness/outcome";
import { unknown } from "../../harness/reader";
import type { Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { isBefore, mayBeScan, scanEvidence } from "../../pipeline/classify";
import {
    buildAction,
    buildStep,
    completeStages,
    deployStep,
    pipelineExample,
    pipelineStack,
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
import { actionVariables } from "../../pipeline/project";
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
    profiles: ["gate"],
};

/** Image variables that the action is given by the pipeline. */
function imageVariables(action: PipelineAction): Set<string> {
    return new Set(
        variableReferences(configurationText(action))
            .filter(({ variable }) => /digest|image/i.test(variable))
            .map(({ namespace, variable }) => `${namespace}.${variable}`),
    );
}

/** Values of the action's own variables that name a digest. */
function digestVariables(action: PipelineAction): string[] {
    const variables = actionVariables(action.configuration);
    return Array.isArray(variables)
        ? variables
              .filter(({ name }) => /digest/i.test(name))
              .map(({ value }) => value ?? "")
              .sort()
        : [];
}

function sameSubject(release: PipelineAction, scans: PipelineAction[]): Outcome {
    if (scans.length === 0) return notApplicable("there is no scan before the release (PIPE-01)");
    const inputs = new Set(scans.flatMap((scan) => scan.inputs));
    const variables = new Set(scans.flatMap((scan) => [...imageVariables(scan)]));
    const own = imageVariables(release);
    const released = digestVariables(release);
    // Where only one side names a digest, the artifacts and image variables below decide.
    const other = scans.find((scan) => {
        const scanned = digestVariables(scan);
        return released.length > 0 && scanned.length > 0 && scanned.join() !== released.join();
    });
    if (other)
        return violation(
            `${actionLabel(release)} is given the digest ${released.join(", ")}, but ${actionLabel(other)} scans ${digestVariables(other).join(", ")}.`,
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

const withDigest = (name: string, project: string, digest: string) =>
    buildAction(name, project, {
        inputArtifacts: [`${name}-input`],
        configuration: {
            ProjectName: project,
            EnvironmentVariables: JSON.stringify([{ name: "IMAGE_DIGEST", value: digest }]),
        },
    });

export const stackArtifactLineage: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) =>
        onPipelines(graph, (model) => {
            const scans = model.actions.filter((action) => scanEvidence(action, graph).kind === "proven");
            return perRelease(model, stackReleases(graph, configuration), (release) =>
                sameSubject(
                    release,
                    scans.filter((scan) => isBefore(scan, release)),
                ),
            );
        }),
    examples: [
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
            title: "the complete pipeline",
            shows: "good",
            resources: pipelineStack(completeStages),
            expect: [],
        },
        {
            title: "the same digest variable",
            shows: "good",
            resources: pipelineStack(
                completeStages
                    .with(2, stageExample("Test", withDigest("Scan", "scan", "#{Build.IMAGE_DIGEST}")))
                    .with(
                        4,
                        stageExample("Publish", withDigest("Publish", "publish", "#{Build.IMAGE_DIGEST}")),
                    ),
            ),
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
