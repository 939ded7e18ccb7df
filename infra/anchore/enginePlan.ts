/**
 * Which service of Anchore Engine gets which port, memory and writable folders. Figures come from the running engine
 * 1.1.0: 230–350 MB for each container when idle, 550–650 MB for the analyzer with a 170 MB image, a vulnerability
 * database of several hundred MB in the policy engine. Reserved is what lets the five share 4 GB; the limits leave room
 * for the larger images and databases that were not measured, on the expectation that not all five peak together.
 */

/** Start names of the services, as `anchore-manager service start` knows them. */
export const engineServices = ["apiext", "catalog", "simplequeue", "analyzer", "policy_engine"] as const;
export type EngineService = (typeof engineServices)[number];

export interface ServicePlan {
    /** Each service needs its own: they share the task's network namespace. */
    port: number;
    /** CPU units (1024 = one vCPU) that are reserved. */
    cpu: number;
    /** MiB that are reserved, and MiB at which the container is stopped. */
    memory: { reserved: number; limit: number };
    /** Folders on the instance's encrypted disk. */
    diskFolders: string[];
}

const everywhere = ["/anchore_service", "/var/log/anchore"];

export const enginePlan: Record<EngineService, ServicePlan> = {
    apiext: { port: 8228, cpu: 256, memory: { reserved: 320, limit: 640 }, diskFolders: everywhere },
    catalog: { port: 8082, cpu: 256, memory: { reserved: 448, limit: 896 }, diskFolders: everywhere },
    simplequeue: { port: 8083, cpu: 128, memory: { reserved: 256, limit: 512 }, diskFolders: everywhere },
    analyzer: {
        port: 8084,
        cpu: 512,
        memory: { reserved: 1024, limit: 2048 },
        // skopeo writes large layers to /var/tmp whatever TMPDIR says.
        diskFolders: [...everywhere, "/analysis_scratch", "/var/tmp"],
    },
    policy_engine: {
        port: 8087,
        cpu: 512,
        memory: { reserved: 1024, limit: 2048 },
        // Downloads of the vulnerability database are unpacked in the scratch folder.
        diskFolders: [...everywhere, "/analysis_scratch"],
    },
};

/** Port of the service behind the load balancer. */
export const apiPort = enginePlan.apiext.port;

/** Lowest and highest port of the five services. */
export const enginePorts = {
    from: Math.min(...engineServices.map((service) => enginePlan[service].port)),
    to: Math.max(...engineServices.map((service) => enginePlan[service].port)),
};

/** User and group of the image (its Dockerfile creates both with this number). */
export const engineUser = 1000;

/** Folders in memory, by size in MiB: small, private and gone with the container. */
export const memoryFolders: Record<string, number> = {
    "/tmp": 64,
    "/var/run/anchore": 16,
    "/home/anchore": 64,
};

/** Everything the engine keeps on an instance lies below this folder. */
export const hostRoot = "/var/lib/anchore";

/** Folder of the instance behind one folder of one service: `/var/lib/anchore/catalog/var-log-anchore`. */
export function hostFolder(service: EngineService, folder: string): string {
    return `${hostRoot}/${service}/${folder.slice(1).replaceAll("/", "-")}`;
}

/** Where the certificates of Amazon RDS lie on the instance and, read-only, in every container. */
export const databaseAuthority = {
    hostFolder: `${hostRoot}/tls`,
    containerFolder: "/etc/anchore/tls",
    file: "rds-ca.pem",
};
