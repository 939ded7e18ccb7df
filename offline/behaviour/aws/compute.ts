/** Compute: launch templates, Auto Scaling, ECS, load balancing, RDS. */
import {
    arn,
    globalArn,
    hex,
    identifiedByArn,
    keyedBy,
    named,
    physicalName,
    prefixed,
    text,
    uuid,
} from "../behaviour";
import type { BehaviourContext, BehaviourTable } from "../behaviour";

/** The suffix of a load balancer's or target group's ARN. */
function balancerPath(context: BehaviourContext, name: string): string {
    const kind = text(context, "loadBalancerType") === "network" ? "net" : "app";
    return `${kind}/${name}/${hex(context, 16)}`;
}

function serviceRole(context: BehaviourContext, service: string, role: string): string {
    return globalArn(context, "iam", `role/aws-service-role/${service}/${role}`);
}

export const compute: BehaviourTable = {
    "aws:ec2/launchTemplate:LaunchTemplate": {
        id: prefixed("lt"),
        outputs: (context, id) => ({
            arn: arn(context, "ec2", `launch-template/${id}`),
            name: physicalName(context),
            defaultVersion: 1,
            latestVersion: 1,
        }),
    },
    "aws:autoscaling/group:Group": named(
        (context, name) =>
            arn(context, "autoscaling", `autoScalingGroup:${uuid(context)}:autoScalingGroupName/${name}`),
        (context) => ({
            availabilityZones: [],
            defaultCooldown: 300,
            desiredCapacity: context.inputs["minSize"] ?? 0,
            healthCheckType: "EC2",
            predictedCapacity: 0,
            warmPoolSize: 0,
            loadBalancers: [],
            targetGroupArns: [],
            serviceLinkedRoleArn: serviceRole(
                context,
                "autoscaling.amazonaws.com",
                "AWSServiceRoleForAutoScaling",
            ),
        }),
    ),
    "aws:autoscaling/lifecycleHook:LifecycleHook": keyedBy("name"),
    "aws:autoscaling/policy:Policy": named((context, name) =>
        arn(
            context,
            "autoscaling",
            `scalingPolicy:${uuid(context)}:autoScalingGroupName/${text(context, "autoscalingGroupName") ?? ""}:policyName/${name}`,
        ),
    ),
    "aws:ecs/cluster:Cluster": identifiedByArn(
        (context, name) => arn(context, "ecs", `cluster/${name}`),
        () => ({
            settings: [{ name: "containerInsights", value: "disabled" }],
        }),
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": keyedBy("clusterName"),
    "aws:ecs/capacityProvider:CapacityProvider": identifiedByArn((context, name) =>
        arn(context, "ecs", `capacity-provider/${name}`),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": {
        id: (context) => physicalName(context, "family"),
        outputs: (context, family) => ({
            family,
            arn: arn(context, "ecs", `task-definition/${family}:1`),
            arnWithoutRevision: arn(context, "ecs", `task-definition/${family}`),
            revision: 1,
            networkMode: "bridge",
            enableFaultInjection: false,
        }),
    },
    "aws:ecs/service:Service": {
        id: (context) => serviceArn(context),
        outputs: (context, id) => ({
            arn: id,
            name: physicalName(context),
            launchType: "EC2",
            deploymentConfiguration: { strategy: "ROLLING", bakeTimeInMinutes: "0" },
            platformVersion: text(context, "launchType") === "FARGATE" ? "LATEST" : "",
            iamRole: serviceRole(context, "ecs.amazonaws.com", "AWSServiceRoleForECS"),
            availabilityZoneRebalancing: "DISABLED",
            triggers: {},
        }),
    },
    "aws:lb/loadBalancer:LoadBalancer": identifiedByArn(
        (context, name) =>
            arn(context, "elasticloadbalancing", `loadbalancer/${balancerPath(context, name)}`),
        (context, name) => ({
            arnSuffix: balancerPath(context, name),
            dnsName: `${context.inputs["internal"] === true ? "internal-" : ""}${name}-${parseInt(hex(context, 8), 16)}.${context.account.region}.elb.${context.account.dnsSuffix}`,
            zoneId: `Z${hex(context, 13, "zone").toUpperCase()}`,
            vpcId: prefixed("vpc")(context),
            internal: false,
            ipAddressType: "ipv4",
            subnetMappings: [],
            securityGroups: [],
        }),
    ),
    "aws:lb/listener:Listener": {
        id: (context) =>
            `${(text(context, "loadBalancerArn") ?? "").replace(":loadbalancer/", ":listener/")}/${hex(context, 16)}`,
        outputs: (_context, id) => ({ arn: id, protocol: "HTTP", sslPolicy: "" }),
    },
    "aws:lb/listenerRule:ListenerRule": {
        id: (context) =>
            `${(text(context, "listenerArn") ?? "").replace(":listener/", ":listener-rule/")}/${hex(context, 16)}`,
        outputs: (_context, id) => ({ arn: id, priority: 1 }),
    },
    "aws:wafv2/webAclAssociation:WebAclAssociation": {
        id: (context) => `${text(context, "webAclArn") ?? ""},${text(context, "resourceArn") ?? ""}`,
        outputs: () => ({}),
    },
    "aws:lb/targetGroup:TargetGroup": identifiedByArn(
        (context, name) => arn(context, "elasticloadbalancing", `targetgroup/${name}/${hex(context, 16)}`),
        (context, name) => ({
            arnSuffix: `targetgroup/${name}/${hex(context, 16)}`,
            ipAddressType: "ipv4",
            loadBalancerArns: [],
            protocolVersion: "HTTP1",
            connectionTermination: false,
            loadBalancingAlgorithmType: "round_robin",
            loadBalancingAnomalyMitigation: "off",
            loadBalancingCrossZoneEnabled: "use_load_balancer_configuration",
            namePrefix: "",
            preserveClientIp: "",
            healthCheck: { enabled: true, path: "/", protocol: "HTTP", port: "traffic-port", matcher: "200" },
            stickiness: { enabled: false, type: "lb_cookie", cookieDuration: 86_400 },
        }),
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": {
        id: (context) => `${text(context, "targetGroupArn") ?? ""}-${hex(context, 26)}`,
    },
    "aws:rds/instance:Instance": {
        id: (context) => resourceId(context),
        outputs: (context) => {
            const identifier = physicalName(context, "identifier");
            const port = context.inputs["port"] ?? (text(context, "engine") === "mysql" ? 3306 : 5432);
            const address = `${identifier}.${hex(context, 12, "endpoint")}.${context.account.region}.rds.${context.account.dnsSuffix}`;
            return {
                identifier,
                address,
                port,
                endpoint: `${address}:${String(port)}`,
                arn: arn(context, "rds", `db:${identifier}`),
                resourceId: resourceId(context),
                availabilityZone: `${context.account.region}a`,
                hostedZoneId: `Z${hex(context, 13, "zone").toUpperCase()}`,
                status: "available",
                replicas: [],
                listenerEndpoints: [],
                masterUserSecrets: [],
                caCertIdentifier: "rds-ca-rsa2048-g1",
                engineVersionActual: text(context, "engineVersion") ?? "",
                licenseModel: "postgresql-license",
                multiAz: false,
                storageType: "gp2",
            };
        },
    },
    "aws:rds/subnetGroup:SubnetGroup": named(
        (context, name) => arn(context, "rds", `subgrp:${name}`),
        (context) => ({
            description: "Managed by Pulumi",
            supportedNetworkTypes: ["IPV4"],
            vpcId: prefixed("vpc")(context),
        }),
    ),
    "aws:rds/parameterGroup:ParameterGroup": named(
        (context, name) => arn(context, "rds", `pg:${name}`),
        () => ({ description: "Managed by Pulumi" }),
    ),
};

function serviceArn(context: BehaviourContext): string {
    const cluster = (text(context, "cluster") ?? "default").split("/").at(-1)!;
    return arn(context, "ecs", `service/${cluster}/${physicalName(context)}`);
}

function resourceId(context: BehaviourContext): string {
    return `db-${hex(context, 26, "resource").toUpperCase()}`;
}
