import assert from "node:assert/strict";
import { isSecret } from "../testing/recordedStack";
import { anchoreNotices, type AnchoreEngine } from "./anchoreEngine";
import { exampleConfig } from "./testing/exampleEngine";
import { inputs, only, prefix, record, type Recorded } from "./testing/recordedEngine";

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
        assert.equal(task["executionRoleArn"], `arn:aws:iam::123456789012:role/${prefix}-execution`);
        assert.equal(task["taskRoleArn"], `arn:aws:iam::123456789012:role/${prefix}-task`);
        assert.equal((JSON.parse(String(task["containerDefinitions"])) as unknown[]).length, 5);
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
