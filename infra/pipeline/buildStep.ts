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
import { ownStep, pipelineVariables, type Step, type StepContext } from "./step";

/** The only privileged step. It runs the application's Dockerfile, so its role reaches nothing but the candidate. */
export function buildStep(context: StepContext): Step {
    const { application, platform, names, path } = context;
    const { account } = platform;
    const { candidate } = names.repositories;
    const own = ownStep(context, "build");
    return {
        ...own,
        stage: "Build",
        action: "Build",
        runOrder: 1,
        gateRole: "builder",
        description:
            path.kind === "review"
                ? `Builds pull requests of ${application.name} and pushes them to its candidate repository`
                : `Builds ${application.name} and pushes it to its candidate repository`,
        buildspec: renderBuildspec("build", readBuildspec("build"), {
            registry: registryHost(account),
            candidateRepository: candidate.uri,
            candidateName: candidate.name,
            dockerfile: application.dockerfile,
            buildContext: application.buildContext,
            tagPrefix: path.tagPrefix,
        }),
        statements: [
            writeOwnLog(account, own.names),
            ...readArtifact(platform, path.pipeline.name, path.artifacts.source),
            writeArtifact(platform, path.pipeline.name, path.artifacts.image),
            ...cloneSource(application.source, names),
            useKey(account, platform.pipelineKey.aliasName, "readAndWrite"),
            registryToken,
            pushImage("PushCandidate", candidate),
            describeImages("ReadDigest", candidate),
        ],
        parameters: [],
        variables: { COMMIT_ID: pipelineVariables.commit, EXECUTION_ID: pipelineVariables.execution },
        input: "source",
        output: "image",
        inNetwork: false,
        privileged: true,
        computeType: "BUILD_GENERAL1_MEDIUM",
        timeoutMinutes: 60,
    };
}
