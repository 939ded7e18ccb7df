/** How records lie in the approval table: keys, what can be seen and indexed, and the record itself as JSON. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type * as z from "zod";
import { requestKey, type RequestKey } from "./approvalRequest";
import { openIndex, requestPrefix, type RequestRecord, type ScanRecord } from "./records";
import { parseStrictJson } from "../report/strictJson";
import { requestRecordSchema, scanRecordSchema } from "./recordSchema";

export type Item = Record<string, AttributeValue>;

const day = 86_400;

/** Days that a scan's word is kept after it was sent; older than any report that a policy may believe is older still. */
const scanDays = 90;

/** Days that a request is kept that was rejected or closed. One that waits, or was approved, is kept for good. */
const refusedDays = 400;

/** A record cannot be read. One line with what and where; nothing is decided by it. */
export class DamagedRecordError extends Error {
    override name = "DamagedRecordError";
}

export function requestItemKey({ digest, execution, token }: RequestKey): Item {
    return { digest: { S: digest }, record: { S: `${requestPrefix}${execution}#${token}` } };
}

export function scanItemKey({ repository, digest }: { repository: string; digest: string }): Item {
    return { digest: { S: digest }, record: { S: `scan#${repository}` } };
}

export function requestItem(record: RequestRecord): Item {
    const { request, status, wakeAt, decision, closed } = record;
    const summary = closed?.reason ?? decision?.summary ?? request.problem;
    const end = status === "rejected" ? decision?.decidedAt : closed?.at;
    return {
        ...requestItemKey(requestKey(request)),
        ...common(record, status),
        decideBy: { S: request.decideBy },
        ...(status === "waiting" ? { open: { S: openIndex } } : {}),
        ...(wakeAt === undefined ? {} : { wakeAt: { S: wakeAt } }),
        ...(summary === undefined || summary === null ? {} : { summary: { S: summary } }),
        ...(end === undefined ? {} : { expires: expiry(end, refusedDays) }),
    };
}

export function scanItem(record: ScanRecord): Item {
    return {
        ...scanItemKey(record),
        ...common(record, record.status),
        summary: { S: `${record.statusText} at ${record.at}` },
        expires: expiry(record.at, scanDays),
    };
}

function common(record: RequestRecord | ScanRecord, status: string): Item {
    return {
        revision: { N: String(record.revision) },
        status: { S: status },
        document: { S: JSON.stringify(record) },
    };
}

/** Seconds since 1970, as DynamoDB's time to live wants them. */
function expiry(from: string, days: number): AttributeValue {
    return { N: String(Math.floor(Date.parse(from) / 1000) + days * day) };
}

/** @throws DamagedRecordError */
export function readRequestItem(item: Item, table: string): RequestRecord {
    const record = readDocument(item, table, requestRecordSchema);
    return checked(item, table, record, requestItem(record));
}

/** @throws DamagedRecordError */
export function readScanItem(item: Item, table: string): ScanRecord {
    const record = readDocument(item, table, scanRecordSchema);
    return checked(item, table, record, scanItem(record));
}

function readDocument<T>(item: Item, table: string, schema: z.ZodType<T>): T {
    let value: unknown;
    try {
        value = parseStrictJson(item["document"]?.S ?? "");
    } catch (error) {
        throw damaged(item, table, `its document is not JSON (${(error as Error).message.slice(0, 200)})`);
    }
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw damaged(item, table, `its document ${issue?.path.join(".") || "as a whole"}: ${issue?.message}`);
}

/** What is beside the document has to be what the document says: conditions and filters go by it. */
function checked<T>(item: Item, table: string, record: T, expected: Item): T {
    for (const name of ["digest", "record", "revision", "status", "open", "wakeAt", "decideBy"] as const) {
        const [there, said] = [item[name], expected[name]].map((value) => value?.S ?? value?.N);
        if (there !== said) throw damaged(item, table, `its ${name} is not what its document says`);
    }
    return record;
}

function damaged(item: Item, table: string, what: string): DamagedRecordError {
    return new DamagedRecordError(
        `record ${item["record"]?.S} of ${item["digest"]?.S} in table ${table} is damaged: ${what}; see who wrote it, ` +
            "restore it from a point in time before, or delete it",
    );
}
