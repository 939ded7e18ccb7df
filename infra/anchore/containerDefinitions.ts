/** Container definitions of the engine's tasks. Pure: literal values in, literal JSON out. */
import { parameterArn } from "../arn";
import type { Account } from "../naming";
import type { AnchoreNames } from "./anchoreNames";
import { databaseConnection } from "./databaseConnection";
import {
    databaseAuthority,
    enginePlan,
    engineServices,
    engineUser,
    hostFolder,
    memoryFolders,
    type EngineService,
} from "./enginePlan";

export interface ContainersRequest {
    account: Account;
    names: AnchoreNames;
    /** Image reference of the engine. */
    image: string;
    /** listing.json of the vulnerability database; without it the feeds are off. */
    feedListingUrl: string | undefined;
    /** Name by which the services of the task call each other. */
    endpointHostName: string;
}

interface KeyValue {
    name: string;
    value: string;
}

/** Volumes of the instance that the containers of a task mount, by name, and the folder behind each. */
export function engineVolumes(services: readonly EngineService[]): { name: string; hostPath: string }[] {
    const folders = services.flatMap((service) =>
        enginePlan[service].diskFolders.map((folder) => ({
            name: volumeName(service, folder),
            hostPath: hostFolder(service, folder),
        })),
    );
    return [{ name: "database-authority", hostPath: databaseAuthority.hostFolder }, ...folders];
}

function volumeName(service: EngineService, folder: string): string {
    return `${service}${folder}`.replaceAll(/[/_]/g, "-");
}

function environmentOf(service: EngineService, request: ContainersRequest): KeyValue[] {
    const { names, feedListingUrl } = request;
    const values: Record<string, string> = {
        ANCHORE_ADMIN_EMAIL: `admin@${names.hostName}`,
        // Without hashing both passwords lie in clear in the database; hashing wants OAuth.
        ANCHORE_AUTH_ENABLE_HASHED_PASSWORDS: "true",
        ANCHORE_DB_NAME: databaseConnection.name,
        ANCHORE_DB_PORT: String(databaseConnection.port),
        ANCHORE_DB_USER: databaseConnection.user,
        ANCHORE_ENDPOINT_HOSTNAME: request.endpointHostName,
        ANCHORE_HOST_ID: `${names.taskFamily}-${service}`.replaceAll("_", "-"),
        ANCHORE_INTERNAL_SSL_VERIFY: "true",
        ANCHORE_OAUTH_ENABLED: "true",
        ANCHORE_SERVICE_PORT: String(enginePlan[service].port),
        // libpq reads these two although the engine does not know them: the server's certificate and name are verified.
        PGSSLMODE: "verify-full",
        PGSSLROOTCERT: `${databaseAuthority.containerFolder}/${databaseAuthority.file}`,
        ...(service === "policy_engine" ? feedSettings(feedListingUrl) : {}),
    };
    return Object.entries(values)
        .map(([name, value]) => ({ name, value }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The image's defaults point to feeds that are gone, so without a listing of our own the feeds are switched off. */
function feedSettings(feedListingUrl: string | undefined): Record<string, string> {
    return feedListingUrl === undefined
        ? { ANCHORE_VULNERABILITIES_PROVIDER: "grype", ANCHORE_FEEDS_ENABLED: "false" }
        : {
              ANCHORE_VULNERABILITIES_PROVIDER: "grype",
              ANCHORE_FEEDS_ENABLED: "true",
              ANCHORE_GRYPE_DB_URL: feedListingUrl,
          };
}

/** Any service may be the first on an empty database, so each gets the administrator's password. */
function secretsOf({ account, names }: ContainersRequest): { name: string; valueFrom: string }[] {
    const { parameters } = names;
    return [
        { name: "ANCHORE_ADMIN_PASSWORD", valueFrom: parameterArn(account, parameters.adminPassword) },
        { name: "ANCHORE_AUTH_SECRET", valueFrom: parameterArn(account, parameters.authSecret) },
        { name: "ANCHORE_DB_HOST", valueFrom: parameterArn(account, parameters.databaseHost) },
        { name: "ANCHORE_DB_PASSWORD", valueFrom: parameterArn(account, parameters.databasePassword) },
    ];
}

/** The definition of one service's container. */
export function containerDefinition(service: EngineService, request: ContainersRequest) {
    const { port, cpu, memory, diskFolders } = enginePlan[service];
    return {
        name: service,
        image: request.image,
        // Not the image's own command: `--all` answers /health while the API cannot be reached.
        command: ["anchore-manager", "service", "start", service],
        essential: true,
        cpu,
        memory: memory.limit,
        memoryReservation: memory.reserved,
        user: `${engineUser}:${engineUser}`,
        privileged: false,
        readonlyRootFilesystem: true,
        environment: environmentOf(service, request),
        secrets: secretsOf(request),
        portMappings: [{ containerPort: port, hostPort: port, protocol: "tcp" }],
        mountPoints: [
            {
                sourceVolume: "database-authority",
                containerPath: databaseAuthority.containerFolder,
                readOnly: true,
            },
            ...diskFolders.map((folder) => ({
                sourceVolume: volumeName(service, folder),
                containerPath: folder,
                readOnly: false,
            })),
        ],
        volumesFrom: [],
        linuxParameters: {
            capabilities: { add: [], drop: ["ALL"] },
            initProcessEnabled: true,
            tmpfs: Object.entries(memoryFolders).map(([containerPath, size]) => ({
                containerPath,
                size,
                mountOptions: [`uid=${engineUser}`, `gid=${engineUser}`, "mode=0700", "nosuid", "nodev"],
            })),
        },
        ulimits: [{ name: "nofile", softLimit: 65_536, hardLimit: 65_536 }],
        // Liveness only: /health says nothing about the database or the feeds. The gate asks for more.
        healthCheck: {
            command: ["CMD-SHELL", `curl -fsS --max-time 4 http://localhost:${port}/health || exit 1`],
            interval: 30,
            timeout: 5,
            retries: 5,
            startPeriod: 180,
        },
        // The manager ends within two seconds of SIGTERM.
        stopTimeout: 30,
        logConfiguration: {
            logDriver: "awslogs",
            options: {
                "awslogs-group": request.names.logGroup,
                "awslogs-region": request.account.region,
                "awslogs-stream-prefix": "engine",
                // A slow log service must not block the engine.
                mode: "non-blocking",
                "max-buffer-size": "4m",
            },
        },
    };
}

/** All five services as one task. */
export function engineContainers(request: ContainersRequest): string {
    return JSON.stringify(engineServices.map((service) => containerDefinition(service, request)));
}

/**
 * An analyzer as a task of its own. Replicas need different host ids, so it takes the task's own host name, which
 * Amazon VPC resolves.
 */
export function analyzerContainers(request: ContainersRequest): string {
    const definition = containerDefinition("analyzer", request);
    const environment = definition.environment
        .filter(({ name }) => name !== "ANCHORE_HOST_ID" && name !== "ANCHORE_ENDPOINT_HOSTNAME")
        .concat({ name: "SET_HOSTID_TO_HOSTNAME", value: "true" });
    return JSON.stringify([
        {
            ...definition,
            environment,
            command: [
                "/bin/bash",
                "-c",
                'export ANCHORE_ENDPOINT_HOSTNAME="$(hostname -f)"; exec anchore-manager service start analyzer',
            ],
        },
    ]);
}
