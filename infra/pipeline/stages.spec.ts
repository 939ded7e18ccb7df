import assert from "node:assert/strict";
import {
    codecommitApplication,
    connectionApplication,
    deliveredApplication,
    everything,
    exampleConfig,
    exampleContext,
    exampleLiterals,
    exampleTopicArns,
} from "../application/testing/examplePlatform";
import type { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { lastScannedCommit } from "../../gate/verify/pipelineHistory";
import type { ApplicationConfig } from "../config/schema";
import { pipelineStages } from "./stages";
import { applicationSteps } from "./steps";
import { connectionTriggers, pushPattern, triggerStatements } from "./trigger";

const { approval } = exampleConfig();
const gateTopic = { gate: exampleTopicArns.gate };

function stagesOf(application: ApplicationConfig) {
    const context = exampleContext(application);
    return pipelineStages(context, applicationSteps(context), approval, gateTopic);
}

describe("pipelineStages", () => {
    const stages = stagesOf(codecommitApplication);
    const { source, image } = exampleContext().names.artifacts;

    const step = (
        name: string,
        category: string,
        project: string,
        variables: Record<string, string>,
        rest: Record<string, unknown> = {},
    ) => ({
        name,
        category,
        owner: "AWS",
        provider: "CodeBuild",
        version: "1",
        runOrder: 1,
        configuration: {
            ProjectName: `portcullis-dev-demo-${project}`,
            EnvironmentVariables: JSON.stringify(
                Object.entries(variables).map(([key, value]) => ({ name: key, value, type: "PLAINTEXT" })),
            ),
        },
        inputArtifacts: [image],
        ...rest,
    });
    const IMAGE_DIGEST = "#{Build.IMAGE_DIGEST}";
    const IMAGE_TAG = "#{Build.IMAGE_TAG}";
    const EXECUTION_ID = "#{codepipeline.PipelineExecutionId}";
    const COMMIT_ID = "#{Source.CommitId}";

    it("are exactly these, in this order", () => {
        assert.deepEqual(stages, [
            {
                name: "Source",
                actions: [
                    {
                        name: "Source",
                        category: "Source",
                        owner: "AWS",
                        provider: "CodeCommit",
                        version: "1",
                        runOrder: 1,
                        configuration: {
                            RepositoryName: "portcullis-dev-demo",
                            BranchName: "main",
                            PollForSourceChanges: "false",
                            OutputArtifactFormat: "CODEBUILD_CLONE_REF",
                        },
                        outputArtifacts: [source],
                        namespace: "Source",
                    },
                ],
            },
            {
                name: "Verify",
                actions: [
                    step("Lint", "Test", "lint", { COMMIT_ID, EXECUTION_ID }, { inputArtifacts: [source] }),
                    step(
                        "Secrets",
                        "Test",
                        "secrets",
                        { COMMIT_ID, EXECUTION_ID, RANGE_BEGIN: "portcullis-dev-demo-delivery" },
                        { inputArtifacts: [source] },
                    ),
                ],
            },
            {
                name: "Build",
                actions: [
                    step(
                        "Build",
                        "Build",
                        "build",
                        { COMMIT_ID, EXECUTION_ID },
                        {
                            inputArtifacts: [source],
                            outputArtifacts: [image],
                            namespace: "Build",
                        },
                    ),
                    step("Sbom", "Build", "sbom", { IMAGE_DIGEST, EXECUTION_ID }, { runOrder: 2 }),
                ],
            },
            {
                name: "Test",
                actions: [
                    step("Anchore", "Test", "scan-anchore", { IMAGE_DIGEST, IMAGE_TAG, EXECUTION_ID }),
                    step("Grype", "Test", "scan-grype", { IMAGE_DIGEST, EXECUTION_ID }),
                ],
            },
            {
                name: "Stage",
                actions: [step("Stage", "Build", "stage", { IMAGE_DIGEST, IMAGE_TAG, EXECUTION_ID })],
            },
            {
                name: "ScanStagingImage",
                actions: [step("Grype", "Test", "scan-staging-grype", { IMAGE_DIGEST, EXECUTION_ID })],
            },
            {
                name: "Approve",
                actions: [
                    {
                        name: "GateApproval",
                        category: "Approval",
                        owner: "AWS",
                        provider: "Manual",
                        version: "1",
                        runOrder: 1,
                        configuration: {
                            NotificationArn: exampleTopicArns.gate,
                            CustomData:
                                '{"application":"demo","digest":"#{Build.IMAGE_DIGEST}","image":"#{Build.IMAGE_URI}",' +
                                '"execution":"#{codepipeline.PipelineExecutionId}","commit":"#{Source.CommitId}"}',
                        },
                        timeoutInMinutes: 120,
                    },
                ],
            },
            {
                name: "Publish",
                actions: [step("Publish", "Build", "publish", { IMAGE_DIGEST, COMMIT_ID, EXECUTION_ID })],
            },
        ]);
    });

    it("with a connection differ only in the source action's provider and configuration, and in names", () => {
        const [sourceStage, ...others] = stagesOf(connectionApplication);
        assert.deepEqual(sourceStage?.actions[0]?.configuration, {
            ConnectionArn: connectionApplication.source.connectionArn,
            FullRepositoryId: "example/shop-front",
            BranchName: "release",
            DetectChanges: "false",
            OutputArtifactFormat: "CODEBUILD_CLONE_REF",
        });
        assert.equal(sourceStage.actions[0].provider, "CodeStarSourceConnection");
        assert.deepEqual(
            others.map(({ name }) => name),
            ["Verify", "Build", "Test", "Stage", "ScanStagingImage", "Approve", "Publish"],
        );
    });

    it("deploy by digest to the services that are configured, each with a role of its own", () => {
        const names = exampleContext(deliveredApplication).names.artifacts;
        const all = stagesOf(deliveredApplication);
        assert.deepEqual(
            all.map(({ name }) => name),
            [
                ...["Source", "Verify", "Build", "Test", "Stage", "ScanStagingImage", "DeployToStaging"],
                ...["Approve", "Publish", "Deploy"],
            ],
        );
        const tiers = [
            ["DeployToStaging", "staging", "portcullis-dev-delivery", "portcullis-dev-demo-staging"],
            ["Deploy", "production", "main", "demo"],
        ] as const;
        for (const [name, tier, ClusterName, ServiceName] of tiers) {
            assert.deepEqual(all.find((stage) => stage.name === name)?.actions, [
                step(
                    "Prepare",
                    "Build",
                    `deploy-${tier}`,
                    { IMAGE_DIGEST },
                    { outputArtifacts: [names.deployment[tier]] },
                ),
                {
                    name: "Deploy",
                    category: "Deploy",
                    owner: "AWS",
                    provider: "ECS",
                    version: "1",
                    runOrder: 2,
                    configuration: {
                        ClusterName,
                        ServiceName,
                        FileName: "imagedefinitions.json",
                        DeploymentTimeout: "60",
                    },
                    inputArtifacts: [names.deployment[tier]],
                    roleArn: `arn:aws:iam::123456789012:role/portcullis-dev-demo-${tier}-deploy`,
                },
            ]);
        }
        const rest = all.filter(({ name }) => !["DeployToStaging", "Deploy"].includes(name));
        assert.deepEqual(rest, stages);
    });

    it("are refused when a stage would be empty: a pipeline without its scans must not be built", () => {
        const context = exampleContext();
        const withoutScans = applicationSteps(context).filter(({ stage }) => stage !== "Test");
        assert.throws(
            () => pipelineStages(context, withoutScans, approval, gateTopic),
            new Error("pipeline of demo: stage Test has no action"),
        );
    });

    it("ask people after the gate, the same question through their own topic, where that is configured", () => {
        const human = { emails: ["one@example.com"], timeoutMinutes: 600 };
        const context = exampleContext();
        const stagesWith = (topics: { gate: string; people?: string }) =>
            pipelineStages(context, applicationSteps(context), { ...approval, human }, topics);
        const approve = stagesWith(exampleTopicArns).find(({ name }) => name === "Approve");
        const [gate, people, ...others] = approve?.actions ?? [];
        assert.deepEqual(others, []);
        assert(gate && people);
        assert.deepEqual([gate], stages.find(({ name }) => name === "Approve")?.actions);
        assert.deepEqual(people, {
            ...gate,
            name: "HumanApproval",
            runOrder: 2,
            configuration: { ...gate.configuration, NotificationArn: exampleTopicArns.people },
            timeoutInMinutes: 600,
        });
        assert.throws(() => stagesWith(gateTopic), new Error("pipeline of demo: HumanApproval has no topic"));
    });

    it("have an action for every scanner in both stages, side by side", () => {
        const context = exampleContext(codecommitApplication, exampleLiterals(exampleConfig(everything)));
        const all = pipelineStages(context, applicationSteps(context), approval, gateTopic);
        for (const name of ["Test", "ScanStagingImage"]) {
            const actions = all.find((stage) => stage.name === name)?.actions ?? [];
            assert.deepEqual(
                actions.map((action) => `${action.name} ${action.runOrder}`),
                ["Accuknox 1", "Anchore 1", "Grype 1", "Inspector 1", "Lacework 1"],
            );
        }
    });

    it("have the names by which the secret scan looks for its own last success", async () => {
        const [found] = stages.flatMap(({ name: stageName, actions }) =>
            actions
                .filter(({ name }) => name === "Secrets")
                .map(({ name: actionName }) => ({ stageName, actionName })),
        );
        assert(found);
        const commit = "0123456789abcdef0123456789abcdef01234567";
        const pipelineExecutionId = "11111111-2222-3333-4444-555555555555";
        const actionExecutionDetails = [
            { pipelineExecutionId, ...found, status: "Succeeded", startTime: new Date(2) },
            { pipelineExecutionId, stageName: "Source", output: { outputVariables: { CommitId: commit } } },
        ];
        const client = { send: () => Promise.resolve({ actionExecutionDetails }) };
        assert.equal(
            await lastScannedCommit(client as unknown as CodePipelineClient, {
                pipeline: "any",
                execution: undefined,
            }),
            commit,
        );
    });

    it("keep to the limits of CodePipeline: custom data up to 1000 characters, names of letters", () => {
        const longest = stagesOf({ ...codecommitApplication, name: "a".repeat(30) });
        // A digest has 71 characters, an execution id 36, a commit 40, an image reference up to 400.
        const question = longest.at(-2)?.actions[0]?.configuration["CustomData"] ?? "";
        assert(question.length + 71 + 36 + 40 + 400 < 1000, String(question.length));
        for (const { actions } of longest) {
            for (const { inputArtifacts = [], outputArtifacts = [] } of actions) {
                for (const artifact of [...inputArtifacts, ...outputArtifacts]) {
                    assert.match(artifact, /^[A-Za-z0-9_]{10}$/);
                }
            }
        }
    });
});

describe("triggers", () => {
    it("of a CodeCommit source are an event pattern for one branch of one repository", () => {
        const { names } = exampleContext();
        assert.deepEqual(JSON.parse(pushPattern(names, "main")), {
            source: ["aws.codecommit"],
            "detail-type": ["CodeCommit Repository State Change"],
            resources: ["arn:aws:codecommit:eu-central-1:123456789012:portcullis-dev-demo"],
            detail: {
                event: ["referenceCreated", "referenceUpdated"],
                referenceType: ["branch"],
                referenceName: ["main"],
            },
        });
        assert.deepEqual(triggerStatements(names), [
            {
                Sid: "StartPipeline",
                Effect: "Allow",
                Action: ["codepipeline:StartPipelineExecution"],
                Resource: ["arn:aws:codepipeline:eu-central-1:123456789012:portcullis-dev-demo-delivery"],
            },
        ]);
        assert.equal(connectionTriggers(codecommitApplication.source), undefined);
    });

    it("of a connection are pushes to one branch, never pull requests", () => {
        assert.deepEqual(connectionTriggers(connectionApplication.source), [
            {
                providerType: "CodeStarSourceConnection",
                gitConfiguration: {
                    sourceActionName: "Source",
                    pushes: [{ branches: { includes: ["release"] } }],
                },
            },
        ]);
    });
});
