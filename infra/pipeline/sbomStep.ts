import { registryHost } from "../arn";
import { readBuildspec, renderBuildspec } from "./buildspec";
import { addSbomEvidence } from "./evidencePermissions";
import {
    pullImage,
    readArtifact,
    readGate,
    readTools,
    registryToken,
    useKey,
    writeOwnLog,
} from "./permissions";
import { evidenceTokens, gateTokens, pipelineVariables, type Step, type StepContext } from "./step";
import { toolTokens } from "./tools";

/**
 * The bill of materials of the image that was just pushed. A project of its own, after the build: what runs the
 * application's Dockerfile must not be able to write down what is in the image.
 */
export function sbomStep(context: StepContext): Step {
    const { application, platform, names, path } = context;
    const { account } = platform;
    const { candidate } = names.repositories;
    return {
        name: "sbom",
        stage: "Build",
        action: "Sbom",
        runOrder: 2,
        names: names.steps.sbom,
        gateRole: "inventory",
        description: `Writes down what candidate images of ${application.name} are made of (CycloneDX)`,
        buildspec: renderBuildspec("sbom", readBuildspec("sbom"), {
            ...gateTokens(context),
            ...evidenceTokens(context),
            ...toolTokens(platform, "syft"),
            registry: registryHost(account),
            candidateRepository: candidate.uri,
        }),
        statements: [
            writeOwnLog(account, names.steps.sbom),
            ...readArtifact(platform, path.pipeline.name, path.artifacts.image),
            readGate(platform),
            ...readTools(platform),
            useKey(account, platform.pipelineKey.aliasName, "readAndWrite"),
            ...addSbomEvidence(platform, application.name),
            registryToken,
            pullImage("PullCandidate", candidate),
        ],
        parameters: [],
        variables: { IMAGE_DIGEST: pipelineVariables.digest, EXECUTION_ID: pipelineVariables.execution },
        input: "image",
        inNetwork: false,
        privileged: false,
        computeType: "BUILD_GENERAL1_MEDIUM",
        timeoutMinutes: 30,
    };
}
