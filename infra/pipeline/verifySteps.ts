import type { CheckToolName } from "../../gate/verify/checkReport";
import type { Statement } from "../iamStatement";
import { readBuildspec, renderBuildspec } from "./buildspec";
import { addCheckEvidence } from "./evidencePermissions";
import { readArtifact, readExecutions, readGate, readTools, useKey, writeOwnLog } from "./permissions";
import { cloneSource } from "./source";
import { evidenceTokens, gateTokens, pipelineVariables, type Step, type StepContext } from "./step";
import { toolTokens } from "./tools";

/**
 * What both steps of the Verify stage share. They read the source and run nothing of it; their rules come from the stack.
 */
function verifyStep(
    context: StepContext,
    name: "lint" | "secrets",
    tool: CheckToolName,
    file: string,
    tokens: Record<string, string>,
    statements: Statement[],
) {
    const { application, platform, names } = context;
    const { account } = platform;
    return {
        name,
        stage: "Verify" as const,
        runOrder: 1,
        names: names.steps[name],
        gateRole: "verifier" as const,
        buildspec: renderBuildspec(file, readBuildspec(file), {
            ...gateTokens(context),
            ...evidenceTokens(context),
            ...toolTokens(platform, tool),
            ...tokens,
        }),
        statements: [
            writeOwnLog(account, names.steps[name]),
            ...readArtifact(platform, names.pipeline.name, names.artifacts.source),
            ...cloneSource(application.source, names),
            readGate(platform),
            ...readTools(platform),
            useKey(account, platform.pipelineKey.aliasName, "readAndWrite"),
            ...addCheckEvidence(platform, application.name, tool),
            ...statements,
        ],
        parameters: [],
        variables: { COMMIT_ID: pipelineVariables.commit, EXECUTION_ID: pipelineVariables.execution },
        input: "source" as const,
        inNetwork: false,
        privileged: false,
        computeType: "BUILD_GENERAL1_SMALL" as const,
        timeoutMinutes: 30,
    };
}

/** Lints the Dockerfile with hadolint. */
export function lintStep(context: StepContext): Step {
    const { application, platform, gate } = context;
    const tokens = {
        dockerfile: application.dockerfile,
        lintRulesKey: gate.lintRules.key,
        lintRulesSha256: gate.lintRules.sha256,
        lintThreshold: platform.config.verify.lint.threshold,
    };
    return {
        ...verifyStep(context, "lint", "hadolint", "lint", tokens, []),
        action: "Lint",
        description: `Lints the Dockerfile of ${application.name} by the rules of the stack`,
    };
}

/** Looks for secrets in the commits that were pushed since the pipeline last got this far. */
export function secretsStep(context: StepContext): Step {
    const { application, platform, gate, names } = context;
    const { tool } = platform.config.verify.secrets;
    const tokens = {
        pipeline: names.pipeline.name,
        ...(tool === "gitleaks"
            ? { secretRulesKey: gate.secretRules.key, secretRulesSha256: gate.secretRules.sha256 }
            : {}),
    };
    return {
        ...verifyStep(context, "secrets", tool, `secrets-${tool}`, tokens, [readExecutions(names)]),
        action: "Secrets",
        description: `Looks for secrets in the pushed commits of ${application.name} with ${tool}`,
    };
}
