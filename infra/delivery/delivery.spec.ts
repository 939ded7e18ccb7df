import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
    codecommitApplication,
    exampleKeyArn,
    examplePlatform,
} from "../application/testing/examplePlatform";
import { only, recordResources, type RawResource } from "../testing/recordedStack";
import { nothingReleased } from "./containerDefinition";
import { Delivery } from "./delivery";

const webAclArn =
    "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/site/01234567-89ab-cdef-0123-456789abcdef";
const certificateArn =
    "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef";
const hookFunction = "arn:aws:lambda:eu-central-1:123456789012:function:portcullis-dev-admission";
const hookRole = "arn:aws:iam::123456789012:role/portcullis-dev-admission-hook";
const prefix = "portcullis-dev-demo";
const existing = {
    type: "existing",
    cluster: "main",
    service: "shop",
    container: "web",
    taskRoleArns: [
        "arn:aws:iam::123456789012:role/shop-task",
        "arn:aws:iam::123456789012:role/shop-execution",
    ],
};

interface Recorded {
    resources: RawResource[];
    created: Record<string, unknown>;
}

/** The services of one application, recorded. @param protection of the stack */
async function recorded(
    delivery: Record<string, unknown>,
    protection: "deletable" | "protected" = "deletable",
): Promise<Recorded> {
    const made: Delivery[] = [];
    const { resources } = await recordResources(() => {
        const platform = examplePlatform({
            applications: [{ ...codecommitApplication, delivery }],
            protection,
            ...(protection === "protected" ? { evidence: { retentionDays: 365 } } : {}),
        });
        made.push(
            new Delivery("delivery", {
                hook: { functionArn: hookFunction, roleArn: hookRole, ready: [] },
                network: {
                    vpcId: platform.network.vpcId,
                    privateSubnetIds: platform.network.privateSubnetIds,
                    publicSubnetIds: pulumi.output(["subnet-2a", "subnet-2b"]),
                },
                platform,
            }),
        );
    });
    const created = await new Promise<Record<string, unknown>>((resolve) =>
        pulumi.output(made[0]?.created ?? {}).apply((known) => {
            resolve(known);
        }),
    );
    return { resources, created };
}

const lines = (resources: RawResource[]) => resources.map(({ type, name }) => `${type} ${name}`).sort();

function inputs(resources: RawResource[], name: string): Record<string, unknown> {
    const { tags: _tags, ...rest } = only(resources, name).inputs;
    return rest;
}

const created = (part: string) => [
    `aws:cloudwatch/logGroup:LogGroup ${part}-logs`,
    `aws:ec2/securityGroup:SecurityGroup ${part}-task-group`,
    `aws:ecs/service:Service ${part}-service`,
    `aws:ecs/taskDefinition:TaskDefinition ${part}-template`,
    `aws:iam/role:Role ${part}-deploy-role`,
    `aws:iam/role:Role ${part}-execution-role`,
    `aws:iam/role:Role ${part}-task-role`,
    `aws:iam/rolePolicy:RolePolicy ${part}-deploy-role-policy`,
    `aws:iam/rolePolicy:RolePolicy ${part}-execution-role-policy`,
    `aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule ${part}-task-https-out`,
];
const cluster = "aws:ecs/cluster:Cluster delivery-cluster";

describe("Delivery", () => {
    let headless: Recorded;
    let balanced: Recorded;

    before(async () => {
        headless = await recorded({
            staging: { type: "create" },
            production: {
                type: "create",
                cpu: 512,
                memory: 2_048,
                desiredCount: 3,
                environment: { LOG_LEVEL: "info", ADDRESS: "example.com" },
            },
        });
        balanced = await recorded(
            { production: { type: "create", loadBalancer: { certificateArn, healthCheckPath: "/ready" } } },
            "protected",
        );
    });

    it("makes a cluster, two services and what belongs to them, and nothing else", () => {
        assert.deepEqual(
            lines(headless.resources),
            [cluster, ...created("delivery-demo-staging"), ...created("delivery-demo-production")].sort(),
        );
        const template = (tier: string) => ({ template: `arn:task-definition/${prefix}-${tier}:1` });
        assert.deepEqual(headless.created, {
            demo: { staging: template("staging"), production: template("production") },
        });
    });

    it("makes for an existing service the role of its deployments only", async () => {
        const { resources, created: outputs } = await recorded({ production: existing });
        assert.deepEqual(outputs, {});
        assert.deepEqual(lines(resources), [
            "aws:iam/role:Role delivery-demo-production-deploy-role",
            "aws:iam/rolePolicy:RolePolicy delivery-demo-production-deploy-role-policy",
        ]);
    });

    it("makes nothing where nothing is delivered to", async () => {
        assert.deepEqual(lines((await recorded({})).resources), []);
    });

    it("makes the production service blue/green, asking admission before a task starts", () => {
        assert.deepEqual(inputs(headless.resources, "delivery-demo-production-service"), {
            name: `${prefix}-production`,
            cluster: "arn:cluster/portcullis-dev-delivery",
            taskDefinition: `arn:task-definition/${prefix}-production:1`,
            desiredCount: 3,
            launchType: "FARGATE",
            platformVersion: "LATEST",
            schedulingStrategy: "REPLICA",
            deploymentController: { type: "ECS" },
            deploymentCircuitBreaker: { enable: true, rollback: true },
            deploymentMinimumHealthyPercent: 100,
            deploymentMaximumPercent: 200,
            deploymentConfiguration: {
                strategy: "BLUE_GREEN",
                bakeTimeInMinutes: "0",
                lifecycleHooks: [
                    {
                        targetType: "AWS_LAMBDA",
                        hookTargetArn: hookFunction,
                        roleArn: hookRole,
                        lifecycleStages: ["PRE_SCALE_UP"],
                    },
                ],
            },
            availabilityZoneRebalancing: "ENABLED",
            networkConfiguration: {
                subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
                securityGroups: ["delivery-demo-production-task-group-id"],
                assignPublicIp: false,
            },
            enableExecuteCommand: false,
            enableEcsManagedTags: true,
            propagateTags: "SERVICE",
            waitForSteadyState: false,
        });
        assert.deepEqual(only(headless.resources, "delivery-demo-production-service").inputs["tags"], {
            Team: "delivery",
            ManagedBy: "pulumi",
            Project: "portcullis",
            Stack: "dev",
            Name: `${prefix}-production`,
            tier: "production",
        });
    });

    it("asks nobody in staging, where nothing is approved yet", () => {
        const { deploymentConfiguration } = inputs(headless.resources, "delivery-demo-staging-service");
        assert.deepEqual(deploymentConfiguration, { strategy: "BLUE_GREEN", bakeTimeInMinutes: "0" });
    });

    it("refuses to make a production service that nobody guards", async () => {
        const failed: unknown[] = [];
        await recordResources(() => {
            const platform = examplePlatform({
                applications: [{ ...codecommitApplication, delivery: { production: { type: "create" } } }],
            });
            try {
                new Delivery("delivery", {
                    hook: undefined,
                    network: { ...platform.network, publicSubnetIds: pulumi.output([]) },
                    platform,
                });
            } catch (error) {
                failed.push((error as Error).message);
            }
        });
        assert.deepEqual(failed, [`service ${prefix}-production has nobody who decides about admission`]);
    });

    it("makes a template with an image that cannot be, without rights, public address or writable root", () => {
        const { containerDefinitions, ...template } = inputs(
            headless.resources,
            "delivery-demo-production-template",
        );
        assert.deepEqual(template, {
            family: `${prefix}-production`,
            requiresCompatibilities: ["FARGATE"],
            networkMode: "awsvpc",
            runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
            cpu: "512",
            memory: "2048",
            executionRoleArn: `arn:aws:iam::123456789012:role/${prefix}-production-execution`,
            taskRoleArn: `arn:aws:iam::123456789012:role/${prefix}-production-task`,
            volumes: [{ name: "scratch" }],
        });
        assert.equal(nothingReleased, `sha256:${"0".repeat(64)}`);
        assert.deepEqual(JSON.parse(containerDefinitions as string), [
            {
                name: "application",
                image: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${prefix}-production@${nothingReleased}`,
                essential: true,
                user: "1000:1000",
                privileged: false,
                readonlyRootFilesystem: true,
                linuxParameters: { initProcessEnabled: true, capabilities: { add: [], drop: ["ALL"] } },
                environment: [
                    { name: "ADDRESS", value: "example.com" },
                    { name: "LOG_LEVEL", value: "info" },
                ],
                mountPoints: [{ sourceVolume: "scratch", containerPath: "/tmp", readOnly: false }],
                portMappings: [],
                logConfiguration: {
                    logDriver: "awslogs",
                    options: {
                        "awslogs-group": `${prefix}-production`,
                        "awslogs-region": "eu-central-1",
                        "awslogs-stream-prefix": "production",
                    },
                },
            },
        ]);
    });

    it("encrypts and keeps the log", () => {
        assert.deepEqual(inputs(headless.resources, "delivery-demo-staging-logs"), {
            name: `${prefix}-staging`,
            retentionInDays: 30,
            kmsKeyId: exampleKeyArn,
        });
        assert.equal(inputs(balanced.resources, "delivery-demo-production-logs")["retentionInDays"], 365);
    });

    it("puts a load balancer with two target groups before the service where one is wanted", () => {
        const part = "delivery-demo-production";
        assert.deepEqual(
            lines(balanced.resources),
            [
                cluster,
                ...created(part),
                `aws:ec2/securityGroup:SecurityGroup ${part}-balancer-group`,
                `aws:iam/role:Role ${part}-balancer-role`,
                `aws:iam/rolePolicy:RolePolicy ${part}-balancer-role-policy`,
                `aws:lb/listener:Listener ${part}-balancer-https`,
                `aws:lb/listenerRule:ListenerRule ${part}-balancer-traffic`,
                `aws:lb/loadBalancer:LoadBalancer ${part}-balancer`,
                `aws:lb/targetGroup:TargetGroup ${part}-balancer-blue`,
                `aws:lb/targetGroup:TargetGroup ${part}-balancer-green`,
                `aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule ${part}-balancer-to-tasks`,
                `aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule ${part}-balancer-https-in`,
                `aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule ${part}-balancer-tasks-in`,
            ].sort(),
        );
        const service = inputs(balanced.resources, `${part}-service`);
        const [attachment] = service["loadBalancers"] as Record<string, unknown>[];
        const groups = ["blue", "green"].map(
            (colour) =>
                `arn:target-group/${String(inputs(balanced.resources, `${part}-balancer-${colour}`)["name"])}`,
        );
        assert.notEqual(groups[0], groups[1]);
        assert.deepEqual(attachment, {
            targetGroupArn: groups[0],
            containerName: "application",
            containerPort: 8_080,
            advancedConfiguration: {
                alternateTargetGroupArn: groups[1],
                productionListenerRule: `arn:listener-rule/${part}-balancer-traffic`,
                roleArn: `arn:aws:iam::123456789012:role/${prefix}-production-balancer`,
            },
        });
        assert.equal(service["healthCheckGracePeriodSeconds"], 60);
        assert.equal(
            (service["deploymentConfiguration"] as Record<string, unknown>)["bakeTimeInMinutes"],
            "5",
        );
        assert.deepEqual(inputs(balanced.resources, `${part}-balancer-traffic`), {
            listenerArn: "arn:listener/443",
            priority: 1,
            conditions: [{ pathPattern: { values: ["/*"] } }],
            actions: [
                {
                    type: "forward",
                    forward: {
                        targetGroups: [
                            { arn: groups[0], weight: 100 },
                            { arn: groups[1], weight: 0 },
                        ],
                    },
                },
            ],
        });
        assert.deepEqual(inputs(balanced.resources, `${part}-balancer-https`), {
            loadBalancerArn: `arn:load-balancer/${prefix}-production`,
            port: 443,
            protocol: "HTTPS",
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
            certificateArn,
            defaultActions: [{ type: "forward", targetGroupArn: groups[0] }],
        });
        const target = inputs(balanced.resources, `${part}-balancer-green`);
        assert.equal((target["healthCheck"] as Record<string, unknown>)["path"], "/ready");
        assert.deepEqual([target["targetType"], target["port"], target["protocol"]], ["ip", 8_080, "HTTP"]);
        assert.deepEqual(balanced.created, {
            demo: {
                production: {
                    template: `arn:task-definition/${prefix}-production:1`,
                    url: `https://${prefix}-production.elb.example.com`,
                },
            },
        });
    });

    it("keeps an internal load balancer in the VPC, and lets the internet only reach one that is meant to be", async () => {
        const reached = ({ resources }: Recorded) => {
            const balancer = inputs(resources, "delivery-demo-production-balancer");
            const rule = inputs(resources, "delivery-demo-production-balancer-https-in");
            return [balancer["internal"], balancer["subnets"], rule["cidrIpv4"], rule["fromPort"]];
        };
        const inside = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
        assert.deepEqual(reached(balanced), [true, inside, "10.20.0.0/16", 443]);
        const open = await recorded({
            production: { type: "create", loadBalancer: { certificateArn, internal: false, webAclArn } },
        });
        assert.deepEqual(reached(open), [false, ["subnet-2a", "subnet-2b"], "0.0.0.0/0", 443]);
        const shield = inputs(open.resources, "delivery-demo-production-balancer-web-acl");
        assert.equal(shield["webAclArn"], webAclArn);
        assert.match(String(shield["resourceArn"]), /^arn:load-balancer\//);
        const edge = ({ resources }: Recorded) =>
            (only(resources, "delivery-demo-production-balancer-group").inputs["tags"] as Record<string, string>)["gate:edge"]; // prettier-ignore
        assert.deepEqual([edge(open), edge(balanced)], ["true", undefined]);
    });

    it("protects the load balancer and measures the cluster in a protected stack", () => {
        const protection = (resources: RawResource[]) =>
            inputs(resources, "delivery-cluster")["settings"] as unknown;
        assert.deepEqual(protection(headless.resources), [{ name: "containerInsights", value: "disabled" }]);
        assert.deepEqual(protection(balanced.resources), [{ name: "containerInsights", value: "enabled" }]);
        assert.equal(
            inputs(balanced.resources, "delivery-demo-production-balancer")["enableDeletionProtection"],
            true,
        );
    });

    it("gives what runs no permission at all", () => {
        const policies = headless.resources.filter(({ type }) => type.startsWith("aws:iam/rolePolicy"));
        const roles = policies.map(({ inputs: policy }) => policy["role"]);
        assert.equal(roles.filter((role) => String(role).includes("-task-")).length, 0);
    });
});
