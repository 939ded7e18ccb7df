/**
 * AWS managed policies that matter to the gate, by name. Only what the rules ask about is listed: `grants` are the
 * actions relevant here, on every resource. Source: the AWS Managed Policy Reference Guide. A managed policy that is
 * not listed is never taken for harmless: what it grants is unknown.
 */
export const managedPolicies: Readonly<Record<string, readonly string[]>> = {
    AdministratorAccess: ["*"],
    PowerUserAccess: [
        "ecr:*",
        "codepipeline:*",
        "codebuild:*",
        "lambda:*",
        "s3:*",
        "kms:*",
        "ecs:*",
        "events:*",
        "sns:*",
        "logs:*",
    ],
    IAMFullAccess: ["iam:*"],
    AmazonEC2ContainerRegistryFullAccess: ["ecr:*"],
    AmazonEC2ContainerRegistryPowerUser: [
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "ecr:InitiateLayerUpload",
        "ecr:UploadLayerPart",
        "ecr:CompleteLayerUpload",
        "ecr:PutImage",
    ],
    AmazonEC2ContainerRegistryReadOnly: [
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
    ],
    AmazonEC2ContainerRegistryPullOnly: [
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
    ],
    AWSCodePipeline_FullAccess: ["codepipeline:*"],
    AWSCodePipeline_ReadOnlyAccess: ["codepipeline:Get*", "codepipeline:List*"],
    AWSCodePipelineApproverAccess: [
        "codepipeline:PutApprovalResult",
        "codepipeline:Get*",
        "codepipeline:List*",
    ],
    AWSCodeBuildAdminAccess: ["codebuild:*"],
    AWSCodeBuildDeveloperAccess: [
        "codebuild:StartBuild",
        "codebuild:StopBuild",
        "codebuild:BatchGet*",
        "codebuild:List*",
    ],
    AmazonEC2ContainerServiceforEC2Role: [
        "ecs:CreateCluster",
        "ecs:DeregisterContainerInstance",
        "ecs:Poll",
        "ecs:RegisterContainerInstance",
        "ecs:StartTelemetrySession",
        "ecs:Submit*",
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ],
    AmazonECSTaskExecutionRolePolicy: [
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ],
    AmazonSSMManagedInstanceCore: ["ssm:GetParameter", "ssm:GetParameters", "ssmmessages:*", "ec2messages:*"],
    AmazonSSMReadOnlyAccess: ["ssm:Describe*", "ssm:Get*", "ssm:List*"],
    AWSLambdaBasicExecutionRole: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    AWSLambdaVPCAccessExecutionRole: [
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DeleteNetworkInterface",
    ],
    AmazonRDSEnhancedMonitoringRole: [
        "logs:CreateLogGroup",
        "logs:PutRetentionPolicy",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ],
    CloudWatchAgentServerPolicy: [
        "cloudwatch:PutMetricData",
        "logs:PutLogEvents",
        "logs:CreateLogStream",
        "ssm:GetParameter",
    ],
    ReadOnlyAccess: [
        "ecr:Get*",
        "ecr:Describe*",
        "codepipeline:Get*",
        "codepipeline:List*",
        "codebuild:BatchGet*",
    ],
    SecurityAudit: ["ecr:Describe*", "codepipeline:Get*", "codepipeline:List*", "codebuild:BatchGet*"],
    ViewOnlyAccess: ["ecr:Describe*", "codepipeline:List*", "codebuild:List*"],
};

/** Name of an AWS managed policy, or null when the ARN is that of a customer's own. */
export function managedPolicyName(arn: string): string | null {
    return /^arn:[\w-]+:iam::aws:policy\/(?:[\w-]+\/)*([\w+=,.@-]+)$/.exec(arn)?.[1] ?? null;
}
