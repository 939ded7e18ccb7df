import assert from "node:assert/strict";
import { createNaming } from "../naming";
import { anchoreNames } from "./anchoreNames";
import { exampleAccount, exampleNames, exampleNaming } from "./testing/exampleEngine";

describe("names of Anchore Engine", () => {
    it("are literal", () => {
        assert.deepEqual(exampleNames, {
            cluster: "portcullis-dev-anchore",
            capacityProvider: "portcullis-dev-anchore",
            autoScalingGroup: "portcullis-dev-anchore",
            launchTemplate: "portcullis-dev-anchore",
            instance: "portcullis-dev-anchore-instance",
            instanceRole: "portcullis-dev-anchore-instance",
            service: "portcullis-dev-anchore",
            taskFamily: "portcullis-dev-anchore",
            taskRole: "portcullis-dev-anchore-task",
            executionRole: "portcullis-dev-anchore-execution",
            analyzerService: "portcullis-dev-anchore-analyzer",
            analyzerTaskFamily: "portcullis-dev-anchore-analyzer",
            database: "portcullis-dev-anchore",
            databaseSubnetGroup: "portcullis-dev-anchore",
            databaseLogGroups: [
                "/aws/rds/instance/portcullis-dev-anchore/postgresql",
                "/aws/rds/instance/portcullis-dev-anchore/upgrade",
            ],
            logGroup: "portcullis-dev-anchore",
            loadBalancer: "portcullis-dev-anchore",
            targetGroup: "portcullis-dev-anchore",
            hostName: "anchore.portcullis-dev.internal",
            url: "https://anchore.portcullis-dev.internal",
            discoveryDomain: "services.portcullis-dev.internal",
            parameters: {
                databaseHost: "/portcullis/dev/anchore/database-host",
                databasePassword: "/portcullis/dev/anchore/database-password",
                adminPassword: "/portcullis/dev/anchore/admin-password",
                authSecret: "/portcullis/dev/anchore/auth-secret",
                certificateAuthority: "/portcullis/dev/anchore/certificate-authority",
            },
        });
    });

    it("takes a given host name", () => {
        const names = anchoreNames(exampleNaming, { hostName: "anchore.example.com" });
        assert.equal(names.url, "https://anchore.example.com");
        assert.equal(names.discoveryDomain, "services.portcullis-dev.internal");
    });

    it("stays a valid domain for a long stack name", () => {
        const naming = createNaming(
            "portcullis",
            "a-stack-with-a-name-that-is-much-longer-than-a-label",
            exampleAccount,
        );
        const { hostName } = anchoreNames(naming, {});
        assert.ok(
            hostName.split(".").every((label) => label.length <= 63),
            hostName,
        );
    });
});
