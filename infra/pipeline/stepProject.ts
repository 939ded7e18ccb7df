import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import { deliveryLogDays } from "../config/logRetention";
import { identityPolicy, serviceTrust } from "../iamStatement";
import type { Step } from "./step";

/**
 * Amazon Linux 2023 image that AWS maintains, with Docker and Node.js 18 to 24 (the buildspecs choose 22; without a
 * choice it is 18): https://github.com/aws/aws-codebuild-docker-images/blob/master/al/x86_64/standard/5.0/runtimes.yml
 */
export const buildImage = "aws/codebuild/amazonlinux-x86_64-standard:5.0";

/** Minutes that a build may wait for capacity before it fails; 5 to 480 (CodeBuild `CreateProject`). */
const queuedMinutes = 60;

export interface StepProjectArgs {
    step: Step;
    platform: Pick<Platform, "account" | "config" | "tags" | "pipelineKey" | "network">;
}

/**
 * One step of a pipeline: a CodeBuild project with its buildspec in-line, a role of its own that only this project can
 * assume, and a log group.
 */
export class StepProject extends pulumi.ComponentResource {
    readonly project: aws.codebuild.Project;

    constructor(name: string, args: StepProjectArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:pipeline:StepProject", name, {}, opts);
        const { step, platform } = args;
        const { account, config, network, pipelineKey, tags } = platform;
        const child: pulumi.CustomResourceOptions = { parent: this };
        const stepTags = (physicalName: string) => tags.tagsFor(physicalName, { "gate:role": step.gateRole });

        const logs = new aws.cloudwatch.LogGroup(
            `${name}-logs`,
            {
                name: step.names.logGroup,
                retentionInDays: deliveryLogDays[config.protection],
                kmsKeyId: pipelineKey.arn,
                tags: tags.tagsFor(step.names.logGroup),
            },
            child,
        );

        const role = new aws.iam.Role(
            `${name}-role`,
            {
                name: step.names.role,
                description: step.description,
                assumeRolePolicy: serviceTrust(
                    "codebuild.amazonaws.com",
                    account.accountId,
                    step.names.projectArn,
                ),
                tags: stepTags(step.names.role),
            },
            child,
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-role-policy`,
            { name: step.name, role: role.name, policy: identityPolicy(step.statements) },
            { parent: role },
        );

        this.project = new aws.codebuild.Project(
            `${name}-project`,
            {
                name: step.names.project,
                description: step.description,
                serviceRole: role.arn,
                source: { type: "CODEPIPELINE", buildspec: step.buildspec },
                artifacts: { type: "CODEPIPELINE" },
                cache: { type: "NO_CACHE" },
                encryptionKey: pipelineKey.arn,
                environment: {
                    type: "LINUX_CONTAINER",
                    computeType: step.computeType,
                    image: buildImage,
                    imagePullCredentialsType: "CODEBUILD",
                    privilegedMode: step.privileged,
                    environmentVariables: step.parameters.map(({ name: variable, parameter }) => ({
                        name: variable,
                        type: "PARAMETER_STORE",
                        value: parameter,
                    })),
                },
                ...(step.inNetwork
                    ? {
                          vpcConfig: {
                              vpcId: network.vpcId,
                              subnets: network.privateSubnetIds,
                              securityGroupIds: [network.scanSecurityGroupId],
                          },
                      }
                    : {}),
                logsConfig: { cloudwatchLogs: { status: "ENABLED", groupName: logs.name } },
                buildTimeout: step.timeoutMinutes,
                queuedTimeout: queuedMinutes,
                concurrentBuildLimit: step.concurrentBuilds,
                projectVisibility: "PRIVATE",
                badgeEnabled: false,
                tags: stepTags(step.names.project),
            },
            // CodeBuild checks at creation that the role can join the VPC, so the role's policy comes first.
            { ...child, dependsOn: [policy] },
        );
        this.registerOutputs({});
    }
}
