import { deliveryArns, deliveryStack } from "../../delivery/exampleDelivery";
import { functionExample } from "../../gate/exampleGate";
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import {
    allow,
    buildAction,
    buildBuildspec,
    pipelineExample,
    projectExample,
    pushActions,
    repositoryArnExample,
    roleExample,
    sourceAction,
    stageExample,
} from "../../pipeline/exampleResources";
import { gateRoleTag, roleType } from "../../pipeline/project";

const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const token = arn("secretsmanager", "secret:git/token-??????");
const stages = [
    stageExample("Source", sourceAction),
    stageExample("Build", buildAction("Build", "review-build", { inputArtifacts: ["source"] })),
];
const pipeline = (more: Record<string, unknown> = {}): ExampleResource => ({
    ...pipelineExample(stages, {
        name: "demo-review",
        executionMode: "PARALLEL",
        roleArn: "arn:aws:iam::123456789012:role/review-role",
        tags: { [gateRoleTag]: "review" },
        ...more,
    }),
    name: "review",
});
const ownPush = allow(pushActions, repositoryArnExample("candidate"));
const ownStart = allow("codebuild:StartBuild", arn("codebuild", "project/review-build"));
const build = (...statements: Record<string, unknown>[]) =>
    roleExample("review-build-role", [ownPush, ...statements], "builder");
const runner = (...statements: Record<string, unknown>[]) =>
    roleExample("review-role", [ownStart, ...statements], "review");
const stack = (...more: ExampleResource[]): ExampleResource[] => {
    const given = new Set(more.map(({ name }) => name));
    const own = [
        pipeline(),
        projectExample("review-build", buildBuildspec, "builder"),
        build(),
        runner(),
    ].filter(({ name }) => !given.has(name));
    return deliveryStack(...own, ...more);
};
const reviewer = (...statements: Record<string, unknown>[]) => [
    functionExample("reviewer", { deadLetterConfig: undefined }),
    roleExample(
        "reviewer-role",
        [allow("codepipeline:StartPipelineExecution", arn("codepipeline", "demo-review")), ...statements],
        "reviewer",
    ),
];
const pullRequests = [{ gitConfiguration: { sourceActionName: "Source", pullRequests: [{ events: ["OPEN"] }] } }]; // prettier-ignore

const refused: [title: string, actions: string | string[], resource: string][] = [
    ["pushes to production", pushActions, repositoryArnExample("production")],
    ["pushes to staging", "ecr:PutImage", repositoryArnExample("staging")],
    ["passes roles", "iam:PassRole", "*"],
    ["answers approvals", "codepipeline:PutApprovalResult", "*"],
    ["deploys", "ecs:UpdateService", deliveryArns.service],
    ["becomes the deployer", "sts:AssumeRole", deliveryArns.deployRole],
    ["starts a delivery", "codepipeline:StartPipelineExecution", arn("codepipeline", "demo")],
    ["starts a step of a delivery", "codebuild:StartBuild", arn("codebuild", "project/publish")],
    ["pushes to the repository", "codecommit:GitPush", arn("codecommit", "demo")],
];

export const examples: RuleExample[] = [
    ...refused.map(
        ([title, actions, resource]) =>
        badExample(`a build of a pull request ${title}`, stack(build(allow(actions, resource))), "review-build-role"), // prettier-ignore
    ),
    badExample(
        "the pipeline of reviews passes roles",
        stack(runner(allow("iam:PassRole", "*"))),
        "review-role",
    ),
    badExample(
        "a build of a pull request reads the token that merges",
        stack(
            functionExample("merger", { deadLetterConfig: undefined }),
            roleExample("merger-role", [allow("secretsmanager:GetSecretValue", token)], "merger"),
            build(allow("secretsmanager:GetSecretValue", token)),
        ),
        "review-build-role",
    ),
    badExample(
        "the function that comments starts deliveries too",
        stack(...reviewer(allow("codepipeline:StartPipelineExecution", arn("codepipeline", "*")))),
        "reviewer-role",
    ),
    badExample(
        "a review runs as the build of the delivery",
        stack(
            projectExample("review-build", buildBuildspec, "builder", {
                serviceRole: "arn:aws:iam::123456789012:role/build-role",
            }),
        ),
        "review-build",
    ),
    badExample(
        "a pipeline that pull requests start, without the tag",
        stack(pipeline({ tags: undefined, triggers: pullRequests }), build(allow("iam:PassRole", "*"))),
        "review-build-role",
    ),
    badExample(
        "a project that a web hook starts for pull requests",
        stack(
            projectExample("check", undefined),
            roleExample("check-role", [allow("codepipeline:PutApprovalResult", "*")]),
            {
                type: "aws:codebuild/webhook:Webhook",
                name: "check-hook",
                props: {
                    projectName: "check",
                    filterGroups: [{ filters: [{ type: "EVENT", pattern: "PULL_REQUEST_CREATED" }] }],
                },
            },
        ),
        "check-role",
    ),
    goodExample("builds and pushes candidates, with a comment", stack(...reviewer(allow("secretsmanager:GetSecretValue", token)))), // prettier-ignore
    goodExample("the comment's token merges too", stack(...reviewer(allow("secretsmanager:GetSecretValue", token)), functionExample("merger", { deadLetterConfig: undefined }), roleExample("merger-role", [allow("secretsmanager:GetSecretValue", token)], "merger"))), // prettier-ignore
    { title: "no reviews", shows: "absent", resources: deliveryStack(), expect: [] },
    openExample(
        "a policy that is not known yet",
        stack({
            type: roleType,
            name: "review-build-role",
            props: { name: "review-build-role", inlinePolicies: [{ policy: unknown }] },
        }),
        "review-build-role",
    ),
];
