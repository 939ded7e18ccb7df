/** What the review pipeline and the functions that tell about it have agreed on: names, all in one place. */

/** The source action of every pipeline; its output variables say which commit it is, and of which pull request. */
export const sourceAction = { stage: "Source", action: "Source" } as const;

/**
 * Variables of the review pipeline of a CodeCommit repository, which the review function gives when it starts it. A
 * pipeline that anybody else starts has none of a pull request, and is no review.
 */
export const reviewVariables = {
    pullRequest: "PULL_REQUEST_ID",
    sourceCommit: "SOURCE_COMMIT",
    destinationCommit: "DESTINATION_COMMIT",
} as const;

/** Output variables of the source action (AWS CodePipeline User Guide, "Variables reference"); `PullRequestId` with connections only. */
export const sourceVariables = { commit: "CommitId", pullRequest: "PullRequestId" } as const;

/** Output variable of the build action: digest of the image that it pushed. */
export const digestVariable = "IMAGE_DIGEST";

/** Environment variable of every review project with the id of the pipeline execution. */
export const executionVariable = "EXECUTION_ID";

/**
 * Application in whose name the evidence of reviews is stored. No application can be called so, and so nothing that a
 * review stores is ever read for a release.
 */
export function reviewEvidenceOf(application: string): string {
    return `${application}--review`;
}
