/** Teams that deliver with CodePipeline. */
import { allow, bucket, key, logGroup, ofAccount, policy, role } from "./foundation";
import type { Output, Properties, Resource } from "./program";
import { account, json, Program, region, text } from "./program";

const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;

const buildCommands = `version: 0.2
env:
  exported-variables: [IMAGE_DIGEST]
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
  build:
    commands:
      - docker build --tag "$REGISTRY/$REPOSITORY:$CODEBUILD_RESOLVED_SOURCE_VERSION" .
      - docker push "$REGISTRY/$REPOSITORY:$CODEBUILD_RESOLVED_SOURCE_VERSION"
      - IMAGE_DIGEST=$(aws ecr describe-images --repository-name "$REPOSITORY" --image-ids imageTag="$CODEBUILD_RESOLVED_SOURCE_VERSION" --query 'imageDetails[0].imageDigest' --output text)
      - test -n "$IMAGE_DIGEST"
`;

const scanCommands = `version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
  build:
    commands:
      - trivy image --exit-code 1 --severity HIGH,CRITICAL "$REGISTRY/$REPOSITORY@$IMAGE_DIGEST"
`;

const deployCommands = `version: 0.2
phases:
  build:
    commands:
      - crane copy "$REGISTRY/$REPOSITORY@$IMAGE_DIGEST" "$REGISTRY/$PRODUCTION:$IMAGE_TAG"
      - sed "s|IMAGE|$REGISTRY/$PRODUCTION@$IMAGE_DIGEST|" task.json > registered.json
      - ARN=$(aws ecs register-task-definition --cli-input-json file://registered.json --query taskDefinition.taskDefinitionArn --output text)
      - aws ecs update-service --cluster main --service shop --task-definition "$ARN"
`;

const expire = JSON.stringify({
    rules: [
        {
            rulePriority: 1,
            selection: {
                tagStatus: "untagged",
                countType: "sinceImagePushed",
                countUnit: "days",
                countNumber: 14,
            },
            action: { type: "expire" },
        },
    ],
});

/** The scan comes first in the build itself. */
export const buildAndScanCommands = buildCommands.replace(
    "      - docker push",
    '      - trivy image --exit-code 1 --severity HIGH,CRITICAL "$REGISTRY/$REPOSITORY:$CODEBUILD_RESOLVED_SOURCE_VERSION"\n      - docker push',
);

export interface DeliveryChoices {
    build?: string;
    /** Who scans pushed images: each repository, or the registry for names that match. */
    scanning?: "repository" | "registry";
    scan?: string;
    scanStage?: boolean;
}

/** Source, build, scan, approval that shows the digest, deployment of that digest. */
export function delivery({
    scanning = "repository",
    build: built = buildCommands,
    scan = scanCommands,
    scanStage = true,
}: DeliveryChoices = {}): Program {
    const program = new Program("delivery", "main", "platform");
    const kms = key(program, "delivery", `logs.${region}.amazonaws.com`, "sns.amazonaws.com");
    const [candidates, production] = ["candidate", "production"].map((tier) => {
        const repository = program.add(
            "aws:ecr/repository:Repository",
            `shop-${tier}`,
            {
                ...(scanning === "registry" ? { name: `shop/${tier}` } : {}),
                imageTagMutability: "IMMUTABLE",
                ...(scanning === "repository" ? { imageScanningConfiguration: { scanOnPush: true } } : {}),
                encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: kms.arn }],
                tags: { tier },
            },
            { protect: tier === "production" },
        );
        program.add("aws:ecr/lifecyclePolicy:LifecyclePolicy", `shop-${tier}`, {
            repository: repository.get("name"),
            policy: expire,
        });
        return repository;
    }) as [Resource, Resource];
    if (scanning === "registry") {
        program.add("aws:inspector2/enabler:Enabler", "inspector", {
            accountIds: [account],
            resourceTypes: ["ECR"],
        });
        program.add("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", "scanning", {
            scanType: "ENHANCED",
            rules: [
                {
                    scanFrequency: "CONTINUOUS_SCAN",
                    repositoryFilters: [{ filter: "shop/*", filterType: "WILDCARD" }],
                },
            ],
        });
    }
    const artifacts = bucket(program, "artifacts", kms);
    const connection = program.add("aws:codestarconnections/connection:Connection", "github", {
        providerType: "GitHub",
    });
    const common = [
        allow(["s3:GetObject", "s3:PutObject"], text`${artifacts.arn}/*`),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], kms.arn),
    ];
    const step = (
        name: string,
        buildspec: string,
        statements: Properties[],
        variables: Record<string, Output | string>,
        privilegedMode = false,
    ) => {
        const logs = logGroup(program, `${name}-log`, kms);
        const made = role(
            program,
            `${name}-role`,
            "codebuild.amazonaws.com",
            [
                ...common,
                allow(["logs:CreateLogStream", "logs:PutLogEvents"], text`${logs.arn}:*`),
                ...statements,
            ],
            ofAccount,
        );
        return program.add("aws:codebuild/project:Project", name, {
            serviceRole: made.arn,
            source: { type: "CODEPIPELINE", buildspec },
            artifacts: { type: "CODEPIPELINE" },
            encryptionKey: kms.arn,
            buildTimeout: 30,
            queuedTimeout: 60,
            logsConfig: { cloudwatchLogs: { status: "ENABLED", groupName: logs.get("name") } },
            environment: {
                type: "LINUX_CONTAINER",
                computeType: "BUILD_GENERAL1_SMALL",
                image: "aws/codebuild/amazonlinux2-x86_64-standard:5.0",
                privilegedMode,
                environmentVariables: Object.entries(variables).map(([variable, value]) => ({
                    name: variable,
                    value,
                })),
            },
        });
    };
    const login = allow("ecr:GetAuthorizationToken", "*");
    const pull = [
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchCheckLayerAvailability",
        "ecr:DescribeImages",
    ];
    const push = [
        "ecr:InitiateLayerUpload",
        "ecr:UploadLayerPart",
        "ecr:CompleteLayerUpload",
        "ecr:PutImage",
    ];
    const variables = { REGISTRY: registry, REPOSITORY: candidates.get("name") };
    const build = step("build", built, [login, allow([...pull, ...push], candidates.arn)], variables, true);
    const scanner = scanStage && step("scan", scan, [login, allow(pull, candidates.arn)], variables);
    const taskRole = role(program, "shop-task", "ecs-tasks.amazonaws.com", [], ofAccount);
    const deploy = step(
        "deploy",
        deployCommands,
        [
            login,
            allow(pull, candidates.arn),
            allow([...pull, ...push], production.arn),
            allow(["ecs:RegisterTaskDefinition"], "*"),
            allow("ecs:UpdateService", `arn:aws:ecs:${region}:${account}:service/main/shop`),
            allow("iam:PassRole", taskRole.arn, {
                StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
            }),
        ],
        { ...variables, PRODUCTION: production.get("name") },
    );
    const topic = program.add("aws:sns/topic:Topic", "approvals", { kmsMasterKeyId: kms.id });
    program.add("aws:sns/topicSubscription:TopicSubscription", "approvals-team", {
        topic: topic.arn,
        protocol: "email",
        endpoint: "release@example.com",
    });
    program.add("aws:sns/topicPolicy:TopicPolicy", "approvals", {
        arn: topic.arn,
        policy: policy({
            Effect: "Allow",
            Principal: { Service: "codepipeline.amazonaws.com" },
            Action: "sns:Publish",
            Resource: topic.arn,
            Condition: { StringEquals: { "aws:SourceAccount": account } },
        }),
    });
    const pipelineRole = role(
        program,
        "pipeline-role",
        "codepipeline.amazonaws.com",
        [
            ...common,
            allow("codestar-connections:UseConnection", connection.arn),
            allow(
                ["codebuild:StartBuild", "codebuild:BatchGetBuilds"],
                [build.arn, ...(scanner ? [scanner.arn] : []), deploy.arn],
            ),
            allow("sns:Publish", topic.arn),
            {
                Effect: "Deny",
                Action: ["codebuild:StartBuild", "codebuild:StartBuildBatch"],
                Resource: "*",
                Condition: { Null: { "codebuild:source.buildspec": "false" } },
            },
        ],
        ofAccount,
    );
    const action = (
        name: string,
        category: string,
        provider: string,
        configuration: Properties,
        more: Properties = {},
    ) => ({
        name,
        category,
        owner: "AWS",
        provider,
        version: "1",
        configuration,
        ...more,
    });
    const run = (name: string, project: Resource, more: Properties = {}, digest = true) =>
        action(
            name,
            "Build",
            "CodeBuild",
            {
                ProjectName: project.get("name"),
                ...(digest
                    ? {
                          EnvironmentVariables: json([
                              { name: "IMAGE_DIGEST", value: "#{build.IMAGE_DIGEST}", type: "PLAINTEXT" },
                              { name: "IMAGE_TAG", value: "#{source.CommitId}", type: "PLAINTEXT" },
                          ]),
                      }
                    : {}),
            },
            { inputArtifacts: ["source"], ...more },
        );
    program.add(
        "aws:codepipeline/pipeline:Pipeline",
        "shop",
        {
            pipelineType: "V2",
            executionMode: "QUEUED",
            roleArn: pipelineRole.arn,
            artifactStores: [
                {
                    location: artifacts.get("bucket"),
                    type: "S3",
                    encryptionKey: { id: kms.arn, type: "KMS" },
                },
            ],
            stages: [
                {
                    name: "Source",
                    actions: [
                        action(
                            "Source",
                            "Source",
                            "CodeStarSourceConnection",
                            {
                                ConnectionArn: connection.arn,
                                FullRepositoryId: "example/shop",
                                BranchName: "main",
                            },
                            { namespace: "source", outputArtifacts: ["source"] },
                        ),
                    ],
                },
                {
                    name: "Build",
                    actions: [run("Build", build, { namespace: "build", outputArtifacts: ["built"] }, false)],
                },
                ...(scanner ? [{ name: "Scan", actions: [run("Scan", scanner, { category: "Test" })] }] : []),
                {
                    name: "Approve",
                    actions: [
                        action(
                            "Approve",
                            "Approval",
                            "Manual",
                            {
                                NotificationArn: topic.arn,
                                CustomData: "Release #{build.IMAGE_DIGEST} of #{source.CommitId}?",
                            },
                            { timeoutInMinutes: 1440 },
                        ),
                    ],
                },
                { name: "Deploy", actions: [run("Deploy", deploy)] },
            ],
        },
        { protect: true },
    );
    return program;
}
