/** What each of the gate's roles may do: one ability for each statement, on literal resources. */
import { scanStages } from "../../gate/policy/scanStage";
import { applicationNames } from "../application/applicationNames";
import type { LiteralPlatform } from "../application/platform";
import { bucketArn, objectArn } from "../arn";
import type { Statement } from "../iamStatement";
import { runningStatements } from "../function/functionStatements";
import { allow, readScanFindings, useKey } from "../pipeline/permissions";
import type { ApprovalNames } from "./approvalNames";

/** What the documents are made of. */
type GatePlatform = Pick<
    LiteralPlatform,
    "account" | "naming" | "config" | "evidenceBucketName" | "pipelineKey"
>;

/**
 * The table is encrypted with the pipeline key, and Amazon DynamoDB asks AWS KMS in the caller's name to decrypt the
 * table's own key, for reads and writes alike; everything else is done with a grant that it got when the table was made
 * (Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest": "Decrypt"). The same statement covers the stream,
 * which is encrypted with the table's key, and evidence in S3.
 */
function readWithKey({ account, pipelineKey }: GatePlatform): Statement {
    return useKey(account, pipelineKey.aliasName, "read");
}

/** The pipelines of all applications, whose states say which approvals wait. */
function readPipelines({ account, naming, config }: GatePlatform): Statement {
    return allow(
        "ReadPipelines",
        ["codepipeline:GetPipelineState", "codepipeline:ListActionExecutions"],
        config.applications.map(({ name }) => applicationNames(account, naming, name).pipeline.arn),
    );
}

/** Role of `recorder`: write down what was asked, and nothing else. */
export function recorderStatements(platform: GatePlatform, names: ApprovalNames): Statement[] {
    return [
        ...runningStatements(platform.account, names.functions.recorder),
        allow("RecordRequests", ["dynamodb:GetItem", "dynamodb:PutItem"], [names.table.arn]),
        readWithKey(platform),
    ];
}

/**
 * Role of `scan-event`, which decides: the only one that holds `codepipeline:PutApprovalResult`, and on nothing but the
 * gate's action of each pipeline.
 */
export function scanEventStatements(platform: GatePlatform, names: ApprovalNames): Statement[] {
    const { account, naming, config, evidenceBucketName } = platform;
    const applications = config.applications.map(({ name }) => applicationNames(account, naming, name));
    return [
        ...runningStatements(platform.account, names.functions["scan-event"]),
        allow(
            "RecordDecisions",
            ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
            [names.table.arn],
        ),
        // What the event source mapping needs of the function's role (AWS Lambda Developer Guide, "Process DynamoDB
        // records with Lambda"), except the action that it also names and that knows no resource; see `listStreams`.
        allow(
            "ReadTableStream",
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            [names.table.streamsArn],
        ),
        listStreams,
        readWithKey(platform),
        allow(
            "AnswerGateApprovals",
            ["codepipeline:PutApprovalResult"],
            applications.map(({ pipeline }) => pipeline.gateApprovalArn),
        ),
        readPipelines(platform),
        ...readScanFindings(
            applications.map(({ repositories }) => repositories.staging),
            config.registryScanning.type,
        ),
        // Reports only, of whatever application: the bucket holds evidence of this stack alone.
        allow(
            "ReadScanReports",
            ["s3:GetObject"],
            scanStages.map((stage) => objectArn(account, evidenceBucketName, `*/sha256-*/${stage}/*`)),
        ),
        // Listing is what makes S3 answer 404, and not 403, for a report that is missing.
        allow("ListEvidence", ["s3:ListBucket"], [bucketArn(account, evidenceBucketName)]),
    ];
}

/** Names of streams are no secret; the action knows no resource (Service Authorization Reference). */
const listStreams = allow("ListStreams", ["dynamodb:ListStreams"], ["*"]);

/** Role of `watchdog`: find what was forgotten and write that down. It cannot answer. */
export function watchdogStatements(platform: GatePlatform, names: ApprovalNames): Statement[] {
    return [
        ...runningStatements(platform.account, names.functions.watchdog),
        allow("WakeRequests", ["dynamodb:GetItem", "dynamodb:PutItem"], [names.table.arn]),
        allow("FindOpenRequests", ["dynamodb:Query"], [names.table.indexArn]),
        readWithKey(platform),
        readPipelines(platform),
    ];
}
