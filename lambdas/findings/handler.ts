/**
 * Imports what the scanners found into AWS Security Hub. Started by Amazon EventBridge for every manifest in the
 * evidence bucket, and for every image that a pipeline has published.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecurityHubClient } from "@aws-sdk/client-securityhub";
import { MetricUnit } from "@aws-lambda-powertools/metrics";
import { objectOf } from "../../gate/approval/foreignJson";
import { readApprovals } from "../../gate/approval/readApprovals";
import { approvedRecord, type ApprovedRecord } from "../../gate/approval/approvedRecord";
import { readEvidenceEvent, type ScanNews } from "../../gate/findings/evidenceEvent";
import { readFindingsSettings, type FindingsSettings } from "../../gate/findings/findingsSettings";
import {
    digestsOf,
    planRelease,
    planReport,
    type Approval,
    type Approvals,
} from "../../gate/findings/importPlan";
import { readReleaseEvent, type ReleaseNews } from "../../gate/findings/releaseEvent";
import { scanFindings, scanIdPrefix } from "../../gate/findings/scanFindings";
import { productArn, type SecurityFinding } from "../../gate/findings/securityFinding";
import { importFindings, storedFindings, type FindingQuestion } from "../effects/securityHub";
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
    const isOfPipeline = objectOf(event)?.source === "aws.codepipeline";
    const news = isOfPipeline ? readReleaseEvent(event, settings) : readEvidenceEvent(event, settings);
    if ("ignored" in news) telemetry.logger.info("ignored", { why: news.ignored });
    else if ("scanner" in news) await takeReport(news, invocation);
    else await takeRelease(news, invocation);
});

async function takeReport(news: ScanNews, invocation: Invocation): Promise<void> {
    const { settings, signal, telemetry } = invocation;
    const { application, digest, scanner } = news;
    const scan = await readStoredScan(news, settings, signal);
    const own = await stored(invocation, { prefix: scanIdPrefix(settings, application, digest, scanner) });
    const active = await stored(invocation, { prefix: scanIdPrefix(settings, application), state: "ACTIVE" });
    const approvals = await approvalsOf(application, digestsOf(active).add(digest), settings);
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

async function takeRelease({ application, execution, at }: ReleaseNews, invocation: Invocation) {
    const { settings, telemetry } = invocation;
    const prefix = scanIdPrefix(settings, application);
    const own = await stored(invocation, { prefix, field: { name: "execution", value: execution } });
    const active = await stored(invocation, { prefix, state: "ACTIVE" });
    const approvals = await approvalsOf(application, digestsOf([...own, ...active]), settings);
    const changed = planRelease({ execution, at, own, active, approvals });
    await send(invocation, [], changed);
    telemetry.logger.info("released", { application, execution, changed: changed.length });
}

async function stored(
    { settings, signal }: Invocation,
    question: Omit<FindingQuestion, "productArn">,
): Promise<SecurityFinding[]> {
    const findings: SecurityFinding[] = [];
    const asked = { productArn: productArn(settings.account), ...question };
    for await (const finding of storedFindings(clients.securityHub, asked, signal)) findings.push(finding);
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

/** The newest approval of each digest, as the table says now. */
async function approvalsOf(
    application: string,
    digests: ReadonlySet<string>,
    { table }: FindingsSettings,
): Promise<Approvals> {
    const approvals = new Map<string, Approval | null>();
    for (const digest of digests) {
        const records = await readApprovals(clients.dynamodb, { table, digest });
        const answer = approvedRecord(records, { application, digest });
        approvals.set(digest, answer.kind === "approved" ? approvalIn(answer.record) : null);
    }
    return approvals;
}

function approvalIn({ request, decision }: ApprovedRecord): Approval {
    return { decidedAt: new Date(decision.decidedAt), execution: request.subject?.execution ?? "" };
}
