import { approvalQuestion } from "../../gate/approval/customData";
import { approvalActions, type ApplicationNames } from "../application/applicationNames";
import type { StackConfig } from "../config/schema";
import { deliveryTargets, type DeliveryTarget, type DeliveryTier } from "../delivery/deliveryNames";
import { sourceAction } from "./source";
import { pipelineVariables, type PipelinePath, type Step, type StepContext } from "./step";

/** An action as `aws.codepipeline.Pipeline` takes it; every value literal. */
export interface Action {
    name: string;
    category: "Source" | "Build" | "Test" | "Approval" | "Deploy";
    owner: "AWS";
    provider: "CodeCommit" | "CodeStarSourceConnection" | "CodeBuild" | "Manual" | "ECS";
    version: "1";
    runOrder: number;
    configuration: Record<string, string>;
    inputArtifacts?: string[];
    outputArtifacts?: string[];
    namespace?: string;
    timeoutInMinutes?: number;
    /** Role that the action has instead of the pipeline's. */
    roleArn?: string;
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

/** @param artifacts names of the pipeline's artifacts. */
export /** What actions hand to each other; the deployments exist on the delivery way only. */
type Artifacts = PipelinePath["artifacts"] & Partial<Pick<ApplicationNames["artifacts"], "deployment">>;

function outputOf(step: Step, { image, deployment }: Artifacts): string[] {
    if (step.output === undefined) return [];
    const name =
        step.output === "image"
            ? image
            : deployment?.[step.output === "stagingDeployment" ? "staging" : "production"];
    if (name === undefined) throw new Error(`step ${step.name}: there is no artifact for its ${step.output}`);
    return [name];
}

/** The action that runs a step's project. */
export function stepAction(step: Step, artifacts: Artifacts): Action {
    const environment = Object.entries(step.variables).map(([name, value]) => ({
        name,
        value,
        type: "PLAINTEXT",
    }));
    const namespace = namespaces[step.action];
    const outputArtifacts = outputOf(step, artifacts);
    return {
        name: step.action,
        // CodeBuild knows the categories Build and Test only; a promotion is a Build action that releases.
        category: ["scanner", "verifier"].includes(step.gateRole) ? "Test" : "Build",
        owner: "AWS",
        provider: "CodeBuild",
        version: "1",
        runOrder: step.runOrder,
        configuration: { ProjectName: step.names.project, EnvironmentVariables: JSON.stringify(environment) },
        inputArtifacts: [artifacts[step.input]],
        ...(outputArtifacts.length === 0 ? {} : { outputArtifacts }),
        ...(namespace === undefined ? {} : { namespace }),
    };
}

/**
 * Amazon ECS's own deployment action (AWS CodePipeline User Guide, "Amazon Elastic Container Service deploy action
 * reference"): registers a revision of the task definition that the service has now, with the image of
 * `imagedefinitions.json`, updates the service and waits until it is steady; an hour is the longest that it can wait.
 */
function deployAction(target: DeliveryTarget, { artifacts }: ApplicationNames): Action {
    return {
        name: "Deploy",
        category: "Deploy",
        owner: "AWS",
        provider: "ECS",
        version: "1",
        runOrder: 2,
        configuration: {
            ClusterName: target.cluster.name,
            ServiceName: target.service.name,
            FileName: "imagedefinitions.json",
            DeploymentTimeout: "60",
        },
        inputArtifacts: [artifacts.deployment[target.tier]],
        roleArn: target.deployRole.arn,
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
 * Stages of the delivery pipeline in their fixed order: Source, Verify, Build (with its bill of materials), Test (all
 * scanners beside each other), Stage, ScanStagingImage (the same digest again where it will be released from),
 * DeployToStaging where a staging service is configured, Approve, Publish, Deploy where a production service is.
 */
export function pipelineStages(
    { application, names, platform, path }: StepContext,
    steps: Step[],
    approval: StackConfig["approval"],
    topicArns: ApprovalTopics,
): Stage[] {
    const actions = (stage: Step["stage"]): Action[] => {
        const found = steps
            .filter((step) => step.stage === stage)
            .map((step) => stepAction(step, { ...path.artifacts, deployment: names.artifacts.deployment }));
        if (found.length === 0)
            throw new Error(`pipeline of ${application.name}: stage ${stage} has no action`);
        return found;
    };
    const targets = deliveryTargets(platform.account, platform.naming, application);
    const delivery = (name: "DeployToStaging" | "Deploy", tier: DeliveryTier): Stage[] =>
        targets
            .filter((target) => target.tier === tier)
            .map((target) => ({ name, actions: [...actions(name), deployAction(target, names)] }));
    return [
        { name: "Source", actions: [sourceAction(application.source, names)] },
        { name: "Verify", actions: actions("Verify") },
        { name: "Build", actions: actions("Build") },
        { name: "Test", actions: actions("Test") },
        { name: "Stage", actions: actions("Stage") },
        { name: "ScanStagingImage", actions: actions("ScanStagingImage") },
        ...delivery("DeployToStaging", "staging"),
        {
            name: approvalActions.stage,
            actions: approveActions(application.name, approval, topicArns),
        },
        { name: "Publish", actions: actions("Publish") },
        ...delivery("Deploy", "production"),
    ];
}
