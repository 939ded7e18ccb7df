/** Examples of PIPE-10 over the stack. */
import { unknown } from "../../harness/reader";
import type { ExampleResource, RuleExample } from "../../harness/rule";
import {
    buildAction,
    buildspecOf,
    completeStages,
    deployStep,
    pipelineStack,
    projectExample,
    publishStep,
    stageExample,
} from "../../pipeline/exampleResources";

const buildDigest = "#{Build.IMAGE_DIGEST}";
const constantDigest = `sha256:${"0".repeat(64)}`;
const withDigest = (name: string, project: string, digest: string, variable = "IMAGE_DIGEST") =>
    buildAction(name, project, {
        inputArtifacts: [`${name}-input`],
        configuration: {
            ProjectName: project,
            EnvironmentVariables: JSON.stringify([{ name: variable, value: digest }]),
        },
    });
/** The complete pipeline with these digests given to the scan and to the release, in the artifact's stead. */
const digests = (scanned: string, released: string, scanVariable?: string) =>
    completeStages
        .with(2, stageExample("Test", withDigest("Scan", "scan", scanned, scanVariable)))
        .with(4, stageExample("Publish", withDigest("Publish", "publish", released)));

/** The complete pipeline with a step that says what is deployed, from this digest (or the source) by these commands. */
function preparing(digest: string | null, ...commands: string[]): ExampleResource[] {
    const prepare = buildAction("Prepare", "prepare", {
        inputArtifacts: [digest === null ? "source" : "image"],
        outputArtifacts: ["definitions"],
        configuration: {
            ProjectName: "prepare",
            ...(digest === null
                ? {}
                : { EnvironmentVariables: JSON.stringify([{ name: "IMAGE_DIGEST", value: digest }]) }),
        },
    });
    const deploy = { ...deployStep, inputArtifacts: ["definitions"], runOrder: 2 };
    return [
        ...pipelineStack([...digests(buildDigest, buildDigest), stageExample("Deploy", prepare, deploy)]),
        projectExample("prepare", buildspecOf(commands), "deployer"),
    ];
}
const namesProduction = `gate imagedefinitions --image "registry.example.com/demo/production@$IMAGE_DIGEST" --container app`;
const namesStaging = namesProduction.replace("production", "staging");
/** The complete pipeline, in which the deployment stands between approval and publication. */
const deployedEarly = pipelineStack(completeStages.toSpliced(4, 0, stageExample("Deploy", deployStep)));

export const stackLineageExamples: RuleExample[] = [
    {
        title: "a step between names another digest",
        shows: "bad",
        resources: preparing(constantDigest, namesProduction),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "a step between builds what is deployed",
        shows: "bad",
        resources: preparing(buildDigest, "docker build -t app ."),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "a step between names the scanned digest",
        shows: "good",
        resources: preparing(buildDigest, namesProduction),
        expect: [],
    },
    {
        title: "the step between names the image of the staging repository",
        shows: "bad",
        resources: preparing(buildDigest, namesStaging),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the deployment comes before the image is published",
        shows: "bad",
        resources: deployedEarly,
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the step that publishes names what is deployed",
        shows: "good",
        resources: preparing(
            buildDigest,
            'crane copy "r.example.com/demo/staging@$IMAGE_DIGEST" "r.example.com/demo/production:1"',
            namesProduction,
        ),
        expect: [],
    },
    {
        title: "a step between takes the source again",
        shows: "bad",
        resources: preparing(null, namesProduction),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "a step between whose commands are in a file of the source",
        shows: "unknown",
        resources: [...preparing(buildDigest).slice(0, -1), projectExample("prepare", "deploy.yaml")],
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
    {
        title: "the publishing project takes the source again",
        shows: "bad",
        resources: pipelineStack(
            completeStages.with(4, stageExample("Publish", { ...publishStep, inputArtifacts: ["source"] })),
        ),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the scan is given a digest of its own",
        shows: "bad",
        resources: pipelineStack(digests(constantDigest, buildDigest)),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the release is given a digest of its own",
        shows: "bad",
        resources: pipelineStack(digests(buildDigest, constantDigest)),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "a digest of its own under another name",
        shows: "bad",
        resources: pipelineStack(digests(constantDigest, buildDigest, "SCAN_DIGEST")),
        expect: [{ resource: "pipeline", kind: "violation" }],
    },
    {
        title: "the same digest under another name",
        shows: "good",
        resources: pipelineStack(digests(buildDigest, buildDigest, "SCAN_DIGEST")),
        expect: [],
    },
    {
        title: "only the scan names a digest, the artifact is the same",
        shows: "good",
        resources: pipelineStack(
            completeStages.with(
                2,
                stageExample("Test", {
                    ...withDigest("Scan", "scan", buildDigest),
                    inputArtifacts: ["image"],
                }),
            ),
        ),
        expect: [],
    },
    {
        title: "the complete pipeline",
        shows: "good",
        resources: pipelineStack(completeStages),
        expect: [],
    },
    {
        title: "the same digest variable",
        shows: "good",
        resources: pipelineStack(digests(buildDigest, buildDigest)),
        expect: [],
    },
    {
        title: "no scan is another rule's finding",
        shows: "absent",
        resources: pipelineStack(completeStages.toSpliced(2, 1)),
        expect: [],
    },
    {
        title: "stages that are not known yet",
        shows: "unknown",
        resources: pipelineStack(unknown),
        expect: [{ resource: "pipeline", kind: "inconclusive" }],
    },
];
