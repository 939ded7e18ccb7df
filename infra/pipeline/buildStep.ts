import { registryHost } from "../arn";
import { readBuildspec, renderBuildspec } from "./buildspec";
import {
    describeImages,
    pushImage,
    readArtifact,
    registryToken,
    useKey,
    writeArtifact,
    writeOwnLog,
} from "./permissions";
import { cloneSource } from "./source";
import { pipelineVariables, type Step, type StepContext } from "./step";

/** The only privileged step. It runs the application's Dockerfile, so its role reaches nothing but the candidate. */
export function buildStep({ application, platform, names }: StepContext): Step {
    const { account } = platform;
    const { candidate } = names.repositories;
    return {
        name: "build",
        stage: "Build",
        action: "Build",
        runOrder: 1,
        names: names.steps.build,
        gateRole: "builder",
        description: `Builds ${application.name} and pushes it to its candidate repository`,
        buildspec: renderBuildspec("build", readBuildspec("build"), {
            registry: registryHost(account),
            candidateRepository: candidate.uri,
            candidateName: candidate.name,
            dockerfile: application.dockerfile,
            buildContext: application.buildContext,
        }),
        statements: [
            writeOwnLog(account, names.steps.build),
            ...readArtifact(platform, names.pipeline.name, names.artifacts.source),
            writeArtifact(platform, names.pipeline.name, names.artifacts.image),
            ...cloneSource(application.source, names),
            useKey(account, platform.pipelineKey.aliasName, "readAndWrite"),
            registryToken,
            pushImage("PushCandidate", candidate),
            describeImages("ReadDigest", candidate),
        ],
        parameters: [],
        variables: { COMMIT_ID: pipelineVariables.commit },
        input: "source",
        output: "image",
        inNetwork: false,
        privileged: true,
        computeType: "BUILD_GENERAL1_MEDIUM",
        timeoutMinutes: 60,
    };
}
