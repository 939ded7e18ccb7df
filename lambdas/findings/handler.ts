/**
 * Imports what the scanners found into AWS Security Hub. Started by Amazon EventBridge for every manifest in the
 * evidence bucket, and by the approval table's stream for every approval.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecurityHubClient } from "@aws-sdk/client-securityhub";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { objectOf } from "../../gate/approval/foreignJson";
import { readApprovals } from "../../gate/approval/readApprovals";
import { approvedRecord } from "../../gate/approval/approvedRecord";
import { readApprovalEvent, type ApprovedDigest } from "../../gate/findings/approvalEvent";
import { readEvidenceEvent, type ScanNews } from "../../gate/findings/evidenceEvent";
import { readFindingsSettings, type FindingsSettings } from "../../gate/findings/findingsSettings";
import { digestsOf, planApproval, planReport, type Approvals } from "../../gate/findings/importPlan";
import { scanFindings, scanIdPrefix } from "../../gate/findings/scanFindings";
import { productArn, type RecordState, type SecurityFinding } from "../../gate/findings/securityFinding";
import { importFindings, storedFindings } from "../effects/securityHub";
import { clientSettings } from "../effects/serviceCalls";
import { eventFunction, type FunctionInvocation } from "../invocation";
import { readStoredScan } from "./storedScan";

const clients = {
    dynamodb: new DynamoDBClient(clientSettings),
    securityHub: new SecurityHubClient(clientSettings),
};

type Invocation = FunctionInvocation<FindingsSettings>;

/** @throws for any other event, and when one could not be dealt with: it is delivered again. */
export const handler = eventFunction(readFindingsSettings, async (event, invocation): Promise<void> => {
    const { settings, telemetry } = invocation;
    if (objectOf(event)?.Records !== undefined) {
        for (const approved of readApprovalEvent(event, settings)) await takeApproval(approved, invocation);
        return;
    }
    const news = readEvidenceEvent(event, settings);
    if ("ignored" in news) telemetry.logger.info("not imported", { why: news.ignored });
    else await takeReport(news, invocation);
});

async function takeReport(news: ScanNews, invocation: Invocation): Promise<void> {
    const { settings, signal, telemetry } = invocation;
    const { application, digest, scanner } = news;
    const scan = await readStoredScan(news, settings, signal);
    const own = await stored(invocation, scanIdPrefix(settings, application, digest, scanner));
    const active = await stored(invocation, scanIdPrefix(settings, application), "ACTIVE");
    const approvals = await approvalsOf(application, [digest, ...digestsOf(active)], settings);
    const plan = planReport({ origin: settings, scan, policy: settings.policy, own, active, approvals });
    if (plan.kind === "outdated") {
        telemetry.logger.info("not imported", { ...news, why: plan.why });
        return;
    }
    const made = scanFindings(settings, scan, plan.findings, { policy: settings.policy, ...plan });
    await send(invocation, made, plan.archive);
    telemetry.logger.info("imported", {
        ...news,
        findings: plan.findings.size,
        archived: plan.archive.length,
    });
}

async function takeApproval({ application, digest, decidedAt }: ApprovedDigest, invocation: Invocation) {
    const { settings, telemetry } = invocation;
    const own = await stored(invocation, scanIdPrefix(settings, application, digest));
    const active = await stored(invocation, scanIdPrefix(settings, application), "ACTIVE");
    const approvals = await approvalsOf(application, [digest, ...digestsOf(active)], settings);
    const changed = planApproval({ digest, decidedAt, own, active, approvals });
    await send(invocation, [], changed);
    telemetry.logger.info("approved", { application, digest, changed: changed.length });
}

async function stored(
    { settings, signal }: Invocation,
    prefix: string,
    state?: RecordState,
): Promise<SecurityFinding[]> {
    const question = { productArn: productArn(settings.account), prefix, ...(state && { state }) };
    const findings: SecurityFinding[] = [];
    for await (const finding of storedFindings(clients.securityHub, question, signal)) findings.push(finding);
    return findings;
}

async function send(
    { signal, telemetry }: Invocation,
    made: Iterable<SecurityFinding>,
    changed: SecurityFinding[],
): Promise<void> {
    const all = function* (): Generator<SecurityFinding> {
        yield* made;
        yield* changed;
    };
    const { imported } = await importFindings(clients.securityHub, all(), signal);
    telemetry.metrics.addMetric("FindingsImported", MetricUnit.Count, imported);
}

/** When each digest was approved, as the table says now. */
async function approvalsOf(
    application: string,
    digests: string[],
    { table }: FindingsSettings,
): Promise<Approvals> {
    const approvals = new Map<string, Date | null>();
    for (const digest of new Set(digests)) {
        const records = await readApprovals(clients.dynamodb, { table, digest });
        const answer = approvedRecord(records, { application, digest });
        const isApproved = answer.kind === "approved";
        approvals.set(digest, isApproved ? new Date(answer.record.decision.decidedAt) : null);
    }
    return approvals;
}
