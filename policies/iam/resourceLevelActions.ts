/**
 * Actions of the services around a delivery pipeline that can be limited to resources. Source: AWS Service
 * Authorization Reference, tables "Actions, resources, and condition keys" of each service. A `*` in `Resource` is a
 * fault for these; actions that are not listed are not judged by IAM-03.
 */
const limited: Record<string, string> = {
    ecr: "BatchCheckLayerAvailability BatchDeleteImage BatchGetImage CompleteLayerUpload CreateRepository DeleteLifecyclePolicy DeleteRepository DeleteRepositoryPolicy DescribeImageScanFindings DescribeImages DescribeRepositories GetDownloadUrlForLayer GetLifecyclePolicy GetRepositoryPolicy InitiateLayerUpload ListImages PutImage PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy ReplicateImage SetRepositoryPolicy StartImageScan TagResource UploadLayerPart",
    codepipeline:
        "DeletePipeline DisableStageTransition EnableStageTransition GetPipeline GetPipelineExecution GetPipelineState ListActionExecutions ListPipelineExecutions OverrideStageCondition PutApprovalResult RetryStageExecution RollbackStage StartPipelineExecution StopPipelineExecution UpdatePipeline",
    codebuild:
        "BatchGetBuilds BatchGetProjects CreateProject CreateReport CreateReportGroup BatchPutTestCases DeleteProject StartBuild StartBuildBatch StopBuild UpdateProject UpdateReport",
    codecommit:
        "GetBranch GetCommit GetPullRequest GetUploadArchiveStatus GitPull GitPush MergePullRequestByFastForward PostCommentForPullRequest UploadArchive CancelUploadArchive",
    "codestar-connections": "UseConnection GetConnection",
    codeconnections: "UseConnection GetConnection",
    iam: "AttachRolePolicy CreatePolicyVersion CreateRole DeleteRole DeleteRolePolicy DetachRolePolicy GetRole PassRole PutRolePolicy UpdateAssumeRolePolicy UpdateRole",
    s3: "AbortMultipartUpload DeleteObject DeleteObjectVersion GetBucketAcl GetBucketLocation GetBucketVersioning GetObject GetObjectVersion ListBucket ListBucketVersions PutBucketPolicy PutObject PutObjectAcl PutObjectRetention",
    kms: "CreateGrant Decrypt DescribeKey DisableKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GetPublicKey PutKeyPolicy ReEncryptFrom ReEncryptTo ScheduleKeyDeletion Sign Verify",
    logs: "CreateLogGroup CreateLogStream DeleteLogGroup DescribeLogStreams FilterLogEvents GetLogEvents PutLogEvents PutRetentionPolicy",
    lambda: "AddPermission CreateFunction DeleteFunction GetFunction InvokeFunction PublishVersion UpdateFunctionCode UpdateFunctionConfiguration",
    sns: "GetTopicAttributes Publish SetTopicAttributes Subscribe",
    sqs: "DeleteMessage GetQueueAttributes ReceiveMessage SendMessage",
    dynamodb: "DeleteItem DescribeTable GetItem PutItem Query Scan TransactWriteItems UpdateItem",
    events: "DeleteRule DisableRule EnableRule PutEvents PutRule PutTargets RemoveTargets",
    ssm: "GetParameter GetParameterHistory GetParameters GetParametersByPath PutParameter DeleteParameter",
    secretsmanager: "DescribeSecret GetSecretValue PutSecretValue UpdateSecret",
    ecs: "DeleteService DescribeServices RunTask StopTask UpdateService ExecuteCommand CreateTaskSet",
    ec2: "CreateNetworkInterface CreateNetworkInterfacePermission DeleteNetworkInterface TerminateInstances",
    codedeploy: "CreateDeployment GetDeployment GetDeploymentConfig RegisterApplicationRevision",
    sts: "AssumeRole",
    rds: "ModifyDBInstance DeleteDBInstance",
};

function flat(table: Record<string, string>): Set<string> {
    return new Set(
        Object.entries(table).flatMap(([service, actions]) =>
            actions
                .split(" ")
                .filter((action) => action !== "")
                .map((action) => `${service}:${action}`),
        ),
    );
}

/** Actions that must name resources. */
export const resourceLevelActions: ReadonlySet<string> = flat(limited);
