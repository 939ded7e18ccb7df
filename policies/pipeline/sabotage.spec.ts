/**
 * One mutation of a complete pipeline for each way to weaken it; each must be found by exactly the rules named, and the
 * complete pipeline by none.
 */
import { deepEqual } from "node:assert/strict";
import { findingsOf, runExample } from "../harness/examples";
import type { ExampleResource, Rule } from "../harness/rule";
import { bypassRules } from "../rules/bypass";
import { buildspecRules } from "../rules/buildspec";
import { codebuildRules } from "../rules/codebuild";
import { codepipelineRules } from "../rules/codepipeline";
import { iamRules } from "../rules/iam";
import {
    allow,
    approvalAction,
    approvalTopicArn,
    buildBuildspec,
    buildspecOf,
    completeStages,
    pipelineExample,
    pipelineStack,
    projectExample,
    publishBuildspec,
    publishStep,
    pushActions,
    repositoryArnExample,
    roleExample,
    scanBuildspec,
    scanCommand,
    scanStep,
    stageExample,
    stagingScanStep,
    testStage,
} from "./exampleResources";

/** Not about this small pipeline: what stands before its build (PIPE-14), bucket and source repository, which it does not have, and settings that its projects do not have. */
const elsewhere = new Set([
    "PIPE-12",
    "PIPE-14",
    "PIPE-19",
    "PIPE-25",
    "CB-04",
    "CB-05",
    "CB-09",
    "CB-11",
    "BS-19",
]);
const rules: Rule[] = [
    ...codepipelineRules,
    ...codebuildRules,
    ...buildspecRules,
    ...iamRules,
    ...bypassRules,
].filter(({ metadata }) => !elsewhere.has(metadata.id));
const store = {
    artifactStores: [
        {
            location: "artifacts",
            type: "S3",
            encryptionKey: { id: "arn:aws:kms:eu-central-1:123456789012:key/1", type: "KMS" },
        },
    ],
};

/** What every rule about commands says where there are none to be read; that there are none is BS-01. */
const unreadBuildspec = [...new Set(buildspecRules.map(({ metadata }) => metadata.id))]
    .filter((id) => id !== "BS-01" && !elsewhere.has(id))
    .sort()
    .map((id) => `${id} inconclusive`);

function stack(
    stages: unknown,
    more: Record<string, unknown> = {},
    ...replacements: ExampleResource[]
): ExampleResource[] {
    return pipelineStack(
        stages,
        pipelineExample(stages, { ...store, tags: { "gate:role": "delivery" }, ...more }),
        {
            type: "aws:codestarnotifications/notificationRule:NotificationRule",
            name: "notices",
            props: {
                resource: "arn:aws:codepipeline:eu-central-1:123456789012:demo",
                eventTypeIds: [
                    "codepipeline-pipeline-pipeline-execution-failed",
                    "codepipeline-pipeline-manual-approval-needed",
                ],
                targets: [{ type: "SNS", address: approvalTopicArn }],
            },
        },
        ...replacements,
    );
}
const changed = (...replacements: ExampleResource[]) => stack(completeStages, {}, ...replacements);
const scanning = (...commands: string[]) => changed(projectExample("scan", buildspecOf(commands), "scanner"));

function foundBy(resources: ExampleResource[]): string[] {
    const found = rules.flatMap((rule) =>
        findingsOf(runExample(rule, { title: "", resources, expect: [], shows: "bad" })).map(({ kind }) =>
            kind === "violation" ? rule.metadata.id : `${rule.metadata.id} inconclusive`,
        ),
    );
    return [...new Set(found)].sort();
}

const mutations: [string, ExampleResource[], string[]][] = [
    ["nothing", changed(), []],
    [
        "pull requests start it",
        stack(completeStages, {
            triggers: [
                { gitConfiguration: { sourceActionName: "Source", pullRequests: [{ events: ["OPEN"] }] } },
            ],
        }),
        ["PIPE-18"],
    ],
    ["nobody is told", changed().filter(({ name }) => name !== "notices"), ["PIPE-20"]],
    [
        "the decision is not asked for",
        changed(
            projectExample("publish", publishBuildspec.replace(/gate approved[^,]*"/, 'true"'), "publisher"),
        ),
        ["BS-03"],
    ],
    ["approval removed", stack(completeStages.toSpliced(3, 1)), ["PIPE-02"]],
    ["scan removed", stack(completeStages.toSpliced(2, 1)), ["PIPE-01"]],
    [
        "scan of the staging image removed",
        stack(completeStages.with(2, stageExample("Test", scanStep))),
        ["PIPE-01"],
    ],
    [
        "scan of the staging image after the approval",
        stack([
            ...completeStages.with(2, stageExample("Test", scanStep)).slice(0, 4),
            stageExample("ScanStagingImage", stagingScanStep),
            ...completeStages.slice(4),
        ]),
        ["PIPE-03"],
    ],
    [
        "the verdict of one stage given twice",
        changed(
            projectExample(
                "publish",
                publishBuildspec.replace("--stage scanStagingImage", "--stage test --out again"),
                "publisher",
            ),
        ),
        ["BS-03"],
    ],
    ["findings without a fix left out", scanning("grype $IMAGE --fail-on high --only-fixed"), ["BS-07"]],
    [
        "scan after the release",
        stack([...completeStages.toSpliced(2, 1), stageExample("Test", scanStep)]),
        ["PIPE-01", "PIPE-03"],
    ],
    [
        "scan after the approval",
        stack([
            ...completeStages.slice(0, 2),
            ...completeStages.slice(3, 4),
            ...completeStages.slice(2, 3),
            ...completeStages.slice(4),
        ]),
        ["PIPE-03"],
    ],
    [
        "approval beside the release",
        stack([...completeStages.slice(0, 3), stageExample("Release", approvalAction(), publishStep)]),
        ["PIPE-02", "PIPE-04"],
    ],
    ["|| true behind the scan", scanning(`${scanCommand} || true`), ["BS-02", "PIPE-01"]],
    ["; true behind the scan", scanning(`${scanCommand}; true`), ["BS-02", "PIPE-01"]],
    ["scan in the background", scanning(`${scanCommand} & wait`), ["BS-02", "PIPE-01"]],
    ["scan in a pipe", scanning(`${scanCommand} | tee log`), ["BS-08", "PIPE-01"]],
    ["the only scan is advisory", scanning(`${scanCommand} --advisory`), ["PIPE-01"]],
    ["scanner not told to fail", scanning("grype $IMAGE"), ["BS-06", "PIPE-01"]],
    [
        "scan phase continues",
        changed(
            projectExample(
                "scan",
                buildspecOf([scanCommand], { build: { "on-failure": "CONTINUE" } }),
                "scanner",
            ),
        ),
        ["BS-05", "PIPE-01"],
    ],
    [
        "a misspelt phase",
        changed(projectExample("scan", scanBuildspec.replace('"build"', '"biuld"'), "scanner")),
        ["BS-01", ...unreadBuildspec, "PIPE-01"],
    ],
    [
        "free text in the approval",
        stack(completeStages.with(3, stageExample("Approve", approvalAction({ CustomData: "ok?" })))),
        ["PIPE-06"],
    ],
    [
        "digest not exported",
        changed(projectExample("build", buildBuildspec.replace("IMAGE_DIGEST", "OTHER"), "builder")),
        ["CB-16", "PIPE-06"],
    ],
    [
        "no time limit",
        stack(
            completeStages.with(
                3,
                stageExample("Approve", approvalAction({}, { timeoutInMinutes: undefined })),
            ),
        ),
        ["PIPE-07"],
    ],
    [
        "scan stage can be skipped",
        stack(
            completeStages.with(2, {
                ...testStage(scanStep),
                beforeEntry: { condition: { result: "SKIP" } },
            }),
        ),
        ["PIPE-08"],
    ],
    ["executions in parallel", stack(completeStages, { executionMode: "PARALLEL" }), ["PIPE-09"]],
    [
        "another artifact is released",
        stack(
            completeStages.with(4, stageExample("Publish", { ...publishStep, inputArtifacts: ["source"] })),
        ),
        ["PIPE-10"],
    ],
    [
        "no key for artifacts",
        stack(completeStages, { artifactStores: [{ location: "artifacts", type: "S3" }] }),
        ["PIPE-11"],
    ],
    [
        "secret in the pipeline",
        stack(
            completeStages.with(
                2,
                testStage({
                    ...scanStep,
                    configuration: {
                        ProjectName: "scan",
                        EnvironmentVariables: JSON.stringify([{ name: "API_TOKEN", value: "abc" }]),
                    },
                }),
            ),
        ),
        ["PIPE-15"],
    ],
    [
        "privileged scanner",
        changed(projectExample("scan", scanBuildspec, "scanner", { environment: { privilegedMode: true } })),
        ["CB-01"],
    ],
    [
        "secret in a project",
        changed(
            projectExample("scan", scanBuildspec, "scanner", {
                environment: { environmentVariables: [{ name: "ANCHORE_PASSWORD", value: "abc" }] },
            }),
        ),
        ["CB-02"],
    ],
    [
        "build image that moves",
        changed(
            projectExample("scan", scanBuildspec, "scanner", {
                environment: { image: "aws/codebuild/standard:latest" },
            }),
        ),
        ["CB-06"],
    ],
    [
        "buildspec of the publisher from the source",
        changed(projectExample("publish", "publish.yml", "publisher")),
        ["CB-08"],
    ],
    [
        "publisher builds",
        changed(
            projectExample(
                "publish",
                publishBuildspec.replace('"commands":[', '"commands":["docker build -t x .",'),
                "publisher",
            ),
        ),
        ["BS-10", "BYP-01"],
    ],
    [
        "publisher copies a tag",
        changed(
            projectExample(
                "publish",
                buildspecOf(["crane cp r.example.com/demo/staging:1 r.example.com/demo/production:1"]),
                "publisher",
            ),
        ),
        ["BS-11"],
    ],
    [
        "publisher pushes in post_build after a failed verdict",
        changed(
            projectExample(
                "publish",
                buildspecOf(['gate verdict --image "$IMAGE"'], {
                    phases: {
                        post_build: {
                            commands: [
                                "crane cp r.example.com/demo/staging@$IMAGE_DIGEST r.example.com/demo/production:1",
                            ],
                        },
                    },
                }),
                "publisher",
            ),
        ),
        ["BS-04"],
    ],
    [
        "pushes before the scan",
        changed(
            projectExample(
                "scan",
                buildspecOf(["docker push r.example.com/demo/production:1", scanCommand]),
                "scanner",
            ),
        ),
        ["BS-03", "BS-09 inconclusive", "PIPE-01", "PIPE-02"],
    ],
    [
        "builder may push anywhere",
        changed(roleExample("build-role", [allow("ecr:PutImage", "*")], "builder")),
        ["BYP-01", "IAM-03", "PIPE-01", "PIPE-02"],
    ],
    [
        "promoter may push to production",
        changed(
            roleExample("stage-role", [allow(pushActions, repositoryArnExample("production"))], "promoter"),
        ),
        ["BYP-01"],
    ],
    [
        "scanner answers the approval",
        changed(
            roleExample(
                "scan-role",
                [
                    allow(
                        "codepipeline:PutApprovalResult",
                        "arn:aws:codepipeline:eu-central-1:123456789012:demo/Approve/Approve",
                    ),
                ],
                "scanner",
            ),
        ),
        ["BYP-02"],
    ],
    [
        "a whole service",
        changed(
            roleExample(
                "scan-role",
                [allow("logs:*", "arn:aws:logs:eu-central-1:123456789012:log-group:scan:*")],
                "scanner",
            ),
        ),
        ["IAM-02"],
    ],
    [
        "any role may be passed",
        changed(
            roleExample(
                "scan-role",
                [
                    allow("iam:PassRole", "arn:aws:iam::123456789012:role/*", {
                        StringEquals: { "iam:PassedToService": "ecs.amazonaws.com" },
                    }),
                ],
                "scanner",
            ),
        ),
        ["IAM-04"],
    ],
    [
        "everything allowed",
        changed(roleExample("other-role", [allow("*", "*")])),
        ["BYP-01", "BYP-02", "BYP-03", "BYP-04", "BYP-08", "IAM-01", "IAM-02", "IAM-03", "IAM-04", "IAM-11"],
    ],
];

describe("sabotage of a complete pipeline", () => {
    for (const [title, resources, expected] of mutations) {
        it(`${title}: ${expected.join(", ") || "no finding"}`, () => {
            deepEqual(foundBy(resources), expected);
        });
    }
});
