import { reviewVariables } from "../../gate/review/reviewPipeline";
import type { CheckToolName } from "../../gate/verify/checkReport";
import type { Statement } from "../iamStatement";
import { readBuildspec, renderBuildspec } from "./buildspec";
import { addCheckEvidence } from "./evidencePermissions";
import { readArtifact, readExecutions, readGate, readTools, useKey, writeOwnLog } from "./permissions";
import { cloneSource } from "./source";
import { evidenceTokens, gateTokens, ownStep, pipelineVariables, type Step, type StepContext } from "./step";
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
    const { application, platform, names, path } = context;
    const { account } = platform;
    const own = ownStep(context, name);
    return {
        ...own,
        stage: "Verify" as const,
        runOrder: 1,
        gateRole: "verifier" as const,
        buildspec: renderBuildspec(file, readBuildspec(file), {
            ...gateTokens(context),
            ...evidenceTokens(context),
            application: path.evidenceApplication,
            ...toolTokens(platform, tool),
            ...tokens,
        }),
        statements: [
            writeOwnLog(account, own.names),
            ...readArtifact(platform, path.pipeline.name, path.artifacts.source),
            ...cloneSource(application.source, names),
            readGate(platform),
            ...readTools(platform),
            useKey(account, platform.pipelineKey.aliasName, "readAndWrite"),
            ...addCheckEvidence(platform, path.evidenceApplication, tool),
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

/**
 * Where the range of the secret scan begins: the option of `gate secrets`, and its value. On the delivery way at the last
 * commit that got through, which the gate asks the pipeline. In a review at what the destination has already: a
 * CodeCommit pull request says which commit that is; with a connection only the branch is known
 * (`DestinationBranchName`, an output variable of the source action when a pull request has started the pipeline; when
 * nothing has, it is not resolved and the action fails).
 */
function rangeBegin({ application, path }: StepContext): {
    option: string;
    value: string;
    statements: Statement[];
} {
    if (path.kind === "delivery") {
        return { option: "pipeline", value: path.pipeline.name, statements: [readExecutions(path.pipeline)] };
    }
    return application.source.type === "codecommit"
        ? {
              option: "destination",
              value: `#{variables.${reviewVariables.destinationCommit}}`,
              statements: [],
          }
        : { option: "destination-branch", value: "#{Source.DestinationBranchName}", statements: [] };
}

/** Looks for secrets in the commits that were pushed since the pipeline last got this far, or that are to be pulled. */
export function secretsStep(context: StepContext): Step {
    const { application, platform, gate, path } = context;
    const { tool } = platform.config.verify.secrets;
    const begin = rangeBegin(context);
    const tokens = {
        rangeOption: begin.option,
        ...(tool === "gitleaks"
            ? { secretRulesKey: gate.secretRules.key, secretRulesSha256: gate.secretRules.sha256 }
            : {}),
    };
    const step = verifyStep(context, "secrets", tool, `secrets-${tool}`, tokens, begin.statements);
    const commits = path.kind === "review" ? "commits of pull requests" : "pushed commits";
    return {
        ...step,
        action: "Secrets",
        description: `Looks for secrets in the ${commits} of ${application.name} with ${tool}`,
        variables: { ...step.variables, RANGE_BEGIN: begin.value },
    };
}
