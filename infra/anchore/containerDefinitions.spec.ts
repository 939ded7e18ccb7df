import assert from "node:assert/strict";
import {
    analyzerContainers,
    engineContainers,
    engineVolumes,
    type ContainersRequest,
} from "./containerDefinitions";
import { engineServices } from "./enginePlan";
import { exampleAccount, exampleNames } from "./testing/exampleEngine";

interface Container {
    name: string;
    command: string[];
    cpu: number;
    memory: number;
    memoryReservation: number;
    user: string;
    privileged: boolean;
    readonlyRootFilesystem: boolean;
    environment: { name: string; value: string }[];
    secrets: { name: string; valueFrom: string }[];
    portMappings: { containerPort: number; hostPort: number; protocol: string }[];
    mountPoints: { sourceVolume: string; containerPath: string; readOnly: boolean }[];
    linuxParameters: {
        capabilities: { drop: string[] };
        tmpfs: { containerPath: string; mountOptions: string[] }[];
    };
    healthCheck: { command: string[] };
    logConfiguration: { options: Record<string, string> };
}

const request: ContainersRequest = {
    account: exampleAccount,
    names: exampleNames,
    image: "docker.io/anchore/anchore-engine:v1.1.0",
    feedListingUrl: undefined,
    endpointHostName: "localhost",
};

function containers(change: Partial<ContainersRequest> = {}): Container[] {
    return JSON.parse(engineContainers({ ...request, ...change })) as Container[];
}

function environment(container: Container | undefined): Record<string, string> {
    return Object.fromEntries((container?.environment ?? []).map(({ name, value }) => [name, value]));
}

/** What every service gets; port and host id differ. */
const shared = {
    ANCHORE_ADMIN_EMAIL: "admin@anchore.portcullis-dev.internal",
    ANCHORE_AUTH_ENABLE_HASHED_PASSWORDS: "true",
    ANCHORE_DB_NAME: "anchore",
    ANCHORE_DB_PORT: "5432",
    ANCHORE_DB_USER: "anchore",
    ANCHORE_ENDPOINT_HOSTNAME: "localhost",
    ANCHORE_INTERNAL_SSL_VERIFY: "true",
    ANCHORE_OAUTH_ENABLED: "true",
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: "/etc/anchore/tls/rds-ca.pem",
};

describe("containers of Anchore Engine", () => {
    const all = containers();

    it("runs each service with its own command, port and host id, never --all", () => {
        assert.deepEqual(
            all.map(({ name, command, portMappings }) => [
                name,
                command.join(" "),
                portMappings[0]?.containerPort,
            ]),
            [
                ["apiext", "anchore-manager service start apiext", 8228],
                ["catalog", "anchore-manager service start catalog", 8082],
                ["simplequeue", "anchore-manager service start simplequeue", 8083],
                ["analyzer", "anchore-manager service start analyzer", 8084],
                ["policy_engine", "anchore-manager service start policy_engine", 8087],
            ],
        );
        assert.deepEqual(
            all.map((container) => environment(container)["ANCHORE_HOST_ID"]),
            ["apiext", "catalog", "simplequeue", "analyzer", "policy-engine"].map(
                (service) => `portcullis-dev-anchore-${service}`,
            ),
        );
    });

    it("sets exactly the measured variables", () => {
        assert.deepEqual(environment(all[1]), {
            ...shared,
            ANCHORE_HOST_ID: "portcullis-dev-anchore-catalog",
            ANCHORE_SERVICE_PORT: "8082",
        });
        assert.deepEqual(environment(all[4]), {
            ...shared,
            ANCHORE_HOST_ID: "portcullis-dev-anchore-policy-engine",
            ANCHORE_SERVICE_PORT: "8087",
            ANCHORE_FEEDS_ENABLED: "false",
            ANCHORE_VULNERABILITIES_PROVIDER: "grype",
        });
    });

    it("gives the feed's listing to the policy engine alone", () => {
        const feedListingUrl = "https://feed.example.com/listing.json";
        const withFeed = containers({ feedListingUrl });
        assert.deepEqual(
            withFeed.map((container) => environment(container)["ANCHORE_GRYPE_DB_URL"]),
            [undefined, undefined, undefined, undefined, feedListingUrl],
        );
        assert.equal(environment(withFeed[4])["ANCHORE_FEEDS_ENABLED"], "true");
    });

    it("takes every secret by reference, under a literal ARN", () => {
        const parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/portcullis/dev/anchore";
        for (const { secrets } of all) {
            assert.deepEqual(secrets, [
                { name: "ANCHORE_ADMIN_PASSWORD", valueFrom: `${parameter}/admin-password` },
                { name: "ANCHORE_AUTH_SECRET", valueFrom: `${parameter}/auth-secret` },
                { name: "ANCHORE_DB_HOST", valueFrom: `${parameter}/database-host` },
                { name: "ANCHORE_DB_PASSWORD", valueFrom: `${parameter}/database-password` },
            ]);
        }
    });

    it("runs as an ordinary user, without capabilities, on a read-only root file system", () => {
        for (const container of all) {
            assert.equal(container.user, "1000:1000");
            assert.equal(container.privileged, false);
            assert.equal(container.readonlyRootFilesystem, true);
            assert.deepEqual(container.linuxParameters.capabilities.drop, ["ALL"]);
        }
    });

    it("can write to the folders that the engine writes to, and to no other", () => {
        const everywhere = [
            "/anchore_service",
            "/home/anchore",
            "/tmp",
            "/var/log/anchore",
            "/var/run/anchore",
        ];
        const expected: Record<string, string[]> = {
            apiext: everywhere,
            catalog: everywhere,
            simplequeue: everywhere,
            analyzer: [...everywhere, "/analysis_scratch", "/var/tmp"],
            policy_engine: [...everywhere, "/analysis_scratch"],
        };
        for (const { name, mountPoints, linuxParameters } of all) {
            const writable = [
                ...mountPoints.filter(({ readOnly }) => !readOnly),
                ...linuxParameters.tmpfs,
            ].map(({ containerPath }) => containerPath);
            assert.deepEqual(writable.sort(), [...(expected[name] ?? [])].sort());
            for (const { mountOptions } of linuxParameters.tmpfs) {
                assert.deepEqual(mountOptions, ["uid=1000", "gid=1000", "mode=0700", "nosuid", "nodev"]);
            }
            assert.deepEqual(
                mountPoints.filter(({ readOnly }) => readOnly),
                [{ sourceVolume: "database-authority", containerPath: "/etc/anchore/tls", readOnly: true }],
            );
        }
    });

    it("mounts exactly the declared volumes, a folder of its own for each", () => {
        const volumes = engineVolumes(engineServices);
        const mounted = new Set(
            all.flatMap(({ mountPoints }) => mountPoints.map(({ sourceVolume }) => sourceVolume)),
        );
        assert.deepEqual(volumes.map(({ name }) => name).sort(), [...mounted].sort());
        assert.equal(new Set(volumes.map(({ hostPath }) => hostPath)).size, volumes.length);
        assert.deepEqual(volumes[0], { name: "database-authority", hostPath: "/var/lib/anchore/tls" });
        assert.deepEqual(
            volumes.find(({ name }) => name === "policy-engine-var-log-anchore"),
            {
                name: "policy-engine-var-log-anchore",
                hostPath: "/var/lib/anchore/policy_engine/var-log-anchore",
            },
        );
    });

    it("fits an instance with two vCPUs and 4 GB, of which ECS registers about 3800 MiB", () => {
        const sum = (of: (container: Container) => number) =>
            all.reduce((total, container) => total + of(container), 0);
        assert.equal(
            sum(({ memoryReservation }) => memoryReservation),
            3072,
        );
        assert.equal(
            sum(({ cpu }) => cpu),
            1664,
        );
        for (const { memory, memoryReservation } of all) assert.ok(memory > memoryReservation);
    });

    it("is alive when its own port answers", () => {
        assert.deepEqual(all[1]?.healthCheck, {
            command: ["CMD-SHELL", "curl -fsS --max-time 4 http://localhost:8082/health || exit 1"],
            interval: 30,
            timeout: 5,
            retries: 5,
            startPeriod: 180,
        });
        assert.equal(all[0]?.logConfiguration.options["awslogs-group"], "portcullis-dev-anchore");
    });

    it("makes an analyzer of its own tell itself apart and be found by its task's name", () => {
        const analyzers = JSON.parse(
            analyzerContainers({ ...request, endpointHostName: "engine.services.portcullis-dev.internal" }),
        ) as Container[];
        assert.equal(analyzers.length, 1);
        const values = environment(analyzers[0]);
        assert.equal(values["SET_HOSTID_TO_HOSTNAME"], "true");
        assert.equal(values["ANCHORE_HOST_ID"], undefined);
        assert.equal(values["ANCHORE_ENDPOINT_HOSTNAME"], undefined);
        assert.deepEqual(analyzers[0]?.command, [
            "/bin/bash",
            "-c",
            'export ANCHORE_ENDPOINT_HOSTNAME="$(hostname -f)"; exec anchore-manager service start analyzer',
        ]);
    });
});
