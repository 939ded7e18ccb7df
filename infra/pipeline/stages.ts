import type { ApplicationNames } from "../application/applicationNames";
import type { ApplicationConfig, StackConfig } from "../config/schema";
import { sourceAction } from "./source";
import { pipelineVariables, type Step } from "./step";

/** An action as `aws.codepipeline.Pipeline` takes it; every value literal. */
export interface Action {
    name: string;
    category: "Source" | "Build" | "Test" | "Approval";
    owner: "AWS";
    provider: "CodeCommit" | "CodeStarSourceConnection" | "CodeBuild" | "Manual";
    version: "1";
    runOrder: number;
    configuration: Record<string, string>;
    inputArtifacts?: string[];
    outputArtifacts?: string[];
    namespace?: string;
    timeoutInMinutes?: number;
}

export interface Stage {
    name: string;
    actions: Action[];
}

/** Namespaces of the actions whose variables later actions use; see `pipelineVariables`. */
const namespaces: Partial<Record<string, string>> = { Source: "Source", Build: "Build" };

function stepAction(step: Step, names: ApplicationNames): Action {
    const environment = Object.entries(step.variables).map(([name, value]) => ({
        name,
        value,
        type: "PLAINTEXT",
    }));
    const namespace = namespaces[step.action];
    return {
        name: step.action,
        // CodeBuild knows the categories Build and Test only; a promotion is a Build action that releases.
        category: ["scanner", "verifier"].includes(step.gateRole) ? "Test" : "Build",
        owner: "AWS",
        provider: "CodeBuild",
        version: "1",
        runOrder: step.runOrder,
        configuration: { ProjectName: step.names.project, EnvironmentVariables: JSON.stringify(environment) },
        inputArtifacts: [names.artifacts[step.input]],
        ...(step.output === undefined ? {} : { outputArtifacts: [names.artifacts[step.output]] }),
        ...(namespace === undefined ? {} : { namespace }),
    };
}

/**
 * What the approver is asked. JSON, so that a function can read it; the digest is what ties the answer to the image
 * that was scanned, because the approval message itself carries no execution, commit or digest.
 */
export function approvalQuestion(application: string): string {
    return JSON.stringify({
        application,
        digest: pipelineVariables.digest,
        image: pipelineVariables.image,
        execution: pipelineVariables.execution,
        commit: pipelineVariables.commit,
    });
}

function approveAction(application: string, approval: StackConfig["approval"], topicArn: string): Action {
    return {
        name: "Approve",
        category: "Approval",
        owner: "AWS",
        provider: "Manual",
        version: "1",
        runOrder: 1,
        configuration: { NotificationArn: topicArn, CustomData: approvalQuestion(application) },
        timeoutInMinutes: approval.timeoutMinutes,
    };
}

/**
 * Stages of the delivery pipeline in their fixed order: Source, Verify, Build (with its bill of materials), Test (all scanners beside each other), Stage,
 * ScanStagingImage (the same digest again where it will be released from), Approve, Publish.
 */
export function pipelineStages(
    application: ApplicationConfig,
    names: ApplicationNames,
    steps: Step[],
    approval: StackConfig["approval"],
    approvalTopicArn: string,
): Stage[] {
    const actions = (stage: Step["stage"]): Action[] => {
        const found = steps.filter((step) => step.stage === stage).map((step) => stepAction(step, names));
        if (found.length === 0)
            throw new Error(`pipeline of ${application.name}: stage ${stage} has no action`);
        return found;
    };
    return [
        { name: "Source", actions: [sourceAction(application.source, names)] },
        { name: "Verify", actions: actions("Verify") },
        { name: "Build", actions: actions("Build") },
        { name: "Test", actions: actions("Test") },
        { name: "Stage", actions: actions("Stage") },
        { name: "ScanStagingImage", actions: actions("ScanStagingImage") },
        { name: "Approve", actions: [approveAction(application.name, approval, approvalTopicArn)] },
        { name: "Publish", actions: actions("Publish") },
    ];
}
