import { artifactKeys } from "../application/applicationNames";
import { anyKeyArn, bucketArn, objectArn, usingKeyAlias } from "../arn";
import { deliveryTargets } from "../delivery/deliveryNames";
import type { Statement } from "../iamStatement";
import { readSource } from "./source";
import type { ApprovalTopics } from "./stages";
import type { Step, StepContext } from "./step";

/**
 * What the pipeline's own role may do: fetch the source, move artifacts, start exactly the application's projects, announce
 * the approval, and become exactly the roles that deploy to the application's services. It cannot answer an approval
 * (`codepipeline:PutApprovalResult`), push an image, change a service, or pass a role.
 *
 * The bucket and object actions are those of the service role policy in the AWS CodePipeline User Guide ("Manage the
 * CodePipeline service role"), narrowed to this pipeline's artifacts. The key serves the artifacts and the encrypted
 * approval topics (Amazon SNS Developer Guide, "Key management": a publisher needs `kms:GenerateDataKey*` and
 * `kms:Decrypt`).
 */
export function pipelineStatements(
    context: StepContext,
    steps: Step[],
    topicArns: ApprovalTopics,
): Statement[] {
    const { platform, names } = context;
    const { account, artifactBucketName } = platform;
    const targets = deliveryTargets(account, platform.naming, context.application);
    const { source, image, deployment } = names.artifacts;
    const artifacts = [source, image, ...targets.map(({ tier }) => deployment[tier])];
    return [
        readSource(context.application.source, names),
        {
            Sid: "ReadBucketSettings",
            Effect: "Allow",
            Action: ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"],
            Resource: [bucketArn(account, artifactBucketName)],
        },
        {
            Sid: "MoveArtifacts",
            Effect: "Allow",
            Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl"],
            Resource: artifacts.map((artifact) =>
                objectArn(account, artifactBucketName, artifactKeys(names.pipeline.name, artifact)),
            ),
        },
        {
            Sid: "UsePipelineKey",
            Effect: "Allow",
            Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
            Resource: [anyKeyArn(account)],
            Condition: usingKeyAlias(platform.pipelineKey.aliasName),
        },
        {
            Sid: "RunSteps",
            Effect: "Allow",
            Action: ["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
            Resource: steps.map((step) => step.names.projectArn),
        },
        {
            Sid: "AnnounceApproval",
            Effect: "Allow",
            Action: ["sns:Publish"],
            Resource: [topicArns.gate, ...(topicArns.people === undefined ? [] : [topicArns.people])],
        },
        ...(targets.length === 0
            ? []
            : [
                  {
                      Sid: "AssumeDeployRoles",
                      Effect: "Allow" as const,
                      Action: ["sts:AssumeRole"],
                      Resource: targets.map(({ deployRole }) => deployRole.arn),
                  },
              ]),
    ];
}
