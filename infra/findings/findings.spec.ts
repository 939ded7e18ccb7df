import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as aws from "@pulumi/aws";
import { matchesEventPattern } from "../../gate/approval/testing/eventPatternMatcher";
import { readFindingsSettings } from "../../gate/findings/findingsSettings";
import { exampleKeyArn, exampleLiterals, examplePlatform } from "../application/testing/examplePlatform";
import type { Statement } from "../iamStatement";
import { only, recordResources, type RecordedResource } from "../testing/recordedStack";
import { Findings } from "./findings";
import { findingsNames } from "./findingsNames";
import { findingsRoleStatements } from "./roleDocument";

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const rule = (part: string) => arn("events", `rule/portcullis-dev-findings-${part}`);

async function record(mode: string): Promise<RecordedResource[]> {
    const { resources } = await recordResources(() => {
        const topic = new aws.sns.Topic("alarms", { name: "alarms" });
        const policy = new aws.sns.TopicPolicy("alarms", { arn: topic.arn, policy: "{}" });
        new Findings("findings", {
            alarmTopic: { topic, policy },
            platform: examplePlatform({ securityHub: { mode } }),
        });
    });
    return resources.filter(({ name }) => name !== "alarms");
}

const alarms = ["function-errors", "function-failed", "function-throttles"];
const always = [
    "findings-events",
    "findings-events-2",
    "findings-events-2-permission",
    "findings-events-2-target",
    "findings-events-permission",
    "findings-events-target",
    "findings-failed",
    "findings-failed-policy",
    "findings-function",
    "findings-function-events",
    "findings-function-logs",
    "findings-function-role",
    "findings-function-role-policy",
    ...alarms.map((name) => `findings-alarms-${name}`),
];

describe("Findings", () => {
    let resources: RecordedResource[];
    const inputsOf = (name: string) => only(resources, name).inputs;

    before(async () => {
        resources = await record("enable");
    });

    it("switches Security Hub on, without standards, only where it is to", async () => {
        assert.deepEqual(resources.map(({ name }) => name).sort(), [...always, "findings-hub"].sort());
        assert.deepEqual(inputsOf("findings-hub"), { enableDefaultStandards: false });
        const existing = await record("existing");
        assert.deepEqual(existing.map(({ name }) => name).sort(), [...always].sort());
    });

    it("has a function that runs once at a time, with what the gate works by", async () => {
        const { code, ...rest } = inputsOf("findings-function");
        assert.deepEqual(rest, {
            name: "portcullis-dev-findings",
            description: "Imports what scanners found into AWS Security Hub",
            role: "arn:aws:iam::123456789012:role/portcullis-dev-findings",
            runtime: "nodejs24.x",
            architectures: ["arm64"],
            packageType: "Zip",
            handler: "index.handler",
            memorySize: 512,
            timeout: 300,
            reservedConcurrentExecutions: 1,
            environment: {
                variables: {
                    POWERTOOLS_SERVICE_NAME: "portcullis-dev-findings",
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
                logGroup: "/aws/lambda/portcullis-dev-findings",
            },
            deadLetterConfig: { targetArn: arn("sqs", "portcullis-dev-findings-failed") },
            publish: false,
            tags: {
                Team: "delivery",
                ManagedBy: "pulumi",
                Project: "portcullis",
                Stack: "dev",
                Name: "portcullis-dev-findings",
                "gate:role": "importer",
            },
        });
        const assets = (await (code as pulumi.asset.AssetArchive).assets) as Record<
            string,
            pulumi.asset.Asset
        >;
        const text = await (assets["settings.json"] as pulumi.asset.StringAsset).text;
        const { policy, ...settings } = readFindingsSettings(text);
        assert.equal(policy.version, 1);
        assert.deepEqual(settings, {
            version: 1,
            account: { partition: "aws", region: "eu-central-1", accountId: "123456789012" },
            stack: "portcullis-dev",
            table: "portcullis-dev-approvals",
            evidenceBucket: "example-evidence",
            applications: ["demo", "shop-front"].map((name) => ({
                name,
                repositories: [`portcullis-dev-${name}-candidate`, `portcullis-dev-${name}-staging`],
                pipeline: `portcullis-dev-${name}-delivery`,
                publish: { stage: "Publish", action: "Publish" },
            })),
        });
    });

    it("lets the role read reports and decisions, and import findings as this account's own product", () => {
        const platform = exampleLiterals();
        const names = findingsNames(platform.account, platform.naming);
        const allow = (
            Sid: string,
            Action: string[],
            Resource: string[],
            Condition?: Statement["Condition"],
        ) => ({
            Sid,
            Effect: "Allow" as const,
            Action,
            Resource,
            ...(Condition === undefined ? {} : { Condition }),
        });
        const expected = [
            allow(
                "WriteOwnLog",
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [arn("logs", "log-group:/aws/lambda/portcullis-dev-findings:log-stream:*")],
            ),
            allow("SendTraces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]),
            allow("KeepFailedEvents", ["sqs:SendMessage"], [arn("sqs", "portcullis-dev-findings-failed")]),
            allow(
                "ReadScanReports",
                ["s3:GetObject"],
                [
                    "arn:aws:s3:::example-evidence/*/sha256-*/test/*",
                    "arn:aws:s3:::example-evidence/*/sha256-*/scanStagingImage/*",
                ],
            ),
            allow("ListEvidence", ["s3:ListBucket"], ["arn:aws:s3:::example-evidence"]),
            allow("ReadDecisions", ["dynamodb:Query"], [arn("dynamodb", "table/portcullis-dev-approvals")]),
            allow("UsePipelineKey", ["kms:Decrypt"], [arn("kms", "key/*")], {
                "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/example-pipeline" },
            }),
            allow(
                "ImportFindings",
                ["securityhub:BatchImportFindings"],
                [arn("securityhub", "product/123456789012/default")],
                { StringEquals: { "securityhub:TargetAccount": "123456789012" } },
            ),
            allow("ReadFindings", ["securityhub:GetFindings"], [arn("securityhub", "hub/default")]),
        ];
        assert.deepEqual(findingsRoleStatements(platform, names), expected);
        assert.deepEqual(JSON.parse(String(inputsOf("findings-function-role-policy")["policy"])), {
            Version: "2012-10-17",
            Statement: expected,
        });
    });

    it("hears of manifests in its bucket and of what its pipelines publish, and of nothing else", () => {
        const patternOf = (name: string) => String(inputsOf(name)["eventPattern"]);
        const [evidence, releases] = [patternOf("findings-events"), patternOf("findings-events-2")];
        const base = { account: "123456789012", region: "eu-central-1" };
        const stored = (key: string, bucket = "example-evidence") => ({
            ...base,
            source: "aws.s3",
            "detail-type": "Object Created",
            detail: { bucket: { name: bucket }, object: { key } },
        });
        const place = `demo/sha256-${"a".repeat(64)}/grype/e/test`;
        assert.equal(matchesEventPattern(evidence, stored(`${place}/manifest.json`)), true);
        assert.equal(matchesEventPattern(evidence, stored(`${place}/report.json`)), false);
        assert.equal(matchesEventPattern(evidence, stored(`${place}/manifest.json`, "other")), false);
        const action = (change: Record<string, string>) => ({
            ...base,
            source: "aws.codepipeline",
            "detail-type": "CodePipeline Action Execution State Change",
            detail: {
                pipeline: "portcullis-dev-demo-delivery",
                stage: "Publish",
                action: "Publish",
                state: "SUCCEEDED",
                ...change,
            },
        });
        assert.equal(matchesEventPattern(releases, action({})), true);
        assert.equal(matchesEventPattern(releases, action({ state: "FAILED" })), false);
        assert.equal(matchesEventPattern(releases, action({ stage: "Approve" })), false);
        assert.equal(matchesEventPattern(releases, action({ pipeline: "other" })), false);
    });

    it("keeps what could not be delivered, from its own rules alone", () => {
        const { Statement: statements } = JSON.parse(
            String(inputsOf("findings-failed-policy")["policy"]),
        ) as {
            Statement: { Sid: string; Condition: unknown }[];
        };
        assert.deepEqual(
            statements.map(({ Sid, Condition }) => [Sid, Condition]),
            [
                [
                    "UndeliveredEvents",
                    { ArnEquals: { "aws:SourceArn": [rule("evidence"), rule("release")] } },
                ],
                ["OnlyOverTls", { Bool: { "aws:SecureTransport": "false" } }],
            ],
        );
    });

    it("raises an alarm when it fails, may not run, or leaves an event in its queue", () => {
        for (const name of alarms) {
            const { alarmActions, treatMissingData } = inputsOf(`findings-alarms-${name}`);
            assert.deepEqual(alarmActions, [arn("sns", "alarms")], name);
            assert.equal(treatMissingData, "notBreaching");
        }
    });
});
