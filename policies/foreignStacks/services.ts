/** Teams that neither build nor run containers. */
import { allow, bucket, key, logGroup, policy, role } from "./foundation";
import { account, json, Program, region, text } from "./program";

/** An API with a table, a queue and a bus. */
export function serverless(): Program {
    const program = new Program("orders", "prod", "platform");
    const kms = key(program, "orders", `logs.${region}.amazonaws.com`, "events.amazonaws.com");
    const table = program.add(
        "aws:dynamodb/table:Table",
        "orders",
        {
            billingMode: "PAY_PER_REQUEST",
            hashKey: "id",
            attributes: [{ name: "id", type: "S" }],
            pointInTimeRecovery: { enabled: true },
            serverSideEncryption: { enabled: true, kmsKeyArn: kms.arn },
            deletionProtectionEnabled: true,
        },
        { protect: true },
    );
    const dead = program.add("aws:sqs/queue:Queue", "dead", {
        kmsMasterKeyId: kms.id,
        messageRetentionSeconds: 1_209_600,
    });
    const queue = program.add("aws:sqs/queue:Queue", "work", {
        kmsMasterKeyId: kms.id,
        visibilityTimeoutSeconds: 180,
        redrivePolicy: json({ deadLetterTargetArn: dead.arn, maxReceiveCount: 5 }),
    });
    const failed = program.add("aws:sqs/queue:Queue", "failed-events", { kmsMasterKeyId: kms.id });
    const bus = program.add("aws:cloudwatch/eventBus:EventBus", "orders", { kmsKeyIdentifier: kms.arn });
    const rule = program.add("aws:cloudwatch/eventRule:EventRule", "placed", {
        eventBusName: bus.get("name"),
        eventPattern: JSON.stringify({ source: ["orders"], "detail-type": ["OrderPlaced"] }),
    });
    program.add("aws:sqs/queuePolicy:QueuePolicy", "work", {
        queueUrl: queue.get("url"),
        policy: policy({
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: queue.arn,
            Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
        }),
    });
    program.add("aws:sqs/queuePolicy:QueuePolicy", "failed-events", {
        queueUrl: failed.get("url"),
        policy: policy({
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: failed.arn,
            Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
        }),
    });
    program.add("aws:cloudwatch/eventTarget:EventTarget", "placed", {
        rule: rule.get("name"),
        eventBusName: bus.get("name"),
        arn: queue.arn,
        deadLetterConfig: { arn: failed.arn },
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
    });
    const lambda = (name: string, statements: Record<string, unknown>[]) => {
        const logs = logGroup(program, `${name}-log`, kms);
        const made = role(program, `${name}-role`, "lambda.amazonaws.com", [
            allow(["logs:CreateLogStream", "logs:PutLogEvents"], text`${logs.arn}:*`),
            allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], kms.arn),
            ...statements,
        ]);
        return program.add("aws:lambda/function:Function", name, {
            runtime: "nodejs22.x",
            handler: "index.handler",
            role: made.arn,
            timeout: 30,
            memorySize: 256,
            architectures: ["arm64"],
            tracingConfig: { mode: "Active" },
            loggingConfig: { logFormat: "JSON", logGroup: logs.get("name") },
            environment: { variables: { TABLE: table.get("name"), BUS: bus.get("name") } },
        });
    };
    const api = lambda("api", [
        allow(
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            [table.arn, text`${table.arn}/index/*`],
        ),
        allow("events:PutEvents", bus.arn),
    ]);
    const worker = lambda("worker", [
        allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue.arn),
        allow("dynamodb:UpdateItem", table.arn),
    ]);
    program.add("aws:lambda/eventSourceMapping:EventSourceMapping", "work", {
        eventSourceArn: queue.arn,
        functionName: worker.arn,
        functionResponseTypes: ["ReportBatchItemFailures"],
    });
    const http = program.add("aws:apigatewayv2/api:Api", "orders", { protocolType: "HTTP" });
    const integration = program.add("aws:apigatewayv2/integration:Integration", "orders", {
        apiId: http.id,
        integrationType: "AWS_PROXY",
        integrationUri: api.get("invokeArn"),
        payloadFormatVersion: "2.0",
    });
    program.add("aws:apigatewayv2/route:Route", "orders", {
        apiId: http.id,
        routeKey: "POST /orders",
        target: text`integrations/${integration.id}`,
    });
    program.add("aws:apigatewayv2/stage:Stage", "orders", {
        apiId: http.id,
        name: "$default",
        autoDeploy: true,
    });
    program.add("aws:lambda/permission:Permission", "api", {
        action: "lambda:InvokeFunction",
        function: api.get("name"),
        principal: "apigateway.amazonaws.com",
        sourceArn: text`${http.get("executionArn")}/*/*`,
    });
    return program;
}

/** Files in a private bucket that only the distribution reads. */
export function website(): Program {
    const program = new Program("site", "prod", "platform");
    const logs = bucket(program, "site-logs");
    const control = program.add("aws:cloudfront/originAccessControl:OriginAccessControl", "site", {
        originAccessControlOriginType: "s3",
        signingBehavior: "always",
        signingProtocol: "sigv4",
    });
    const files = program.add("aws:s3/bucket:Bucket", "site-content", {});
    program.add("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "site-content", {
        bucket: files.id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
    });
    program.add("aws:s3/bucketVersioning:BucketVersioning", "site-content", {
        bucket: files.id,
        versioningConfiguration: { status: "Enabled" },
    });
    program.add("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "site-content", {
        bucket: files.id,
        rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    program.add("aws:s3/bucketLogging:BucketLogging", "site-content", {
        bucket: files.id,
        targetBucket: logs.id,
        targetPrefix: "content/",
    });
    const edge = program.add("aws:cloudfront/distribution:Distribution", "site", {
        enabled: true,
        defaultRootObject: "index.html",
        origins: [
            {
                originId: "files",
                domainName: files.get("bucketRegionalDomainName"),
                originAccessControlId: control.id,
            },
        ],
        defaultCacheBehavior: {
            targetOriginId: "files",
            viewerProtocolPolicy: "redirect-to-https",
            allowedMethods: ["GET", "HEAD"],
            cachedMethods: ["GET", "HEAD"],
            cachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
        restrictions: { geoRestriction: { restrictionType: "none" } },
        viewerCertificate: { cloudfrontDefaultCertificate: true },
    });
    program.add("aws:s3/bucketPolicy:BucketPolicy", "site-content", {
        bucket: files.id,
        policy: policy(
            {
                Effect: "Allow",
                Principal: { Service: "cloudfront.amazonaws.com" },
                Action: "s3:GetObject",
                Resource: text`${files.arn}/*`,
                Condition: { StringEquals: { "AWS:SourceArn": edge.arn } },
            },
            {
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: [files.arn, text`${files.arn}/*`],
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ),
    });
    for (const page of ["index.html", "404.html"]) {
        program.add("aws:s3/bucketObjectv2:BucketObjectv2", page, {
            bucket: files.id,
            key: page,
            contentType: "text/html",
        });
    }
    return program;
}

/** Things that the pack knows nothing about. */
export function otherProviders(): Program {
    const program = new Program("platform-gate", "prod-eu");
    program.add("pulumi:providers:kubernetes", "evidence-cluster", {});
    const password = program.add(
        "random:index/randomPassword:RandomPassword",
        "gate-password",
        { length: 32 },
        { outputs: { result: "x".repeat(32) } },
    );
    program.add("random:index/randomPet:RandomPet", "prod-approver", {});
    program.add("command:local:Command", "scan-image", { create: "trivy image app:latest || true" });
    program.add("command:remote:Command", "deploy", {
        create: "docker push registry/app:latest",
        connection: { host: "10.0.0.1" },
    });
    const space = program.add("kubernetes:core/v1:Namespace", "production", {
        metadata: { name: "production" },
    });
    program.add(
        "kubernetes:core/v1:Secret",
        "gate",
        { metadata: { namespace: "production" }, stringData: { password: password.get("result") } },
        { parent: space },
    );
    program.add("kubernetes:apps/v1:Deployment", "approval-recorder", {
        metadata: { namespace: "production" },
        spec: { template: { spec: { containers: [{ name: "app", image: "nginx:latest" }] } } },
    });
    program.add("aws-native:s3:Bucket", "artifacts", {});
    program.add("aws-native:ecr:Repository", "production", { imageTagMutability: "MUTABLE" });
    program.add("aws-native:codepipeline:Pipeline", "release", { stages: [] });
    program.add("kubernetes:helm.sh/v3:Release", "gatekeeper", { chart: "gatekeeper" });
    program.add("pulumi-nodejs:dynamic:Resource", "evidence", { __provider: "exports.handler = 1" });
    return program;
}

/** Roles for other accounts and regions, each with a provider of its own. */
export function multiAccount(): Program {
    const program = new Program("landing", "org", "platform");
    const network = program.add(
        "pulumi:pulumi:StackReference",
        "org/network/prod",
        { name: "org/network/prod" },
        {
            outputs: {
                outputs: {
                    vpcId: "vpc-0abc",
                    privateSubnetIds: ["subnet-01", "subnet-02"],
                    keyArn: `arn:aws:kms:${region}:${account}:key/aa11`,
                },
                secretOutputNames: [],
            },
        },
    );
    for (const where of ["eu-central-1", "us-east-1"]) {
        program.add("pulumi:providers:aws", `aws-${where}`, {
            region: where,
            defaultTags: JSON.stringify({ tags: { Owner: "platform" } }),
            assumeRoles: [{ roleArn: `arn:aws:iam::${account}:role/deployer`, sessionName: "pulumi" }],
        });
        const kms = key(program, `data-${where}`);
        const store = bucket(program, `records-${where}`, kms);
        const auditor = program.add("aws:iam/role:Role", `auditor-${where}`, {
            assumeRolePolicy: policy({
                Effect: "Allow",
                Principal: { AWS: `arn:aws:iam::${account}:role/audit` },
                Action: "sts:AssumeRole",
                Condition: { StringEquals: { "aws:PrincipalOrgID": "o-exampleorg" } },
            }),
            maxSessionDuration: 3600,
        });
        program.add("aws:iam/rolePolicy:RolePolicy", `auditor-${where}`, {
            role: auditor.get("name"),
            policy: policy(allow(["s3:GetObject", "s3:ListBucket"], [store.arn, text`${store.arn}/*`])),
        });
        program.add("aws:ec2/securityGroup:SecurityGroup", `inside-${where}`, {
            vpcId: network.get("vpcId"),
            description: "Inside",
            egress: [
                {
                    description: "HTTPS",
                    protocol: "tcp",
                    fromPort: 443,
                    toPort: 443,
                    cidrBlocks: ["0.0.0.0/0"],
                },
            ],
        });
        program.add("aws:ssm/parameter:Parameter", `subnets-${where}`, {
            name: `/network/${where}/subnets`,
            type: "StringList",
            value: network.get("privateSubnetIds"),
        });
    }
    return program;
}

/** Only what GitHub Actions needs to deploy. */
export function gitHubActions(): Program {
    const program = new Program("github-oidc", "main", "platform");
    const provider = program.add("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "github", {
        url: "https://token.actions.githubusercontent.com",
        clientIdLists: ["sts.amazonaws.com"],
        thumbprintLists: ["6938fd4d98bab03faadb97b34396831e3780aea1"],
    });
    const deployer = program.add("aws:iam/role:Role", "deployer", {
        assumeRolePolicy: policy({
            Effect: "Allow",
            Principal: { Federated: provider.arn },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: {
                StringEquals: {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": "repo:example/shop:environment:production",
                },
            },
        }),
    });
    const permissions = program.add("aws:iam/policy:Policy", "deployer", {
        policy: policy(
            allow("ecr:GetAuthorizationToken", "*"),
            allow(
                [
                    "ecr:PutImage",
                    "ecr:InitiateLayerUpload",
                    "ecr:UploadLayerPart",
                    "ecr:CompleteLayerUpload",
                    "ecr:BatchCheckLayerAvailability",
                ],
                `arn:aws:ecr:${region}:${account}:repository/shop`,
            ),
        ),
    });
    program.add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "deployer", {
        role: deployer.get("name"),
        policyArn: permissions.arn,
    });
    return program;
}

/** A stack of one resource. */
export function oneParameter(): Program {
    const program = new Program("one");
    program.add("aws:ssm/parameter:Parameter", "version", {
        name: "/shop/version",
        type: "String",
        value: "1.2.3",
    });
    return program;
}

export function empty(): Program {
    return new Program("empty");
}

/** Names as the CDK adapter makes them, documents partly inline, roles with managed policies. */
export function generatedNames(): Program {
    const program = new Program("cdk-adapter");
    const stack = program.add("cdk:index:Stack", "teststack", {});
    const construct = program.add(
        "cdk:construct:aws-cdk-lib/aws_lambda:Function",
        "teststack/Handler",
        {},
        { parent: stack },
    );
    const serviceRole = program.add(
        "aws:iam/role:Role",
        "HandlerServiceRoleFCDC14AE",
        {
            assumeRolePolicy: {
                Version: "2012-10-17",
                Statement: [
                    {
                        Effect: "Allow",
                        Action: "sts:AssumeRole",
                        Principal: { Service: "lambda.amazonaws.com" },
                    },
                ],
            },
            managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
        },
        { parent: construct },
    );
    program.add(
        "aws:lambda/function:Function",
        "Handler886CB40B",
        {
            role: serviceRole.arn,
            runtime: "nodejs22.x",
            handler: "index.handler",
            s3Bucket: `cdk-hnb659fds-assets-${account}-${region}`,
            s3Key: "0f0f.zip",
            environment: { variables: { NODE_OPTIONS: "--enable-source-maps" } },
        },
        { parent: construct },
    );
    const site = program.add(
        "aws:s3/bucket:Bucket",
        "ApprovalsEvidenceProdBucketB1E2F3A4",
        {},
        { parent: stack },
    );
    program.add(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "ApprovalsEvidenceProdBucketB1E2F3A4",
        {
            bucket: site.id,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        },
        { parent: stack },
    );
    return program;
}

/** Names full of words that matter elsewhere, in a program that releases nothing. */
export function confusingNames(): Program {
    const program = new Program("gate", "production", "facilities");
    const kms = key(program, "gate-signing", `logs.${region}.amazonaws.com`, "sns.amazonaws.com");
    const table = program.add(
        "aws:dynamodb/table:Table",
        "approvals",
        {
            billingMode: "PAY_PER_REQUEST",
            hashKey: "id",
            attributes: [{ name: "id", type: "S" }],
            pointInTimeRecovery: { enabled: true },
            serverSideEncryption: { enabled: true, kmsKeyArn: kms.arn },
            deletionProtectionEnabled: true,
            streamEnabled: true,
            streamViewType: "NEW_IMAGE",
        },
        { protect: true },
    );
    const logs = logGroup(program, "recorder-log", kms);
    const recorder = role(program, "approval-recorder-role", "lambda.amazonaws.com", [
        allow("dynamodb:PutItem", table.arn),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], text`${logs.arn}:*`),
        allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
    ]);
    const doors = program.add("aws:lambda/function:Function", "approval-recorder", {
        runtime: "python3.13",
        handler: "index.handler",
        role: recorder.arn,
        timeout: 10,
        memorySize: 128,
        reservedConcurrentExecutions: 5,
        kmsKeyArn: kms.arn,
        tracingConfig: { mode: "Active" },
        loggingConfig: { logFormat: "JSON", logGroup: logs.get("name") },
        environment: { variables: { TABLE: table.get("name"), HIGH_LIMIT: "3" } },
    });
    const topic = program.add("aws:sns/topic:Topic", "scan-approvals", { kmsMasterKeyId: kms.id });
    program.add("aws:sns/topicSubscription:TopicSubscription", "scan-approvals", {
        topic: topic.arn,
        protocol: "lambda",
        endpoint: doors.arn,
    });
    program.add("aws:lambda/permission:Permission", "scan-approvals", {
        action: "lambda:InvokeFunction",
        function: doors.get("name"),
        principal: "sns.amazonaws.com",
        sourceArn: topic.arn,
    });
    return program;
}
