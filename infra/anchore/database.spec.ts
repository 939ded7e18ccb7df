import assert from "node:assert/strict";
import { inputs, prefix, record, type Recorded } from "./testing/recordedEngine";

describe("Database of Anchore Engine", () => {
    let resources: Recorded;

    before(async () => {
        ({ resources } = await record());
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
});
