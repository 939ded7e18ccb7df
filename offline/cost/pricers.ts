/**
 * Which price a resource pays, by type. A function here reads what decides the price; when that is not known, it says
 * so instead of guessing.
 */
import type { CapturedResource } from "../model";
import type { ResourceIndex } from "../report/resourceIndex";
import { listOf, readProperty, textOf } from "../report/resourceIndex";
import { computePricers } from "./computePricers";
import { databaseInstance } from "./databasePricer";
import type { Charges } from "./estimate";
import { eventPricers } from "./eventPricers";
import { buildMinutePrices, prices, usagePrices } from "./prices";

export type Pricer = (resource: CapturedResource, index: ResourceIndex) => Charges;

function usageOnly(item: string, ...list: (typeof usagePrices)[keyof typeof usagePrices][]): Pricer {
    return () => ({ usage: [{ item, prices: list }] });
}

function monthly(price: (typeof prices)[keyof typeof prices]): Pricer {
    return () => ({ fixed: [{ price, quantity: 1 }] });
}

function natGateway(): Charges {
    return {
        fixed: [{ price: prices.natGateway, quantity: 1 }],
        usage: [{ item: "NAT gateway data", prices: [usagePrices.natData, usagePrices.crossZoneData] }],
    };
}

/**
 * In how many zones a resource has a subnet: an interface endpoint and a load balancer have at most one in each. The
 * length of the list when that is known; otherwise the zones of the subnets that the property depends on. A list that
 * comes out of a component depends on all of it, so counting subnets there would count other tiers, too.
 */
function zonesOf(resource: CapturedResource, property: string, index: ResourceIndex): number | undefined {
    const subnets = readProperty(resource, property);
    if (subnets.kind === "known" && Array.isArray(subnets.value)) {
        return subnets.value.length;
    }
    const type = "aws:ec2/subnet:Subnet";
    const zones = index
        .referredBy(resource, property, type)
        .map((subnet) => textOf(subnet, "availabilityZone"));
    return zones.length === 0 || zones.includes(undefined) ? undefined : new Set(zones).size;
}

function vpcEndpoint(resource: CapturedResource, index: ResourceIndex): Charges {
    const type = readProperty(resource, "vpcEndpointType");
    if (type.kind === "unknown") {
        return { unpriced: ["no price for this VPC endpoint: vpcEndpointType is not known yet"] };
    }
    // The provider's default is Gateway, which is free for S3 and DynamoDB.
    const kind = type.kind === "known" ? type.value : "Gateway";
    if (kind === "Gateway") {
        return {};
    }
    if (kind !== "Interface") {
        return { unpriced: [`no price for VPC endpoints of type ${String(kind)}`] };
    }
    const quantity = zonesOf(resource, "subnetIds", index) ?? listOf(resource, "subnetConfigurations").length;
    if (quantity === 0) {
        return {
            unpriced: [
                "no price for this interface endpoint: the number of its zones (subnetIds) is not known",
            ],
        };
    }
    return {
        fixed: [{ price: prices.interfaceEndpoint, quantity }],
        usage: [{ item: "Interface endpoint data", prices: [usagePrices.endpointData] }],
    };
}

function loadBalancer(resource: CapturedResource, index: ResourceIndex): Charges {
    const type = readProperty(resource, "loadBalancerType");
    const internal = readProperty(resource, "internal");
    const unpriced: string[] = [];
    const kind = type.kind === "absent" ? "application" : type.kind === "known" ? type.value : "unknown";
    const price =
        kind === "application"
            ? prices.applicationLoadBalancer
            : kind === "network"
              ? prices.networkLoadBalancer
              : undefined;
    if (!price) {
        unpriced.push(`no price for load balancers of type ${String(kind)}`);
    }
    const fixed = price ? [{ price, quantity: 1 }] : [];
    if (internal.kind === "unknown") {
        unpriced.push("no price for its public addresses: internal is not known yet");
    } else if (internal.kind === "absent" || internal.value !== true) {
        const zones = zonesOf(resource, "subnets", index) ?? listOf(resource, "subnetMappings").length;
        if (zones === 0) {
            unpriced.push("no price for its public addresses: the number of its zones is not known");
        }
        fixed.push({ price: prices.publicAddress as never, quantity: zones });
    }
    return {
        fixed,
        unpriced,
        usage: [{ item: "Load balancer traffic", prices: [usagePrices.loadBalancerUnit] }],
    };
}

function parameter(resource: CapturedResource): Charges {
    const tier = readProperty(resource, "tier");
    if (tier.kind === "absent" || (tier.kind === "known" && tier.value === "Standard")) {
        return {};
    }
    if (tier.kind === "known" && tier.value === "Advanced") {
        return { fixed: [{ price: prices.advancedParameter, quantity: 1 }] };
    }
    const shown = tier.kind === "known" ? String(tier.value) : "not known yet";
    return { unpriced: [`no price for this parameter: the tier is ${shown}`] };
}

function pipeline(resource: CapturedResource): Charges {
    const type = readProperty(resource, "pipelineType");
    if (type.kind === "unknown") {
        return { unpriced: ["no price for this pipeline: pipelineType is not known yet"] };
    }
    // The API's default is V1.
    return type.kind === "known" && type.value === "V2"
        ? { usage: [{ item: "CodePipeline V2", prices: [usagePrices.pipelineMinutes] }] }
        : { fixed: [{ price: prices.pipelineV1, quantity: 1 }] };
}

function buildProject(resource: CapturedResource): Charges {
    const computeType = textOf(resource, "environment", "computeType");
    const environment = textOf(resource, "environment", "type");
    const price = environment === "LINUX_CONTAINER" ? buildMinutePrices[computeType ?? ""] : undefined;
    return price
        ? { usage: [{ item: "CodeBuild", prices: [price] }] }
        : { unpriced: [`no price for a build minute of ${computeType ?? "?"} in ${environment ?? "?"}`] };
}

function inspector(resource: CapturedResource): Charges {
    const types = readProperty(resource, "resourceTypes");
    const known = types.kind === "known" && Array.isArray(types.value) ? types.value : undefined;
    const others = known?.filter((type) => type !== "ECR").map(String) ?? [
        "resources that are not known yet",
    ];
    return {
        usage: [
            {
                item: "Amazon Inspector",
                prices: [usagePrices.inspectorFirstScan, usagePrices.inspectorRescan],
            },
        ],
        unpriced: others.map((type) => `no price for Inspector scans of ${type}`),
    };
}

/** ENHANCED registry scanning is paid through Inspector; basic scanning is free. */
function registryScanning(resource: CapturedResource): Charges {
    const type = readProperty(resource, "scanType");
    return type.kind === "known" && type.value === "BASIC"
        ? {}
        : {
              usage: [
                  {
                      item: "Amazon Inspector",
                      prices: [usagePrices.inspectorFirstScan, usagePrices.inspectorRescan],
                  },
              ],
          };
}

/** A key costs the same whatever it is for; signatures cost more than encryption, but for RSA of 2048 bits. */
function key(resource: CapturedResource): Charges {
    const spec = readProperty(resource, "customerMasterKeySpec");
    const plain =
        spec.kind === "absent" ||
        (spec.kind === "known" && /^(SYMMETRIC|HMAC|RSA_2048)/.test(String(spec.value)));
    return {
        fixed: [{ price: prices.key, quantity: 1 }],
        usage: [{ item: "KMS requests", prices: [plain ? usagePrices.keyRequests : usagePrices.signatures] }],
    };
}

/** Findings are paid when they are taken in; the checks of its own standards are paid one by one. */
function securityHub(resource: CapturedResource): Charges {
    const standards = readProperty(resource, "enableDefaultStandards");
    const off = standards.kind === "known" && standards.value === false;
    return {
        usage: [{ item: "Security Hub", prices: [usagePrices.findings] }],
        unpriced: off ? [] : ["no price for the checks of Security Hub's default standards"],
    };
}

const storage = [usagePrices.objectStorage, usagePrices.objectWrites] as const;

export const pricers: Readonly<Record<string, Pricer>> = {
    ...computePricers,
    ...eventPricers,
    "aws:rds/instance:Instance": databaseInstance,
    "aws:ec2/natGateway:NatGateway": natGateway,
    "aws:ec2/eip:Eip": monthly(prices.publicAddress),
    "aws:ec2/vpcEndpoint:VpcEndpoint": vpcEndpoint,
    "aws:ec2/flowLog:FlowLog": usageOnly("VPC flow log", usagePrices.logIngestion),
    "aws:lb/loadBalancer:LoadBalancer": loadBalancer,
    "aws:alb/loadBalancer:LoadBalancer": loadBalancer,
    "aws:kms/key:Key": key,
    "aws:securityhub/account:Account": securityHub,
    "aws:kms/replicaKey:ReplicaKey": monthly(prices.key),
    "aws:route53/zone:Zone": () => ({
        fixed: [{ price: prices.hostedZone, quantity: 1 }],
        usage: [{ item: "DNS queries", prices: [usagePrices.zoneQueries] }],
    }),
    // A private DNS namespace is a hosted zone that Cloud Map creates.
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": monthly(prices.hostedZone),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": monthly(prices.compositeAlarm),
    "aws:secretsmanager/secret:Secret": () => ({
        fixed: [{ price: prices.secret, quantity: 1 }],
        usage: [{ item: "Secrets Manager requests", prices: [usagePrices.secretRequests] }],
    }),
    "aws:ssm/parameter:Parameter": parameter,
    "aws:cloudwatch/logGroup:LogGroup": usageOnly(
        "CloudWatch Logs",
        usagePrices.logIngestion,
        usagePrices.logStorage,
    ),
    "aws:codepipeline/pipeline:Pipeline": pipeline,
    "aws:codebuild/project:Project": buildProject,
    "aws:codecommit/repository:Repository": usageOnly("CodeCommit", usagePrices.activeUsers),
    "aws:ecr/repository:Repository": usageOnly("ECR storage", usagePrices.imageStorage),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": registryScanning,
    "aws:inspector2/enabler:Enabler": inspector,
    "aws:s3/bucket:Bucket": usageOnly("S3 storage", ...storage),
    "aws:s3/bucketV2:BucketV2": usageOnly("S3 storage", ...storage),
    "aws:s3/bucketObject:BucketObject": usageOnly("S3 storage", ...storage),
    "aws:s3/bucketObjectv2:BucketObjectv2": usageOnly("S3 storage", ...storage),
    "aws:sns/topic:Topic": usageOnly("SNS", usagePrices.topicMessages),
    "aws:sqs/queue:Queue": usageOnly("SQS", usagePrices.queueRequests),
    "aws:scheduler/schedule:Schedule": usageOnly("EventBridge Scheduler", usagePrices.scheduleRuns),
};
