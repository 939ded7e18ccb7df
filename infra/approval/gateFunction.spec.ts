import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import { readSettings } from "../../gate/approval/settingsSchema";
import { approvalFunctionNames, bundleFunction, type ApprovalFunctionName } from "../../lambdas/bundle";
import { exampleKeyArn, examplePlatform, exampleTopicArns } from "../application/testing/examplePlatform";
import { only, type RecordedResource } from "../testing/recordedStack";
import { queueArn, recorded, tagsOf } from "./testing/recordedGate";

/** What is uploaded as a function: the bundle's bytes and the settings beside it. */
async function archiveOf(code: unknown): Promise<{ files: string[]; bundle: Buffer; settings: string }> {
    const assets = (await (code as pulumi.asset.AssetArchive).assets) as Record<string, pulumi.asset.Asset>;
    const path = await (assets["index.cjs"] as pulumi.asset.FileAsset).path;
    const settings = await (assets["settings.json"] as pulumi.asset.StringAsset).text;
    return { files: Object.keys(assets).sort(), bundle: readFileSync(path), settings };
}

describe("functions of the approval gate", () => {
    let resources: RecordedResource[];

    before(async () => {
        ({ resources } = await recorded({ protection: "protected" }));
    });

    const inputsOf = (name: string) => only(resources, name).inputs;

    const limits: Record<
        ApprovalFunctionName,
        { gateRole: string; description: string; timeout: number; runs: number }
    > = {
        recorder: {
            gateRole: "recorder",
            description: "Records approval requests of the pipelines",
            timeout: 30,
            runs: 2,
        },
        "scan-event": {
            gateRole: "decider",
            description: "Decides approval requests and answers them",
            timeout: 120,
            runs: 5,
        },
        watchdog: {
            gateRole: "watchdog",
            description: "Finds approval requests that were forgotten",
            timeout: 120,
            runs: 1,
        },
    };
    for (const [part, { gateRole, description, timeout, runs }] of Object.entries(limits)) {
        it(`has a function ${part}, limited, encrypted, watched, with its own role, log and queue`, async () => {
            const name = `portcullis-dev-approval-${part}`;
            const { code, ...rest } = inputsOf(`approval-${part}`);
            assert.deepEqual(rest, {
                name,
                description,
                role: `arn:aws:iam::123456789012:role/${name}`,
                runtime: "nodejs24.x",
                architectures: ["arm64"],
                packageType: "Zip",
                handler: "index.handler",
                memorySize: 512,
                timeout,
                reservedConcurrentExecutions: runs,
                environment: {
                    variables: {
                        POWERTOOLS_SERVICE_NAME: "portcullis-dev-approval",
                        POWERTOOLS_METRICS_NAMESPACE: "Portcullis",
                        POWERTOOLS_LOG_LEVEL: "INFO",
                        CRITICAL_LIMIT: "0",
                        HIGH_LIMIT: "0",
                        MEDIUM_LIMIT: "unlimited",
                        LOW_LIMIT: "unlimited",
                        NEGLIGIBLE_LIMIT: "unlimited",
                    },
                },
                kmsKeyArn: exampleKeyArn,
                tracingConfig: { mode: "Active" },
                loggingConfig: {
                    logFormat: "JSON",
                    applicationLogLevel: "INFO",
                    logGroup: `/aws/lambda/${name}`,
                },
                deadLetterConfig: { targetArn: queueArn(part) },
                publish: false,
                tags: tagsOf(name, { "gate:role": gateRole }),
            });
            const { files, bundle } = await archiveOf(code);
            assert.deepEqual(files, ["index.cjs", "settings.json"]);
            assert.equal(
                createHash("sha256").update(bundle).digest("hex"),
                bundleFunction(part as ApprovalFunctionName).sha256,
            );
            assert.deepEqual(inputsOf(`approval-${part}-events`), {
                functionName: name,
                maximumRetryAttempts: 2,
                maximumEventAgeInSeconds: 3600,
            });
            assert.deepEqual(inputsOf(`approval-${part}-logs`), {
                name: `/aws/lambda/${name}`,
                retentionInDays: 365,
                kmsKeyId: exampleKeyArn,
                tags: tagsOf(`/aws/lambda/${name}`),
            });
            const { assumeRolePolicy, ...role } = inputsOf(`approval-${part}-role`);
            assert.deepEqual(role, { name, description, tags: tagsOf(name, { "gate:role": gateRole }) });
            assert.deepEqual(JSON.parse(assumeRolePolicy as string), {
                Version: "2012-10-17",
                Statement: [
                    {
                        Sid: "OnlyForOurResource",
                        Effect: "Allow",
                        Principal: { Service: "lambda.amazonaws.com" },
                        Action: "sts:AssumeRole",
                        Condition: { StringEqualsIfExists: { "aws:SourceAccount": "123456789012" } },
                    },
                ],
            });
            const { policy, ...queuePolicy } = inputsOf(`approval-${part}-failed-policy`);
            assert.equal(typeof policy, "string");
            assert.deepEqual(queuePolicy, {
                queueUrl: `https://sqs.eu-central-1.amazonaws.com/123456789012/${name}-failed`,
            });
            assert.deepEqual(inputsOf(`approval-${part}-failed`), {
                name: `${name}-failed`,
                messageRetentionSeconds: 1_209_600,
                sqsManagedSseEnabled: true,
                tags: tagsOf(`${name}-failed`),
            });
        });
    }

    it("gives every function the settings that it accepts when it starts", async () => {
        const texts = await Promise.all(
            approvalFunctionNames.map(
                async (part) => (await archiveOf(inputsOf(`approval-${part}`)["code"])).settings,
            ),
        );
        assert.equal(new Set(texts).size, 1);
        const { policy, ...settings } = readSettings(texts[0] ?? "");
        assert.deepEqual(policy, examplePlatform().config.gatePolicy);
        assert.deepEqual(settings, {
            version: 1,
            account: { partition: "aws", region: "eu-central-1", accountId: "123456789012" },
            scanType: "ENHANCED",
            table: "portcullis-dev-approvals",
            evidenceBucket: "example-evidence",
            topicArn: exampleTopicArns.gate,
            scanTimeoutMinutes: 60,
            functionTimeoutSeconds: 120,
            applications: ["demo", "shop-front"].map((name) => ({
                name,
                pipeline: `portcullis-dev-${name}-delivery`,
                stage: "Approve",
                action: "GateApproval",
                repository: `portcullis-dev-${name}-staging`,
            })),
        });
    });
});
