import { setTimeout as sleep } from "node:timers/promises";
import {
    BatchImportFindingsCommand,
    GetFindingsCommand,
    type AwsSecurityFindingFilters,
    type BatchImportFindingsCommandOutput,
    type SecurityHubClient,
} from "@aws-sdk/client-securityhub";
import { batchesOf } from "../../gate/findings/batches";
import { fieldName, type RecordState, type SecurityFinding } from "../../gate/findings/securityFinding";
import { readStoredFinding, storedField } from "../../gate/findings/storedFinding";
import { callService, ServiceError } from "./serviceCalls";

/**
 * Milliseconds between two requests: 10 a second for imports, 3 for questions (Security Hub API Reference, "Welcome",
 * throttling limits). What others send at the same time counts as well; a request that is throttled is repeated by the
 * SDK (`clientSettings`).
 */
const importPause = 100;
const questionPause = 350;

/** Findings in one answer, and most answers to one question: more are no mistake that should go on. */
const pageSize = 100;
const mostPages = 1_000;

/** Failed findings that an error names. */
const mostNamed = 10;

interface FailedFinding {
    id: string;
    code: string;
    message: string;
}

/**
 * Imports findings, as many at a time as Security Hub takes. Those that it refuses are sent once more; then all others
 * are still imported before the function throws. Needs securityhub:BatchImportFindings on the account's default product.
 * @returns how many were sent: each id once.
 * @throws ServiceError with ids and codes of what was not imported, or when Security Hub could not be asked.
 */
export async function importFindings(
    client: SecurityHubClient,
    findings: Iterable<SecurityFinding>,
    signal: AbortSignal,
): Promise<{ imported: number }> {
    const failed: FailedFinding[] = [];
    const next = pacedBy(importPause, signal);
    let imported = 0;
    for (const batch of batchesOf(findings)) {
        await next();
        const refused = refusedOf(batch, await send(client, batch, signal));
        imported += batch.length;
        if (refused.length === 0) continue;
        await next();
        const again = refused.map(({ finding }) => finding);
        failed.push(
            ...refusedOf(again, await send(client, again, signal)).map(({ finding, code, message }) => ({
                id: finding.Id,
                code,
                message,
            })),
        );
    }
    if (failed.length > 0) throw new ServiceError(namingAll(failed));
    return { imported };
}

function send(
    client: SecurityHubClient,
    Findings: SecurityFinding[],
    abortSignal: AbortSignal,
): Promise<BatchImportFindingsCommandOutput> {
    return callService(
        `Security Hub BatchImportFindings of ${Findings.length} findings`,
        () => client.send(new BatchImportFindingsCommand({ Findings }), { abortSignal }),
        { InvalidAccessException: notEnabled },
    );
}

interface RefusedFinding {
    finding: SecurityFinding;
    code: string;
    message: string;
}

/**
 * What of a batch was not imported. Where the answer's numbers and its list do not tell the same, nothing of it is
 * believed and all of the batch counts as refused: sending a finding twice changes nothing.
 */
function refusedOf(
    batch: SecurityFinding[],
    { FailedCount, SuccessCount, FailedFindings = [] }: BatchImportFindingsCommandOutput,
): RefusedFinding[] {
    const byId = new Map(batch.map((finding) => [finding.Id, finding]));
    const named = new Map<string, RefusedFinding>();
    for (const { Id = "", ErrorCode = "", ErrorMessage = "" } of FailedFindings) {
        const finding = byId.get(Id);
        if (finding !== undefined) named.set(Id, { finding, code: ErrorCode, message: ErrorMessage });
    }
    const isClear =
        FailedCount === named.size &&
        FailedFindings.length === named.size &&
        SuccessCount === batch.length - named.size;
    if (isClear) return [...named.values()];
    const message = `${FailedCount} failed and ${SuccessCount} succeeded of ${batch.length}, ${named.size} named`;
    return batch.map((finding) => named.get(finding.Id) ?? { finding, code: "UnclearAnswer", message });
}

function namingAll(failed: FailedFinding[]): string {
    const named = failed
        .slice(0, mostNamed)
        .map(({ id, code, message }) => `${id}: ${code} (${message.slice(0, 200)})`);
    const more = failed.length > mostNamed ? ` and ${failed.length - mostNamed} more` : "";
    const what = failed.length === 1 ? "1 finding was" : `${failed.length} findings were`;
    return `Security Hub: ${what} not imported, also at the second attempt: ${named.join("; ")}${more}`;
}

/** Which findings are asked for. */
export interface FindingQuestion {
    /** ARN of the account's default product. */
    productArn: string;
    /** Beginning of their ids, ending with a slash. */
    prefix: string;
    /** Both unless given. */
    state?: RecordState;
    /** Value of one of our own fields. */
    field?: { name: string; value: string };
}

/**
 * The findings of ours that Security Hub holds, page by page; what else it gives is left out. Needs
 * securityhub:GetFindings.
 * @throws ServiceError when it could not be asked; Error for a finding with our id that cannot be read.
 */
export async function* storedFindings(
    client: SecurityHubClient,
    { productArn, prefix, state, field }: FindingQuestion,
    signal: AbortSignal,
): AsyncGenerator<SecurityFinding, void> {
    const Filters: AwsSecurityFindingFilters = {
        ProductArn: [{ Value: productArn, Comparison: "EQUALS" }],
        Id: [{ Value: prefix, Comparison: "PREFIX" }],
        ...(state === undefined ? {} : { RecordState: [{ Value: state, Comparison: "EQUALS" }] }),
        ...(field === undefined
            ? {}
            : {
                  ProductFields: [{ Key: fieldName(field.name), Value: field.value, Comparison: "EQUALS" }],
              }),
    };
    const isAskedFor = (finding: SecurityFinding): boolean =>
        (state === undefined || finding.RecordState === state) &&
        (field === undefined || storedField(finding, field.name) === field.value);
    const next = pacedBy(questionPause, signal);
    let token: string | undefined;
    for (let page = 1; ; page += 1) {
        if (page > mostPages) {
            throw new ServiceError(
                `Security Hub has more than ${mostPages * pageSize} findings whose ids begin with ${prefix}; ` +
                    "see what imports them",
            );
        }
        await next();
        const { Findings = [], NextToken } = await callService(
            `Security Hub GetFindings of ${prefix}`,
            () =>
                client.send(
                    new GetFindingsCommand({
                        Filters,
                        MaxResults: pageSize,
                        ...(token === undefined ? {} : { NextToken: token }),
                    }),
                    { abortSignal: signal },
                ),
            { InvalidAccessException: notEnabled },
        );
        for (const value of Findings) {
            const finding = readStoredFinding(value, { productArn, prefix });
            if (finding !== null && isAskedFor(finding)) yield finding;
        }
        if (NextToken === undefined || NextToken === "") return;
        token = NextToken;
    }
}

function notEnabled(error: unknown): never {
    throw new ServiceError(
        `Security Hub refused (InvalidAccessException: ${(error as Error).message}); see whether it is on in this ` +
            "account and region, and the function's role",
    );
}

/** Waits before a request until the pause since the last one is over; the first does not wait. */
function pacedBy(pause: number, signal: AbortSignal): () => Promise<void> {
    let last = -Infinity;
    return async () => {
        const wait = last + pause - performance.now();
        if (wait > 0) await sleep(wait, undefined, { signal });
        last = performance.now();
    };
}
