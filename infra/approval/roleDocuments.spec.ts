import assert from "node:assert/strict";
import { scheduleStatements } from "../function/functionSchedule";
import { exampleConfig, exampleLiterals } from "../application/testing/examplePlatform";
import type { Statement } from "../iamStatement";
import { approvalNames } from "./approvalNames";
import { recorderStatements, scanEventStatements, watchdogStatements } from "./roleDocuments";

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const table = arn("dynamodb", "table/portcullis-dev-approvals");

/** What every function may do to run at all. */
function running(part: string): Statement[] {
    return [
        {
            Sid: "WriteOwnLog",
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: [arn("logs", `log-group:/aws/lambda/portcullis-dev-approval-${part}:log-stream:*`)],
        },
        {
            Sid: "SendTraces",
            Effect: "Allow",
            Action: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            Resource: ["*"],
        },
        {
            Sid: "KeepFailedEvents",
            Effect: "Allow",
            Action: ["sqs:SendMessage"],
            Resource: [arn("sqs", `portcullis-dev-approval-${part}-failed`)],
        },
    ];
}

const decrypt: Statement = {
    Sid: "UsePipelineKey",
    Effect: "Allow",
    Action: ["kms:Decrypt"],
    Resource: [arn("kms", "key/*")],
    Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/example-pipeline" } },
};

const readPipelines: Statement = {
    Sid: "ReadPipelines",
    Effect: "Allow",
    Action: ["codepipeline:GetPipelineState", "codepipeline:ListActionExecutions"],
    Resource: ["demo", "shop-front"].map((name) => arn("codepipeline", `portcullis-dev-${name}-delivery`)),
};

describe("roles of the approval gate", () => {
    const platform = exampleLiterals();
    const names = approvalNames(platform.account, platform.naming);

    it("recorder: writes down what was asked, and nothing else", () => {
        assert.deepEqual(recorderStatements(platform, names), [
            ...running("recorder"),
            {
                Sid: "RecordRequests",
                Effect: "Allow",
                Action: ["dynamodb:GetItem", "dynamodb:PutItem"],
                Resource: [table],
            },
            decrypt,
        ]);
    });

    it("scan-event: answers the gate's action of each pipeline and no other", () => {
        assert.deepEqual(scanEventStatements(platform, names), [
            ...running("scan-event"),
            {
                Sid: "RecordDecisions",
                Effect: "Allow",
                Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
                Resource: [table],
            },
            {
                Sid: "ReadTableStream",
                Effect: "Allow",
                Action: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                Resource: [`${table}/stream/*`],
            },
            { Sid: "ListStreams", Effect: "Allow", Action: ["dynamodb:ListStreams"], Resource: ["*"] },
            decrypt,
            {
                Sid: "AnswerGateApprovals",
                Effect: "Allow",
                Action: ["codepipeline:PutApprovalResult"],
                Resource: ["demo", "shop-front"].map((name) =>
                    arn("codepipeline", `portcullis-dev-${name}-delivery/Approve/GateApproval`),
                ),
            },
            readPipelines,
            {
                Sid: "ReadScanFindings",
                Effect: "Allow",
                Action: ["ecr:DescribeImageScanFindings"],
                Resource: ["demo", "shop-front"].map((name) =>
                    arn("ecr", `repository/portcullis-dev-${name}-staging`),
                ),
            },
            {
                Sid: "ReadInspector",
                Effect: "Allow",
                Action: ["inspector2:ListCoverage", "inspector2:ListFindings"],
                Resource: ["*"],
            },
            {
                Sid: "ReadScanReports",
                Effect: "Allow",
                Action: ["s3:GetObject"],
                Resource: [
                    "arn:aws:s3:::example-evidence/*/sha256-*/test/*",
                    "arn:aws:s3:::example-evidence/*/sha256-*/scanStagingImage/*",
                ],
            },
            {
                Sid: "ListEvidence",
                Effect: "Allow",
                Action: ["s3:ListBucket"],
                Resource: ["arn:aws:s3:::example-evidence"],
            },
        ]);
    });

    it("scan-event: asks Inspector only where Inspector scans", () => {
        const basic = exampleLiterals(exampleConfig({ registryScanning: { type: "BASIC" } }));
        const sids = (statements: Statement[]) => statements.map(({ Sid }) => Sid);
        assert.deepEqual(
            sids(scanEventStatements(platform, names)).filter(
                (sid) => !sids(scanEventStatements(basic, names)).includes(sid),
            ),
            ["ReadInspector"],
        );
    });

    it("watchdog: finds what was forgotten, and cannot answer", () => {
        assert.deepEqual(watchdogStatements(platform, names), [
            ...running("watchdog"),
            {
                Sid: "WakeRequests",
                Effect: "Allow",
                Action: ["dynamodb:GetItem", "dynamodb:PutItem"],
                Resource: [table],
            },
            {
                Sid: "FindOpenRequests",
                Effect: "Allow",
                Action: ["dynamodb:Query"],
                Resource: [`${table}/index/open`],
            },
            decrypt,
            readPipelines,
        ]);
    });

    it("schedule: starts the watchdog, and no other function", () => {
        assert.deepEqual(scheduleStatements(names.functions.watchdog), [
            {
                Sid: "StartFunction",
                Effect: "Allow",
                Action: ["lambda:InvokeFunction"],
                Resource: [arn("lambda", "function:portcullis-dev-approval-watchdog")],
            },
            {
                Sid: "KeepFailedEvents",
                Effect: "Allow",
                Action: ["sqs:SendMessage"],
                Resource: [arn("sqs", "portcullis-dev-approval-watchdog-failed")],
            },
        ]);
    });
});
