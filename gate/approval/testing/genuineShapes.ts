/**
 * Events as AWS delivers them, for specs: shapes and key names as documented (SNS and DynamoDB streams: AWS Lambda
 * developer guide; approval message: CodePipeline user guide; scan events: Amazon ECR and Inspector user guides), with
 * values of one imagined stack. Everything is JSON data: `structuredClone` it, change it, stringify it.
 */
import { gatePolicySchema } from "../../policy/gatePolicy";
import type { ApprovalSubject, RequestKey } from "../approvalRequest";
import type { ApplicationGate, ApprovalSettings } from "../approvalSettings";

export const exampleAccount = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };

/** A digest of one repeated hexadecimal digit. */
export const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** A UUID that ends in the number. */
export const uuidOf = (number: number): string =>
    `5d8f3c1e-7a4b-4d6e-9f20-${String(number).padStart(12, "0")}`;

function gateOf(name: string): ApplicationGate {
    return {
        name,
        pipeline: `portcullis-dev-${name}-delivery`,
        stage: "Approve",
        action: "GateApproval",
        repository: `portcullis-dev-${name}-staging`,
    };
}

/** Settings of a stack with the applications `orders` and `billing`. */
export function exampleSettings(changes: Partial<ApprovalSettings> = {}): ApprovalSettings {
    return {
        version: 1,
        account: exampleAccount,
        policy: gatePolicySchema.parse({ version: 1 }),
        scanType: "ENHANCED",
        table: "portcullis-dev-approvals",
        evidenceBucket: "portcullis-dev-evidence-123456789012-eu-west-1",
        topicArn: "arn:aws:sns:eu-west-1:123456789012:portcullis-dev-approvals",
        scanTimeoutMinutes: 60,
        functionTimeoutSeconds: 60,
        applications: [gateOf("orders"), gateOf("billing")],
        ...changes,
    };
}

export function exampleSubject(changes: Partial<ApprovalSubject> = {}): ApprovalSubject {
    const digest = changes.digest ?? digestOf("a");
    return {
        application: "orders",
        digest,
        image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/portcullis-dev-orders-candidate@${digest}`,
        execution: uuidOf(1),
        commit: "c0ffee".padEnd(40, "0"),
        ...changes,
    };
}

export interface MessageParts {
    region?: string;
    /** The pipeline that asks; that of the example's `orders` unless given. */
    gate?: Pick<ApplicationGate, "pipeline" | "stage" | "action">;
    token?: string;
    /** As CodePipeline writes it: minutes, UTC. */
    expires?: string;
    /** The example's question, filled in, unless given. */
    customData?: string | null;
}

/** The text of CodePipeline's message about an approval that waits. */
export function approvalMessage({
    region = exampleAccount.region,
    gate = gateOf("orders"),
    token = uuidOf(2),
    expires = "2026-11-21T14:00Z",
    customData = JSON.stringify(exampleSubject()),
}: MessageParts = {}): string {
    const console = `https://console.aws.amazon.com/codesuite/codepipeline/pipelines/${gate.pipeline}/view?region=${region}`;
    return JSON.stringify({
        region,
        consoleLink: console,
        approval: {
            pipelineName: gate.pipeline,
            stageName: gate.stage,
            actionName: gate.action,
            token,
            expires,
            externalEntityLink: null,
            approvalReviewLink: `${console}#/${gate.stage}/${gate.action}/approve/${token}`,
            customData,
        },
    });
}

/** The event by which SNS hands messages to a function: one record for each text. */
export function snsApprovalEvent(
    texts: readonly string[] = [approvalMessage()],
    topicArn = exampleSettings().topicArn,
) {
    const [, , , region] = topicArn.split(":");
    return {
        Records: texts.map((Message, index) => ({
            EventSource: "aws:sns",
            EventVersion: "1.0",
            EventSubscriptionArn: `${topicArn}:${uuidOf(900)}`,
            Sns: {
                Type: "Notification",
                MessageId: uuidOf(100 + index),
                TopicArn: topicArn,
                Subject: "APPROVAL NEEDED: AWS CodePipeline portcullis-dev-orders... for action GateApproval",
                Message,
                Timestamp: "2026-11-21T12:00:00.068Z",
                SignatureVersion: "1",
                Signature: "EXAMPLE",
                SigningCertUrl: `https://sns.${region}.amazonaws.com/SimpleNotificationService-EXAMPLE.pem`,
                UnsubscribeUrl: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe`,
                MessageAttributes: {},
            },
        })),
    };
}

export interface ScanEventParts {
    account?: ApprovalSettings["account"];
    /** Name, without the registry. */
    repository?: string;
    digest?: string;
    status?: string;
    /** By severity, and TOTAL; what Inspector found nothing of may be left out. */
    counts?: Record<string, number>;
    time?: string;
    id?: string;
}

function scanEnvelope(
    { account = exampleAccount, repository = gateOf("orders").repository, time, id }: ScanEventParts,
    source: string,
    detailType: string,
) {
    const repositoryArn = `arn:${account.partition}:ecr:${account.region}:${account.accountId}:repository/${repository}`;
    return {
        version: "0",
        id: id ?? uuidOf(700),
        "detail-type": detailType,
        source,
        account: account.accountId,
        time: time ?? "2026-11-21T12:03:16Z",
        region: account.region,
        resources: [repositoryArn],
    };
}

/** The end of a scan as Amazon Inspector tells it (enhanced scanning): the repository's ARN, counts with TOTAL. */
export function inspectorScanEvent(parts: ScanEventParts = {}) {
    const envelope = scanEnvelope(parts, "aws.inspector2", "Inspector2 Scan");
    return {
        ...envelope,
        detail: {
            "scan-status": parts.status ?? "INITIAL_SCAN_COMPLETE",
            "repository-name": envelope.resources[0] ?? "",
            "finding-severity-counts": parts.counts ?? { CRITICAL: 0, HIGH: 0, MEDIUM: 0, TOTAL: 0 },
            "image-digest": parts.digest ?? digestOf("a"),
            "image-tags": ["c0ffee"],
            version: "1.0",
        },
    };
}

/** The end of a scan as Amazon ECR tells it (basic scanning): the repository's name, counts without TOTAL. */
export function ecrScanEvent(parts: ScanEventParts = {}) {
    return {
        ...scanEnvelope(parts, "aws.ecr", "ECR Image Scan"),
        detail: {
            "scan-status": parts.status ?? "COMPLETE",
            "repository-name": parts.repository ?? gateOf("orders").repository,
            "finding-severity-counts": parts.counts ?? { INFORMATIONAL: 0, UNDEFINED: 0 },
            "image-digest": parts.digest ?? digestOf("a"),
            "image-tags": ["c0ffee"],
        },
    };
}

export interface StreamChange {
    eventName?: "INSERT" | "MODIFY" | "REMOVE";
    key: RequestKey | { digest: string; record: string };
    /** Further attributes of the new image, as DynamoDB writes them. */
    attributes?: Record<string, unknown>;
}

/** The event by which the approval table's stream hands changes to a function. */
export function streamEvent(
    changes: readonly StreamChange[],
    { account, table }: Pick<ApprovalSettings, "account" | "table"> = exampleSettings(),
) {
    const { partition, region, accountId } = account;
    return {
        Records: changes.map(({ eventName = "INSERT", key, attributes = {} }, index) => {
            const record = "record" in key ? key.record : `request#${key.execution}#${key.token}`;
            const Keys = { digest: { S: key.digest }, record: { S: record } };
            return {
                eventID: String(index + 1).padStart(32, "0"),
                eventName,
                eventVersion: "1.1",
                eventSource: "aws:dynamodb",
                awsRegion: region,
                dynamodb: {
                    ApproximateCreationDateTime: 1_795_262_400,
                    Keys,
                    ...(eventName === "REMOVE" ? {} : { NewImage: { ...Keys, ...attributes } }),
                    SequenceNumber: `11100000000000000000${String(index + 1).padStart(6, "0")}`,
                    SizeBytes: 512,
                    StreamViewType: "NEW_IMAGE",
                },
                eventSourceARN: `arn:${partition}:dynamodb:${region}:${accountId}:table/${table}/stream/2026-11-21T00:00:00.000`,
            };
        }),
    };
}
