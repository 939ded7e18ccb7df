import { eventPatterns } from "../../gate/approval/eventPattern";
import type { Account } from "../naming";
import type { ReviewedApplication } from "./reviewedApplications";
import type { ReviewEvent } from "./reviewNames";

/**
 * Events that the function `review` gets, as many patterns for each kind as keep within EventBridge's quota. Source,
 * detail type, account, region and the names of our repositories, pipelines and projects are pinned: a pattern without
 * names would match everybody's.
 *
 * @param projects names of the projects of all reviews.
 */
export function reviewPatterns(
    account: Account,
    applications: readonly ReviewedApplication[],
    projects: readonly string[],
): Record<ReviewEvent, string[]> {
    const patterns = (
        source: string,
        detailType: string,
        names: readonly string[],
        rest: (names: readonly string[]) => Record<string, unknown>,
    ): string[] =>
        names.length === 0
            ? []
            : eventPatterns([...names].sort(), (some) =>
                  JSON.stringify({
                      source: [source],
                      "detail-type": [detailType],
                      account: [account.accountId],
                      region: [account.region],
                      ...rest(some),
                  }),
              );
    return {
        // Into whatever branch. A pull request that is closed or merged needs no review.
        "pull-requests": patterns(
            "aws.codecommit",
            "CodeCommit Pull Request State Change",
            applications.flatMap(({ host, names }) =>
                host.type === "codecommit" ? [names.source.repositoryArn] : [],
            ),
            (resources) => ({
                resources,
                detail: { event: ["pullRequestCreated", "pullRequestSourceBranchUpdated"] },
            }),
        ),
        executions: patterns(
            "aws.codepipeline",
            "CodePipeline Pipeline Execution State Change",
            applications.map(({ names }) => names.review.pipeline.name),
            (pipeline) => ({
                detail: { pipeline, state: ["SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"] },
            }),
        ),
        builds: patterns("aws.codebuild", "CodeBuild Build State Change", projects, (names) => ({
            detail: {
                "project-name": names,
                "build-status": ["SUCCEEDED", "FAILED", "STOPPED", "TIMED_OUT", "FAULT"],
            },
        })),
    };
}
