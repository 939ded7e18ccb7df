import assert from "node:assert/strict";
import fc from "fast-check";
import type { CapturedResource, Value } from "../model";
import { StackBuilder, unknown } from "../report/fixtures/stackBuilder";
import type { CostEstimate } from "./estimate";
import { estimateMonthlyFloor, formatCents, formatUnitPrice } from "./estimate";
import { freeTypes } from "./freeTypes";
import { instancePrices, postgresPrices, prices } from "./prices";
import { pricers } from "./pricers";

function estimateOf(build: (stack: StackBuilder) => void): CostEstimate {
    const stack = new StackBuilder();
    build(stack);
    return estimateMonthlyFloor(stack.resources);
}

function linesOf(estimate: CostEstimate): string[] {
    return estimate.lines.map((line) => `${line.item}: ${line.arithmetic}`);
}

function reasonsOf(estimate: CostEstimate): string[] {
    return estimate.unpriced.map((line) => line.reason);
}

function addGroup(stack: StackBuilder, group: Record<string, Value>, template: Record<string, Value>): void {
    const launchTemplate = stack.add("aws:ec2/launchTemplate:LaunchTemplate", "anchore", {
        inputs: template,
    });
    stack.add("aws:autoscaling/group:Group", "anchore", {
        inputs: { ...group, launchTemplate: { id: unknown, version: "$Latest" } },
        refers: { launchTemplate: [launchTemplate] },
    });
}

const rootVolume = [
    { deviceName: "/dev/xvda", ebs: { volumeSize: 40, volumeType: "gp3", encrypted: "true" } },
];

describe("monthly floor", () => {
    it("prices a small stack to the cent and shows the arithmetic", () => {
        const estimate = estimateOf((stack) => {
            stack.add("aws:ec2/natGateway:NatGateway", "network-1");
            stack.add("aws:ec2/eip:Eip", "network-1");
            stack.add("aws:kms/key:Key", "pipeline");
            stack.add("aws:kms/key:Key", "anchore");
            stack.add("aws:route53/zone:Zone", "internal");
            stack.add("aws:lb/loadBalancer:LoadBalancer", "anchore", {
                inputs: { internal: true, subnets: unknown },
            });
            stack.add("aws:rds/instance:Instance", "anchore", {
                inputs: {
                    engine: "postgres",
                    instanceClass: "db.t4g.micro",
                    multiAz: false,
                    storageType: "gp3",
                    allocatedStorage: 20,
                },
            });
            addGroup(
                stack,
                { desiredCapacity: 1, minSize: 1, maxSize: 2 },
                { instanceType: "t3a.medium", blockDeviceMappings: rootVolume },
            );
        });
        assert.deepEqual(linesOf(estimate), [
            "NAT gateway: 1 × 730 h × $0.045 = $32.85",
            "EC2 t3a.medium: 1 × 730 h × $0.0376 = $27.45",
            "Application Load Balancer: 1 × 730 h × $0.0225 = $16.43",
            "RDS PostgreSQL db.t4g.micro: 1 × 730 h × $0.016 = $11.68",
            "Public IPv4 address: 1 × 730 h × $0.005 = $3.65",
            "EBS gp3 volume: 40 GB × $0.08 = $3.20",
            "RDS gp3 storage: 20 GB × $0.115 = $2.30",
            "KMS key: 2 × $1.00 = $2.00",
            "Route 53 hosted zone: 1 × $0.50 = $0.50",
        ]);
        assert.equal(estimate.totalCents, 10006);
        assert.deepEqual(estimate.unpriced, []);
        assert.deepEqual(
            estimate.lines
                .find((line) => line.item === "KMS key")
                ?.resources.map((urn) => urn.split("::")[3]),
            ["anchore", "pipeline"],
        );
        assert.equal(estimate.freeResources, 1, "the launch template");
    });

    it("doubles instance and storage of a Multi-AZ database", () => {
        const estimate = estimateOf((stack) => {
            stack.add("aws:rds/instance:Instance", "db", {
                inputs: {
                    engine: "postgres",
                    instanceClass: "db.t4g.medium",
                    multiAz: true,
                    storageType: "gp3",
                    allocatedStorage: 50,
                },
            });
        });
        assert.deepEqual(linesOf(estimate), [
            "RDS PostgreSQL db.t4g.medium: 2 × 730 h × $0.065 = $94.90",
            "RDS gp3 storage: 100 GB × $0.115 = $11.50",
        ]);
    });

    it("counts an interface endpoint once per zone, a gateway endpoint not at all", () => {
        const estimate = estimateOf((stack) => {
            // A list out of a component depends on everything in it: here on the subnets of both tiers.
            const subnets = ["a", "b", "c"].flatMap((zone) =>
                ["public", "private"].map((tier) =>
                    stack.add("aws:ec2/subnet:Subnet", `${tier}-${zone}`, {
                        inputs: { availabilityZone: zone },
                    }),
                ),
            );
            const later = stack.add("aws:ec2/subnet:Subnet", "later", {
                inputs: { availabilityZone: unknown },
            });
            const add = (name: string, subnetIds: Value, refers: CapturedResource[] = []): CapturedResource =>
                stack.add("aws:ec2/vpcEndpoint:VpcEndpoint", name, {
                    inputs: { vpcEndpointType: "Interface", subnetIds },
                    refers: { subnetIds: refers },
                });
            stack.add("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", { inputs: { vpcEndpointType: "Gateway" } });
            stack.add("aws:ec2/vpcEndpoint:VpcEndpoint", "dynamodb");
            add("ecr", [unknown, unknown]);
            add("logs", unknown, subnets);
            add("ssm", unknown);
            add("kms", unknown, [later]);
        });
        assert.deepEqual(linesOf(estimate), ["Interface endpoint, per zone: 5 × 730 h × $0.01 = $36.50"]);
        const reason =
            "no price for this interface endpoint: the number of its zones (subnetIds) is not known";
        assert.deepEqual(reasonsOf(estimate), [reason, reason]);
    });

    it("charges public addresses of a load balancer that faces the internet", () => {
        const estimate = estimateOf((stack) => {
            stack.add("aws:lb/loadBalancer:LoadBalancer", "open", {
                inputs: { subnets: ["subnet-1", "subnet-2"] },
            });
            stack.add("aws:lb/loadBalancer:LoadBalancer", "later", { inputs: { internal: unknown } });
        });
        assert.deepEqual(linesOf(estimate), [
            "Application Load Balancer: 2 × 730 h × $0.0225 = $32.85",
            "Public IPv4 address: 2 × 730 h × $0.005 = $7.30",
        ]);
        assert.deepEqual(reasonsOf(estimate), [
            "no price for its public addresses: internal is not known yet",
        ]);
    });

    it("falls back on the minimum when a group has no desired capacity, and stays loud when it is unknown", () => {
        const template = { instanceType: "t3.large", blockDeviceMappings: rootVolume };
        assert.deepEqual(
            linesOf(estimateOf((stack) => addGroup(stack, { minSize: 2, maxSize: 4 }, template))),
            ["EC2 t3.large: 2 × 730 h × $0.0832 = $121.47", "EBS gp3 volume: 80 GB × $0.08 = $6.40"],
        );
        const unsure = estimateOf((stack) =>
            addGroup(stack, { desiredCapacity: unknown, minSize: 1 }, template),
        );
        assert.deepEqual(linesOf(unsure), []);
        assert.deepEqual(reasonsOf(unsure), ["no price for this group: desiredCapacity is not known yet"]);
    });

    it("does not take paid options for free", () => {
        const estimate = estimateOf((stack) => {
            addGroup(
                stack,
                { desiredCapacity: 2 },
                {
                    instanceType: "t3.medium",
                    blockDeviceMappings: rootVolume,
                    monitoring: { enabled: true },
                    networkInterfaces: [{ associatePublicIpAddress: "true" }],
                },
            );
            stack.add("aws:ecs/cluster:Cluster", "seen", {
                inputs: { settings: [{ name: "containerInsights", value: "enhanced" }] },
            });
            stack.add("aws:ecs/cluster:Cluster", "unseen", {
                inputs: { settings: [{ name: "containerInsights", value: "disabled" }] },
            });
            stack.add("aws:rds/instance:Instance", "db", {
                inputs: {
                    engine: "postgres",
                    instanceClass: "db.t4g.small",
                    storageType: "gp3",
                    allocatedStorage: 20,
                    performanceInsightsRetentionPeriod: 31,
                    manageMasterUserPassword: true,
                },
            });
        });
        assert.deepEqual(linesOf(estimate), [
            "EC2 t3.medium: 2 × 730 h × $0.0416 = $60.74",
            "RDS PostgreSQL db.t4g.small: 1 × 730 h × $0.032 = $23.36",
            "Public IPv4 address: 2 × 730 h × $0.005 = $7.30",
            "EBS gp3 volume: 80 GB × $0.08 = $6.40",
            "RDS gp3 storage: 20 GB × $0.115 = $2.30",
            "Secrets Manager secret: 1 × $0.40 = $0.40",
        ]);
        assert.deepEqual(reasonsOf(estimate), [
            "no price for detailed monitoring of instances",
            "no price for the metrics of Container Insights",
            "no price for Database Insights beyond seven days",
        ]);
        assert.ok(estimate.usage.some(({ item }) => item === "EC2 burst credits"));
        const standard = estimateOf((stack) =>
            addGroup(
                stack,
                { desiredCapacity: 1 },
                {
                    instanceType: "t3.medium",
                    blockDeviceMappings: rootVolume,
                    monitoring: { enabled: false },
                    creditSpecification: { cpuCredits: "standard" },
                    networkInterfaces: [{ associatePublicIpAddress: "false" }],
                },
            ),
        );
        assert.deepEqual([standard.usage, standard.unpriced], [[], []]);
    });

    it("reports an instance type, a database class, a volume and a launch template without a price", () => {
        const one = { desiredCapacity: 1 };
        assert.deepEqual(
            reasonsOf(
                estimateOf((stack) =>
                    addGroup(stack, one, { instanceType: "x9.huge", blockDeviceMappings: rootVolume }),
                ),
            ),
            ["no price for EC2 x9.huge"],
        );
        assert.deepEqual(
            reasonsOf(
                estimateOf((stack) =>
                    addGroup(stack, one, { instanceType: unknown, blockDeviceMappings: rootVolume }),
                ),
            ),
            ["no price for an instance whose type is not known"],
        );
        assert.deepEqual(
            reasonsOf(estimateOf((stack) => addGroup(stack, one, { instanceType: "t3.large" }))),
            ["no price for the root volume: the launch template does not set it"],
        );
        assert.deepEqual(
            reasonsOf(
                estimateOf((stack) => {
                    stack.add("aws:autoscaling/group:Group", "g", { inputs: one });
                    stack.add("aws:rds/instance:Instance", "db", {
                        inputs: {
                            engine: "postgres",
                            instanceClass: "db.r9g.large",
                            storageType: "io2",
                            allocatedStorage: 9,
                        },
                    });
                    stack.add("aws:rds/instance:Instance", "other", { inputs: { engine: "mysql" } });
                }),
            ),
            [
                "no price for this group: its launch template is not part of the stack",
                "no price for RDS PostgreSQL db.r9g.large",
                "no price for RDS storage of type io2",
                "no price for RDS engine mysql",
            ],
        );
    });

    it("never prices an unknown type at zero, nor a component that was not expanded", () => {
        const estimate = estimateOf((stack) => {
            stack.add("aws:redshift/cluster:Cluster", "warehouse");
            stack.add("awsx:ec2:Vpc", "network", { remote: true });
        });
        assert.deepEqual(reasonsOf(estimate), [
            "no price for aws:redshift/cluster:Cluster: the type is not in the price table",
            "no price for awsx:ec2:Vpc: the component was not expanded into resources",
        ]);
        assert.equal(estimate.totalCents, 0);
    });

    it("lists what is paid by use beside the floor, with its unit prices", () => {
        const estimate = estimateOf((stack) => {
            stack.add("aws:codepipeline/pipeline:Pipeline", "demo", { inputs: { pipelineType: "V2" } });
            stack.add("aws:codepipeline/pipeline:Pipeline", "old", { inputs: {} });
            stack.add("aws:codebuild/project:Project", "demo-build", {
                inputs: { environment: { computeType: "BUILD_GENERAL1_SMALL", type: "LINUX_CONTAINER" } },
            });
            stack.add("aws:codebuild/project:Project", "demo-gpu", {
                inputs: { environment: { computeType: "BUILD_GENERAL1_LARGE", type: "LINUX_GPU_CONTAINER" } },
            });
            stack.add("aws:inspector2/enabler:Enabler", "inspector", {
                inputs: { resourceTypes: ["ECR", "EC2"] },
            });
        });
        assert.deepEqual(
            estimate.usage.map((line) => [
                line.item,
                line.prices.map((each) => each.usd),
                line.resources.length,
            ]),
            [
                ["Amazon Inspector", [0.09, 0.01], 1],
                ["CodeBuild", [0.005], 1],
                ["CodePipeline V2", [0.002], 1],
            ],
        );
        assert.deepEqual(linesOf(estimate), ["CodePipeline V1 pipeline: 1 × $1.00 = $1.00"]);
        assert.deepEqual(reasonsOf(estimate), [
            "no price for a build minute of BUILD_GENERAL1_LARGE in LINUX_GPU_CONTAINER",
            "no price for Inspector scans of EC2",
        ]);
    });

    it("prices alarms by metric and resolution, and parameters by tier", () => {
        const estimate = estimateOf((stack) => {
            stack.add("aws:cloudwatch/metricAlarm:MetricAlarm", "one", { inputs: { period: 300 } });
            stack.add("aws:cloudwatch/metricAlarm:MetricAlarm", "fast", { inputs: { period: 10 } });
            stack.add("aws:cloudwatch/metricAlarm:MetricAlarm", "sum", {
                inputs: {
                    metricQueries: [
                        { id: "e", expression: "a+b" },
                        { id: "a", metric: {} },
                        { id: "b", metric: {} },
                    ],
                },
            });
            stack.add("aws:ssm/parameter:Parameter", "small", { inputs: { value: { $secret: "x" } } });
            stack.add("aws:ssm/parameter:Parameter", "large", { inputs: { tier: "Advanced" } });
            stack.add("aws:ssm/parameter:Parameter", "either", { inputs: { tier: "Intelligent-Tiering" } });
        });
        assert.deepEqual(linesOf(estimate), [
            "CloudWatch alarm, per metric: 3 × $0.10 = $0.30",
            "CloudWatch high-resolution alarm, per metric: 1 × $0.30 = $0.30",
            "SSM advanced parameter: 1 × $0.05 = $0.05",
        ]);
        assert.deepEqual(reasonsOf(estimate), [
            "no price for this parameter: the tier is Intelligent-Tiering",
        ]);
    });

    it("names what functions, tables, topics and schedules are paid for, by processor and setting", () => {
        const estimate = estimateOf((stack) => {
            const table = (name: string, inputs: Record<string, Value>) =>
                stack.add("aws:dynamodb/table:Table", name, {
                    inputs: { billingMode: "PAY_PER_REQUEST", ...inputs },
                });
            stack.add("aws:lambda/function:Function", "arm", {
                inputs: { architectures: ["arm64"], tracingConfig: { mode: "Active" } },
            });
            stack.add("aws:lambda/function:Function", "big", {
                inputs: { ephemeralStorage: { size: 1024 } },
            });
            table("plain", {});
            table("kept", { pointInTimeRecovery: { enabled: true }, streamEnabled: true });
            stack.add("aws:dynamodb/table:Table", "provisioned", { inputs: {} });
            stack.add("aws:sns/topic:Topic", "topic");
            for (const protocol of ["lambda", "sqs", "email", "sms"]) {
                stack.add("aws:sns/topicSubscription:TopicSubscription", protocol, { inputs: { protocol } });
            }
            stack.add("aws:scheduler/schedule:Schedule", "watchdog");
            stack.add("aws:scheduler/scheduleGroup:ScheduleGroup", "group");
            stack.add("aws:cloudwatch/metricAlarm:MetricAlarm", "fast", {
                inputs: { metricQueries: [{ id: "a", metric: { period: 10, namespace: "AWS/Lambda" } }] },
            });
            stack.add("aws:cloudwatch/metricAlarm:MetricAlarm", "own", {
                inputs: { namespace: "Portcullis", metricName: "RequestOverdue", period: 300 },
            });
        });
        assert.deepEqual(
            estimate.usage.map(({ item, prices: list, resources }) => [
                item,
                list.map(({ usd }) => usd),
                resources.length,
            ]),
            [
                ["CloudWatch custom metrics", [0.3], 1],
                ["DynamoDB", [0.625, 0.125, 0.25, 0.2, 0.02], 2],
                ["EventBridge Scheduler", [1], 1],
                ["Lambda", [0.2, 0.0000133334, 0.0000166667], 2],
                ["SNS", [0.5], 1],
                ["SNS e-mails", [2], 1],
                ["X-Ray", [5], 1],
            ],
        );
        assert.deepEqual(linesOf(estimate), [
            "CloudWatch high-resolution alarm, per metric: 1 × $0.30 = $0.30",
            "CloudWatch alarm, per metric: 1 × $0.10 = $0.10",
        ]);
        assert.deepEqual(reasonsOf(estimate).sort(), [
            "no price for DynamoDB tables with provisioned capacity",
            "no price for Lambda storage above 512 MB",
            "no price for SNS deliveries by sms",
        ]);
    });

    it("does not depend on the order of the resources, and its lines add up to the total", () => {
        const types = [...Object.keys(pricers), ...freeTypes, "aws:unknown/thing:Thing"];
        fc.assert(
            fc.property(
                fc.array(fc.constantFrom(...types), { maxLength: 40 }),
                fc.infiniteStream(fc.nat()),
                (picked, order) => {
                    const stack = new StackBuilder();
                    picked.forEach((type, position) => stack.add(type, `r${position}`));
                    const keyed = stack.resources.map(
                        (resource) => [order.next().value as number, resource] as const,
                    );
                    const shuffled: CapturedResource[] = keyed
                        .sort((a, b) => a[0] - b[0])
                        .map(([, resource]) => resource);
                    const estimate = estimateMonthlyFloor(stack.resources);
                    assert.deepEqual(estimateMonthlyFloor(shuffled), estimate);
                    assert.equal(
                        estimate.lines.reduce((sum, line) => sum + line.amountCents, 0),
                        estimate.totalCents,
                    );
                },
            ),
        );
    });
});

describe("price table", () => {
    it("has positive prices only, and no type that is both priced and free", () => {
        for (const each of [
            ...Object.values(prices),
            ...Object.values(instancePrices),
            ...Object.values(postgresPrices),
        ]) {
            assert.ok(each.usd > 0 && Number.isFinite(each.usd), each.item);
        }
        // ECS services are judged by launch type, so they have a pricer that may answer with nothing.
        assert.deepEqual(
            Object.keys(pricers).filter((type) => freeTypes.has(type)),
            [],
        );
    });

    it("writes unit prices and amounts exactly", () => {
        assert.deepEqual([0.0225, 1, 0.5, 0.115, 0.0000166667].map(formatUnitPrice), [
            "$0.0225",
            "$1.00",
            "$0.50",
            "$0.115",
            "$0.0000166667",
        ]);
        assert.deepEqual([0, 5, 9876, 100000].map(formatCents), ["$0.00", "$0.05", "$98.76", "$1000.00"]);
    });
});
