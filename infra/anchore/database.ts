import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AnchorePartArgs } from "./anchoreArgs";
import { databaseLogs } from "./anchoreNames";
import { databaseConnection } from "./databaseConnection";

export interface DatabaseArgs extends AnchorePartArgs {
    password: pulumi.Output<string>;
    securityGroupId: pulumi.Output<string>;
}

/** Storage may grow by itself to this multiple of what is configured, so that a full disk does not stop the gate. */
const storageGrowth = 5;

/**
 * RDS for PostgreSQL with Anchore's state: encrypted, in private subnets, plaintext connections refused by the server.
 * Its host name is only known after creation and reaches the tasks through an SSM parameter with a literal name.
 */
export class Database extends pulumi.ComponentResource {
    readonly instance: aws.rds.Instance;
    readonly hostParameter: aws.ssm.Parameter;

    constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:anchore:Database", name, {}, opts);
        const { naming, names, tags, key, network, protection } = args;
        const config = args.config.database;
        const isProtected = protection === "protected";
        const family = `postgres${config.engineVersion.split(".")[0]}`;

        const subnetGroup = new aws.rds.SubnetGroup(
            `${name}-subnets`,
            {
                name: names.databaseSubnetGroup,
                description: "Private subnets of Anchore Engine's database",
                subnetIds: network.privateSubnetIds,
                tags: tags.tagsFor(names.databaseSubnetGroup),
            },
            { parent: this },
        );
        // The family is part of the name: a new major version needs a new group beside the old one.
        const parameterGroupName = naming.physical("rdsParameterGroup", "anchore", family);
        const parameterGroup = new aws.rds.ParameterGroup(
            `${name}-parameters`,
            {
                name: parameterGroupName,
                family,
                description: "Anchore Engine: connections with TLS only",
                parameters: [{ name: "rds.force_ssl", value: "1", applyMethod: "immediate" }],
                tags: tags.tagsFor(parameterGroupName),
            },
            { parent: this },
        );
        const logGroups = databaseLogs.map(
            (log, index) =>
                new aws.cloudwatch.LogGroup(
                    `${name}-log-${log}`,
                    {
                        name: names.databaseLogGroups[index],
                        retentionInDays: args.config.logRetentionDays,
                        kmsKeyId: key.arn,
                        tags: tags.tagsFor(names.databaseLogGroups[index] ?? log),
                    },
                    { parent: this },
                ),
        );

        this.instance = new aws.rds.Instance(
            name,
            {
                identifier: names.database,
                engine: "postgres",
                engineVersion: config.engineVersion,
                autoMinorVersionUpgrade: true,
                allowMajorVersionUpgrade: false,
                instanceClass: config.instanceClass,
                allocatedStorage: config.storageGb,
                maxAllocatedStorage: Math.min(config.storageGb * storageGrowth, 65_536),
                storageType: "gp3",
                storageEncrypted: true,
                kmsKeyId: key.arn,
                dbName: databaseConnection.name,
                username: databaseConnection.user,
                password: args.password,
                port: databaseConnection.port,
                multiAz: config.multiZone,
                dbSubnetGroupName: subnetGroup.name,
                parameterGroupName: parameterGroup.name,
                vpcSecurityGroupIds: [args.securityGroupId],
                publiclyAccessible: false,
                caCertIdentifier: "rds-ca-rsa2048-g1",
                iamDatabaseAuthenticationEnabled: false,
                backupRetentionPeriod: config.backupDays,
                backupWindow: "02:00-03:00",
                maintenanceWindow: "sun:03:30-sun:04:30",
                copyTagsToSnapshot: true,
                deleteAutomatedBackups: !isProtected,
                deletionProtection: isProtected,
                skipFinalSnapshot: !isProtected,
                ...(isProtected ? { finalSnapshotIdentifier: `${names.database}-final` } : {}),
                enabledCloudwatchLogsExports: [...databaseLogs],
                performanceInsightsEnabled: false,
                // A change of the password or the parameters must not wait for the maintenance window.
                applyImmediately: true,
                tags: tags.tagsFor(names.database),
            },
            // RDS would create log groups itself, without key and retention.
            { parent: this, protect: isProtected, dependsOn: logGroups },
        );

        const path = names.parameters.databaseHost;
        this.hostParameter = new aws.ssm.Parameter(
            `${name}-host-parameter`,
            {
                name: path,
                description: "Anchore Engine: host name of the database",
                type: "String",
                value: this.instance.address,
                tags: tags.tagsFor(path),
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}
