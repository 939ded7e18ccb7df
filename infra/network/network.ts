import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkConfig } from "../config/schema";
import type { KeyWithAlias } from "../keys/keys";
import type { Account, Naming } from "../naming";
import type { Tagging } from "../tags";
import { planAddresses, tiers } from "./addressPlan";
import { flowLogPolicy, flowLogTrust } from "./flowLogRole";

export interface NetworkArgs {
    account: Account;
    naming: Naming;
    tags: Tagging;
    config: NetworkConfig;
    /** Names of the region's zones, in an order that does not change; the first `config.zones` are used. */
    zoneNames: readonly string[];
    /** Encrypts the flow log. */
    logKey: KeyWithAlias;
}

/** Services that the cluster, the instances and the build steps call; reached without NAT if so configured. */
const interfaceServices = [
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "kms",
    "logs",
    "ssm",
    "sts",
] as const;

/**
 * VPC with a public and a private subnet in each zone, NAT, gateway endpoints for S3 and DynamoDB, optional interface
 * endpoints, an encrypted flow log, and a default security group without rules.
 *
 * The only module that uses awsx: `awsx.ec2.Vpc` builds subnets, routes and NAT gateways, but every address comes from
 * `addressPlan.ts`.
 */
export class Network extends pulumi.ComponentResource {
    readonly vpcId: pulumi.Output<string>;
    readonly publicSubnetIds: pulumi.Output<string[]>;
    readonly privateSubnetIds: pulumi.Output<string[]>;

    constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:network:Network", name, {}, opts);
        const { account, naming, tags, config } = args;
        const plan = planAddresses(config.cidrBlock, config.zones, tiers);
        // awsx gives every child a Name of its own.
        const { Name: _name, ...sharedTags } = tags.tagsFor(name);
        const gateway = (service: string): awsx.types.input.ec2.VpcEndpointSpecArgs => ({
            serviceName: `com.amazonaws.${account.region}.${service}`,
            vpcEndpointType: "Gateway",
            tags: { ...sharedTags, Name: `${naming.prefix}-${service}` },
        });

        const vpc = new awsx.ec2.Vpc(
            name,
            {
                cidrBlock: config.cidrBlock,
                availabilityZoneNames: args.zoneNames.slice(0, config.zones),
                enableDnsHostnames: true,
                enableDnsSupport: true,
                natGateways: {
                    strategy:
                        config.natGateways === "single"
                            ? awsx.ec2.NatGatewayStrategy.Single
                            : awsx.ec2.NatGatewayStrategy.OnePerAz,
                },
                subnetStrategy: awsx.ec2.SubnetAllocationStrategy.Auto,
                subnetSpecs: [
                    { type: awsx.ec2.SubnetType.Public, cidrBlocks: plan.public },
                    { type: awsx.ec2.SubnetType.Private, cidrBlocks: plan.private },
                ],
                vpcEndpointStrategy: awsx.ec2.VpcEndpointStrategy.Auto,
                vpcEndpointSpecs: [gateway("s3"), gateway("dynamodb")],
                tags: sharedTags,
            },
            { parent: this },
        );
        this.vpcId = vpc.vpcId;
        this.publicSubnetIds = vpc.publicSubnetIds;
        this.privateSubnetIds = vpc.privateSubnetIds;

        new aws.ec2.DefaultSecurityGroup(
            `${name}-default-security-group`,
            {
                vpcId: vpc.vpcId,
                ingress: [],
                egress: [],
                tags: tags.tagsFor(`${naming.prefix}-default-locked`),
            },
            { parent: this },
        );
        this.logFlows(name, args);
        if (config.interfaceEndpoints) this.addInterfaceEndpoints(name, args);
        this.registerOutputs({ vpcId: this.vpcId, privateSubnetIds: this.privateSubnetIds });
    }

    private logFlows(name: string, { account, naming, tags, config, logKey }: NetworkArgs): void {
        const logGroupName = naming.physical("logGroup", "network", "flow");
        const logGroup = new aws.cloudwatch.LogGroup(
            `${name}-flow-log-group`,
            {
                name: logGroupName,
                retentionInDays: config.flowLogRetentionDays,
                kmsKeyId: logKey.arn,
                tags: tags.tagsFor(logGroupName),
            },
            { parent: this },
        );
        const roleName = naming.physical("iamRole", "network", "flow");
        const role = new aws.iam.Role(
            `${name}-flow-log-role`,
            {
                name: roleName,
                description: "Amazon VPC writes the flow log",
                assumeRolePolicy: flowLogTrust(account),
                tags: tags.tagsFor(roleName),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-flow-log-role-policy`,
            { name: "write-flow-log", role: role.name, policy: flowLogPolicy(account, logGroupName) },
            { parent: role },
        );
        new aws.ec2.FlowLog(
            `${name}-flow-log`,
            {
                vpcId: this.vpcId,
                trafficType: "ALL",
                logDestinationType: "cloud-watch-logs",
                logDestination: logGroup.arn,
                iamRoleArn: role.arn,
                maxAggregationInterval: 600,
                tags: tags.tagsFor(`${naming.prefix}-flow`),
            },
            { parent: this, dependsOn: [policy] },
        );
    }

    private addInterfaceEndpoints(name: string, { account, naming, tags, config }: NetworkArgs): void {
        const groupName = naming.physical("securityGroup", "endpoints");
        const group = new aws.ec2.SecurityGroup(
            `${name}-endpoint-security-group`,
            {
                name: groupName,
                description: "Interface endpoints: HTTPS from inside the VPC",
                vpcId: this.vpcId,
                tags: tags.tagsFor(groupName),
            },
            { parent: this },
        );
        new aws.vpc.SecurityGroupIngressRule(
            `${name}-endpoint-https`,
            {
                securityGroupId: group.id,
                description: "HTTPS from inside the VPC",
                ipProtocol: "tcp",
                fromPort: 443,
                toPort: 443,
                cidrIpv4: config.cidrBlock,
                tags: tags.tagsFor(groupName),
            },
            { parent: group },
        );
        for (const service of interfaceServices) {
            new aws.ec2.VpcEndpoint(
                `${name}-endpoint-${service}`,
                {
                    vpcId: this.vpcId,
                    serviceName: `com.amazonaws.${account.region}.${service}`,
                    vpcEndpointType: "Interface",
                    privateDnsEnabled: true,
                    subnetIds: this.privateSubnetIds,
                    securityGroupIds: [group.id],
                    tags: tags.tagsFor(`${naming.prefix}-${service}`),
                },
                { parent: this },
            );
        }
    }
}
