import type { RepositoryNames } from "../application/applicationNames";
import { approvalNames } from "../approval/approvalNames";
import type { Statement } from "../iamStatement";
import { readSigningKey, signingKeyAlias, signWithKey } from "../signing/signingKey";
import { readBuildspec, renderBuildspec } from "./buildspec";
import { readEvidence } from "./evidencePermissions";
import {
    allow,
    pullImage,
    pushImage,
    readArtifact,
    readGate,
    readLayers,
    readTools,
    registryToken,
    useKey,
    writeOwnLog,
} from "./permissions";
import {
    evidenceTokens,
    gateTokens,
    pipelineVariables,
    policyTokens,
    type Step,
    type StepContext,
} from "./step";
import { toolTokens } from "./tools";

/** What both promotions share: they judge the evidence, then copy by digest. They never build and never scan. */
function promotion(
    context: StepContext,
    name: "stage" | "publish",
    from: { sid: string; repository: RepositoryNames },
    to: { sid: string; repository: RepositoryNames },
    tokens: Record<string, string>,
    statements: Statement[] = [],
) {
    const { application, platform, names } = context;
    const { account } = platform;
    return {
        name,
        names: names.steps[name],
        buildspec: renderBuildspec(name, readBuildspec(name), {
            ...gateTokens(context),
            ...policyTokens(context),
            ...evidenceTokens(context),
            ...tokens,
        }),
        statements: [
            writeOwnLog(account, names.steps[name]),
            ...readArtifact(platform, names.pipeline.name, names.artifacts.image),
            readGate(platform),
            useKey(account, platform.pipelineKey.aliasName, "read"),
            ...readEvidence(platform, application.name),
            registryToken,
            pullImage(from.sid, from.repository),
            pushImage(to.sid, to.repository),
            ...statements,
        ],
        runOrder: 1,
        input: "image" as const,
        parameters: [],
        inNetwork: false,
        privileged: false,
        computeType: "BUILD_GENERAL1_SMALL" as const,
        timeoutMinutes: 30,
        concurrentBuilds: 1,
    };
}

/** Candidate to staging: the only role that writes the staging repository. */
export function stageStep(context: StepContext): Step {
    const { candidate, staging } = context.names.repositories;
    return {
        ...promotion(
            context,
            "stage",
            { sid: "PullCandidate", repository: candidate },
            { sid: "PushStaging", repository: staging },
            { candidateRepository: candidate.uri, stagingRepository: staging.uri },
        ),
        stage: "Stage",
        action: "Stage",
        gateRole: "promoter",
        description: `Promotes scanned images of ${context.application.name} to staging, by digest`,
        variables: {
            IMAGE_DIGEST: pipelineVariables.digest,
            IMAGE_TAG: pipelineVariables.tag,
            EXECUTION_ID: pipelineVariables.execution,
        },
    };
}

/**
 * Staging to production, after the approval: asks the table whether the gate approved this digest in this execution, copies
 * it, and signs it. The only role that writes the production repository, and that signs.
 */
export function publishStep(context: StepContext): Step {
    const { candidate, staging, production } = context.names.repositories;
    const { account, naming } = context.platform;
    const { table } = approvalNames(account, naming);
    return {
        ...promotion(
            context,
            "publish",
            { sid: "PullStaging", repository: staging },
            { sid: "PushProduction", repository: production },
            {
                candidateRepository: candidate.uri,
                stagingRepository: staging.uri,
                productionRepository: production.uri,
                approvalTable: table.name,
                signingKeyAlias: signingKeyAlias(naming),
                ...toolTokens(context.platform, "cosign"),
            },
            [
                ...readTools(context.platform),
                allow("ReadApprovals", ["dynamodb:Query"], [table.arn]),
                // The signature is read back: what it says is a layer.
                readLayers("ReadSignature", production),
                readSigningKey(account, naming),
                signWithKey(account, naming),
            ],
        ),
        stage: "Publish",
        action: "Publish",
        gateRole: "publisher",
        description: `Promotes approved images of ${context.application.name} to production, by digest, and signs them`,
        variables: {
            IMAGE_DIGEST: pipelineVariables.digest,
            COMMIT_ID: pipelineVariables.commit,
            EXECUTION_ID: pipelineVariables.execution,
        },
    };
}
