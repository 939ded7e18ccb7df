import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AnchorePartArgs } from "./anchoreArgs";
import { instancePolicy, instanceTrust } from "./roleDocuments";
import { encodedUserData } from "./userData";

export interface ClusterArgs extends AnchorePartArgs {
    instanceSecurityGroupId: pulumi.Output<string>;
    /** What an instance needs from its first minute on, and until it has drained. */
    requires: pulumi.Resource[];
}

/** Public parameter of Amazon ECS with its current AL2023 image for x86_64; resolved by EC2 at each launch. */
const imageParameter = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";

/** Size of that image's root volume; images, scratch and the vulnerability database share it. */
const rootVolumeGb = 30;

/** Instances are replaced after this time, and so get a current image. */
const instanceLifetimeSeconds = 30 * 24 * 3600;

const agentWarmupSeconds = 300;

/**
 * ECS cluster on EC2: launch template, Auto Scaling group and capacity provider with managed scaling.
 *
 * Deletion goes service → association → capacity provider → group → cluster: each depends on the next, and the group is
 * force-deleted because its instances are protected from scaling in while they run tasks.
 */
export class Cluster extends pulumi.ComponentResource {
    readonly arn: pulumi.Output<string>;
    readonly capacityProviderName: pulumi.Output<string>;
    /** Services depend on this, so that they are deleted before it. */
    readonly association: aws.ecs.ClusterCapacityProviders;

    constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:anchore:Cluster", name, {}, opts);
        const { names, tags, config, network, protection } = args;

        const cluster = new aws.ecs.Cluster(
            name,
            {
                name: names.cluster,
                // Charged per metric: worth it where people are woken up, not in a stack that can be deleted.
                settings: [
                    {
                        name: "containerInsights",
                        value: protection === "protected" ? "enabled" : "disabled",
                    },
                ],
                tags: tags.tagsFor(names.cluster),
            },
            { parent: this },
        );
        const { template, ready } = this.launchTemplate(name, args);

        const group = new aws.autoscaling.Group(
            `${name}-group`,
            {
                name: names.autoScalingGroup,
                minSize: config.instances.minimum,
                desiredCapacity: config.instances.desired,
                maxSize: config.instances.maximum,
                vpcZoneIdentifiers: network.privateSubnetIds,
                launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
                healthCheckType: "EC2",
                healthCheckGracePeriod: agentWarmupSeconds,
                maxInstanceLifetime: instanceLifetimeSeconds,
                protectFromScaleIn: true,
                forceDelete: true,
                instanceRefresh: {
                    strategy: "Rolling",
                    preferences: { minHealthyPercentage: 50, scaleInProtectedInstances: "Refresh" },
                },
                tags: [
                    ...Object.entries(tags.tagsFor(names.autoScalingGroup)),
                    // Amazon ECS sets this tag on groups that it scales; naming it here keeps updates from removing it.
                    ["AmazonECSManaged", "true"] as const,
                ].map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
            },
            // Managed scaling decides the number of instances after the first update.
            {
                parent: this,
                dependsOn: [cluster, ...ready, ...args.requires],
                ignoreChanges: ["desiredCapacity"],
            },
        );
        const capacityProvider = new aws.ecs.CapacityProvider(
            `${name}-capacity`,
            {
                name: names.capacityProvider,
                autoScalingGroupProvider: {
                    autoScalingGroupArn: group.arn,
                    managedTerminationProtection: "ENABLED",
                    managedDraining: "ENABLED",
                    managedScaling: {
                        status: "ENABLED",
                        targetCapacity: 100,
                        minimumScalingStepSize: 1,
                        maximumScalingStepSize: 2,
                        instanceWarmupPeriod: agentWarmupSeconds,
                    },
                },
                tags: tags.tagsFor(names.capacityProvider),
            },
            { parent: this },
        );
        this.association = new aws.ecs.ClusterCapacityProviders(
            `${name}-association`,
            {
                clusterName: cluster.name,
                capacityProviders: [capacityProvider.name],
                defaultCapacityProviderStrategies: [
                    { capacityProvider: capacityProvider.name, weight: 1, base: 0 },
                ],
            },
            { parent: this },
        );
        this.arn = cluster.arn;
        this.capacityProviderName = capacityProvider.name;
        this.registerOutputs({});
    }

    private launchTemplate(name: string, args: ClusterArgs) {
        const { account, names, tags, config, key, protection } = args;
        const role = new aws.iam.Role(
            `${name}-instance-role`,
            {
                name: names.instanceRole,
                description: "Instances of Anchore Engine's cluster: the ECS agent",
                assumeRolePolicy: instanceTrust(account),
                tags: tags.tagsFor(names.instanceRole),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-instance-role-policy`,
            { name: "ecs-agent", role: role.name, policy: instancePolicy(account, names) },
            { parent: role },
        );
        const profile = new aws.iam.InstanceProfile(
            `${name}-instance-profile`,
            { name: names.instance, role: role.name, tags: tags.tagsFor(names.instance) },
            { parent: role },
        );
        const instanceTags = tags.tagsFor(names.instance);
        const burstable = /^t\d/.test(config.instanceType);
        const template = new aws.ec2.LaunchTemplate(
            `${name}-launch-template`,
            {
                name: names.launchTemplate,
                description: "Instances of Anchore Engine's cluster",
                imageId: `resolve:ssm:${imageParameter}`,
                instanceType: config.instanceType,
                instanceInitiatedShutdownBehavior: "terminate",
                iamInstanceProfile: { arn: profile.arn },
                metadataOptions: {
                    httpEndpoint: "enabled",
                    httpTokens: "required",
                    httpPutResponseHopLimit: 1,
                    instanceMetadataTags: "disabled",
                },
                networkInterfaces: [
                    {
                        deviceIndex: 0,
                        associatePublicIpAddress: "false",
                        deleteOnTermination: "true",
                        securityGroups: [args.instanceSecurityGroupId],
                    },
                ],
                blockDeviceMappings: [
                    {
                        deviceName: "/dev/xvda",
                        ebs: {
                            volumeType: "gp3",
                            volumeSize: rootVolumeGb,
                            encrypted: "true",
                            kmsKeyId: key.arn,
                            deleteOnTermination: "true",
                        },
                    },
                ],
                // Standard credits: a busy engine gets slower, not dearer.
                ...(burstable ? { creditSpecification: { cpuCredits: "standard" } } : {}),
                monitoring: { enabled: protection === "protected" },
                userData: encodedUserData(account, names.cluster),
                updateDefaultVersion: true,
                tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
                    resourceType,
                    tags: instanceTags,
                })),
                tags: tags.tagsFor(names.launchTemplate),
            },
            { parent: this },
        );
        return { template, ready: [policy, profile] };
    }
}
