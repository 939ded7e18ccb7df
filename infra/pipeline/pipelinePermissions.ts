/** What the role of any pipeline of the stack needs to run its steps. */
import { artifactKeys } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { anyKeyArn, bucketArn, objectArn, usingKeyAlias } from "../arn";
import type { Statement } from "../iamStatement";
import { allow } from "./permissions";
import type { Step } from "./step";

/**
 * Move the pipeline's own artifacts and start exactly its projects, with the commands that the stack gave them.
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
    const projects = steps.map(({ names }) => names.projectArn);
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
        allow("RunSteps", ["codebuild:BatchGetBuilds", "codebuild:StartBuild"], projects),
        {
            // Whoever starts a build may put other commands in its place for this run; the key tells only that
            // there are some (AWS CodeBuild User Guide, "AWS CodeBuild condition keys").
            Sid: "WithTheirOwnCommands",
            Effect: "Deny",
            Action: ["codebuild:StartBuild", "codebuild:StartBuildBatch"],
            Resource: projects,
            Condition: { Null: { "codebuild:source.buildspec": "false" } },
        },
    ];
}
