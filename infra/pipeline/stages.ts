import { approvalQuestion } from "../../gate/approval/customData";
import { approvalActions, type ApplicationNames } from "../application/applicationNames";
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

/** Literal ARNs of the topics that announce approvals: to the gate, and to people where they approve as well. */
export interface ApprovalTopics {
    gate: string;
    people?: string;
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
 * The approvals: the gate answers the first from what it knows about the digest; where configured, people are asked
 * after it has approved. Both are told the same.
 */
function approveActions(
    application: string,
    approval: StackConfig["approval"],
    topicArns: ApprovalTopics,
): Action[] {
    const approve = (
        name: string,
        runOrder: number,
        topicArn: string | undefined,
        timeoutInMinutes: number,
    ): Action => {
        if (topicArn === undefined) throw new Error(`pipeline of ${application}: ${name} has no topic`);
        return {
            name,
            category: "Approval",
            owner: "AWS",
            provider: "Manual",
            version: "1",
            runOrder,
            configuration: {
                NotificationArn: topicArn,
                CustomData: approvalQuestion(application, pipelineVariables),
            },
            timeoutInMinutes,
        };
    };
    const { human } = approval;
    return [
        approve(approvalActions.gate, 1, topicArns.gate, approval.timeoutMinutes),
        ...(human === undefined
            ? []
            : [approve(approvalActions.human, 2, topicArns.people, human.timeoutMinutes)]),
    ];
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
    topicArns: ApprovalTopics,
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
        {
            name: approvalActions.stage,
            actions: approveActions(application.name, approval, topicArns),
        },
        { name: "Publish", actions: actions("Publish") },
    ];
}
