import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import type { CreatedService } from "../config/deliverySchema";
import { accountTrust, identityPolicy } from "../iamStatement";
import { createdContainer, type CreatedTargetNames, type DeliveryTarget } from "./deliveryNames";
import { balancerStatements } from "./roleDocuments";

/** What a service needs of the network, besides what every part of the platform has. */
export interface DeliveryNetwork {
    vpcId: pulumi.Output<string>;
    privateSubnetIds: pulumi.Output<string[]>;
    publicSubnetIds: pulumi.Output<string[]>;
}

export interface ServiceLoadBalancerArgs {
    target: DeliveryTarget;
    names: CreatedTargetNames;
    settings: NonNullable<CreatedService["loadBalancer"]>;
    taskSecurityGroupId: pulumi.Output<string>;
    network: DeliveryNetwork;
    platform: Pick<Platform, "account" | "config" | "tags">;
}

/**
 * An Application Load Balancer with TLS before a service, as blue/green deployments need it (Amazon ECS Developer Guide,
 * "Application Load Balancer resources for blue/green deployments"): two target groups, one rule of the listener that
 * divides the traffic between them, and a role with which Amazon ECS moves it.
 *
 * Every action of the listener forwards, because deployments fail where one does anything else (same page,
 * "Limitations"). There is no access log: that would need a bucket without a customer key.
 */
export class ServiceLoadBalancer extends pulumi.ComponentResource {
    /** Of the service. */
    readonly loadBalancers: aws.types.input.ecs.ServiceLoadBalancer[];
    readonly url: pulumi.Output<string>;
    /** To exist before the service. */
    readonly ready: pulumi.Resource[];

    constructor(name: string, args: ServiceLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:delivery:ServiceLoadBalancer", name, {}, opts);
        const { target, names, settings, network, platform } = args;
        const { account, config, tags } = platform;
        const child: pulumi.CustomResourceOptions = { parent: this };

        const balancerGroup = this.connect(name, args);
        const balancer = new aws.lb.LoadBalancer(
            name,
            {
                name: names.balancer,
                loadBalancerType: "application",
                internal: settings.internal,
                ipAddressType: "ipv4",
                subnets: settings.internal ? network.privateSubnetIds : network.publicSubnetIds,
                securityGroups: [balancerGroup.id],
                dropInvalidHeaderFields: true,
                desyncMitigationMode: "defensive",
                enableDeletionProtection: config.protection === "protected",
                tags: tags.tagsFor(names.balancer),
            },
            child,
        );
        if (settings.webAclArn !== undefined) {
            new aws.wafv2.WebAclAssociation(
                `${name}-web-acl`,
                { resourceArn: balancer.arn, webAclArn: settings.webAclArn },
                { parent: balancer },
            );
        }
        const group = (colour: "blue" | "green") =>
            new aws.lb.TargetGroup(
                `${name}-${colour}`,
                {
                    name: names.targetGroups[colour],
                    vpcId: network.vpcId,
                    targetType: "ip",
                    port: settings.port,
                    protocol: "HTTP",
                    protocolVersion: "HTTP1",
                    deregistrationDelay: 30,
                    healthCheck: {
                        enabled: true,
                        path: settings.healthCheckPath,
                        port: "traffic-port",
                        protocol: "HTTP",
                        matcher: "200",
                        interval: 15,
                        timeout: 5,
                        healthyThreshold: 2,
                        unhealthyThreshold: 3,
                    },
                    tags: tags.tagsFor(names.targetGroups[colour]),
                },
                child,
            );
        const blue = group("blue");
        const green = group("green");
        const listener = new aws.lb.Listener(
            `${name}-https`,
            {
                loadBalancerArn: balancer.arn,
                port: 443,
                protocol: "HTTPS",
                sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
                certificateArn: settings.certificateArn,
                // A listener must have one; the rule below takes every request before.
                defaultActions: [{ type: "forward", targetGroupArn: blue.arn }],
                tags: tags.tagsFor(`${names.balancer}-https`),
            },
            child,
        );
        const rule = new aws.lb.ListenerRule(
            `${name}-traffic`,
            {
                listenerArn: listener.arn,
                priority: 1,
                conditions: [{ pathPattern: { values: ["/*"] } }],
                actions: [
                    {
                        type: "forward",
                        forward: {
                            targetGroups: [
                                { arn: blue.arn, weight: 100 },
                                { arn: green.arn, weight: 0 },
                            ],
                        },
                    },
                ],
                tags: tags.tagsFor(`${names.balancer}-traffic`),
            },
            // Amazon ECS moves the weights with every deployment; setting them back would send people to nobody.
            { ...child, ignoreChanges: ["actions"] },
        );

        const role = new aws.iam.Role(
            `${name}-role`,
            {
                name: names.balancerRole.name,
                description: `Moves the traffic of ${target.service.name} during deployments`,
                assumeRolePolicy: accountTrust("ecs.amazonaws.com", account.accountId),
                tags: tags.tagsFor(names.balancerRole.name),
            },
            child,
        );
        const policy = new aws.iam.RolePolicy(
            `${name}-role-policy`,
            {
                name: "balancer",
                role: role.name,
                policy: identityPolicy(balancerStatements(account, names)),
            },
            { parent: role },
        );

        this.loadBalancers = [
            {
                targetGroupArn: blue.arn,
                containerName: createdContainer,
                containerPort: settings.port,
                advancedConfiguration: {
                    alternateTargetGroupArn: green.arn,
                    productionListenerRule: rule.arn,
                    roleArn: role.arn,
                },
            },
        ];
        this.url = pulumi.interpolate`https://${balancer.dnsName}`;
        this.ready = [listener, rule, policy];
        this.registerOutputs({});
    }

    /** Who reaches the load balancer, and from it the tasks. */
    private connect(name: string, args: ServiceLoadBalancerArgs): aws.ec2.SecurityGroup {
        const { target, names, settings, taskSecurityGroupId, network, platform } = args;
        const { config, tags } = platform;
        const group = new aws.ec2.SecurityGroup(
            `${name}-group`,
            {
                name: names.balancerSecurityGroup,
                description: `Load balancer of ${target.service.name}`,
                vpcId: network.vpcId,
                // Declares to the policy pack (VPC-03) that everybody may call it, on port 443 only.
                tags: tags.tagsFor(
                    names.balancerSecurityGroup,
                    settings.internal ? {} : { "gate:edge": "true" },
                ),
            },
            { parent: this },
        );
        const ruleTags = (part: string) => tags.tagsFor(`${names.balancerSecurityGroup}-${part}`);
        new aws.vpc.SecurityGroupIngressRule(
            `${name}-https-in`,
            {
                securityGroupId: group.id,
                description: settings.internal ? "HTTPS from the VPC" : "HTTPS from the internet",
                ipProtocol: "tcp",
                fromPort: 443,
                toPort: 443,
                cidrIpv4: settings.internal ? config.network.cidrBlock : "0.0.0.0/0",
                tags: ruleTags("https-in"),
            },
            { parent: group },
        );
        const toTasks = {
            description: "Requests and health checks",
            ipProtocol: "tcp",
            fromPort: settings.port,
            toPort: settings.port,
        };
        new aws.vpc.SecurityGroupEgressRule(
            `${name}-to-tasks`,
            {
                ...toTasks,
                securityGroupId: group.id,
                referencedSecurityGroupId: taskSecurityGroupId,
                tags: ruleTags("to-tasks"),
            },
            { parent: group },
        );
        new aws.vpc.SecurityGroupIngressRule(
            `${name}-tasks-in`,
            {
                ...toTasks,
                securityGroupId: taskSecurityGroupId,
                referencedSecurityGroupId: group.id,
                tags: ruleTags("tasks-in"),
            },
            { parent: group },
        );
        return group;
    }
}
