import assert from "node:assert/strict";
import {
    codecommitApplication,
    connectionApplication,
    exampleContext,
    exampleGate,
    exampleKeyArn,
    examplePlatform,
} from "../application/testing/examplePlatform";
import { applicationNames } from "../application/applicationNames";
import type { ApplicationConfig } from "../config/schema";
import type { Stage } from "../pipeline/stages";
import { reviewPath } from "../pipeline/step";
import { permissions } from "../pipeline/testing/permissionLines";
import { only, recordStack, type RecordedResource } from "../testing/recordedStack";
import { ReviewPipeline } from "./reviewPipeline";
import { reviewPipelineStatements } from "./reviewPipelineRole";
import { reviewStages } from "./reviewStages";
import { reviewSteps } from "./reviewSteps";
import { exampleReview } from "./testing/reviewContext";

/** The steps of the default configuration. */
const stepNames = ["lint", "secrets", "build", "scan-anchore", "scan-grype"];

function recorded(...applications: ApplicationConfig[]): Promise<RecordedResource[]> {
    return recordStack(() => {
        const platform = examplePlatform();
        for (const application of applications) {
            const names = applicationNames(platform.account, platform.naming, application.name);
            const path = reviewPath(application.name, names);
            const context = { application, platform, gate: exampleGate, names, path };
            new ReviewPipeline(`${application.name}-review`, { context, platform });
        }
    });
}

describe("review pipeline", () => {
    let resources: RecordedResource[];
    before(async () => {
        resources = await recorded(codecommitApplication, { ...connectionApplication, mergeInto: "main" });
    });

    it("is a pipeline with its role, and a project, a role and a log for each step; nothing else", () => {
        assert.deepEqual(
            resources
                .filter(({ name }) => name.startsWith("demo-"))
                .map(({ type, name }) => `${type} ${name}`)
                .sort(),
            [
                ...stepNames.flatMap((step) => [
                    `aws:cloudwatch/logGroup:LogGroup demo-review-${step}-logs`,
                    `aws:codebuild/project:Project demo-review-${step}-project`,
                    `aws:iam/role:Role demo-review-${step}-role`,
                    `aws:iam/rolePolicy:RolePolicy demo-review-${step}-role-policy`,
                ]),
                "aws:codepipeline/pipeline:Pipeline demo-review-pipeline",
                "aws:iam/role:Role demo-review-role",
                "aws:iam/rolePolicy:RolePolicy demo-review-role-policy",
            ].sort(),
        );
    });

    it("runs its executions beside each other, and begins only for a pull request", () => {
        const { stages, ...inputs } = only(resources, "demo-review-pipeline").inputs;
        assert.deepEqual(inputs, {
            name: "portcullis-dev-demo-review",
            pipelineType: "V2",
            executionMode: "PARALLEL",
            roleArn: "arn:aws:iam::123456789012:role/portcullis-dev-demo-review",
            artifactStores: [
                {
                    type: "S3",
                    location: "example-artifacts",
                    encryptionKey: { id: exampleKeyArn, type: "KMS" },
                },
            ],
            variables: [
                { name: "PULL_REQUEST_ID", description: "Id of the pull request" },
                { name: "SOURCE_COMMIT", description: "Last commit of the pull request" },
                {
                    name: "DESTINATION_COMMIT",
                    description:
                        "Commit that the pull request leads to; what it has is not scanned for secrets again",
                },
            ],
            tags: {
                Team: "delivery",
                "gate:role": "review",
                Project: "portcullis",
                Stack: "dev",
                ManagedBy: "pulumi",
                Name: "portcullis-dev-demo-review",
            },
        });
        assert.deepEqual(
            (stages as Stage[]).map(
                ({ name, actions }) => `${name}: ${actions.map((each) => each.name).join()}`,
            ),
            ["Source: Source", "Verify: Lint,Secrets", "Build: Build", "Test: Anchore,Grype"],
        );
    });

    it("with a connection is started by pull requests into the branch and on from there, and by nothing else", () => {
        const { triggers, variables } = only(resources, "shop-front-review-pipeline").inputs;
        assert.equal(variables, undefined);
        assert.deepEqual(triggers, [
            {
                providerType: "CodeStarSourceConnection",
                gitConfiguration: {
                    sourceActionName: "Source",
                    pullRequests: [
                        { events: ["OPEN", "UPDATED"], branches: { includes: ["main", "release"] } },
                    ],
                },
            },
        ]);
    });

    it("marks projects and roles by what they are for", () => {
        const role = (name: string) =>
            (only(resources, name).inputs["tags"] as Record<string, string>)["gate:role"];
        assert.deepEqual(
            stepNames.map((step) => [role(`demo-review-${step}-project`), role(`demo-review-${step}-role`)]),
            ["verifier", "verifier", "builder", "scanner", "scanner"].map((each) => [each, each]),
        );
        assert.equal(role("demo-review-role"), "review");
        const trust = only(resources, "demo-review-lint-role").inputs["assumeRolePolicy"] as string;
        assert.match(
            trust,
            /"aws:SourceArn":"arn:aws:codebuild:eu-central-1:123456789012:project\/portcullis-dev-demo-review-lint"/,
        );
    });
});

describe("stages of a review", () => {
    const context = exampleReview(codecommitApplication, {});
    const stages = reviewStages(context, reviewSteps(context));
    const { source, image } = context.names.review.artifacts;

    it("hand on artifacts of their own, and end without an approval or a release", () => {
        assert.deepEqual(
            stages.flatMap(({ actions }) =>
                actions.map(
                    (action) =>
                        `${action.name} ${action.category} ${action.provider} ` +
                        `${action.inputArtifacts?.join() ?? "-"} ${action.outputArtifacts?.join() ?? "-"}`,
                ),
            ),
            [
                `Source Source CodeCommit - ${source}`,
                `Lint Test CodeBuild ${source} -`,
                `Secrets Test CodeBuild ${source} -`,
                `Build Build CodeBuild ${source} ${image}`,
                `Anchore Test CodeBuild ${image} -`,
                `Grype Test CodeBuild ${image} -`,
            ],
        );
        const delivery = exampleContext().names.artifacts;
        assert.equal(
            [source, image].some((name) => [delivery.source, delivery.image].includes(name)),
            false,
        );
    });

    it("share nothing between two pull requests: what each execution makes carries its own id, commit or number", () => {
        const variables = (name: string): Record<string, string> => {
            const action = stages.flatMap(({ actions }) => actions).find((each) => each.name === name);
            const list = JSON.parse(action?.configuration["EnvironmentVariables"] ?? "[]") as {
                name: string;
                value: string;
            }[];
            return Object.fromEntries(list.map((variable) => [variable.name, variable.value]));
        };
        const execution = "#{codepipeline.PipelineExecutionId}";
        const commit = "#{Source.CommitId}";
        assert.deepEqual(variables("Lint"), { COMMIT_ID: commit, EXECUTION_ID: execution });
        assert.deepEqual(variables("Secrets"), {
            COMMIT_ID: commit,
            EXECUTION_ID: execution,
            RANGE_BEGIN: "#{variables.DESTINATION_COMMIT}",
        });
        assert.deepEqual(variables("Build"), { COMMIT_ID: commit, EXECUTION_ID: execution });
        assert.deepEqual(variables("Grype"), {
            IMAGE_DIGEST: "#{Build.IMAGE_DIGEST}",
            EXECUTION_ID: execution,
        });
        const [, , build] = reviewSteps(context);
        // The number of a build is that of its project, and counts every build of it.
        assert.match(
            build?.buildspec ?? "",
            /IMAGE_TAG="review-\$\{COMMIT_ID:0:12\}-\$\{CODEBUILD_BUILD_NUMBER\}"/,
        );
        for (const { buildspec } of reviewSteps(context).filter(({ stage }) => stage !== "Build"))
            assert.match(buildspec, /--execution "\$EXECUTION_ID"/);
    });

    it("have every action", () => {
        assert.throws(
            () => reviewStages(context, reviewSteps(context).slice(0, 3)),
            /stage Test has no action/,
        );
    });
});

describe("role of a review pipeline", () => {
    it("fetches the source, moves its artifacts and starts its projects", () => {
        const context = exampleReview(codecommitApplication, {});
        const steps = reviewSteps(context);
        const { source, image } = context.names.review.artifacts;
        const key = JSON.stringify({
            "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/example-pipeline" },
        });
        assert.deepEqual(
            permissions(reviewPipelineStatements(context, steps)),
            [
                ...[
                    "CancelUploadArchive",
                    "GetBranch",
                    "GetCommit",
                    "GetRepository",
                    "GetUploadArchiveStatus",
                    "UploadArchive",
                ].map(
                    (action) =>
                        `Allow codecommit:${action} arn:aws:codecommit:eu-central-1:123456789012:portcullis-dev-demo`,
                ),
                ...["GetBucketAcl", "GetBucketLocation", "GetBucketVersioning"].map(
                    (action) => `Allow s3:${action} arn:aws:s3:::example-artifacts`,
                ),
                ...["GetObject", "GetObjectVersion", "PutObject", "PutObjectAcl"].flatMap((action) =>
                    [source, image].map(
                        (name) =>
                            `Allow s3:${action} arn:aws:s3:::example-artifacts/portcullis-dev-demo-*/${name}/*`,
                    ),
                ),
                ...["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"].map(
                    (action) => `Allow kms:${action} arn:aws:kms:eu-central-1:123456789012:key/* ${key}`,
                ),
                ...["BatchGetBuilds", "StartBuild"].flatMap((action) =>
                    stepNames.map(
                        (name) =>
                            `Allow codebuild:${action} arn:aws:codebuild:eu-central-1:123456789012:project/portcullis-dev-demo-review-${name}`,
                    ),
                ),
                ...["StartBuild", "StartBuildBatch"].flatMap((action) =>
                    stepNames.map(
                        (name) =>
                            `Deny codebuild:${action} arn:aws:codebuild:eu-central-1:123456789012:project/portcullis-dev-demo-review-${name} {"Null":{"codebuild:source.buildspec":"false"}}`,
                    ),
                ),
            ].sort(),
        );
    });
});
