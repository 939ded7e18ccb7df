/**
 * Runs components against Pulumi's mocks and records what they register. Strict: a type without an
 * entry in the table, and every invoke, is an error, because an output that a mock forgets silently vanishes from the
 * inputs of other resources.
 */
import * as pulumi from "@pulumi/pulumi";

export interface RecordedResource {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
}

const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:eu-central-1:123456789012:${resource}`;

/** Outputs that the provider computes and the program reads, by type. Ids have the form that AWS gives them. */
const computed: Record<string, (inputs: Record<string, string>, name: string) => Record<string, unknown>> = {
    "awsx:ec2:Vpc": () => ({
        vpcId: "vpc-0123456789abcdef0",
        publicSubnetIds: ["subnet-0a", "subnet-0b"],
        privateSubnetIds: ["subnet-1a", "subnet-1b"],
    }),
    "aws:acm/certificate:Certificate": () => ({
        arn: "arn:aws:acm:eu-central-1:123456789012:certificate/imported",
    }),
    "aws:autoscaling/group:Group": ({ name }) => ({ arn: `arn:group/${name}` }),
    "aws:cloudwatch/logGroup:LogGroup": ({ name }) => ({ arn: arn("logs", `log-group:${name}`) }),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": () => ({}),
    "aws:ec2/flowLog:FlowLog": () => ({}),
    "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 7 }),
    "aws:ec2/securityGroup:SecurityGroup": () => ({}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": () => ({}),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": () => ({}),
    "aws:ecs/capacityProvider:CapacityProvider": () => ({}),
    "aws:ecs/cluster:Cluster": ({ name }) => ({ arn: `arn:cluster/${name}` }),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": () => ({}),
    "aws:ecs/service:Service": () => ({}),
    "aws:ecs/taskDefinition:TaskDefinition": ({ family }) => ({ arn: `arn:task-definition/${family}:1` }),
    "aws:iam/instanceProfile:InstanceProfile": ({ name }) => ({ arn: `arn:instance-profile/${name}` }),
    "aws:iam/role:Role": ({ name }) => ({ arn: `arn:aws:iam::123456789012:role/${name}` }),
    "aws:iam/rolePolicy:RolePolicy": () => ({}),
    "aws:inspector2/enabler:Enabler": () => ({}),
    "aws:kms/alias:Alias": () => ({}),
    "aws:kms/key:Key": (_inputs, name) => ({ arn: `arn:key/${name}`, keyId: `${name}-key-id` }),
    "aws:lb/listener:Listener": ({ port }) => ({ arn: `arn:listener/${port}` }),
    "aws:wafv2/webAclAssociation:WebAclAssociation": () => ({}),
    "aws:lb/listenerRule:ListenerRule": (_inputs, name) => ({ arn: `arn:listener-rule/${name}` }),
    "aws:lb/loadBalancer:LoadBalancer": ({ name }) => ({
        arn: `arn:load-balancer/${name}`,
        dnsName: `${name}.elb.example.com`,
        zoneId: "ZELB",
    }),
    "aws:lb/targetGroup:TargetGroup": ({ name }) => ({ arn: `arn:target-group/${name}` }),
    "aws:rds/instance:Instance": () => ({ address: "database.example.com" }),
    "aws:rds/parameterGroup:ParameterGroup": () => ({}),
    "aws:rds/subnetGroup:SubnetGroup": () => ({}),
    "aws:route53/record:Record": () => ({}),
    "aws:route53/zone:Zone": () => ({ zoneId: "ZOWN" }),
    "aws:s3/bucket:Bucket": () => ({}),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": () => ({}),
    "aws:s3/bucketNotification:BucketNotification": () => ({}),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": () => ({}),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": () => ({}),
    "aws:s3/bucketPolicy:BucketPolicy": () => ({}),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": () => ({}),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": () => ({}),
    "aws:s3/bucketVersioning:BucketVersioning": () => ({}),
    "aws:securityhub/account:Account": () => ({ arn: arn("securityhub", "hub/default") }),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": () => ({}),
    "aws:servicediscovery/service:Service": ({ name }) => ({ arn: `arn:discovery/${name}` }),
    "aws:ssm/parameter:Parameter": () => ({}),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": () => ({}),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": () => ({}),
    "aws:cloudwatch/eventRule:EventRule": ({ name }) => ({ arn: arn("events", `rule/${name}`) }),
    "aws:cloudwatch/eventTarget:EventTarget": () => ({}),
    "aws:cloudwatch/metricAlarm:MetricAlarm": () => ({}),
    "aws:dynamodb/resourcePolicy:ResourcePolicy": () => ({}),
    "aws:dynamodb/table:Table": ({ name }) => ({
        arn: arn("dynamodb", `table/${name}`),
        streamArn: arn("dynamodb", `table/${name}/stream/2026-11-21T00:00:00.000`),
    }),
    "aws:lambda/eventSourceMapping:EventSourceMapping": () => ({}),
    "aws:lambda/function:Function": ({ name }) => ({ arn: arn("lambda", `function:${name}`) }),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": () => ({}),
    "aws:lambda/permission:Permission": () => ({}),
    "aws:scheduler/schedule:Schedule": () => ({}),
    "aws:scheduler/scheduleGroup:ScheduleGroup": () => ({}),
    "aws:sqs/queue:Queue": ({ name }) => ({
        arn: arn("sqs", name ?? ""),
        url: `https://sqs.eu-central-1.amazonaws.com/123456789012/${name}`,
    }),
    "aws:sqs/queuePolicy:QueuePolicy": () => ({}),
    "aws:codebuild/project:Project": ({ name }) => ({ arn: arn("codebuild", `project/${name}`) }),
    "aws:codecommit/repository:Repository": ({ repositoryName }) => ({
        arn: arn("codecommit", repositoryName ?? ""),
    }),
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": ({ configurationName }) => ({
        chatConfigurationArn: `arn:aws:chatbot::123456789012:chat-configuration/slack-channel/${configurationName}`,
    }),
    "aws:codepipeline/pipeline:Pipeline": ({ name }) => ({ arn: arn("codepipeline", name ?? "") }),
    "aws:codestarnotifications/notificationRule:NotificationRule": (_inputs, name) => ({
        arn: arn("codestar-notifications", `notificationrule/${name}`),
    }),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": () => ({}),
    "aws:ecr/repository:Repository": ({ name }) => ({ arn: arn("ecr", `repository/${name}`) }),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": () => ({}),
    "aws:s3/bucketObjectv2:BucketObjectv2": () => ({}),
    "aws:sns/topic:Topic": ({ name }) => ({ arn: arn("sns", name ?? "") }),
    "aws:sns/topicPolicy:TopicPolicy": () => ({}),
    "aws:sns/topicSubscription:TopicSubscription": () => ({}),
    "random:index/randomPassword:RandomPassword": (_inputs, name) => ({ result: `${name}-result` }),
    "tls:index/certRequest:CertRequest": (_inputs, name) => ({ certRequestPem: `${name}-pem` }),
    "tls:index/locallySignedCert:LocallySignedCert": (_inputs, name) => ({ certPem: `${name}-pem` }),
    "tls:index/privateKey:PrivateKey": (_inputs, name) => ({ privateKeyPem: `${name}-pem` }),
    "tls:index/selfSignedCert:SelfSignedCert": (_inputs, name) => ({ certPem: `${name}-pem` }),
};

/** Takes the wrappers of secrets off; `isSecret` tells where they were. */
function plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    // Assets are objects with a class of their own and stay what they are.
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    const entries = Object.entries(value);
    if (isSecret(value)) return plain((value as Record<string, unknown>)["value"]);
    return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
}

/** Key by which the SDK marks the wrapper of a special value (`specialSigKey` in `@pulumi/pulumi/runtime/rpc`). */
const signatureKey = "4dabf18193072939515e22adb298388d";

/** Whether a recorded input travelled as a secret. */
export function isSecret(value: unknown): boolean {
    return value !== null && typeof value === "object" && signatureKey in value;
}

/** A resource with its inputs as they travelled, secrets wrapped. */
export type RawResource = RecordedResource & { raw: Record<string, unknown> };

/** The resources that are neither components nor the stack, in the order of registration. */
export async function recordStack(program: () => void): Promise<RawResource[]> {
    return (await recordResources(program)).resources;
}

/**
 * @param program creates components; runs inside the stack `portcullis/dev`
 * @returns every resource that is not a component, in the order of registration, and our components
 */
export async function recordResources(
    program: () => void,
): Promise<{ resources: RawResource[]; components: RecordedResource[] }> {
    const resources: RawResource[] = [];
    const components: RecordedResource[] = [];
    // The SDK swallows what a mock throws, so problems are collected and thrown at the end.
    const problems: string[] = [];
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }) => {
                if (type === "pulumi:pulumi:Stack") return { id: undefined, state: {} };
                if (type.startsWith("portcullis:")) {
                    components.push({ type, name, inputs: inputs as Record<string, unknown> });
                    return { id: undefined, state: {} };
                }
                const outputs = computed[type];
                if (outputs === undefined) problems.push(`no computed outputs for ${type} (${name})`);
                const raw = inputs as Record<string, unknown>;
                const known = plain(raw) as Record<string, unknown>;
                resources.push({ type, name, inputs: known, raw });
                return {
                    id: `${name}-id`,
                    state: { ...raw, ...outputs?.(known as Record<string, string>, name) },
                };
            },
            call: ({ token }) => {
                problems.push(`unexpected invoke ${token}`);
                return {};
            },
        },
        "portcullis",
        "dev",
        false,
    );
    await pulumi.runtime.runInPulumiStack(async () => {
        program();
    });
    await pulumi.runtime.disconnect();
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return { resources, components };
}

/** The one resource of a name. */
export function only<R extends RecordedResource>(resources: R[], name: string): R {
    const [found, ...others] = resources.filter((resource) => resource.name === name);
    if (found === undefined || others.length > 0) {
        throw new Error(`${found === undefined ? "no resource is" : "several resources are"} called ${name}`);
    }
    return found;
}
