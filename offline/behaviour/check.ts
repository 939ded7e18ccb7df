/**
 * What the AWS provider's Check step adds to the inputs before a policy or the state sees them: default values and
 * auto-generated names.
 */
import { createHash } from "node:crypto";
import type { WireObject } from "../engine/wire";

/**
 * Defaults that were seen in recordings of the provider, by type. Not complete on purpose: a default is listed once it
 * has been seen, never guessed.
 */
const defaults: Record<string, WireObject> = {
    "aws:ec2/vpc:Vpc": { enableDnsSupport: true, instanceTenancy: "default" },
    "aws:ec2/subnet:Subnet": {
        assignIpv6AddressOnCreation: false,
        enableDns64: false,
        mapPublicIpOnLaunch: false,
    },
    "aws:ec2/natGateway:NatGateway": { connectivityType: "public" },
};

interface AutoName {
    property: string;
    /** The service allows lower case only. */
    lowerCase?: boolean;
    prefix?: string;
}

/** Types of the tables whose name the provider makes up from the logical name when none is given. */
const autoNames: Record<string, AutoName> = {
    ...Object.fromEntries(
        [
            "autoscaling/group:Group",
            "cloudwatch/eventRule:EventRule",
            "cloudwatch/logGroup:LogGroup",
            "cloudwatch/metricAlarm:MetricAlarm",
            "codebuild/project:Project",
            "codepipeline/pipeline:Pipeline",
            "dynamodb/table:Table",
            "ec2/launchTemplate:LaunchTemplate",
            "ec2/securityGroup:SecurityGroup",
            "ecs/capacityProvider:CapacityProvider",
            "ecs/cluster:Cluster",
            "ecs/service:Service",
            "iam/instanceProfile:InstanceProfile",
            "iam/policy:Policy",
            "iam/role:Role",
            "iam/rolePolicy:RolePolicy",
            "lambda/function:Function",
            "lb/loadBalancer:LoadBalancer",
            "lb/targetGroup:TargetGroup",
            "scheduler/schedule:Schedule",
            "scheduler/scheduleGroup:ScheduleGroup",
            "secretsmanager/secret:Secret",
            "servicediscovery/service:Service",
            "sns/topic:Topic",
            "sqs/queue:Queue",
            "ssm/parameter:Parameter",
        ].map((type) => [`aws:${type}`, { property: "name" }]),
    ),
    "aws:ecr/repository:Repository": { property: "name", lowerCase: true },
    "aws:kms/alias:Alias": { property: "name", prefix: "alias/" },
    "aws:rds/instance:Instance": { property: "identifier", lowerCase: true },
    "aws:rds/parameterGroup:ParameterGroup": { property: "name", lowerCase: true },
    "aws:rds/subnetGroup:SubnetGroup": { property: "name", lowerCase: true },
    "aws:s3/bucket:Bucket": { property: "bucket", lowerCase: true },
};

/** The checked inputs. Auto-names end in seven hexadecimal digits; ours are taken from the URN instead of at random. */
export function checkInputs(type: string, name: string, urn: string, inputs: WireObject): WireObject {
    const checked: WireObject = { ...defaults[type], ...inputs };
    const autoName = autoNames[type];
    if (
        autoName !== undefined &&
        inputs[autoName.property] === undefined &&
        inputs[`${autoName.property}Prefix`] === undefined
    ) {
        const base = autoName.lowerCase ? name.toLowerCase() : name;
        const digits = createHash("sha256").update(`${urn}|autoname`).digest("hex").slice(0, 7);
        checked[autoName.property] = `${autoName.prefix ?? ""}${base}-${digits}`;
    }
    return checked;
}
