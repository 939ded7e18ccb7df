/** Records of the approval table's stream: which requests are new, or were woken. */
import { unreadable, type RequestKey } from "./approvalRequest";
import { digestPattern, objectOf, shown, uuidPattern } from "./foreignJson";
import { requestPrefix } from "./records";

/** A stream record that cannot be understood. One line; the record is to be reported as failed. */
export class StreamRecordError extends Error {
    override name = "StreamRecordError";
}

/** One record about a request. `sequenceNumber` names it in a batch response (`itemIdentifier`). */
export type StreamRecord =
    { sequenceNumber: string; key: RequestKey } | { sequenceNumber: string; error: StreamRecordError };

/**
 * The requests in an event of the table's stream, in its order; records of scans and deletions are left out. One that
 * cannot be understood has an error in place of the key, so that the others can be decided and it alone is reported.
 * @throws StreamRecordError when the event is not one of a DynamoDB stream, or a record has no sequence number: then
 * nothing can be reported by itself.
 */
export function parseStreamEvent(event: unknown): StreamRecord[] {
    const records = objectOf(event)?.Records;
    if (!Array.isArray(records)) {
        throw new StreamRecordError(
            "the event has no records of a DynamoDB stream: see who invoked the function",
        );
    }
    return records.flatMap((value: unknown, index): StreamRecord[] => {
        const { eventSource, eventName, dynamodb } = objectOf(value) ?? {};
        const change = objectOf(dynamodb) ?? {};
        const sequenceNumber = change.SequenceNumber;
        if (typeof sequenceNumber !== "string" || !/^\d{1,40}$/.test(sequenceNumber)) {
            throw new StreamRecordError(
                `record ${index + 1} of ${records.length} has ${shown(sequenceNumber)} as its sequence number`,
            );
        }
        try {
            if (eventSource !== "aws:dynamodb") {
                throw new StreamRecordError(`it comes from ${shown(eventSource)}, not from aws:dynamodb`);
            }
            if (eventName === "REMOVE") return [];
            const key = requestKeyIn(change.Keys);
            return key === null ? [] : [{ sequenceNumber, key }];
        } catch (error) {
            if (!(error instanceof StreamRecordError)) throw error;
            const told = `stream record ${sequenceNumber} is no request: ${error.message}; read the item, and see what wrote it`;
            return [{ sequenceNumber, error: new StreamRecordError(told) }];
        }
    });
}

/** The key of a request; null for the key of another record. */
function requestKeyIn(keys: unknown): RequestKey | null {
    const digest = textOf(keys, "digest");
    const record = textOf(keys, "record");
    if (!record.startsWith(requestPrefix)) return null;
    const [execution = "", token = "", ...rest] = record.slice(requestPrefix.length).split("#");
    const isReadable = digestPattern.test(digest) && uuidPattern.test(execution);
    const isUnreadable = digest === unreadable && execution === unreadable;
    if (rest.length > 0 || !uuidPattern.test(token) || !(isReadable || isUnreadable)) {
        throw new StreamRecordError(`its key is ${shown(digest)}, ${shown(record)}`);
    }
    return { digest, execution, token };
}

function textOf(keys: unknown, name: string): string {
    const value = objectOf(objectOf(keys)?.[name])?.S;
    if (typeof value !== "string") throw new StreamRecordError(`its key has ${shown(value)} as ${name}`);
    return value;
}
