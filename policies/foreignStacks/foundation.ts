/** What many programs have: roles, a network, keys, logs. */
import type { Output, Program, Properties, Resource } from "./program";
import { account, json, region, text } from "./program";

export const allow = (Action: unknown, Resource: unknown, Condition?: unknown): Properties => ({
    Effect: "Allow",
    Action,
    Resource,
    ...(Condition === undefined ? {} : { Condition }),
});

export const policy = (...Statement: Properties[]): Output | string =>
    json({ Version: "2012-10-17", Statement });

/** Condition of a statement: only for resources of this account. */
export const ofAccount = { Condition: { StringEquals: { "aws:SourceAccount": account } } };

/** A role that a service takes on, with permissions of its own. */
export function role(
    program: Program,
    name: string,
    service: string,
    statements: Properties[] = [],
    trust: Properties = {},
): Resource {
    const made = program.add("aws:iam/role:Role", name, {
        assumeRolePolicy: policy({
            Effect: "Allow",
            Principal: { Service: service },
            Action: "sts:AssumeRole",
            ...trust,
        }),
    });
    if (statements.length > 0) {
        program.add("aws:iam/rolePolicy:RolePolicy", `${name}-policy`, {
            role: made.id,
            policy: policy(...statements),
        });
    }
    return made;
}

export function key(program: Program, name: string, ...services: string[]): Resource {
    return program.add(
        "aws:kms/key:Key",
        name,
        {
            description: `${name} of ${program.project}`,
            enableKeyRotation: true,
            deletionWindowInDays: 30,
            policy: policy(
                {
                    Sid: "Account",
                    Effect: "Allow",
                    Principal: { AWS: `arn:aws:iam::${account}:root` },
                    Action: "kms:*",
                    Resource: "*",
                },
                ...services.map((Service) => ({
                    Effect: "Allow",
                    Principal: { Service },
                    Action: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
                    Resource: "*",
                    Condition: { StringEquals: { "aws:SourceAccount": account } },
                })),
            ),
        },
        { protect: true },
    );
}

export function logGroup(program: Program, name: string, kms?: Resource, physical?: string): Resource {
    return program.add("aws:cloudwatch/logGroup:LogGroup", name, {
        ...(physical === undefined ? {} : { name: physical }),
        retentionInDays: 365,
        ...(kms ? { kmsKeyId: kms.arn } : {}),
    });
}

/** A bucket with everything that a careful team sets beside it. */
export function bucket(
    program: Program,
    name: string,
    kms?: Resource,
    statements: Properties[] = [],
): Resource {
    const made = program.add("aws:s3/bucket:Bucket", name, {}, { protect: true });
    const of = { bucket: made.id };
    program.add("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", `${name}-private`, {
        ...of,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
    });
    program.add("aws:s3/bucketVersioning:BucketVersioning", `${name}-versions`, {
        ...of,
        versioningConfiguration: { status: "Enabled" },
    });
    program.add(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        `${name}-encryption`,
        {
            ...of,
            rules: [
                {
                    applyServerSideEncryptionByDefault: kms
                        ? { sseAlgorithm: "aws:kms", kmsMasterKeyId: kms.arn }
                        : { sseAlgorithm: "AES256" },
                    bucketKeyEnabled: true,
                },
            ],
        },
    );
    program.add("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", `${name}-lifecycle`, {
        ...of,
        rules: [
            {
                id: "parts",
                status: "Enabled",
                filter: {},
                abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                noncurrentVersionExpiration: { noncurrentDays: 90 },
            },
        ],
    });
    program.add("aws:s3/bucketOwnershipControls:BucketOwnershipControls", `${name}-owner`, {
        ...of,
        rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    program.add("aws:s3/bucketPolicy:BucketPolicy", `${name}-policy`, {
        ...of,
        policy: policy(
            {
                Sid: "OnlyTls",
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: [made.arn, text`${made.arn}/*`],
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
            ...statements,
        ),
    });
    return made;
}

export interface Network {
    vpc: Resource;
    publicSubnets: Resource[];
    privateSubnets: Resource[];
}

/** Two zones, public and private subnets, one NAT gateway, flow logs, an empty default group. */
export function network(program: Program, kms: Resource): Network {
    const vpc = program.add("aws:ec2/vpc:Vpc", "main", {
        cidrBlock: "10.0.0.0/16",
        enableDnsHostnames: true,
        enableDnsSupport: true,
    });
    const vpcId = vpc.id;
    program.add("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", {
        vpcId,
        ingress: [],
        egress: [],
    });
    const flows = logGroup(program, "flows", kms);
    const writer = role(
        program,
        "flow-writer",
        "vpc-flow-logs.amazonaws.com",
        [allow(["logs:CreateLogStream", "logs:PutLogEvents"], text`${flows.arn}:*`)],
        ofAccount,
    );
    program.add("aws:ec2/flowLog:FlowLog", "flows", {
        vpcId,
        trafficType: "ALL",
        logDestination: flows.arn,
        iamRoleArn: writer.arn,
    });
    const gateway = program.add("aws:ec2/internetGateway:InternetGateway", "main", { vpcId });
    const outward = program.add("aws:ec2/routeTable:RouteTable", "public", { vpcId });
    program.add("aws:ec2/route:Route", "public", {
        routeTableId: outward.id,
        destinationCidrBlock: "0.0.0.0/0",
        gatewayId: gateway.id,
    });
    const publicSubnets = subnets(program, vpc, outward, "public", 0);
    const address = program.add("aws:ec2/eip:Eip", "nat", { domain: "vpc" });
    const nat = program.add("aws:ec2/natGateway:NatGateway", "nat", {
        allocationId: address.id,
        subnetId: (publicSubnets[0] ?? vpc).id,
    });
    const inward = program.add("aws:ec2/routeTable:RouteTable", "private", { vpcId });
    program.add("aws:ec2/route:Route", "private", {
        routeTableId: inward.id,
        destinationCidrBlock: "0.0.0.0/0",
        natGatewayId: nat.id,
    });
    return { vpc, publicSubnets, privateSubnets: subnets(program, vpc, inward, "private", 10) };
}

function subnets(program: Program, vpc: Resource, table: Resource, kind: string, first: number): Resource[] {
    return ["a", "b"].map((zone, index) => {
        const subnet = program.add("aws:ec2/subnet:Subnet", `${kind}-${zone}`, {
            vpcId: vpc.id,
            cidrBlock: `10.0.${first + index}.0/24`,
            availabilityZone: `${region}${zone}`,
            mapPublicIpOnLaunch: false,
        });
        program.add("aws:ec2/routeTableAssociation:RouteTableAssociation", `${kind}-${zone}`, {
            subnetId: subnet.id,
            routeTableId: table.id,
        });
        return subnet;
    });
}
