/** What the role of any pipeline of the stack needs to run its steps. */
import { artifactKeys } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { anyKeyArn, bucketArn, objectArn, usingKeyAlias } from "../arn";
import type { Statement } from "../iamStatement";
import { allow } from "./permissions";
import type { Step } from "./step";

/**
 * Move the pipeline's own artifacts and start exactly its projects.
 *
 * The bucket and object actions are those of the service role policy in the AWS CodePipeline User Guide ("Manage the
 * CodePipeline service role"), narrowed to the artifacts of this pipeline.
 *
 * @param pipeline its name.
 * @param artifacts names of its artifacts.
 */
export function runPipeline(
    { account, artifactBucketName, pipelineKey }: LiteralPlatform,
    pipeline: string,
    artifacts: readonly string[],
    steps: readonly Step[],
): Statement[] {
    return [
        allow(
            "ReadBucketSettings",
            ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"],
            [bucketArn(account, artifactBucketName)],
        ),
        allow(
            "MoveArtifacts",
            ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl"],
            artifacts.map((artifact) =>
                objectArn(account, artifactBucketName, artifactKeys(pipeline, artifact)),
            ),
        ),
        allow(
            "UsePipelineKey",
            ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
            [anyKeyArn(account)],
            usingKeyAlias(pipelineKey.aliasName),
        ),
        allow(
            "RunSteps",
            ["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
            steps.map(({ names }) => names.projectArn),
        ),
    ];
}
