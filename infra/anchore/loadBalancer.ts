import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AnchorePartArgs } from "./anchoreArgs";
import { apiPort } from "./enginePlan";

export interface LoadBalancerArgs extends AnchorePartArgs {
    certificateArn: pulumi.Input<string>;
    securityGroupId: pulumi.Output<string>;
}

/** The engine's own request limit (`ANCHORE_GLOBAL_SERVER_REQUEST_TIMEOUT_SEC`), in seconds. */
const requestSeconds = 180;

/**
 * Internal load balancer with TLS in front of the engine's API, and its private DNS name.
 *
 * Its health check is liveness only: the engine answers /health while its database is gone. Whether the engine can be
 * believed is decided by `gate`. Access logs are left out: they would need a bucket without a customer key, and the
 * engine logs every request itself.
 */
export class LoadBalancer extends pulumi.ComponentResource {
    readonly targetGroupArn: pulumi.Output<string>;
    /** Services register targets only after this exists. */
    readonly listener: aws.lb.Listener;

    constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:anchore:LoadBalancer", name, {}, opts);
        const { names, tags, network, protection } = args;

        const balancer = new aws.lb.LoadBalancer(
            name,
            {
                name: names.loadBalancer,
                loadBalancerType: "application",
                internal: true,
                ipAddressType: "ipv4",
                subnets: network.privateSubnetIds,
                securityGroups: [args.securityGroupId],
                dropInvalidHeaderFields: true,
                desyncMitigationMode: "defensive",
                idleTimeout: requestSeconds,
                enableDeletionProtection: protection === "protected",
                tags: tags.tagsFor(names.loadBalancer),
            },
            { parent: this },
        );
        const targetGroup = new aws.lb.TargetGroup(
            `${name}-targets`,
            {
                name: names.targetGroup,
                vpcId: network.vpcId,
                targetType: "ip",
                port: apiPort,
                protocol: "HTTP",
                protocolVersion: "HTTP1",
                deregistrationDelay: 30,
                healthCheck: {
                    enabled: true,
                    path: "/health",
                    port: "traffic-port",
                    protocol: "HTTP",
                    matcher: "200",
                    interval: 30,
                    timeout: 5,
                    healthyThreshold: 2,
                    unhealthyThreshold: 5,
                },
                tags: tags.tagsFor(names.targetGroup),
            },
            { parent: this },
        );
        this.listener = new aws.lb.Listener(
            `${name}-https`,
            {
                loadBalancerArn: balancer.arn,
                port: 443,
                protocol: "HTTPS",
                sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
                certificateArn: args.certificateArn,
                defaultActions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
                tags: tags.tagsFor(`${names.loadBalancer}-https`),
            },
            { parent: this },
        );
        // A zone for exactly this name: other names of the domain keep their public answers.
        const zone = new aws.route53.Zone(
            `${name}-zone`,
            {
                name: names.hostName,
                comment: "Anchore Engine inside the VPC",
                vpcs: [{ vpcId: network.vpcId }],
                tags: tags.tagsFor(names.hostName),
            },
            { parent: this },
        );
        new aws.route53.Record(
            `${name}-record`,
            {
                zoneId: zone.zoneId,
                name: names.hostName,
                type: "A",
                aliases: [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: false }],
            },
            { parent: zone },
        );
        this.targetGroupArn = targetGroup.arn;
        this.registerOutputs({});
    }
}
