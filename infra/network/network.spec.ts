import assert from "node:assert/strict";
import { stackConfigSchema } from "../config/schema";
import { Keys } from "../keys/keys";
import { createNaming, type Account } from "../naming";
import { createTagging } from "../tags";
import { recordStack, type RecordedResource } from "../testing/recordedStack";
import { Network } from "./network";

const account: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};
const naming = createNaming("portcullis", "dev", account);
const tags = createTagging("portcullis", "dev", { Environment: "dev" });

/** The network's resources; awsx's own children exist only with its provider and are asserted on the whole program. */
async function record(network: Record<string, unknown> = {}): Promise<RecordedResource[]> {
    const config = stackConfigSchema.parse({
        applications: [{ name: "demo", source: { type: "codecommit" } }],
        network,
    }).network;
    const resources = await recordStack(() => {
        const keys = new Keys("keys", { account, naming, tags, protection: "deletable" });
        new Network("network", {
            account,
            naming,
            tags,
            config,
            zoneNames: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
            logKey: keys.pipeline,
        });
    });
    return resources.filter(({ name }) => name.startsWith("network"));
}

function inputs(resources: RecordedResource[], name: string): Record<string, unknown> {
    const found = resources.filter((resource) => resource.name === name);
    assert.equal(found.length, 1, `${found.length} resources are called ${name}`);
    return found[0]?.inputs ?? {};
}

describe("Network", () => {
    it("hands awsx every zone and address", async () => {
        const shared = { Environment: "dev", Project: "portcullis", Stack: "dev", ManagedBy: "pulumi" };
        const endpoint = (service: string) => ({
            serviceName: `com.amazonaws.eu-central-1.${service}`,
            vpcEndpointType: "Gateway",
            tags: { ...shared, Name: `portcullis-dev-${service}` },
        });
        assert.deepEqual(inputs(await record(), "network"), {
            cidrBlock: "10.20.0.0/16",
            availabilityZoneNames: ["eu-central-1a", "eu-central-1b"],
            enableDnsHostnames: true,
            enableDnsSupport: true,
            natGateways: { strategy: "Single" },
            subnetStrategy: "Auto",
            subnetSpecs: [
                { type: "Public", cidrBlocks: ["10.20.0.0/20", "10.20.16.0/20"] },
                { type: "Private", cidrBlocks: ["10.20.64.0/20", "10.20.80.0/20"] },
            ],
            vpcEndpointStrategy: "Auto",
            vpcEndpointSpecs: [endpoint("s3"), endpoint("dynamodb")],
            tags: shared,
        });
    });

    it("has a NAT gateway in each zone when so configured", async () => {
        const vpc = inputs(await record({ natGateways: "perZone", zones: 3 }), "network");
        assert.deepEqual(vpc["natGateways"], { strategy: "OnePerAz" });
        assert.deepEqual(vpc["availabilityZoneNames"], ["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
    });

    it("locks the default security group and logs every flow", async () => {
        const resources = await record({ flowLogRetentionDays: 90 });
        assert.deepEqual(
            resources.map(({ name }) => name).sort(),
            [
                "network",
                "network-default-security-group",
                "network-flow-log",
                "network-flow-log-group",
                "network-flow-log-role",
                "network-flow-log-role-policy",
            ].sort(),
        );
        const group = inputs(resources, "network-default-security-group");
        assert.deepEqual(
            [group["ingress"], group["egress"], group["vpcId"]],
            [[], [], "vpc-0123456789abcdef0"],
        );
        const logGroup = inputs(resources, "network-flow-log-group");
        assert.equal(logGroup["name"], "portcullis-dev-network-flow");
        assert.equal(logGroup["retentionInDays"], 90);
        assert.equal(logGroup["kmsKeyId"], "arn:key/keys-pipeline");
        const { tags: _tags, ...flowLog } = inputs(resources, "network-flow-log");
        assert.deepEqual(flowLog, {
            vpcId: "vpc-0123456789abcdef0",
            trafficType: "ALL",
            logDestinationType: "cloud-watch-logs",
            logDestination: "arn:aws:logs:eu-central-1:123456789012:log-group:portcullis-dev-network-flow",
            iamRoleArn: "arn:aws:iam::123456789012:role/portcullis-dev-network-flow",
            maxAggregationInterval: 600,
        });
    });

    it("adds interface endpoints that only the VPC reaches, on demand", async () => {
        const resources = await record({ interfaceEndpoints: true });
        const endpoints = resources.filter(({ type }) => type === "aws:ec2/vpcEndpoint:VpcEndpoint");
        assert.deepEqual(
            endpoints.map(({ inputs: { serviceName } }) => serviceName),
            ["ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry", "kms", "logs", "ssm", "sts"].map(
                (service) => `com.amazonaws.eu-central-1.${service}`,
            ),
        );
        for (const endpoint of endpoints) {
            assert.equal(endpoint.inputs["privateDnsEnabled"], true);
            assert.deepEqual(endpoint.inputs["subnetIds"], ["subnet-1a", "subnet-1b"]);
            assert.deepEqual(endpoint.inputs["securityGroupIds"], ["network-endpoint-security-group-id"]);
        }
        const { tags: _tags, ...rule } = inputs(resources, "network-endpoint-https");
        assert.deepEqual(rule, {
            securityGroupId: "network-endpoint-security-group-id",
            description: "HTTPS from inside the VPC",
            ipProtocol: "tcp",
            fromPort: 443,
            toPort: 443,
            cidrIpv4: "10.20.0.0/16",
        });
    });
});
