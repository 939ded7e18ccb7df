/** Small pipelines for the examples of rules: the shape of a delivery pipeline, cut down to what the rules read. */
import type { ExampleResource } from "../harness/rule";
import { subscriptionType, topicType } from "../gate/resourceTypes";
import { repositoryType } from "../rules/ecr/repository";
import { pipelineType } from "./pipelineModel";
import { gateRoleTag, projectType, roleType } from "./project";

type Properties = Record<string, unknown>;

const account = "123456789012";
const region = "eu-central-1";

/** A buildspec with these build commands. */
export function buildspecOf(
    commands: unknown[],
    more: { env?: Properties; build?: Properties; phases?: Properties } = {},
): string {
    return JSON.stringify({
        version: 0.2,
        env: { shell: "bash", ...more.env },
        phases: { build: { commands, ...more.build }, ...more.phases },
    });
}

/** An installed gate: what its file is needs no proof. */
export const scanCommand = 'gate scan --scanner anchore --image "$IMAGE" --policy gate-policy.json';
/** Judges the report that grype wrote before. */
export const reportCommand =
    'gate scan --scanner grype --image "$IMAGE" --report grype.json --policy gate-policy.json';
/** Compares a fetched gate with its checksum, as the project's own buildspecs do. */
export const verifyCommand = `set -eo pipefail\nprintf '%s  %s\\n' "${"a".repeat(64)}" gate.cjs | sha256sum --check --strict`;

const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;

export const buildBuildspec = buildspecOf(
    [
        `docker build -t ${registry}/demo/candidate:$IMAGE_TAG .`,
        `docker push ${registry}/demo/candidate:$IMAGE_TAG`,
    ],
    { env: { "exported-variables": ["IMAGE_DIGEST"] } },
);
export const scanBuildspec = buildspecOf([scanCommand]);
export const stagingScanBuildspec = buildspecOf([`${scanCommand} --stage scanStagingImage`]);
export const publishBuildspec = buildspecOf([
    'gate verdict --image "$IMAGE" --policy gate-policy.json --stage test',
    'gate verdict --image "$IMAGE" --policy gate-policy.json --stage scanStagingImage',
    `gate approved --table approvals --image "${registry}/demo/staging@$IMAGE_DIGEST" --application demo --execution "$EXECUTION_ID"`,
    `gate promote --from "${registry}/demo/staging@$IMAGE_DIGEST" --to "${registry}/demo/production" --tag "$COMMIT_ID"`,
]);

export function projectExample(
    name: string,
    buildspec: unknown,
    gateRole?: string,
    more: Properties = {},
): ExampleResource {
    return {
        type: projectType,
        name,
        props: {
            name,
            serviceRole: `arn:aws:iam::${account}:role/${name}-role`,
            source: { type: "CODEPIPELINE", ...(buildspec === undefined ? {} : { buildspec }) },
            environment: { image: "aws/codebuild/amazonlinux-x86_64-standard:5.0", type: "LINUX_CONTAINER" },
            ...(gateRole === undefined ? {} : { tags: { [gateRoleTag]: gateRole } }),
            ...more,
        },
    };
}

/** A role with its policy in-line. */
export function roleExample(name: string, statements: Properties[], gateRole?: string): ExampleResource {
    return {
        type: roleType,
        name,
        props: {
            name,
            inlinePolicies: [
                { name: "own", policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) },
            ],
            ...(gateRole === undefined ? {} : { tags: { [gateRoleTag]: gateRole } }),
        },
    };
}

export function repositoryExample(name: string, tier: string): ExampleResource {
    return { type: repositoryType, name, props: { name: `demo/${name}`, tags: { tier } } };
}

export function repositoryArnExample(name: string): string {
    return `arn:aws:ecr:${region}:${account}:repository/demo/${name}`;
}

export function allow(
    actions: string | string[],
    resources: string | string[],
    condition?: Properties,
): Properties {
    return {
        Effect: "Allow",
        Action: actions,
        Resource: resources,
        ...(condition ? { Condition: condition } : {}),
    };
}

export const pushActions = [
    "ecr:PutImage",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
];

export function actionExample(
    name: string,
    category: string,
    provider: string,
    configuration: Properties,
    more: Properties = {},
): Properties {
    return { name, category, provider, owner: "AWS", version: "1", configuration, ...more };
}

export function buildAction(name: string, project: unknown, more: Properties = {}): Properties {
    return actionExample(
        name,
        "Build",
        "CodeBuild",
        { ProjectName: project },
        { inputArtifacts: ["image"], ...more },
    );
}

export const sourceAction = actionExample(
    "Source",
    "Source",
    "CodeCommit",
    { RepositoryName: "demo", BranchName: "main" },
    { namespace: "Source", outputArtifacts: ["source"] },
);
export const buildStep = buildAction("Build", "build", {
    namespace: "Build",
    inputArtifacts: ["source"],
    outputArtifacts: ["image"],
});
export const scanStep = actionExample(
    "Scan",
    "Test",
    "CodeBuild",
    { ProjectName: "scan" },
    { inputArtifacts: ["image"] },
);
/** Scans the staging image, after the others: the second stage whose verdict the release asks for. */
export const stagingScanStep = actionExample(
    "ScanStaging",
    "Test",
    "CodeBuild",
    { ProjectName: "scan-staging" },
    { inputArtifacts: ["image"], runOrder: 2 },
);
export const publishStep = buildAction("Publish", "publish");
export const deployStep = actionExample(
    "Deploy",
    "Deploy",
    "ECS",
    { ClusterName: "main", ServiceName: "shop" },
    { inputArtifacts: ["image"] },
);

/** Where the standard approval is announced: to people, by e-mail. */
export const approvalTopicArn = `arn:aws:sns:${region}:${account}:approvals`;

export function approvalAction(configuration: Properties = {}, more: Properties = {}): Properties {
    const question = JSON.stringify({ digest: "#{Build.IMAGE_DIGEST}", image: "#{Build.IMAGE_URI}" });
    return actionExample(
        "Approve",
        "Approval",
        "Manual",
        { NotificationArn: approvalTopicArn, CustomData: question, ...configuration },
        { timeoutInMinutes: 1440, ...more },
    );
}

export function stageExample(name: string, ...actions: unknown[]): Properties {
    return { name, actions };
}

/** A Test stage with these actions and, after them, the scan of the staging image. */
export function testStage(...actions: unknown[]): Properties {
    return stageExample("Test", ...actions, stagingScanStep);
}

export function pipelineExample(stages: unknown, more: Properties = {}): ExampleResource {
    return {
        type: pipelineType,
        name: "pipeline",
        props: { name: "demo", pipelineType: "V2", executionMode: "QUEUED", stages, ...more },
    };
}

/** Source, Build, Test, Approve, Publish; Test scans for both stages that the gate judges. */
export const completeStages = [
    stageExample("Source", sourceAction),
    stageExample("Build", buildStep),
    testStage(scanStep),
    stageExample("Approve", approvalAction()),
    stageExample("Publish", publishStep),
];

/** Everything that the standard stages refer to; single resources can be replaced by name. */
export function pipelineStack(stages: unknown, ...replacements: ExampleResource[]): ExampleResource[] {
    const standard = [
        pipelineExample(stages),
        projectExample("build", buildBuildspec, "builder"),
        projectExample("scan", scanBuildspec, "scanner"),
        projectExample("scan-staging", stagingScanBuildspec, "scanner"),
        projectExample("publish", publishBuildspec, "publisher"),
        roleExample("build-role", [allow(pushActions, repositoryArnExample("candidate"))], "builder"),
        roleExample("scan-role", [allow("ecr:BatchGetImage", repositoryArnExample("candidate"))], "scanner"),
        roleExample("publish-role", [allow(pushActions, repositoryArnExample("production"))], "publisher"),
        repositoryExample("candidate", "candidate"),
        repositoryExample("staging", "staging"),
        repositoryExample("production", "production"),
        { type: topicType, name: "approvals", props: { name: "approvals" } },
        {
            type: subscriptionType,
            name: "approvers",
            props: { topic: approvalTopicArn, protocol: "email", endpoint: "release@example.com" },
        },
    ];
    const names = new Set(replacements.map((resource) => resource.name));
    return [...standard.filter((resource) => !names.has(resource.name)), ...replacements];
}
