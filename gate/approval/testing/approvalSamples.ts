/** Two applications, their requests and what their scanners say; what the protocol and the judgement are tried on. */
import { gatePolicySchema } from "../../policy/gatePolicy";
import type { ScanStage } from "../../policy/scanStage";
import type { ScannerName, ScanReport } from "../../report/scanReport";
import { findingOf } from "../../report/testing/sampleFinding";
import { parseApprovalMessage } from "../approvalMessage";
import type { ApprovalRequest, ApprovalSubject } from "../approvalRequest";
import type { ApprovalSettings } from "../approvalSettings";
import { approvalQuestion } from "../customData";
import type { DecisionContext } from "../decideRequest";
import type { RegistryAnswer, StoredScans } from "../effects";
import { approvalMessage } from "./genuineShapes";

export const start = new Date("2026-03-04T12:00:00Z");
const minute = 60_000;

export function minutesAfterStart(minutes: number): Date {
    return new Date(start.getTime() + minutes * minute);
}

export const account = { partition: "aws", region: "eu-central-1", accountId: "123456789012" };
const registryHost = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";

export const settings: ApprovalSettings = {
    version: 1,
    account,
    policy: gatePolicySchema.parse({ version: 1 }),
    scanType: "ENHANCED",
    table: "sample-approvals",
    evidenceBucket: "sample-evidence",
    topicArn: "arn:aws:sns:eu-central-1:123456789012:sample-approvals",
    scanTimeoutMinutes: 60,
    functionTimeoutSeconds: 60,
    applications: ["orders", "billing"].map((name) => ({
        name,
        pipeline: `sample-${name}-delivery`,
        stage: "Approve",
        action: "GateApproval",
        repository: `sample/${name}/staging`,
    })),
};

const functionName = "sample-approval-scan-event";
export const decidedBy = `arn:aws:lambda:eu-central-1:123456789012:function:${functionName}:7`;

/** How CodePipeline names the deciding function. */
export const ourSession = `arn:aws:sts::123456789012:assumed-role/${functionName}/${functionName}`;
export const somebodyElse = "arn:aws:sts::123456789012:assumed-role/administrators/mallory";

export function contextOf(owner: string): DecisionContext {
    return { settings, owner, decidedBy };
}

export const digests = ["a", "b"].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string];

/** A UUID that is easy to tell from others. */
export function uuid(number: number): string {
    return `${String(number).padStart(8, "0")}-1111-4222-8333-444455556666`;
}

export function subjectOf(change: Partial<ApprovalSubject> = {}): ApprovalSubject {
    const { application = "orders", digest = digests[0] } = change;
    return {
        application,
        digest,
        image: `${registryHost}/sample/${application}/candidate@${digest}`,
        execution: uuid(900),
        commit: "c".repeat(40),
        ...change,
    };
}

export function customDataOf({ application, ...rest }: ApprovalSubject): string {
    return approvalQuestion(application, rest);
}

/** The request as it is read from CodePipeline's message. */
export function requestOfMessage(
    given: { application?: string; token?: string; customData?: string; expires?: string } = {},
): ApprovalRequest {
    const { application = "orders", token = uuid(1), expires = "2026-03-04T14:00Z" } = given;
    const gate = settings.applications.find(({ name }) => name === application);
    if (gate === undefined) throw new Error(`there is no application ${application}`);
    const customData = given.customData ?? customDataOf(subjectOf({ application }));
    const text = approvalMessage({ region: account.region, gate, token, expires, customData });
    return parseApprovalMessage(text, settings, start);
}

export function reportOf(scanner: ScannerName, image: string, change: Partial<ScanReport> = {}): ScanReport {
    const at = minutesAfterStart(-10).toISOString();
    return {
        version: 1,
        scanner: { name: scanner, version: "1" },
        subject: { image, digest: image.slice(image.indexOf("@") + 1) },
        startedAt: at,
        finishedAt: at,
        raw: null,
        dataBuiltAt: at,
        complete: true,
        incompleteReasons: [],
        findings: [],
        refusals: [],
        ...change,
    };
}

/** Evidence of one stage: a complete report of grype, the only scanner that is required. */
export function storedOf(
    { application, digest, execution, image }: ApprovalSubject,
    stage: ScanStage,
    change: Partial<ScanReport> = {},
): StoredScans {
    const place = `s3://sample-evidence/${application}/${digest.replace(":", "-")}/grype/${execution}/${stage}/report.json`;
    return { reports: [reportOf("grype", image, change)], places: [{ scanner: "grype", place }] };
}

/** What the registry says about its own scan. */
export const registryKinds = ["pending", "clean", "bad", "failed"] as const;
export type RegistryKind = (typeof registryKinds)[number];

export function registryAnswer(kind: RegistryKind, repository: string, digest: string): RegistryAnswer {
    const image = `${registryHost}/${repository}@${digest}`;
    if (kind === "pending") return { kind: "pending", why: "Amazon ECR has no scan of it yet" };
    if (kind === "clean") return { kind: "ended", report: reportOf("inspector", image), total: 0 };
    if (kind === "bad") {
        const findings = [findingOf()];
        return { kind: "ended", report: reportOf("inspector", image, { findings }), total: 1 };
    }
    const incomplete = { complete: false, incompleteReasons: ["the status of the image scan is FAILED"] };
    return { kind: "ended", report: reportOf("inspector", image, incomplete), total: 0 };
}
