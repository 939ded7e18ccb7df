/**
 * The five published designs that this project started from, cut down to what the rules read, as a team would have
 * written them with Pulumi. What is wrong with each is in docs/origins.md.
 */
import {
    eventRuleType,
    eventTargetType,
    functionType,
    subscriptionType,
    tableType,
    topicType,
} from "../../gate/resourceTypes";
import type { ExampleResource } from "../../harness/rule";
import { allow, actionExample, roleExample, stageExample } from "../../pipeline/exampleResources";
import { pipelineType } from "../../pipeline/pipelineModel";
import { projectType } from "../../pipeline/project";
import { repositoryPolicyType, repositoryType } from "../ecr/repository";

type Properties = Record<string, unknown>;

const account = "123456789012";
const region = "us-east-2";
const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;
const role = (name: string): string => `arn:aws:iam::${account}:role/${name}`;

const resource = (type: string, name: string, props: Properties): ExampleResource => ({ type, name, props });
const repository = (name: string): ExampleResource => resource(repositoryType, name, { name });
const bucket = (name: string): ExampleResource => resource("aws:s3/bucket:Bucket", name, { bucket: name });
const source = (name: string): ExampleResource =>
    resource("aws:codecommit/repository:Repository", name, { repositoryName: name });
const yaml = (phases: Record<string, string[]>, exported: string[] = []): string =>
    JSON.stringify({
        version: 0.2,
        ...(exported.length > 0 ? { env: { "exported-variables": exported } } : {}),
        phases: Object.fromEntries(Object.entries(phases).map(([phase, commands]) => [phase, { commands }])),
    });
const project = (
    name: string,
    serviceRole: string,
    buildspec: string,
    variables: Record<string, string> = {},
): ExampleResource =>
    resource(projectType, name, {
        name,
        serviceRole: role(serviceRole),
        source: { type: "CODEPIPELINE", buildspec },
        artifacts: { type: "CODEPIPELINE" },
        environment: {
            type: "LINUX_CONTAINER",
            image: "aws/codebuild/standard:5.0",
            environmentVariables: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
        },
    });
const pipeline = (name: string, roleName: string, store: string, stages: unknown[]): ExampleResource =>
    resource(pipelineType, name, {
        name,
        roleArn: role(roleName),
        artifactStores: [{ location: store, type: "S3" }],
        stages,
    });
const commit = (repositoryName: string, branch: string, output: string): Properties =>
    actionExample(
        "Source",
        "Source",
        "CodeCommit",
        { RepositoryName: repositoryName, BranchName: branch, PollForSourceChanges: "false" },
        { outputArtifacts: [output] },
    );
const run = (
    name: string,
    category: string,
    projectName: string,
    input: string,
    output?: string,
): Properties =>
    actionExample(
        name,
        category,
        "CodeBuild",
        { ProjectName: projectName },
        { inputArtifacts: [input], ...(output === undefined ? {} : { outputArtifacts: [output] }) },
    );
const pushAnywhere = allow(
    ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"],
    "*",
);

/** Ignored scans, one role for ten projects, promotion of `latest`, an approval without a word. */
export const lacework: ExampleResource[] = [
    repository("staging-demo-app"),
    repository("prod-demo-app"),
    bucket("lacework-artifacts"),
    source("app"),
    roleExample("codebuild-service-role", [allow(["s3:*", "eks:*"], "*"), pushAnywhere]),
    roleExample("codepipeline-service-role", [allow("s3:*", "*"), allow("iam:PassRole", "*")]),
    project(
        "BuildScanPush",
        "codebuild-service-role",
        yaml({
            build: ["mvn package", `docker build -t $DOCKER_REG/$IMAGE_NAME:latest .`],
            post_build: [
                "lw-scanner evaluate $IMAGE_NAME latest || true",
                "docker push --all-tags $DOCKER_REG/$IMAGE_NAME",
            ],
        }),
        { IMAGE_NAME: "staging-demo-app", DOCKER_REG: registry },
    ),
    project(
        "ScanStagingImage",
        "codebuild-service-role",
        yaml({
            install: ["curl https://raw.githubusercontent.com/lacework/go-sdk/main/cli/install.sh | bash"],
            build: [
                "lacework vulnerability container scan $DOCKER_REG $IMAGE_NAME latest --poll --fail_on_severity critical || true",
            ],
        }),
        { IMAGE_NAME: "staging-demo-app", DOCKER_REG: registry },
    ),
    project(
        "DeployToStaging",
        "codebuild-service-role",
        yaml({ build: ["kubectl apply -n staging-demo-app -f app.yaml"] }),
    ),
    project(
        "PromoteProductionRepo",
        "codebuild-service-role",
        yaml({
            build: [
                "docker pull $DOCKER_REG/$STAGING_IMAGE_NAME:latest",
                "docker tag $DOCKER_REG/$STAGING_IMAGE_NAME:latest $DOCKER_REG/$PROD_IMAGE_NAME:latest",
                "docker push --all-tags $DOCKER_REG/$PROD_IMAGE_NAME",
            ],
        }),
        { DOCKER_REG: registry, STAGING_IMAGE_NAME: "staging-demo-app", PROD_IMAGE_NAME: "prod-demo-app" },
    ),
    project(
        "DeployToProduction",
        "codebuild-service-role",
        yaml({ build: ["kubectl apply -n prod-demo-app -f app.yaml"] }),
    ),
    pipeline("DevSecOpsPipeline", "codepipeline-service-role", "lacework-artifacts", [
        stageExample("Source", commit("app", "main", "App")),
        stageExample("BuildScanPush", run("BuildScanPush", "Build", "BuildScanPush", "App", "Built")),
        stageExample(
            "ScanStagingImage",
            run("ScanStagingImage", "Test", "ScanStagingImage", "App", "Scanned"),
        ),
        stageExample("DeployToStaging", run("DeployToStaging", "Build", "DeployToStaging", "App")),
        stageExample("ApprovalStage", actionExample("Approval", "Approval", "Manual", {})),
        stageExample("Promote", run("Promote", "Build", "PromoteProductionRepo", "App")),
        stageExample("DeployToProduction", run("DeployToProduction", "Build", "DeployToProduction", "App")),
    ]),
];

/** Pull requests that release, a rebuild in place of what was scanned, a threshold of equality. */
export const awsWorkshop: ExampleResource[] = [
    repository("container-devsecops-wksp-scratch"),
    repository("container-devsecops-wksp-sample"),
    bucket("container-devsecops-wksp-artifacts"),
    source("container-devsecops-wksp-app"),
    roleExample("wksp-codebuild", [pushAnywhere, allow(["codecommit:*", "ssm:*"], "*")]),
    roleExample("wksp-codepipeline", [allow(["codebuild:*", "codecommit:*", "s3:*"], "*")]),
    project(
        "build-dockerfile",
        "wksp-codebuild",
        yaml({ build: ["docker run --rm -i hadolint/hadolint:v1.16.2 hadolint - < Dockerfile"] }),
    ),
    project("build-secrets", "wksp-codebuild", yaml({ build: ["trufflehog --regex --entropy=False $REPO"] })),
    project(
        "scan-image",
        "wksp-codebuild",
        yaml({
            build: [
                `docker build -t ${registry}/$IMAGE_REPO_NAME .`,
                `docker push ${registry}/$IMAGE_REPO_NAME`,
                `anchore-cli image add ${registry}/$IMAGE_REPO_NAME`,
                `anchore-cli --json image vuln ${registry}/$IMAGE_REPO_NAME os > vulns.json`,
            ],
            post_build: [
                `if [ "$(jq '[.vulnerabilities[] | select(.severity == env.FAIL_WHEN)] | length' vulns.json)" != 0 ]; then exit 1; fi`,
            ],
        }),
        { IMAGE_REPO_NAME: "container-devsecops-wksp-scratch", FAIL_WHEN: "High" },
    ),
    project(
        "publish",
        "wksp-codebuild",
        yaml({
            build: [
                `docker build -t ${registry}/$IMAGE_REPO_NAME:$TAG .`,
                `docker push ${registry}/$IMAGE_REPO_NAME:$TAG`,
            ],
        }),
        { IMAGE_REPO_NAME: "container-devsecops-wksp-sample" },
    ),
    pipeline("pull-request", "wksp-codepipeline", "container-devsecops-wksp-artifacts", [
        stageExample("PullRequest", commit("container-devsecops-wksp-app", "development", "AppSource")),
        stageExample("Dockerfile", run("Dockerfile", "Build", "build-dockerfile", "AppSource")),
        stageExample("Secrets", run("Secrets", "Build", "build-secrets", "AppSource")),
        stageExample("Vulnerability", run("Scan", "Build", "scan-image", "AppSource")),
        stageExample("PublishImage", run("Publish", "Build", "publish", "AppSource")),
    ]),
];

/** A deployment of the tag behind an approval that names the digest. */
export const inspectorGate: ExampleResource[] = [
    repository("inspector-blog-images"),
    bucket("inspector-artifacts"),
    source("container-components"),
    resource(topicType, "approvals", { name: "approvals" }),
    resource(subscriptionType, "approval-function", {
        topic: `arn:aws:sns:${region}:${account}:approvals`,
        protocol: "lambda",
        endpoint: `arn:aws:lambda:${region}:${account}:function:process-build-approval-msg`,
    }),
    resource(functionType, "process-build-approval-msg", {
        name: "process-build-approval-msg",
        role: role("approval-role"),
    }),
    resource(functionType, "eval-container-scan-results", {
        name: "eval-container-scan-results",
        role: role("evaluation-role"),
    }),
    roleExample("approval-role", [
        allow("dynamodb:PutItem", `arn:aws:dynamodb:${region}:${account}:table/ContainerImageApprovals`),
    ]),
    roleExample("evaluation-role", [
        allow(["codepipeline:PutApprovalResult", "codepipeline:GetPipelineState"], "*"),
        allow(["dynamodb:GetItem", "dynamodb:PutItem"], `arn:aws:dynamodb:${region}:${account}:table/ContainerImageApprovals`), // prettier-ignore
    ]),
    resource(tableType, "ContainerImageApprovals", {
        name: "ContainerImageApprovals",
        hashKey: "ImageDigest",
        attributes: [{ name: "ImageDigest", type: "S" }],
    }),
    resource(eventRuleType, "InspectorContainerScanStatus", {
        name: "InspectorContainerScanStatus",
        eventPattern: JSON.stringify({ source: ["aws.inspector2"], "detail-type": ["Inspector2 Scan"] }),
    }),
    resource(eventTargetType, "evaluation", {
        rule: "InspectorContainerScanStatus",
        arn: `arn:aws:lambda:${region}:${account}:function:eval-container-scan-results`,
    }),
    roleExample("container-build-role", [pushAnywhere]),
    roleExample("container-pipeline-role", [
        allow(["s3:*", "sns:*", "ecs:*"], "*"),
        allow("iam:PassRole", "*"),
    ]),
    project(
        "container-build",
        "container-build-role",
        yaml(
            {
                build: [`docker build -t ${registry}/$IMAGE_REPO_NAME:$IMAGE_TAG .`],
                post_build: [
                    `docker push ${registry}/$IMAGE_REPO_NAME:$IMAGE_TAG`,
                    "export IMAGE_DIGEST=$(aws ecr describe-images --repository-name $IMAGE_REPO_NAME --image-ids imageTag=$IMAGE_TAG --query 'imageDetails[0].imageDigest' --output text)",
                    `printf '[{"name":"app","imageUri":"%s"}]' ${registry}/$IMAGE_REPO_NAME:$IMAGE_TAG > imagedefinitions.json`,
                ],
            },
            ["IMAGE_DIGEST"],
        ),
        { IMAGE_REPO_NAME: "inspector-blog-images", IMAGE_TAG: "latest" },
    ),
    resource("aws:ecs/cluster:Cluster", "InspectorBlogCluster", { name: "InspectorBlogCluster" }),
    resource("aws:ecs/service:Service", "InspectorBlogService", {
        name: "InspectorBlogService",
        cluster: "InspectorBlogCluster",
    }),
    pipeline("ContainerBuildDeployPipeline", "container-pipeline-role", "inspector-artifacts", [
        stageExample("Source", commit("container-components", "main", "SourceOutput")),
        stageExample("Build", {
            ...run("Build", "Build", "container-build", "SourceOutput", "BuildOutput"),
            namespace: "BuildVariables",
        }),
        stageExample(
            "ContainerVulnerabilityAssessment",
            actionExample("ContainerImageApproval", "Approval", "Manual", {
                NotificationArn: `arn:aws:sns:${region}:${account}:approvals`,
                CustomData: "Image_Digest=#{BuildVariables.IMAGE_DIGEST}",
            }),
        ),
        stageExample(
            "Deploy",
            actionExample(
                "Deploy",
                "Deploy",
                "ECS",
                {
                    ClusterName: "InspectorBlogCluster",
                    ServiceName: "InspectorBlogService",
                    FileName: "imagedefinitions.json",
                },
                { inputArtifacts: ["BuildOutput"] },
            ),
        ),
    ]),
];

/** One project without a pipeline: nothing for the rules about pipelines, the push is BS-03's. */
export const accuknox: ExampleResource[] = [
    roleExample("codebuild-accuknox", [pushAnywhere]),
    {
        ...project(
            "container-scan",
            "codebuild-accuknox",
            yaml({
                build: ["docker build -t $IMAGE_NAME ."],
                post_build: [
                    "docker run --rm -v /var/run/docker.sock:/var/run/docker.sock accuknox/accuknox-container-scan:latest > report.json",
                    "if grep -q CRITICAL report.json; then exit 1; fi",
                    "docker push $IMAGE_NAME",
                ],
            }),
            { IMAGE_NAME: "example/app:1" },
        ),
    },
];

/** A source with a personal token that is polled, a repository for everybody, a scan of another image. */
export const stelligent: ExampleResource[] = [
    repository("demo/anchore-engine"),
    repository("tested/nginx"),
    resource(repositoryPolicyType, "anchore-policy", {
        repository: "demo/anchore-engine",
        policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:*" }],
        }),
    }),
    bucket("demo-anchore-engine-pipeline-store"),
    roleExample("anchore-codebuild", [pushAnywhere, allow("s3:*", "*")]),
    roleExample("anchore-codepipeline", [allow("s3:*", "*"), allow("codebuild:StartBuild", "*")]),
    project(
        "anchore-scan",
        "anchore-codebuild",
        yaml({
            build: [
                "anchore-cli image add $SOURCE_IMAGE",
                "anchore-cli image wait $SOURCE_IMAGE",
                `if [ 'ANCHORE_SCAN_POLICY' = "true" ]; then anchore-cli evaluate check $SOURCE_IMAGE; fi`,
                "docker build -t $STAGE_REPO_NAME .",
            ],
            post_build: [
                `docker tag $STAGE_REPO_NAME ${registry}/$STAGE_REPO_NAME:$TAG`,
                `docker push ${registry}/$STAGE_REPO_NAME:$TAG`,
            ],
        }),
        { SOURCE_IMAGE: "nginx:latest", STAGE_REPO_NAME: "tested/nginx", TAG: "latest" },
    ),
    pipeline("anchore-pipeline", "anchore-codepipeline", "demo-anchore-engine-pipeline-store", [
        stageExample(
            "Source",
            actionExample(
                "Source",
                "Source",
                "GitHub",
                {
                    Owner: "team",
                    Repo: "app",
                    Branch: "main",
                    OAuthToken: "{{resolve:ssm:token}}",
                    PollForSourceChanges: "true",
                },
                { owner: "ThirdParty", outputArtifacts: ["SourceApp"] },
            ),
        ),
        stageExample("Test", run("ScanImages", "Build", "anchore-scan", "SourceApp")),
    ]),
];
