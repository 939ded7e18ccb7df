import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Protection } from "../config/schema";
import { Keys } from "../keys/keys";
import { createTagging } from "../tags";
import { isSecret, recordStack } from "../testing/recordedStack";
import { AnchoreEngine, anchoreNotices } from "./anchoreEngine";
import { exampleAccount, exampleConfig, exampleNaming } from "./testing/exampleEngine";

type Recorded = Awaited<ReturnType<typeof recordStack>>;

const tags = createTagging("portcullis", "dev", {});
const prefix = "portcullis-dev-anchore";

async function record(anchore: Record<string, unknown> = {}, protection: Protection = "deletable") {
    let engine: AnchoreEngine | undefined;
    const resources = await recordStack(() => {
        const shared = { account: exampleAccount, naming: exampleNaming, tags };
        const keys = new Keys("keys", { ...shared, protection });
        engine = new AnchoreEngine("anchore", {
            ...shared,
            config: exampleConfig(anchore),
            protection,
            key: keys.anchore,
            network: {
                vpcId: pulumi.output("vpc-0123456789abcdef0"),
                privateSubnetIds: pulumi.output(["subnet-1a", "subnet-1b"]),
            },
            repositoryArns: ["arn:aws:ecr:eu-central-1:123456789012:repository/demo"],
        });
    });
    return { engine, resources: resources.filter(({ name }) => name.startsWith("anchore")) };
}

function only(resources: Recorded, name: string): Recorded[number] {
    const found = resources.filter((resource) => resource.name === name);
    assert.equal(found.length, 1, `${found.length} resources are called ${name}`);
    return found[0] as Recorded[number];
}

/** Inputs without the tags, which one test judges for all. */
function inputs(resources: Recorded, name: string): Record<string, unknown> {
    const { tags: _tags, ...rest } = only(resources, name).inputs;
    return rest;
}

describe("AnchoreEngine", () => {
    let resources: Recorded;
    let engine: AnchoreEngine | undefined;

    before(async () => {
        ({ resources, engine } = await record());
    });

    it("hands out literal names", () => {
        assert.equal(engine?.url, "https://anchore.portcullis-dev.internal");
        assert.equal(engine?.adminPasswordParameter, "/portcullis/dev/anchore/admin-password");
        assert.equal(engine?.caParameter, "/portcullis/dev/anchore/certificate-authority");
    });

    it("registers exactly these resources", () => {
        const group = "anchore-security-groups";
        assert.deepEqual(
            resources.map(({ name }) => name).sort(),
            [
                "anchore-certificate",
                "anchore-certificate-authority",
                "anchore-certificate-authority-key",
                "anchore-certificate-authority-parameter",
                "anchore-certificate-imported",
                "anchore-certificate-key",
                "anchore-certificate-request",
                "anchore-cluster",
                "anchore-cluster-association",
                "anchore-cluster-capacity",
                "anchore-cluster-group",
                "anchore-cluster-instance-profile",
                "anchore-cluster-instance-role",
                "anchore-cluster-instance-role-policy",
                "anchore-cluster-launch-template",
                "anchore-database",
                "anchore-database-host-parameter",
                "anchore-database-log-postgresql",
                "anchore-database-log-upgrade",
                "anchore-database-parameters",
                "anchore-database-subnets",
                "anchore-load-balancer",
                "anchore-load-balancer-https",
                "anchore-load-balancer-record",
                "anchore-load-balancer-targets",
                "anchore-load-balancer-zone",
                "anchore-secrets-admin-password",
                "anchore-secrets-admin-password-parameter",
                "anchore-secrets-auth-secret",
                "anchore-secrets-auth-secret-parameter",
                "anchore-secrets-database-password",
                "anchore-secrets-database-password-parameter",
                ...["database", "engine", "instance", "load-balancer", "scan"].map(
                    (party) => `${group}-${party}`,
                ),
                `${group}-database-from-engine`,
                `${group}-engine-from-load-balancer`,
                `${group}-engine-https-out`,
                `${group}-engine-to-database`,
                `${group}-instance-https-out`,
                `${group}-load-balancer-from-scan`,
                `${group}-load-balancer-to-engine`,
                `${group}-scan-https-out`,
                `${group}-scan-to-load-balancer`,
                "anchore-tasks-engine",
                "anchore-tasks-engine-task",
                "anchore-tasks-execution-role",
                "anchore-tasks-execution-role-policy",
                "anchore-tasks-log-group",
                "anchore-tasks-task-role",
                "anchore-tasks-task-role-policy",
            ].sort(),
        );
    });

    it("lets scan steps reach the load balancer, that the engine, and that the database; nothing else", () => {
        const rules = resources
            .filter(({ type }) => type.startsWith("aws:vpc/securityGroup"))
            .map(({ type, inputs: rule }) => {
                const group = (value: unknown) =>
                    String(value).replace(/^anchore-security-groups-|-id$/g, "");
                const peer = rule["cidrIpv4"] ?? group(rule["referencedSecurityGroupId"]);
                const direction = type.includes("Ingress") ? "<-" : "->";
                const ports = rule["fromPort"] === rule["toPort"] ? rule["fromPort"] : "range";
                return `${group(rule["securityGroupId"])} ${direction} ${String(peer)} ${String(rule["ipProtocol"])} ${String(ports)}`;
            });
        assert.deepEqual(rules.sort(), [
            "database <- engine tcp 5432",
            "engine -> 0.0.0.0/0 tcp 443",
            "engine -> database tcp 5432",
            "engine <- load-balancer tcp 8228",
            "instance -> 0.0.0.0/0 tcp 443",
            "load-balancer -> engine tcp 8228",
            "load-balancer <- scan tcp 443",
            "scan -> 0.0.0.0/0 tcp 443",
            "scan -> load-balancer tcp 443",
        ]);
        for (const { type, inputs: group } of resources) {
            if (type !== "aws:ec2/securityGroup:SecurityGroup") continue;
            // Rules in the group and rules as resources would undo each other.
            assert.deepEqual([group["ingress"], group["egress"]], [undefined, undefined]);
        }
    });

    it("keeps generated passwords secret, and made of letters and digits", () => {
        for (const part of ["database-password", "admin-password", "auth-secret"]) {
            assert.deepEqual(inputs(resources, `anchore-secrets-${part}`), { length: 40, special: false });
            const parameter = only(resources, `anchore-secrets-${part}-parameter`);
            assert.equal(parameter.inputs["type"], "SecureString");
            assert.equal(parameter.inputs["keyId"], "arn:key/keys-anchore");
            assert.equal(parameter.inputs["name"], `/portcullis/dev/anchore/${part}`);
            assert.equal(parameter.inputs["value"], `anchore-secrets-${part}-result`);
            assert.ok(isSecret(parameter.raw["value"]));
        }
        const database = only(resources, "anchore-database");
        assert.equal(database.inputs["password"], "anchore-secrets-database-password-result");
        assert.ok(isSecret(database.raw["password"]));
        assert.ok(isSecret(only(resources, "anchore-certificate-imported").raw["privateKey"]));
    });

    it("makes a private, encrypted database that refuses plaintext", () => {
        assert.deepEqual(inputs(resources, "anchore-database"), {
            identifier: prefix,
            engine: "postgres",
            engineVersion: "15",
            autoMinorVersionUpgrade: true,
            allowMajorVersionUpgrade: false,
            instanceClass: "db.t4g.micro",
            allocatedStorage: 20,
            maxAllocatedStorage: 100,
            storageType: "gp3",
            storageEncrypted: true,
            kmsKeyId: "arn:key/keys-anchore",
            dbName: "anchore",
            username: "anchore",
            password: "anchore-secrets-database-password-result",
            port: 5432,
            multiAz: false,
            dbSubnetGroupName: prefix,
            parameterGroupName: `${prefix}-postgres15`,
            vpcSecurityGroupIds: ["anchore-security-groups-database-id"],
            publiclyAccessible: false,
            caCertIdentifier: "rds-ca-rsa2048-g1",
            iamDatabaseAuthenticationEnabled: false,
            backupRetentionPeriod: 7,
            backupWindow: "02:00-03:00",
            maintenanceWindow: "sun:03:30-sun:04:30",
            copyTagsToSnapshot: true,
            deleteAutomatedBackups: true,
            deletionProtection: false,
            skipFinalSnapshot: true,
            enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
            performanceInsightsEnabled: false,
            applyImmediately: true,
        });
        assert.deepEqual(inputs(resources, "anchore-database-parameters")["parameters"], [
            { name: "rds.force_ssl", value: "1", applyMethod: "immediate" },
        ]);
        assert.equal(inputs(resources, "anchore-database-parameters")["family"], "postgres15");
        assert.equal(inputs(resources, "anchore-database-host-parameter")["value"], "database.example.com");
    });

    it("launches instances with IMDSv2 only, an encrypted disk and no public address", () => {
        const template = inputs(resources, "anchore-cluster-launch-template");
        assert.equal(
            template["imageId"],
            "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        );
        assert.equal(template["instanceInitiatedShutdownBehavior"], "terminate");
        assert.deepEqual(template["metadataOptions"], {
            httpEndpoint: "enabled",
            httpTokens: "required",
            httpPutResponseHopLimit: 1,
            instanceMetadataTags: "disabled",
        });
        assert.deepEqual(template["networkInterfaces"], [
            {
                deviceIndex: 0,
                associatePublicIpAddress: "false",
                deleteOnTermination: "true",
                securityGroups: ["anchore-security-groups-instance-id"],
            },
        ]);
        assert.deepEqual(template["blockDeviceMappings"], [
            {
                deviceName: "/dev/xvda",
                ebs: {
                    volumeType: "gp3",
                    volumeSize: 30,
                    encrypted: "true",
                    kmsKeyId: "arn:key/keys-anchore",
                    deleteOnTermination: "true",
                },
            },
        ]);
        assert.deepEqual(template["creditSpecification"], { cpuCredits: "standard" });
        assert.equal(template["keyName"], undefined);
    });

    it("scales through a capacity provider whose group can be deleted", () => {
        const group = inputs(resources, "anchore-cluster-group");
        assert.deepEqual([group["minSize"], group["desiredCapacity"], group["maxSize"]], [1, 1, 2]);
        assert.deepEqual([group["protectFromScaleIn"], group["forceDelete"]], [true, true]);
        assert.deepEqual(group["launchTemplate"], { id: "anchore-cluster-launch-template-id", version: "7" });
        assert.deepEqual(inputs(resources, "anchore-cluster-capacity")["autoScalingGroupProvider"], {
            autoScalingGroupArn: `arn:group/${prefix}`,
            managedTerminationProtection: "ENABLED",
            managedDraining: "ENABLED",
            managedScaling: {
                status: "ENABLED",
                targetCapacity: 100,
                minimumScalingStepSize: 1,
                maximumScalingStepSize: 2,
                instanceWarmupPeriod: 300,
            },
        });
        assert.deepEqual(inputs(resources, "anchore-cluster-association"), {
            clusterName: prefix,
            capacityProviders: [prefix],
            defaultCapacityProviderStrategies: [{ capacityProvider: prefix, weight: 1, base: 0 }],
        });
    });

    it("runs one engine task at a time behind the load balancer", () => {
        assert.deepEqual(inputs(resources, "anchore-tasks-engine"), {
            name: prefix,
            cluster: `arn:cluster/${prefix}`,
            taskDefinition: `arn:task-definition/${prefix}:1`,
            desiredCount: 1,
            deploymentMinimumHealthyPercent: 0,
            deploymentMaximumPercent: 100,
            deploymentCircuitBreaker: { enable: true, rollback: true },
            deploymentController: { type: "ECS" },
            availabilityZoneRebalancing: "DISABLED",
            capacityProviderStrategies: [{ capacityProvider: prefix, weight: 1, base: 0 }],
            schedulingStrategy: "REPLICA",
            loadBalancers: [
                {
                    targetGroupArn: `arn:target-group/${prefix}`,
                    containerName: "apiext",
                    containerPort: 8228,
                },
            ],
            healthCheckGracePeriodSeconds: 300,
            networkConfiguration: {
                subnets: ["subnet-1a", "subnet-1b"],
                securityGroups: ["anchore-security-groups-engine-id"],
                assignPublicIp: false,
            },
            enableExecuteCommand: false,
            enableEcsManagedTags: true,
            propagateTags: "SERVICE",
            waitForSteadyState: false,
        });
        const task = inputs(resources, "anchore-tasks-engine-task");
        assert.equal(task["networkMode"], "awsvpc");
        assert.deepEqual(task["requiresCompatibilities"], ["EC2"]);
        assert.equal(task["executionRoleArn"], `arn:role/${prefix}-execution`);
        assert.equal(task["taskRoleArn"], `arn:role/${prefix}-task`);
        assert.equal((JSON.parse(String(task["containerDefinitions"])) as unknown[]).length, 5);
    });

    it("answers inside the VPC only, with TLS 1.2 or later, under its own name", () => {
        const balancer = inputs(resources, "anchore-load-balancer");
        assert.deepEqual(
            [balancer["internal"], balancer["dropInvalidHeaderFields"], balancer["enableDeletionProtection"]],
            [true, true, false],
        );
        assert.deepEqual(inputs(resources, "anchore-load-balancer-https"), {
            loadBalancerArn: `arn:load-balancer/${prefix}`,
            port: 443,
            protocol: "HTTPS",
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
            certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/imported",
            defaultActions: [{ type: "forward", targetGroupArn: `arn:target-group/${prefix}` }],
        });
        assert.deepEqual(inputs(resources, "anchore-load-balancer-record"), {
            zoneId: "ZOWN",
            name: "anchore.portcullis-dev.internal",
            type: "A",
            aliases: [{ name: `${prefix}.elb.example.com`, zoneId: "ZELB", evaluateTargetHealth: false }],
        });
        assert.deepEqual(inputs(resources, "anchore-certificate-request")["dnsNames"], [
            "anchore.portcullis-dev.internal",
        ]);
    });

    it("publishes the authority that signed the certificate", () => {
        const parameter = inputs(resources, "anchore-certificate-authority-parameter");
        assert.equal(parameter["name"], "/portcullis/dev/anchore/certificate-authority");
        assert.equal(parameter["value"], "anchore-certificate-authority-pem");
        assert.equal(
            inputs(resources, "anchore-certificate")["caCertPem"],
            "anchore-certificate-authority-pem",
        );
    });

    it("tags everything that can be tagged", () => {
        const untaggable = /^(random|tls):|:(RolePolicy|Record|ClusterCapacityProviders)$/;
        for (const { type, name, inputs: all } of resources) {
            if (untaggable.test(type)) continue;
            const given = all["tags"];
            const found = Array.isArray(given)
                ? Object.fromEntries(
                      (given as { key: string; value: string }[]).map(({ key, value }) => [key, value]),
                  )
                : (given as Record<string, string> | undefined);
            assert.equal(found?.["Project"], "portcullis", name);
            assert.equal(found?.["Stack"], "dev", name);
            assert.ok(found?.["Name"], name);
        }
    });

    it("refuses deletion and keeps a snapshot in a protected stack", async () => {
        const guarded = (await record({}, "protected")).resources;
        const database = inputs(guarded, "anchore-database");
        assert.equal(database["deletionProtection"], true);
        assert.equal(database["skipFinalSnapshot"], false);
        assert.equal(database["finalSnapshotIdentifier"], `${prefix}-final`);
        assert.equal(inputs(guarded, "anchore-load-balancer")["enableDeletionProtection"], true);
        assert.deepEqual(inputs(guarded, "anchore-cluster")["settings"], [
            { name: "containerInsights", value: "enabled" },
        ]);
        assert.deepEqual(inputs(guarded, "anchore-cluster-launch-template")["monitoring"], { enabled: true });
    });

    it("uses a given certificate and its authority", async () => {
        const arn = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b";
        const given = { ...exampleConfig({ certificateArn: arn, hostName: "anchore.example.com" }) };
        const certificateAuthority = "given authority";
        const recorded = await recordStack(() => {
            const shared = { account: exampleAccount, naming: exampleNaming, tags };
            const keys = new Keys("keys", { ...shared, protection: "deletable" });
            new AnchoreEngine("anchore", {
                ...shared,
                config: { ...given, certificateAuthority },
                protection: "deletable",
                key: keys.anchore,
                network: { vpcId: pulumi.output("vpc-1"), privateSubnetIds: pulumi.output(["subnet-1a"]) },
                repositoryArns: [],
            });
        });
        assert.equal(inputs(recorded, "anchore-load-balancer-https")["certificateArn"], arn);
        assert.equal(
            inputs(recorded, "anchore-certificate-authority-parameter")["value"],
            certificateAuthority,
        );
        assert.equal(inputs(recorded, "anchore-load-balancer-zone")["name"], "anchore.example.com");
        assert.deepEqual(
            recorded.filter(({ type }) => type.startsWith("tls:")),
            [],
        );
    });

    it("adds analyzers that find the engine by name", async () => {
        const more = (await record({ analyzers: 2 })).resources;
        assert.equal(inputs(more, "anchore-tasks-analyzers")["desiredCount"], 2);
        assert.equal(inputs(more, "anchore-tasks-analyzers")["loadBalancers"], undefined);
        assert.deepEqual(inputs(more, "anchore-tasks-engine")["serviceRegistries"], {
            registryArn: "arn:discovery/engine",
        });
        assert.equal(inputs(more, "anchore-tasks-namespace")["name"], "services.portcullis-dev.internal");
        const containers = JSON.parse(
            String(inputs(more, "anchore-tasks-engine-task")["containerDefinitions"]),
        ) as { environment: { name: string; value: string }[] }[];
        for (const { environment } of containers) {
            assert.deepEqual(
                environment.filter(({ name }) => name === "ANCHORE_ENDPOINT_HOSTNAME"),
                [{ name: "ANCHORE_ENDPOINT_HOSTNAME", value: "engine.services.portcullis-dev.internal" }],
            );
        }
        const rule = inputs(more, "anchore-security-groups-engine-from-engine");
        assert.deepEqual([rule["fromPort"], rule["toPort"]], [8082, 8228]);
    });

    it("says what the engine cannot do as configured", () => {
        assert.deepEqual(anchoreNotices(exampleConfig()), [
            "Anchore Engine is advisory: anchore.feedListingUrl is not set, so it has no vulnerability data and its " +
                "answer is always incomplete.",
            "The Anchore Engine image docker.io/anchore/anchore-engine:v1.1.0 is not pinned by digest: add " +
                "@sha256:… to anchore.image.",
        ]);
        assert.deepEqual(
            anchoreNotices(
                exampleConfig({
                    feedListingUrl: "https://feed.example.com/listing.json",
                    image: `registry.example.com/anchore-engine:v1.1.0@sha256:${"a".repeat(64)}`,
                }),
            ),
            [],
        );
    });
});
