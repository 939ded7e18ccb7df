import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import type { CreatedService as CreatedServiceConfig } from "../config/deliverySchema";
import { deliveryLogDays } from "../config/logRetention";
import { identityPolicy, taskTrust } from "../iamStatement";
import { containerDefinitions, volumes } from "./containerDefinition";
import { createdTargetNames, type CreatedTargetNames, type DeliveryTarget } from "./deliveryNames";
import { ServiceLoadBalancer, type DeliveryNetwork } from "./loadBalancer";
import { executionStatements } from "./roleDocuments";

/** The function that Amazon ECS asks before it starts a revision, and the role with which it asks. */
export interface AdmissionHook {
    /** Both literal. */
    functionArn: string;
    roleArn: string;
    /** To exist before a service is created: its first deployment asks already. */
    ready: pulumi.Resource[];
}

export interface CreatedServiceArgs {
    target: DeliveryTarget;
    settings: CreatedServiceConfig;
    cluster: aws.ecs.Cluster;
    /** Required for production. */
    hook: AdmissionHook | undefined;
    network: DeliveryNetwork;
    platform: Pick<Platform, "account" | "naming" | "config" | "tags" | "pipelineKey" | "foundations">;
}

/** Minutes for which the replaced revision keeps running behind a load balancer, so that going back takes seconds. */
const bakeMinutes = 5;

/**
 * A service on AWS Fargate that runs one application, and everything that it is made of.
 *
 * The task definition here is the template: sizes, roles, user, volumes, log. Its image has a digest that nothing can
 * have, and the pipeline's deployments put the released one in its place; so the service's task definition is the one
 * thing that an update of the stack leaves alone. `pulumi up` never waits for tasks: before the first release there are
 * none.
 *
 * A deployment of the pipeline copies the revision that the service runs, and looks at no newer one (AWS CodePipeline
 * User Guide, "Amazon Elastic Container Service deploy action reference"). So a template that changed reaches a service
 * that runs only when it is brought there; the runbook on changed sizes says how.
 *
 * Deployments are blue/green, because only so Amazon ECS asks the admission function before it starts a task.
 */
export class CreatedService extends pulumi.ComponentResource {
    readonly service: aws.ecs.Service;
    /** ARN of the template's revision. */
    readonly template: pulumi.Output<string>;
    /** Where people reach it; undefined without a load balancer. */
    readonly url: pulumi.Output<string> | undefined;
    private readonly taskRules: pulumi.Resource[] = [];

    constructor(name: string, args: CreatedServiceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:delivery:CreatedService", name, {}, opts);
        const { target, settings, hook, network, platform } = args;
        const { account, naming, config, pipelineKey, tags } = platform;
        if (target.tier === "production" && hook === undefined) {
            throw new Error(`service ${target.service.name} has nobody who decides about admission`);
        }
        const names = createdTargetNames(account, naming, target.application, target.tier);
        const tierTags = (physicalName: string) => tags.tagsFor(physicalName, { tier: target.tier });

        const logs = new aws.cloudwatch.LogGroup(
            `${name}-logs`,
            {
                name: names.logGroup,
                retentionInDays: deliveryLogDays[config.protection],
                kmsKeyId: pipelineKey.arn,
                tags: tags.tagsFor(names.logGroup),
            },
            { parent: this, dependsOn: platform.foundations },
        );
        const roles = this.roles(name, args, names);
        const taskGroup = this.taskGroup(name, args, names);
        const balancer =
            settings.loadBalancer === undefined
                ? undefined
                : new ServiceLoadBalancer(
                      `${name}-balancer`,
                      {
                          target,
                          names,
                          settings: settings.loadBalancer,
                          taskSecurityGroupId: taskGroup.id,
                          network,
                          platform,
                      },
                      { parent: this },
                  );
        const template = new aws.ecs.TaskDefinition(
            `${name}-template`,
            {
                family: names.family,
                requiresCompatibilities: ["FARGATE"],
                networkMode: "awsvpc",
                runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
                cpu: String(settings.cpu),
                memory: String(settings.memory),
                executionRoleArn: roles.execution.arn,
                taskRoleArn: roles.task.arn,
                volumes,
                containerDefinitions: containerDefinitions(account, target, names, settings),
                tags: tierTags(names.family),
            },
            { parent: this },
        );

        this.service = new aws.ecs.Service(
            `${name}-service`,
            {
                name: target.service.name,
                cluster: args.cluster.arn,
                taskDefinition: template.arn,
                desiredCount: settings.desiredCount,
                launchType: "FARGATE",
                platformVersion: "LATEST",
                schedulingStrategy: "REPLICA",
                deploymentController: { type: "ECS" },
                deploymentCircuitBreaker: { enable: true, rollback: true },
                deploymentMinimumHealthyPercent: 100,
                deploymentMaximumPercent: 200,
                deploymentConfiguration: {
                    strategy: "BLUE_GREEN",
                    // Two revisions of a worker would both work, so without a load balancer the old one goes at once.
                    bakeTimeInMinutes: String(balancer === undefined ? 0 : bakeMinutes),
                    ...(target.tier === "production" && hook !== undefined
                        ? {
                              lifecycleHooks: [
                                  {
                                      targetType: "AWS_LAMBDA",
                                      hookTargetArn: hook.functionArn,
                                      roleArn: hook.roleArn,
                                      lifecycleStages: ["PRE_SCALE_UP"],
                                  },
                              ],
                          }
                        : {}),
                },
                availabilityZoneRebalancing: "ENABLED",
                networkConfiguration: {
                    subnets: network.privateSubnetIds,
                    securityGroups: [taskGroup.id],
                    assignPublicIp: false,
                },
                ...(balancer === undefined
                    ? {}
                    : { loadBalancers: balancer.loadBalancers, healthCheckGracePeriodSeconds: 60 }),
                enableExecuteCommand: false,
                enableEcsManagedTags: true,
                propagateTags: "SERVICE",
                waitForSteadyState: false,
                tags: tierTags(target.service.name),
            },
            {
                parent: this,
                dependsOn: [
                    logs,
                    ...roles.policies,
                    ...this.taskRules,
                    ...(balancer?.ready ?? []),
                    ...(target.tier === "production" ? (hook?.ready ?? []) : []),
                ],
                // The pipeline owns the image, and with it which revision runs.
                ignoreChanges: ["taskDefinition"],
                // `pulumi up --replace` would otherwise create a second one of the same name first, which Amazon ECS refuses.
                deleteBeforeReplace: true,
            },
        );
        this.template = template.arn;
        this.url = balancer?.url;
        this.registerOutputs({ service: target.service.name });
    }

    /** Two roles for the tasks: Amazon ECS starts them with one; what runs in them has the other, which may do nothing. */
    private roles(name: string, { target, platform }: CreatedServiceArgs, names: CreatedTargetNames) {
        const { account, tags } = platform;
        const role = (part: string, roleName: string, description: string) =>
            new aws.iam.Role(
                `${name}-${part}-role`,
                {
                    name: roleName,
                    description,
                    assumeRolePolicy: taskTrust(account),
                    tags: tags.tagsFor(roleName),
                },
                { parent: this },
            );
        const execution = role(
            "execution",
            names.executionRole.name,
            `Pulls the image of ${target.service.name} and writes its log`,
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-execution-role-policy`,
            {
                name: "execution",
                role: execution.name,
                policy: identityPolicy(executionStatements(account, target, names)),
            },
            { parent: execution },
        );
        return {
            execution,
            task: role("task", names.taskRole.name, `What ${target.service.name} may do in AWS: nothing`),
            policies: [policy],
        };
    }

    /** Tasks call out on HTTPS, which is how the image and the log get there; in comes only their load balancer. */
    private taskGroup(
        name: string,
        { target, network, platform }: CreatedServiceArgs,
        names: CreatedTargetNames,
    ): aws.ec2.SecurityGroup {
        const { tags } = platform;
        const group = new aws.ec2.SecurityGroup(
            `${name}-task-group`,
            {
                name: names.taskSecurityGroup,
                description: `Tasks of ${target.service.name}`,
                vpcId: network.vpcId,
                tags: tags.tagsFor(names.taskSecurityGroup),
            },
            { parent: this },
        );
        this.taskRules.push(
            new aws.vpc.SecurityGroupEgressRule(
                `${name}-task-https-out`,
                {
                    securityGroupId: group.id,
                    description: "Registry, AWS APIs and whatever the application calls",
                    ipProtocol: "tcp",
                    fromPort: 443,
                    toPort: 443,
                    cidrIpv4: "0.0.0.0/0",
                    tags: tags.tagsFor(`${names.taskSecurityGroup}-https-out`),
                },
                { parent: group },
            ),
        );
        return group;
    }
}
