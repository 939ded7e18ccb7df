import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import type { ApplicationConfig } from "../config/schema";
import { accountTrust, identityPolicy, serviceTrust } from "../iamStatement";
import { pipelineStatements } from "./pipelineRole";
import { pipelineStages, type ApprovalTopics } from "./stages";
import type { StepContext } from "./step";
import { StepProject } from "./stepProject";
import { applicationSteps } from "./steps";
import { connectionTriggers, pushPattern, triggerStatements } from "./trigger";

export interface DeliveryPipelineArgs {
    context: StepContext;
    platform: Platform;
    topicArns: ApprovalTopics;
}

/**
 * The delivery pipeline of one application: its projects and roles, the pipeline with its role, and what starts it on
 * a push to the configured branch.
 *
 * The pipeline is V2 and QUEUED: one execution after the other, so that an approval always means the execution that
 * waits, and none overtakes another.
 */
export class DeliveryPipeline extends pulumi.ComponentResource {
    readonly pipeline: aws.codepipeline.Pipeline;

    constructor(name: string, args: DeliveryPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:pipeline:DeliveryPipeline", name, {}, opts);
        const { context, platform, topicArns } = args;
        const { application, names } = context;
        const { account, config, tags } = platform;
        const steps = applicationSteps(context);
        const pipelineTags = (physicalName: string) =>
            tags.tagsFor(physicalName, { "gate:role": "delivery" });

        const projects = steps.map(
            (step) => new StepProject(`${name}-${step.name}`, { step, platform }, { parent: this }),
        );

        const role = new aws.iam.Role(
            `${name}-role`,
            {
                name: names.pipeline.role,
                description: `Runs the delivery pipeline of ${application.name}`,
                assumeRolePolicy: accountTrust("codepipeline.amazonaws.com", account.accountId),
                tags: pipelineTags(names.pipeline.role),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-role-policy`,
            {
                name: "delivery",
                role: role.name,
                policy: identityPolicy(pipelineStatements(context, steps, topicArns)),
            },
            { parent: role },
        );

        this.pipeline = new aws.codepipeline.Pipeline(
            `${name}-pipeline`,
            {
                name: names.pipeline.name,
                pipelineType: "V2",
                executionMode: "QUEUED",
                roleArn: role.arn,
                artifactStores: [
                    {
                        type: "S3",
                        location: platform.artifactBucketName,
                        encryptionKey: { id: platform.pipelineKey.arn, type: "KMS" },
                    },
                ],
                stages: pipelineStages(context, steps, config.approval, topicArns),
                triggers: connectionTriggers(application.source),
                tags: { ...pipelineTags(names.pipeline.name), ...stagingTargetTags(application) },
            },
            // A new pipeline starts at once, so everything that its first execution uses must be there.
            {
                parent: this,
                protect: config.protection === "protected",
                dependsOn: [policy, ...projects.map(({ project }) => project), ...platform.foundations],
            },
        );

        if (application.source.type === "codecommit") {
            this.startOnPush(name, args, application.source.branch);
        }
        this.registerOutputs({});
    }

    /** EventBridge starts the pipeline within seconds of a push; polling would be slower and is going away. */
    private startOnPush(name: string, args: DeliveryPipelineArgs, branch: string): void {
        const { names, application } = args.context;
        const { account, tags } = args.platform;
        const rule = new aws.cloudwatch.EventRule(
            `${name}-trigger`,
            {
                name: names.trigger.rule,
                description: `Starts the delivery pipeline of ${application.name} on a push to ${branch}`,
                eventPattern: pushPattern(names, branch),
                state: "ENABLED",
                tags: tags.tagsFor(names.trigger.rule),
            },
            { parent: this },
        );
        const role = new aws.iam.Role(
            `${name}-trigger-role`,
            {
                name: names.trigger.role,
                description: `Starts the delivery pipeline of ${application.name}`,
                assumeRolePolicy: serviceTrust(
                    "events.amazonaws.com",
                    account.accountId,
                    names.trigger.ruleArn,
                ),
                tags: tags.tagsFor(names.trigger.role),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-trigger-role-policy`,
            { name: "trigger", role: role.name, policy: identityPolicy(triggerStatements(names)) },
            { parent: role },
        );
        new aws.cloudwatch.EventTarget(
            `${name}-trigger-target`,
            { rule: rule.name, arn: this.pipeline.arn, roleArn: role.arn, targetId: "pipeline" },
            { parent: rule, dependsOn: [policy] },
        );
    }
}

/** Tells the policy pack that a service outside the stack is the staging target: one that it creates says so itself. */
function stagingTargetTags({ delivery }: ApplicationConfig): Record<string, string> {
    return delivery.staging?.type === "existing"
        ? {
              "gate:staging-cluster": delivery.staging.cluster,
              "gate:staging-service": delivery.staging.service,
          }
        : {};
}
