/** Teams that run containers. */
import { allow, bucket, key, logGroup, network, ofAccount, policy, role } from "./foundation";
import { account, json, Program, region, text } from "./program";

const digest = `sha256:${"a1".repeat(32)}`;

/** A careful service on Fargate behind a public load balancer with a firewall. */
export function webService(): Program {
    const program = new Program("shop", "prod", "shop-team");
    const kms = key(program, "data", `logs.${region}.amazonaws.com`);
    const { vpc, publicSubnets, privateSubnets } = network(program, kms);
    const repository = program.add(
        "aws:ecr/repository:Repository",
        "shop",
        {
            imageTagMutability: "IMMUTABLE",
            imageScanningConfiguration: { scanOnPush: true },
            encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: kms.arn }],
            tags: { tier: "production" },
        },
        { protect: true },
    );
    program.add("aws:ecr/lifecyclePolicy:LifecyclePolicy", "shop", {
        repository: repository.get("name"),
        policy: JSON.stringify({
            rules: [
                {
                    rulePriority: 1,
                    description: "untagged",
                    selection: {
                        tagStatus: "untagged",
                        countType: "sinceImagePushed",
                        countUnit: "days",
                        countNumber: 7,
                    },
                    action: { type: "expire" },
                },
            ],
        }),
    });
    const logs = logGroup(program, "shop", kms);
    const cluster = program.add("aws:ecs/cluster:Cluster", "main", {
        settings: [{ name: "containerInsights", value: "enabled" }],
    });
    const secret = program.add("aws:secretsmanager/secret:Secret", "database", { kmsKeyId: kms.arn });
    const execution = role(
        program,
        "execution",
        "ecs-tasks.amazonaws.com",
        [
            allow("ecr:GetAuthorizationToken", "*"),
            allow(
                ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
                repository.arn,
            ),
            allow(["logs:CreateLogStream", "logs:PutLogEvents"], text`${logs.arn}:*`),
            allow("secretsmanager:GetSecretValue", secret.arn),
            allow("kms:Decrypt", kms.arn),
        ],
        ofAccount,
    );
    const uploads = bucket(program, "uploads", kms);
    const task = role(
        program,
        "task",
        "ecs-tasks.amazonaws.com",
        [
            allow(["s3:GetObject", "s3:PutObject"], text`${uploads.arn}/*`),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], kms.arn),
        ],
        ofAccount,
    );
    const definition = program.add("aws:ecs/taskDefinition:TaskDefinition", "shop", {
        family: "shop",
        cpu: "256",
        memory: "512",
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        executionRoleArn: execution.arn,
        taskRoleArn: task.arn,
        containerDefinitions: json([
            {
                name: "app",
                image: text`${repository.get("repositoryUrl")}@${digest}`,
                essential: true,
                user: "10001",
                readonlyRootFilesystem: true,
                linuxParameters: { initProcessEnabled: true },
                portMappings: [{ containerPort: 8080, protocol: "tcp" }],
                environment: [{ name: "BUCKET", value: uploads.get("bucket") }],
                secrets: [{ name: "DATABASE_URL", valueFrom: secret.arn }],
                logConfiguration: {
                    logDriver: "awslogs",
                    options: {
                        "awslogs-group": logs.get("name"),
                        "awslogs-region": region,
                        "awslogs-stream-prefix": "app",
                    },
                },
            },
        ]),
    });
    const certificate = program.add("aws:acm/certificate:Certificate", "shop", {
        domainName: "shop.example.com",
        validationMethod: "DNS",
    });
    const edge = program.add("aws:ec2/securityGroup:SecurityGroup", "edge", {
        vpcId: vpc.id,
        description: "Load balancer of the shop",
    });
    const inside = program.add("aws:ec2/securityGroup:SecurityGroup", "inside", {
        vpcId: vpc.id,
        description: "Tasks of the shop",
    });
    program.add("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "edge-https", {
        securityGroupId: edge.id,
        description: "HTTPS from everywhere",
        cidrIpv4: "0.0.0.0/0",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
    });
    program.add("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "edge-tasks", {
        securityGroupId: edge.id,
        description: "To the tasks",
        referencedSecurityGroupId: inside.id,
        ipProtocol: "tcp",
        fromPort: 8080,
        toPort: 8080,
    });
    program.add("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "tasks-edge", {
        securityGroupId: inside.id,
        description: "From the load balancer",
        referencedSecurityGroupId: edge.id,
        ipProtocol: "tcp",
        fromPort: 8080,
        toPort: 8080,
    });
    program.add("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "tasks-https", {
        securityGroupId: inside.id,
        description: "HTTPS outwards",
        cidrIpv4: "0.0.0.0/0",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
    });
    const accessLogs = bucket(program, "access-logs");
    const balancer = program.add("aws:lb/loadBalancer:LoadBalancer", "shop", {
        loadBalancerType: "application",
        internal: false,
        securityGroups: [edge.id],
        subnets: publicSubnets.map(({ id }) => id),
        enableDeletionProtection: true,
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "defensive",
        accessLogs: { bucket: accessLogs.get("bucket"), enabled: true, prefix: "shop" },
    });
    const group = program.add("aws:lb/targetGroup:TargetGroup", "shop", {
        port: 8080,
        protocol: "HTTP",
        targetType: "ip",
        vpcId: vpc.id,
        healthCheck: { path: "/health", matcher: "200" },
    });
    program.add("aws:lb/listener:Listener", "https", {
        loadBalancerArn: balancer.arn,
        port: 443,
        protocol: "HTTPS",
        sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificateArn: certificate.arn,
        defaultActions: [{ type: "forward", targetGroupArn: group.arn }],
    });
    program.add("aws:lb/listener:Listener", "http", {
        loadBalancerArn: balancer.arn,
        port: 80,
        protocol: "HTTP",
        defaultActions: [
            { type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } },
        ],
    });
    const firewall = program.add("aws:wafv2/webAcl:WebAcl", "shop", {
        scope: "REGIONAL",
        defaultAction: { allow: {} },
        rules: [
            {
                name: "common",
                priority: 1,
                overrideAction: { none: {} },
                statement: {
                    managedRuleGroupStatement: { vendorName: "AWS", name: "AWSManagedRulesCommonRuleSet" },
                },
                visibilityConfig: {
                    cloudwatchMetricsEnabled: true,
                    metricName: "common",
                    sampledRequestsEnabled: true,
                },
            },
        ],
        visibilityConfig: {
            cloudwatchMetricsEnabled: true,
            metricName: "shop",
            sampledRequestsEnabled: true,
        },
    });
    program.add("aws:wafv2/webAclAssociation:WebAclAssociation", "shop", {
        resourceArn: balancer.arn,
        webAclArn: firewall.arn,
    });
    const service = program.add("aws:ecs/service:Service", "shop", {
        cluster: cluster.arn,
        taskDefinition: definition.arn,
        launchType: "FARGATE",
        platformVersion: "LATEST",
        desiredCount: 2,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        networkConfiguration: {
            assignPublicIp: false,
            securityGroups: [inside.id],
            subnets: privateSubnets.map(({ id }) => id),
        },
        loadBalancers: [{ targetGroupArn: group.arn, containerName: "app", containerPort: 8080 }],
    });
    const target = program.add("aws:appautoscaling/target:Target", "shop", {
        minCapacity: 2,
        maxCapacity: 6,
        resourceId: text`service/${cluster.get("name")}/${service.get("name")}`,
        scalableDimension: "ecs:service:DesiredCount",
        serviceNamespace: "ecs",
    });
    program.add("aws:appautoscaling/policy:Policy", "shop", {
        policyType: "TargetTrackingScaling",
        resourceId: target.get("resourceId"),
        scalableDimension: "ecs:service:DesiredCount",
        serviceNamespace: "ecs",
        targetTrackingScalingPolicyConfiguration: {
            predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
            targetValue: 60,
        },
    });
    return program;
}

/** The well-known example: awsx builds everything from a Dockerfile, with a load balancer that speaks HTTP. */
export function awsxExample(): Program {
    const program = new Program("aws-ts-containers");
    const cluster = program.add("aws:ecs/cluster:Cluster", "cluster", {});
    const balancer = program.add("awsx:lb:ApplicationLoadBalancer", "nginx-lb", {});
    const group = program.add(
        "aws:ec2/securityGroup:SecurityGroup",
        "nginx-lb",
        {
            vpcId: "vpc-0defa017",
            ingress: [
                {
                    fromPort: 80,
                    toPort: 80,
                    protocol: "tcp",
                    cidrBlocks: ["0.0.0.0/0"],
                    ipv6CidrBlocks: ["::/0"],
                },
            ],
            egress: [
                {
                    fromPort: 0,
                    toPort: 0,
                    protocol: "-1",
                    cidrBlocks: ["0.0.0.0/0"],
                    ipv6CidrBlocks: ["::/0"],
                },
            ],
        },
        { parent: balancer },
    );
    const lb = program.add(
        "aws:lb/loadBalancer:LoadBalancer",
        "nginx-lb",
        {
            loadBalancerType: "application",
            securityGroups: [group.id],
            subnets: ["subnet-0aaa", "subnet-0bbb"],
        },
        { parent: balancer },
    );
    const targets = program.add(
        "aws:lb/targetGroup:TargetGroup",
        "nginx-lb",
        {
            port: 80,
            protocol: "HTTP",
            targetType: "ip",
            vpcId: "vpc-0defa017",
        },
        { parent: balancer },
    );
    program.add(
        "aws:lb/listener:Listener",
        "nginx-lb-0",
        {
            loadBalancerArn: lb.arn,
            port: 80,
            protocol: "HTTP",
            defaultActions: [{ type: "forward", targetGroupArn: targets.arn }],
        },
        { parent: balancer },
    );
    const holder = program.add("awsx:ecr:Repository", "repo", {});
    const repository = program.add(
        "aws:ecr/repository:Repository",
        "repo",
        { forceDelete: true },
        { parent: holder },
    );
    program.add(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "repo",
        {
            repository: repository.get("name"),
            policy: JSON.stringify({
                rules: [
                    {
                        rulePriority: 1,
                        description: "remove untagged images",
                        selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 1 },
                        action: { type: "expire" },
                    },
                ],
            }),
        },
        { parent: holder },
    );
    const image = program.add(
        "docker-build:index:Image",
        "app",
        {
            tags: [text`${repository.get("repositoryUrl")}:latest`],
            push: true,
            context: { location: "./app" },
        },
        { outputs: { ref: `${account}.dkr.ecr.${region}.amazonaws.com/repo-1a2b3c4@${digest}`, digest } },
    );
    const service = program.add("awsx:ecs:FargateService", "service", {});
    const taskDefinition = program.add("awsx:ecs:FargateTaskDefinition", "service", {}, { parent: service });
    const logs = program.add(
        "aws:cloudwatch/logGroup:LogGroup",
        "service",
        { retentionInDays: 7, namePrefix: "service" },
        { parent: taskDefinition, outputs: { name: "service-7f0a" } },
    );
    const trust = policy({
        Effect: "Allow",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Action: "sts:AssumeRole",
    });
    const execution = program.add(
        "aws:iam/role:Role",
        "service-execution",
        { assumeRolePolicy: trust },
        { parent: taskDefinition },
    );
    program.add(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "service-execution-9a42f520",
        {
            role: execution.get("name"),
            policyArn: "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        },
        { parent: taskDefinition },
    );
    const task = program.add(
        "aws:iam/role:Role",
        "service-task",
        { assumeRolePolicy: trust },
        { parent: taskDefinition },
    );
    const definition = program.add(
        "aws:ecs/taskDefinition:TaskDefinition",
        "service",
        {
            family: "service-0b0f",
            cpu: "512",
            memory: "128",
            networkMode: "awsvpc",
            requiresCompatibilities: ["FARGATE"],
            executionRoleArn: execution.arn,
            taskRoleArn: task.arn,
            containerDefinitions: json([
                {
                    name: "app",
                    image: image.get("ref"),
                    cpu: 512,
                    memory: 128,
                    essential: true,
                    portMappings: [{ containerPort: 80, targetGroup: targets.arn }],
                    logConfiguration: {
                        logDriver: "awslogs",
                        options: {
                            "awslogs-group": logs.get("name"),
                            "awslogs-region": region,
                            "awslogs-stream-prefix": "app",
                        },
                    },
                },
            ]),
        },
        { parent: taskDefinition },
    );
    program.add(
        "aws:ecs/service:Service",
        "service",
        {
            cluster: cluster.arn,
            taskDefinition: definition.arn,
            launchType: "FARGATE",
            desiredCount: 2,
            networkConfiguration: {
                assignPublicIp: true,
                subnets: ["subnet-0aaa", "subnet-0bbb"],
                securityGroups: [group.id],
            },
            loadBalancers: [{ targetGroupArn: targets.arn, containerName: "app", containerPort: 80 }],
        },
        { parent: service },
    );
    return program;
}

/** Repositories only, one per service, with a key. */
export function repositories(): Program {
    const program = new Program("registry", "main", "platform");
    const kms = key(program, "images");
    for (const name of ["team/api", "team/web", "prod-tools/linter"]) {
        const repository = program.add(
            "aws:ecr/repository:Repository",
            name,
            {
                name,
                imageTagMutability: "IMMUTABLE",
                encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: kms.arn }],
                tags: { tier: name.startsWith("team/") ? "production" : "tooling" },
            },
            { protect: true },
        );
        program.add("aws:ecr/lifecyclePolicy:LifecyclePolicy", name, {
            repository: repository.get("name"),
            policy: JSON.stringify({
                rules: [
                    {
                        rulePriority: 1,
                        selection: {
                            tagStatus: "untagged",
                            countType: "sinceImagePushed",
                            countUnit: "days",
                            countNumber: 14,
                        },
                        action: { type: "expire" },
                    },
                ],
            }),
        });
    }
    program.add("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", "scanning", {
        scanType: "BASIC",
        rules: [
            { scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] },
        ],
    });
    return program;
}
