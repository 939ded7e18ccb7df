import { reviewVariables } from "../../gate/review/reviewPipeline";
import type { ApplicationConfig } from "../config/schema";
import { sourceAction } from "../pipeline/source";
import { stepAction, type Stage } from "../pipeline/stages";
import type { Step, StepContext } from "../pipeline/step";

/** Stages of the review pipeline. There is no approval in it, because nothing that it makes is released. */
export function reviewStages({ application, names, path }: StepContext, steps: Step[]): Stage[] {
    const actions = (stage: Step["stage"]) => {
        const found = steps.filter((step) => step.stage === stage);
        if (found.length === 0)
            throw new Error(`review pipeline of ${application.name}: stage ${stage} has no action`);
        return found.map((step) => stepAction(step, path.artifacts));
    };
    const { source } = application;
    return [
        { name: "Source", actions: [sourceAction(source, names, path.artifacts.source)] },
        { name: "Verify", actions: actions("Verify") },
        { name: "Build", actions: actions("Build") },
        { name: "Test", actions: actions("Test") },
    ];
}

/** Branches whose pull requests are reviewed with a connection: into the one that is built, and from there on. */
export function reviewedBranches({ source, mergeInto }: ApplicationConfig): string[] {
    return [...new Set([source.branch, ...(mergeInto === undefined ? [] : [mergeInto])])].sort();
}

/**
 * Trigger of a review pipeline whose source is a connection: pull requests that are opened or get new commits. The
 * execution uses the pull request's commit (AWS CodePipeline User Guide, "Filter triggers on code push or pull
 * requests"). With CodeCommit the review function starts it.
 */
export function pullRequestTriggers(application: ApplicationConfig) {
    if (application.source.type !== "connection") return undefined;
    return [
        {
            providerType: "CodeStarSourceConnection",
            gitConfiguration: {
                sourceActionName: "Source",
                pullRequests: [
                    {
                        events: ["OPEN", "UPDATED"],
                        branches: { includes: reviewedBranches(application) },
                    },
                ],
            },
        },
    ];
}

/**
 * What whoever starts a review with CodeCommit has to say. Without defaults: an execution that does not say of which pull
 * request it is does not begin (AWS CodePipeline User Guide, "Working with variables at the pipeline level").
 */
export function pipelineVariableDeclarations({ source }: ApplicationConfig) {
    if (source.type !== "codecommit") return undefined;
    return [
        { name: reviewVariables.pullRequest, description: "Id of the pull request" },
        { name: reviewVariables.sourceCommit, description: "Last commit of the pull request" },
        {
            name: reviewVariables.destinationCommit,
            description:
                "Commit that the pull request leads to; what it has is not scanned for secrets again",
        },
    ];
}
