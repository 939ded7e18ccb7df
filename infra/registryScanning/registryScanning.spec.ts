import assert from "node:assert/strict";
import type { StackConfig } from "../config/schema";
import { createNaming, type Account } from "../naming";
import { recordStack } from "../testing/recordedStack";
import { RegistryScanning } from "./registryScanning";

const account: Account = {
    accountId: "123456789012",
    region: "eu-central-1",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
};

async function record(config: StackConfig["registryScanning"]) {
    const resources = await recordStack(() => {
        new RegistryScanning("scanning", {
            account,
            naming: createNaming("portcullis", "dev", account),
            config,
        });
    });
    return resources.map(({ name, inputs }) => [name, inputs]);
}

const rule = (scanFrequency: string) => ({
    scanFrequency,
    repositoryFilters: [{ filter: "portcullis-dev-*", filterType: "WILDCARD" }],
});
const inspector = ["scanning-inspector", { accountIds: ["123456789012"], resourceTypes: ["ECR"] }];

describe("RegistryScanning", () => {
    it("scans every repository of the stack continuously, with Inspector on", async () => {
        assert.deepEqual(await record({ mode: "manage", type: "ENHANCED", inspector: "manage" }), [
            inspector,
            ["scanning-configuration", { scanType: "ENHANCED", rules: [rule("CONTINUOUS_SCAN")] }],
        ]);
    });

    it("scans on push without Inspector when scanning is BASIC", async () => {
        assert.deepEqual(await record({ mode: "manage", type: "BASIC", inspector: "manage" }), [
            ["scanning-configuration", { scanType: "BASIC", rules: [rule("SCAN_ON_PUSH")] }],
        ]);
    });

    it("leaves to others what belongs to others", async () => {
        assert.deepEqual(await record({ mode: "external", type: "ENHANCED", inspector: "manage" }), [
            inspector,
        ]);
        assert.deepEqual(await record({ mode: "external", type: "ENHANCED", inspector: "external" }), []);
    });
});
