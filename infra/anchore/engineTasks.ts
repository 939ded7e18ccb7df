import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AnchorePartArgs } from "./anchoreArgs";
import type { Cluster } from "./cluster";
import {
    analyzerContainers,
    engineContainers,
    engineVolumes,
    type ContainersRequest,
} from "./containerDefinitions";
import { apiPort, engineServices, type EngineService } from "./enginePlan";
import { taskTrust } from "../iamStatement";
import { executionPolicy, taskPolicy } from "./roleDocuments";
import type { LoadBalancer } from "./loadBalancer";

export interface EngineTasksArgs extends AnchorePartArgs {
    cluster: Cluster;
    loadBalancer: LoadBalancer;
    taskSecurityGroupId: pulumi.Output<string>;
    /** Parameters and whatever else must exist before a task starts; their names are literal. */
    requires: pulumi.Resource[];
}

/** Name of the engine's task in the private domain, used only when there are analyzers of their own. */
const discoveryName = "engine";

/**
 * The engine as one task of five containers, and on demand further analyzer tasks.
 *
 * Never two engine tasks at once (minimum 0 %, maximum 100 %): two catalogs beside each other were never measured, so a
 * deployment stops the old task before it starts the new one. `pulumi up` does not wait for the engine to answer:
 * readiness is more than a healthy target, and `gate` judges it before every scan.
 */
export class EngineTasks extends pulumi.ComponentResource {
    constructor(name: string, args: EngineTasksArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:anchore:EngineTasks", name, {}, opts);
        const { account, names, config, tags } = args;
        const hasAnalyzers = config.analyzers > 0;
        const request: ContainersRequest = {
            account,
            names,
            image: config.image,
            feedListingUrl: config.feedListingUrl,
            endpointHostName: hasAnalyzers ? `${discoveryName}.${names.discoveryDomain}` : "localhost",
        };

        const logGroup = new aws.cloudwatch.LogGroup(
            `${name}-log-group`,
            {
                name: names.logGroup,
                retentionInDays: config.logRetentionDays,
                kmsKeyId: args.key.arn,
                tags: tags.tagsFor(names.logGroup),
            },
            { parent: this },
        );
        const roles = this.roles(name, args);
        const requires = [...args.requires, ...roles.policies, logGroup, args.cluster.association];
        const task = (part: string, family: string, services: readonly EngineService[], containers: string) =>
            new aws.ecs.TaskDefinition(
                `${name}-${part}-task`,
                {
                    family,
                    requiresCompatibilities: ["EC2"],
                    networkMode: "awsvpc",
                    executionRoleArn: roles.execution.arn,
                    taskRoleArn: roles.task.arn,
                    volumes: engineVolumes(services),
                    containerDefinitions: containers,
                    tags: tags.tagsFor(family),
                },
                { parent: this },
            );

        new aws.ecs.Service(
            `${name}-engine`,
            {
                ...this.common(args),
                name: names.service,
                taskDefinition: task("engine", names.taskFamily, engineServices, engineContainers(request))
                    .arn,
                desiredCount: 1,
                deploymentMinimumHealthyPercent: 0,
                deploymentMaximumPercent: 100,
                loadBalancers: [
                    {
                        targetGroupArn: args.loadBalancer.targetGroupArn,
                        containerName: "apiext",
                        containerPort: apiPort,
                    },
                ],
                healthCheckGracePeriodSeconds: 300,
                ...(hasAnalyzers ? { serviceRegistries: { registryArn: this.discovery(name, args) } } : {}),
                tags: tags.tagsFor(names.service),
            },
            { parent: this, dependsOn: [...requires, args.loadBalancer.listener] },
        );

        if (hasAnalyzers) {
            new aws.ecs.Service(
                `${name}-analyzers`,
                {
                    ...this.common(args),
                    name: names.analyzerService,
                    taskDefinition: task(
                        "analyzer",
                        names.analyzerTaskFamily,
                        ["analyzer"],
                        analyzerContainers(request),
                    ).arn,
                    desiredCount: config.analyzers,
                    deploymentMinimumHealthyPercent: 0,
                    deploymentMaximumPercent: 100,
                    tags: tags.tagsFor(names.analyzerService),
                },
                { parent: this, dependsOn: requires },
            );
        }
        this.registerOutputs({});
    }

    private common(args: EngineTasksArgs) {
        return {
            cluster: args.cluster.arn,
            capacityProviderStrategies: [
                { capacityProvider: args.cluster.capacityProviderName, weight: 1, base: 0 },
            ],
            schedulingStrategy: "REPLICA",
            deploymentController: { type: "ECS" },
            deploymentCircuitBreaker: { enable: true, rollback: true },
            // Needs room for a task more than wanted, which a recreate deployment does not have.
            availabilityZoneRebalancing: "DISABLED",
            networkConfiguration: {
                subnets: args.network.privateSubnetIds,
                securityGroups: [args.taskSecurityGroupId],
                assignPublicIp: false,
            },
            enableExecuteCommand: false,
            enableEcsManagedTags: true,
            propagateTags: "SERVICE",
            waitForSteadyState: false,
        };
    }

    private roles(name: string, { account, names, tags, key, config, repositoryArns }: EngineTasksArgs) {
        const role = (part: string, roleName: string, description: string, policy: string) => {
            const created = new aws.iam.Role(
                `${name}-${part}-role`,
                {
                    name: roleName,
                    description,
                    assumeRolePolicy: taskTrust(account),
                    tags: tags.tagsFor(roleName),
                },
                { parent: this },
            );
            const attached = new aws.iam.RolePolicy(
                `${name}-${part}-role-policy`,
                { name: part, role: created.name, policy },
                { parent: created },
            );
            return { created, attached };
        };
        const execution = role(
            "execution",
            names.executionRole,
            "ECS agent for Anchore Engine: secrets, logs, image",
            executionPolicy(account, names, key.aliasName, config.image),
        );
        const task = role(
            "task",
            names.taskRole,
            "Anchore Engine: reads the images that it analyses",
            taskPolicy(repositoryArns),
        );
        return {
            execution: execution.created,
            task: task.created,
            policies: [execution.attached, task.attached],
        };
    }

    /** Private domain in which the analyzers find the engine's task. Costs a hosted zone, so only with analyzers. */
    private discovery(name: string, { names, tags, network }: EngineTasksArgs): pulumi.Output<string> {
        const namespace = new aws.servicediscovery.PrivateDnsNamespace(
            `${name}-namespace`,
            {
                name: names.discoveryDomain,
                description: "Services of Anchore Engine",
                vpc: network.vpcId,
                tags: tags.tagsFor(names.discoveryDomain),
            },
            { parent: this },
        );
        const service = new aws.servicediscovery.Service(
            `${name}-discovery`,
            {
                name: discoveryName,
                dnsConfig: {
                    namespaceId: namespace.id,
                    routingPolicy: "MULTIVALUE",
                    dnsRecords: [{ type: "A", ttl: 10 }],
                },
                tags: tags.tagsFor(`${discoveryName}.${names.discoveryDomain}`),
            },
            { parent: namespace },
        );
        return service.arn;
    }
}
