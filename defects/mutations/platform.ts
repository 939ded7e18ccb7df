/** Changes of what carries the pipeline: containers, load balancer, network, functions, queues, keys, buckets, database. */
import { add, admit, containers, edit, remove, set, token, type Mutation } from "./mutation";

type Settings = Record<string, unknown>;

const engine = "engine-task";
const engineName = "anchore-tasks-engine-task";
const database = "anchore-database";
const failed = "findings-failed";

export const platform: Mutation[] = [
    {
        what: "a privileged container",
        caught: [`ECS-01 ${engineName}`],
        change: containers(engine, (container) => ({ ...container, privileged: true })),
    },
    {
        what: "an image by its latest tag",
        caught: ["ECS-02 delivery-sample-staging-template"],
        change: containers("sample-staging-template", (container) => ({
            ...container,
            image: "public.ecr.aws/docker/library/nginx:latest",
        })),
    },
    {
        what: "a container whose files can be written",
        caught: ["ECS-03 delivery-sample-staging-template"],
        change: containers(
            "sample-staging-template",
            ({ readonlyRootFilesystem: _, ...container }) => container,
        ),
    },
    {
        what: "a container that runs as root",
        caught: ["ECS-04 delivery-sample-staging-template"],
        change: containers("sample-staging-template", (container) => ({ ...container, user: "root" })),
    },
    {
        what: "a password in a container",
        caught: [`ECS-05 ${engineName}`],
        change: containers(engine, (container) => ({
            ...container,
            environment: [{ name: "ANCHORE_ADMIN_PASSWORD", value: "not shown" }],
        })),
    },
    {
        what: "a container without a log",
        caught: ["ECS-06 delivery-sample-staging-template"],
        change: containers("sample-staging-template", ({ logConfiguration: _, ...container }) => container),
    },
    {
        what: "processes of the host",
        caught: [`ECS-07 ${engineName}`],
        change: set(token.taskDefinition, engine, { pidMode: "host" }),
    },
    {
        what: "more than a container needs",
        caught: ["ECS-08 delivery-sample-staging-template"],
        change: containers("sample-staging-template", (container) => ({
            ...container,
            linuxParameters: { capabilities: { add: ["SYS_ADMIN"] } },
        })),
    },
    {
        what: "public addresses of tasks",
        caught: ["ECS-11 delivery-sample-staging-service"],
        change: edit(token.service, "sample-staging-service", "networkConfiguration", (given: Settings) => ({
            ...given,
            assignPublicIp: true,
        })),
    },
    {
        what: "deployments that never end",
        caught: ["ECS-12 delivery-sample-staging-service"],
        change: set(token.service, "sample-staging-service", { deploymentCircuitBreaker: undefined }),
    },
    {
        what: "a shell in production",
        caught: ["ECS-13 delivery-sample-production-service"],
        change: set(token.service, "sample-production-service", { enableExecuteCommand: true }),
    },
    {
        what: "no figures of a cluster",
        caught: ["ECS-14 delivery-cluster"],
        change: set(token.cluster, "delivery-cluster", { settings: [] }),
    },
    {
        what: "faults on demand in production",
        caught: ["ECS-18 delivery-sample-production-template"],
        change: set(token.taskDefinition, "sample-production-template", { enableFaultInjection: true }),
    },
    {
        what: "a listener in the clear",
        caught: ["ALB-01 anchore-load-balancer-https"],
        change: set(token.listener, "load-balancer-https", { protocol: "HTTP", port: 80 }),
    },
    {
        what: "an old policy of TLS",
        caught: ["ALB-02 anchore-load-balancer-https"],
        change: set(token.listener, "load-balancer-https", { sslPolicy: "ELBSecurityPolicy-2016-08" }),
    },
    {
        what: "HTTPS without a certificate",
        caught: ["ALB-03 anchore-load-balancer-https"],
        change: set(token.listener, "load-balancer-https", { certificateArn: undefined }),
    },
    {
        what: "headers that are not valid",
        caught: ["ALB-04 anchore-load-balancer"],
        change: set(token.loadBalancer, "anchore-load-balancer", { dropInvalidHeaderFields: false }),
    },
    {
        what: "a load balancer that can be deleted",
        caught: ["ALB-06 anchore-load-balancer"],
        change: set(token.loadBalancer, "anchore-load-balancer", { enableDeletionProtection: false }),
    },
    {
        what: "the scanner on the internet",
        caught: ["ALB-07 anchore-load-balancer"],
        change: set(token.loadBalancer, "anchore-load-balancer", { internal: false }),
    },
    {
        what: "a network without a flow log",
        caught: ["VPC-01 network"],
        change: remove("aws:ec2/flowLog:FlowLog", "network-flow-log"),
    },
    {
        what: "a default group that lets in",
        caught: ["VPC-02 network", "VPC-05 network-default-security-group"],
        change: set("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default-security-group", {
            ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, self: true }],
        }),
    },
    {
        what: "a port of administrators for the world",
        caught: ["VPC-03 open"],
        change: add("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "open", {
            securityGroupId: "sg-0123456789abcdef0",
            description: "administration",
            ipProtocol: "tcp",
            fromPort: 22,
            toPort: 22,
            cidrIpv6: "::/0",
        }),
    },
    {
        what: "credentials without a token",
        caught: ["LT-01 anchore-cluster-launch-template"],
        change: edit(token.launchTemplate, "launch-template", "metadataOptions", (given: Settings) => ({
            ...given,
            httpTokens: "optional",
        })),
    },
    {
        what: "credentials for containers",
        caught: ["LT-02 anchore-cluster-launch-template"],
        change: edit(token.launchTemplate, "launch-template", "metadataOptions", (given: Settings) => ({
            ...given,
            httpPutResponseHopLimit: 3,
        })),
    },
    {
        what: "disks in the clear",
        caught: ["LT-03 anchore-cluster-launch-template"],
        change: edit(token.launchTemplate, "launch-template", "blockDeviceMappings", ([disk]: Settings[]) => [
            { ...disk, ebs: { ...(disk?.["ebs"] as Settings), encrypted: "false" } },
        ]),
    },
    {
        what: "instances with public addresses",
        caught: ["LT-04 anchore-cluster-launch-template"],
        change: edit(token.launchTemplate, "launch-template", "networkInterfaces", ([first]: Settings[]) => [
            { ...first, associatePublicIpAddress: "true" },
        ]),
    },
    {
        what: "a key pair for shells",
        caught: ["LT-06 anchore-cluster-launch-template"],
        change: set(token.launchTemplate, "launch-template", { keyName: "admin" }),
    },
    {
        what: "a database on the internet",
        caught: [`RDS-01 ${database}`],
        change: set(token.database, database, { publiclyAccessible: true }),
    },
    {
        what: "a database in the clear",
        caught: [`RDS-02 ${database}`],
        change: set(token.database, database, { storageEncrypted: false }),
    },
    {
        what: "no backups",
        caught: [`RDS-04 ${database}`],
        change: set(token.database, database, { backupRetentionPeriod: 0 }),
    },
    {
        what: "a runtime that is no longer mended",
        caught: ["LAM-01 findings-function"],
        change: set(token.function, "findings-function", { runtime: "nodejs16.x" }),
    },
    {
        what: "a function without a trace",
        caught: ["LAM-04 findings-function"],
        change: set(token.function, "findings-function", { tracingConfig: { mode: "PassThrough" } }),
    },
    {
        what: "a token in a function",
        caught: ["LAM-05 findings-function"],
        change: edit(
            token.function,
            "findings-function",
            "environment",
            (given: { variables: Settings }) => ({
                variables: { ...given.variables, API_TOKEN: "not shown" },
            }),
        ),
    },
    {
        what: "a function that any rule starts",
        caught: ["LAM-06 findings-events-permission"],
        change: set(token.permission, "findings-events-permission", { sourceArn: undefined }),
    },
    {
        what: "a function on the internet",
        caught: ["LAM-07 url"],
        change: add("aws:lambda/functionUrl:FunctionUrl", "url", {
            functionName: "portcullis-prod-findings",
            authorizationType: "NONE",
        }),
    },
    {
        what: "messages for everybody",
        caught: ["SNS-02 approval-alarms-topic-policy"],
        change: admit(token.topicPolicy, "alarms-topic-policy", {
            Effect: "Allow",
            Principal: "*",
            Action: "sns:Subscribe",
            Resource: "arn:aws:sns:us-east-1:123456789012:portcullis-prod-alarms",
        }),
    },
    {
        what: "messages to the web in the clear",
        caught: ["SNS-04 web"],
        change: add(token.subscription, "web", {
            topic: "arn:aws:sns:us-east-1:123456789012:other",
            protocol: "http",
            endpoint: "http://example.com/hook",
            redrivePolicy: JSON.stringify({
                deadLetterTargetArn: "arn:aws:sqs:us-east-1:123456789012:portcullis-prod-findings-failed",
            }),
        }),
    },
    {
        what: "a queue in the clear",
        caught: [`SQS-01 ${failed}`],
        change: set(token.queue, failed, { sqsManagedSseEnabled: false }),
    },
    {
        what: "failures that are forgotten after a minute",
        caught: [`SQS-02 ${failed}`, `GATE-05 ${failed}`],
        change: set(token.queue, failed, { messageRetentionSeconds: 60 }),
    },
    {
        what: "a rule without a target",
        caught: ["EVB-04 findings-events"],
        change: remove(token.eventTarget, "findings-events-target"),
    },
    {
        what: "a bus for everybody",
        caught: ["EVB-05 everybody"],
        change: add("aws:cloudwatch/eventPermission:EventPermission", "everybody", {
            principal: "*",
            statementId: "everybody",
        }),
    },
    {
        what: "a bucket that may be opened",
        caught: ["S3-01 storage-artifacts", "PIPE-12 storage-artifacts"],
        change: set("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "artifacts-public-access", {
            restrictPublicBuckets: false,
        }),
    },
    {
        what: "no versions of artifacts",
        caught: ["S3-02 storage-artifacts", "PIPE-12 storage-artifacts"],
        change: set("aws:s3/bucketVersioning:BucketVersioning", "artifacts-versioning", {
            versioningConfiguration: { status: "Suspended" },
        }),
    },
    {
        what: "artifacts with a key of S3",
        caught: ["S3-03 storage-artifacts", "PIPE-12 storage-artifacts"],
        change: set(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "artifacts-encryption",
            { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
        ),
    },
    {
        what: "artifacts in plain text",
        caught: ["S3-04 storage-artifacts", "PIPE-12 storage-artifacts"],
        change: edit("aws:s3/bucketPolicy:BucketPolicy", "artifacts-policy", "policy", (text: string) =>
            text.replace("aws:SecureTransport", "aws:PrincipalIsAWSService"),
        ),
    },
    {
        what: "a bucket that goes with everything in it",
        caught: ["S3-06 storage-artifacts", "PIPE-12 storage-artifacts"],
        change: set(token.bucket, "storage-artifacts", { forceDestroy: true }),
    },
    {
        what: "evidence that may be deleted",
        caught: ["S3-07 storage-evidence"],
        change: (stack) => {
            stack.remove(
                "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
                "evidence-lock",
            );
            edit("aws:s3/bucketPolicy:BucketPolicy", "evidence-policy", "policy", (text: string) =>
                text.replaceAll("s3:DeleteObject", "s3:GetObjectTorrent"),
            )(stack);
        },
    },
    {
        what: "a key that is never renewed",
        caught: ["KMS-01 keys-pipeline"],
        change: set(token.key, "keys-pipeline", { enableKeyRotation: false }),
    },
    {
        what: "a key for everybody",
        caught: ["KMS-02 keys-pipeline", "BYP-12 keys-pipeline"],
        change: admit(token.key, "keys-pipeline", {
            Effect: "Allow",
            Principal: { AWS: "*" },
            Action: "kms:Decrypt",
            Resource: "*",
        }),
    },
    {
        what: "a key that is gone in a week",
        caught: ["KMS-03 keys-pipeline"],
        change: set(token.key, "keys-pipeline", { deletionWindowInDays: 7 }),
    },
    {
        what: "a log that is gone in a week",
        caught: ["LOG-01 findings-function-logs"],
        change: set(token.logGroup, "findings-function-logs", { retentionInDays: 7 }),
    },
    {
        what: "a log in a group of nobody",
        caught: ["LOG-02 sample-delivery-lint-project"],
        change: set(token.project, "delivery-lint-project", {
            logsConfig: { cloudwatchLogs: { status: "ENABLED", groupName: "/aws/codebuild/other" } },
        }),
    },
    {
        what: "an alarm that is switched off",
        caught: ["LOG-04 findings-alarms-function-errors", "GATE-13 findings-alarms-function-errors"],
        change: set(token.alarm, "findings-alarms-function-errors", { actionsEnabled: false }),
    },
    {
        what: "a secret that is guessed",
        caught: ["SEC-02 version"],
        change: add("aws:secretsmanager/secretVersion:SecretVersion", "version", {
            secretId: "portcullis-prod-token",
            secretString: "changeme",
        }),
    },
];
