import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { parseGatePolicy } from "../../gate/policy/gatePolicy";
import { exampleKeyArn, examplePlatform } from "../application/testing/examplePlatform";
import { only, recordResources } from "../testing/recordedStack";
import { GateArtifact } from "./gateArtifact";

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

async function record(config: Record<string, unknown> = {}) {
    const artifacts: GateArtifact[] = [];
    const { resources } = await recordResources(() => {
        artifacts.push(new GateArtifact("gate", { platform: examplePlatform(config) }));
    });
    assert.equal(resources.length, 2);
    return {
        artifact: artifacts[0] as GateArtifact,
        command: only(resources, "gate-command").inputs,
        policy: only(resources, "gate-policy").inputs,
    };
}

describe("GateArtifact", () => {
    it("uploads the bundled command and the policy under their own checksums", async () => {
        const { artifact, command, policy } = await record();
        const { source, ...commandInputs } = command;
        const path = await (source as pulumi.asset.FileAsset).path;
        assert.equal(isAbsolute(path), false);
        assert.equal(sha256(readFileSync(path)), artifact.gateSha256);
        const tags = { Team: "delivery", ManagedBy: "pulumi", Project: "portcullis", Stack: "dev" };
        const common = {
            bucket: "example-artifacts",
            bucketKeyEnabled: true,
            kmsKeyId: exampleKeyArn,
            serverSideEncryption: "aws:kms",
        };
        assert.deepEqual(commandInputs, {
            ...common,
            key: `gate/${artifact.gateSha256}/gate.cjs`,
            contentType: "text/javascript",
            tags: { ...tags, Name: "gate.cjs" },
        });
        const { content, ...policyInputs } = policy;
        assert.equal(sha256(content as string), artifact.policySha256);
        assert.deepEqual(policyInputs, {
            ...common,
            key: `gate/${artifact.policySha256}/gate-policy.json`,
            contentType: "application/json",
            tags: { ...tags, Name: "gate-policy.json" },
        });
        assert.deepEqual([artifact.gateKey, artifact.policyKey], [commandInputs["key"], policyInputs["key"]]);
        assert.equal(artifact.bucket, "example-artifacts");
        assert.equal(artifact.objects.length, 2);
    });

    it("uploads the policy of the configuration, and another key for another policy", async () => {
        const gatePolicy = { version: 1, limits: { critical: 0, high: 3 } };
        const [one, other] = [await record(), await record({ gatePolicy })];
        assert.equal(parseGatePolicy(other.policy["content"] as string).limits.high, 3);
        assert.notEqual(one.artifact.policyKey, other.artifact.policyKey);
        assert.equal(one.artifact.gateKey, other.artifact.gateKey);
    });

    it("uploads a command that runs on its own", async () => {
        const { command } = await record();
        const path = await (command["source"] as pulumi.asset.FileAsset).path;
        assert(existsSync(path));
        const { status, stdout } = spawnSync(process.execPath, [path, "--help"], {
            encoding: "utf8",
            cwd: ".",
        });
        assert.equal(status, 0);
        assert.match(stdout, /gate scan/);
    });
});
