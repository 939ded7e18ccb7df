/** Physical names, addresses and parameters of Anchore Engine. All literal, so that every document can be judged. */
import type { AnchoreConfig } from "../config/schema";
import type { Naming } from "../naming";

export interface AnchoreNames {
    cluster: string;
    capacityProvider: string;
    autoScalingGroup: string;
    launchTemplate: string;
    instance: string;
    instanceRole: string;
    service: string;
    taskFamily: string;
    taskRole: string;
    executionRole: string;
    analyzerService: string;
    analyzerTaskFamily: string;
    database: string;
    databaseSubnetGroup: string;
    databaseLogGroups: string[];
    logGroup: string;
    loadBalancer: string;
    targetGroup: string;
    /** DNS name inside the VPC. */
    hostName: string;
    /** `https://<hostName>` */
    url: string;
    /** Private domain in which the engine's task is found by the analyzers. */
    discoveryDomain: string;
    parameters: {
        databaseHost: string;
        databasePassword: string;
        adminPassword: string;
        authSecret: string;
        certificateAuthority: string;
    };
}

/** Logs that RDS for PostgreSQL can export. */
export const databaseLogs = ["postgresql", "upgrade"] as const;

export function anchoreNames(naming: Naming, config: Pick<AnchoreConfig, "hostName">): AnchoreNames {
    const domain = `${naming.physical("hostedZone")}.internal`;
    const hostName = config.hostName ?? `anchore.${domain}`;
    const database = naming.physical("rdsInstance", "anchore");
    return {
        cluster: naming.physical("ecsCluster", "anchore"),
        capacityProvider: naming.physical("capacityProvider", "anchore"),
        autoScalingGroup: naming.physical("autoScalingGroup", "anchore"),
        launchTemplate: naming.physical("launchTemplate", "anchore"),
        instance: naming.physical("instanceProfile", "anchore", "instance"),
        instanceRole: naming.physical("iamRole", "anchore", "instance"),
        service: naming.physical("ecsService", "anchore"),
        taskFamily: naming.physical("ecsTaskFamily", "anchore"),
        taskRole: naming.physical("iamRole", "anchore", "task"),
        executionRole: naming.physical("iamRole", "anchore", "execution"),
        analyzerService: naming.physical("ecsService", "anchore", "analyzer"),
        analyzerTaskFamily: naming.physical("ecsTaskFamily", "anchore", "analyzer"),
        database,
        databaseSubnetGroup: naming.physical("rdsSubnetGroup", "anchore"),
        databaseLogGroups: databaseLogs.map((log) => `/aws/rds/instance/${database}/${log}`),
        logGroup: naming.physical("logGroup", "anchore"),
        loadBalancer: naming.physical("loadBalancer", "anchore"),
        targetGroup: naming.physical("targetGroup", "anchore"),
        hostName,
        url: `https://${hostName}`,
        discoveryDomain: `services.${domain}`,
        parameters: {
            databaseHost: naming.parameterPath("anchore", "database-host"),
            databasePassword: naming.parameterPath("anchore", "database-password"),
            adminPassword: naming.parameterPath("anchore", "admin-password"),
            authSecret: naming.parameterPath("anchore", "auth-secret"),
            certificateAuthority: naming.parameterPath("anchore", "certificate-authority"),
        },
    };
}
