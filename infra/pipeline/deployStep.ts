import type { StepName } from "../application/applicationNames";
import { deliveryTargets, type DeliveryTarget, type DeliveryTier } from "../delivery/deliveryNames";
import type { Statement } from "../iamStatement";
import { readSigningKey, signingKeyAlias } from "../signing/signingKey";
import { readBuildspec, renderBuildspec } from "./buildspec";
import {
    pullImage,
    readArtifact,
    readGate,
    readTools,
    registryToken,
    useKey,
    writeArtifact,
    writeOwnLog,
} from "./permissions";
import { gateTokens, pipelineVariables, type Step, type StepContext } from "./step";
import { toolTokens } from "./tools";

/** What is different between the tiers: only what production runs is signed. */
function ofTier({ application, platform, names }: StepContext, tier: DeliveryTier) {
    const { account, naming } = platform;
    if (tier === "staging") {
        return {
            name: "deploy-staging" as const satisfies StepName,
            stage: "DeployToStaging" as const,
            output: "stagingDeployment" as const,
            tokens: {},
            statements: [] as Statement[],
        };
    }
    return {
        name: "deploy-production" as const satisfies StepName,
        stage: "Deploy" as const,
        output: "productionDeployment" as const,
        tokens: {
            application: application.name,
            signingKeyAlias: signingKeyAlias(naming),
            ...toolTokens(platform, "cosign"),
        },
        statements: [
            ...readTools(platform),
            registryToken,
            pullImage("ReadSignature", names.repositories.production),
            readSigningKey(account, naming),
        ],
    };
}

/**
 * What comes before a deployment: says which digest the service is to run, for production only after its signature was
 * verified. The step deploys nothing and its role reaches no service: that is the action after it, with a role of its own.
 * @returns no step where no service of that tier is configured.
 */
export function deployStep(context: StepContext, tier: DeliveryTier): Step[] {
    const { application, platform, names } = context;
    const { account, naming } = platform;
    const stepFor = (target: DeliveryTarget): Step => {
        const { name, stage, output, tokens, statements } = ofTier(context, tier);
        return {
            name,
            stage,
            action: "Prepare",
            runOrder: 1,
            names: names.steps[name],
            gateRole: "deployer",
            description: `Says which image of ${application.name} its ${tier} service is to run, by digest`,
            buildspec: renderBuildspec(name, readBuildspec(name), {
                ...gateTokens(context),
                [`${tier}Repository`]: target.repository.uri,
                container: target.container,
                ...tokens,
            }),
            statements: [
                writeOwnLog(account, names.steps[name]),
                ...readArtifact(platform, names.pipeline.name, names.artifacts.image),
                writeArtifact(platform, names.pipeline.name, names.artifacts.deployment[tier]),
                readGate(platform),
                useKey(account, platform.pipelineKey.aliasName, "readAndWrite"),
                ...statements,
            ],
            parameters: [],
            variables: { IMAGE_DIGEST: pipelineVariables.digest },
            input: "image",
            output,
            inNetwork: false,
            privileged: false,
            computeType: "BUILD_GENERAL1_SMALL",
            timeoutMinutes: 15,
        };
    };
    return deliveryTargets(account, naming, application)
        .filter((target) => target.tier === tier)
        .map(stepFor);
}
