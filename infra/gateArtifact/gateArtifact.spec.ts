import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { parseGatePolicy } from "../../gate/policy/parseGatePolicy";
import { exampleKeyArn, examplePlatform } from "../application/testing/examplePlatform";
import { only, recordResources } from "../testing/recordedStack";
import { GateArtifact } from "./gateArtifact";

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

async function record(config: Record<string, unknown> = {}) {
    const artifacts: GateArtifact[] = [];
    const { resources } = await recordResources(() => {
        artifacts.push(new GateArtifact("gate", { platform: examplePlatform(config) }));
    });
    assert.equal(resources.length, 4);
    return {
        artifact: artifacts[0] as GateArtifact,
        command: only(resources, "gate-command").inputs,
        policy: only(resources, "gate-policy").inputs,
        lintRules: only(resources, "gate-lint-rules").inputs,
        secretRules: only(resources, "gate-secret-rules").inputs,
    };
}

describe("GateArtifact", () => {
    it("uploads the bundled command and the policy under their own checksums", async () => {
        const { artifact, command, policy } = await record();
        const { source, ...commandInputs } = command;
        const path = await (source as pulumi.asset.FileAsset).path;
        assert.equal(isAbsolute(path), false);
        assert.equal(sha256(readFileSync(path)), artifact.command.sha256);
        const tags = { Team: "delivery", ManagedBy: "pulumi", Project: "portcullis", Stack: "dev" };
        const common = {
            bucket: "example-artifacts",
            bucketKeyEnabled: true,
            kmsKeyId: exampleKeyArn,
            serverSideEncryption: "aws:kms",
        };
        assert.deepEqual(commandInputs, {
            ...common,
            key: `gate/${artifact.command.sha256}/gate.cjs`,
            contentType: "text/javascript",
            tags: { ...tags, Name: "gate.cjs" },
        });
        const { content, ...policyInputs } = policy;
        assert.equal(sha256(content as string), artifact.policy.sha256);
        assert.deepEqual(policyInputs, {
            ...common,
            key: `gate/${artifact.policy.sha256}/gate-policy.json`,
            contentType: "application/json",
            tags: { ...tags, Name: "gate-policy.json" },
        });
        assert.deepEqual(
            [artifact.command.key, artifact.policy.key],
            [commandInputs["key"], policyInputs["key"]],
        );
        assert.equal(artifact.bucket, "example-artifacts");
        assert.equal(artifact.objects.length, 4);
    });

    it("uploads the policy of the configuration, and another key for another policy", async () => {
        const gatePolicy = { version: 1, limits: { critical: 0, high: 3 } };
        const [one, other] = [await record(), await record({ gatePolicy })];
        assert.equal(parseGatePolicy(other.policy["content"] as string).limits.high, 3);
        assert.notEqual(one.artifact.policy.key, other.artifact.policy.key);
        assert.equal(one.artifact.command.key, other.artifact.command.key);
    });

    it("uploads the rules of the Verify stage as the configuration wants them, under their checksums", async () => {
        const verify = {
            lint: { threshold: "error", ignored: ["DL3008"] },
            secrets: { extraRules: [{ id: "our-token", description: "Token", regex: "our_[a-z]{20}" }] },
        };
        const [plain, strict] = [await record(), await record({ verify })];
        const rules = parse(strict.lintRules["content"] as string) as Record<string, unknown>;
        assert.deepEqual(rules, {
            "failure-threshold": "error",
            "disable-ignore-pragma": true,
            ignored: ["DL3008"],
        });
        assert.match(strict.secretRules["content"] as string, /^id = "our-token"$/m);
        for (const { artifact, lintRules, secretRules } of [plain, strict]) {
            assert.equal(lintRules["key"], `gate/${artifact.lintRules.sha256}/hadolint.yaml`);
            assert.equal(secretRules["key"], `gate/${artifact.secretRules.sha256}/gitleaks.toml`);
            assert.equal(sha256(lintRules["content"] as string), artifact.lintRules.sha256);
            assert.equal(sha256(secretRules["content"] as string), artifact.secretRules.sha256);
            assert.deepEqual(
                artifact.objects.length,
                new Set([lintRules["key"], secretRules["key"], artifact.command.key, artifact.policy.key])
                    .size,
            );
        }
        assert.notEqual(plain.artifact.lintRules.key, strict.artifact.lintRules.key);
        assert.notEqual(plain.artifact.secretRules.key, strict.artifact.secretRules.key);
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
