import { reviewEvidenceOf } from "../../gate/review/reviewPipeline";
import type { LiteralPlatform } from "../application/platform";
import { bucketArn, objectArn } from "../arn";
import { runningStatements } from "../function/functionStatements";
import type { Statement } from "../iamStatement";
import { allow, useKey } from "../pipeline/permissions";
import { readTokens } from "./codeHost";
import { reviewedApplications } from "./reviewedApplications";
import type { ReviewNames } from "./reviewNames";

type ReviewPlatform = Pick<
    LiteralPlatform,
    "account" | "naming" | "config" | "evidenceBucketName" | "pipelineKey"
>;

const readPipeline = [
    "codepipeline:GetPipelineExecution",
    "codepipeline:ListActionExecutions",
    "codepipeline:ListPipelineExecutions",
];

/**
 * Role of `review`: start the review pipelines of CodeCommit repositories and no other pipeline, see how the reviews went,
 * and write comments. It cannot push or merge code, and reads evidence of reviews only.
 */
export function reviewStatements(platform: ReviewPlatform, names: ReviewNames): Statement[] {
    const { account, evidenceBucketName, pipelineKey } = platform;
    const applications = reviewedApplications(platform);
    const [started, watched] = [true, false].map((own) =>
        applications.filter(({ host }) => (host.type === "codecommit") === own),
    );
    const each = (sid: string, actions: string[], resources: string[] | undefined): Statement[] =>
        resources === undefined || resources.length === 0 ? [] : [allow(sid, actions, resources)];
    return [
        ...runningStatements(account, names.function),
        ...each(
            "RunReviews",
            ["codepipeline:StartPipelineExecution", ...readPipeline],
            started?.map((application) => application.names.review.pipeline.arn),
        ),
        ...each(
            "ReadReviews",
            readPipeline,
            watched?.map((application) => application.names.review.pipeline.arn),
        ),
        allow(
            "ReadBuilds",
            ["codebuild:BatchGetBuilds"],
            applications.flatMap(({ projectArns }) => projectArns),
        ),
        ...each(
            "Comment",
            [
                "codecommit:GetCommentsForPullRequest",
                "codecommit:GetPullRequest",
                "codecommit:PostCommentForPullRequest",
                "codecommit:UpdateComment",
            ],
            started?.map((application) => application.names.source.repositoryArn),
        ),
        ...readTokens(
            account,
            applications.map(({ host }) => host),
        ),
        // No application's name has two hyphens in a row, so this is evidence of reviews, of whatever application.
        allow(
            "ReadReviewEvidence",
            ["s3:GetObject"],
            [objectArn(account, evidenceBucketName, `${reviewEvidenceOf("*")}/*`)],
        ),
        // Listing is what makes S3 answer 404, and not 403, for a report that is missing.
        allow("ListEvidence", ["s3:ListBucket"], [bucketArn(account, evidenceBucketName)]),
        useKey(account, pipelineKey.aliasName, "read"),
    ];
}
