import assert from "node:assert/strict";
import { requestKey, type RequestKey } from "./approvalRequest";
import { parseStreamEvent, StreamRecordError } from "./streamRecord";
import { digestOf, exampleSubject, streamEvent, uuidOf, type StreamChange } from "./testing/genuineShapes";

const key: RequestKey = { digest: digestOf("a"), execution: uuidOf(1), token: uuidOf(2) };
const first = "11100000000000000000000001";
const second = "11100000000000000000000002";

/** What a batch is read as; an error by its message. */
function read(event: unknown): { sequenceNumber: string; key?: RequestKey; error?: string }[] {
    return parseStreamEvent(event).map((record) => {
        if (!("error" in record)) return record;
        assert.ok(record.error instanceof StreamRecordError);
        return { sequenceNumber: record.sequenceNumber, error: record.error.message };
    });
}

describe("stream of the approval table", () => {
    it("names the requests that are new or were changed, in order", () => {
        const unread: RequestKey = { digest: "unreadable", execution: "unreadable", token: uuidOf(3) };
        const event = streamEvent([{ key }, { eventName: "MODIFY", key: unread }]);
        assert.deepEqual(read(event), [
            { sequenceNumber: first, key },
            { sequenceNumber: second, key: unread },
        ]);
    });

    it("names requests by the keys that they are written with", () => {
        const asked = { subject: exampleSubject(), token: uuidOf(2) };
        assert.deepEqual(read(streamEvent([{ key: requestKey(asked) }]))[0]?.key, requestKey(asked));
        const unread = requestKey({ subject: null, token: uuidOf(2) });
        assert.deepEqual(read(streamEvent([{ key: unread }]))[0]?.key, unread);
    });

    it("leaves out scans, other records and deletions", () => {
        const others: StreamChange[] = [
            { key: { digest: digestOf("a"), record: "scan#portcullis-dev-orders-staging" } },
            { key: { digest: digestOf("a"), record: "requests#x" } },
            { key: { digest: digestOf("a"), record: "" } },
            { eventName: "REMOVE", key },
        ];
        assert.deepEqual(read(streamEvent(others)), []);
        assert.deepEqual(read({ Records: [] }), []);
    });

    it("reports a record that cannot be understood by itself", () => {
        const record = (text: string): StreamChange => ({ key: { digest: digestOf("a"), record: text } });
        const wrong: StreamChange[] = [
            record("request#"),
            record(`request#${uuidOf(1)}`),
            record(`request#${uuidOf(1)}#`),
            record(`request#${uuidOf(1)}#${uuidOf(2)}#x`),
            record(`request#${uuidOf(1).toUpperCase()}#${uuidOf(2)}`),
            record(`request#unreadable#${uuidOf(2)}`),
            { key: { digest: "unreadable", record: `request#${uuidOf(1)}#${uuidOf(2)}` } },
            { key: { digest: "sha256:a", record: `request#${uuidOf(1)}#${uuidOf(2)}` } },
        ];
        for (const change of wrong) {
            const [bad, good, ...rest] = read(streamEvent([change, { key }]));
            assert.match(bad?.error ?? "", /^stream record 1{3}0+1 is no request: its key is "/);
            assert.deepEqual([good, rest], [{ sequenceNumber: second, key }, []]);
        }
        assert.deepEqual(read(streamEvent([record("request#x")])), [
            {
                sequenceNumber: first,
                error:
                    `stream record ${first} is no request: its key is "${digestOf("a")}", "request#x"; read the item, ` +
                    "and see what wrote it",
            },
        ]);
    });

    it("reports records of other sources, and without a key of text", () => {
        const event = streamEvent([{ key }, { key }]);
        const [one, two] = event.Records;
        const records: unknown[] = [
            { ...one, eventSource: "aws:kinesis" },
            {
                ...two,
                dynamodb: { ...two?.dynamodb, Keys: { digest: { S: digestOf("a") }, record: { N: "5" } } },
            },
        ];
        const [foreign, numbered] = read({ Records: records });
        assert.match(foreign?.error ?? "", /it comes from "aws:kinesis", not from aws:dynamodb/);
        assert.match(numbered?.error ?? "", /its key has nothing as record/);
        for (const Keys of [undefined, null, [], {}, { digest: "x", record: "y" }]) {
            const [bad] = read({ Records: [{ ...one, dynamodb: { ...one?.dynamodb, Keys } }] });
            assert.match(bad?.error ?? "", /its key has nothing as digest/);
        }
    });

    it("refuses the batch when it is none, or a record cannot be named", () => {
        for (const event of [null, undefined, 5, "x", [], {}, { Records: {} }, { Records: null }]) {
            assert.throws(() => parseStreamEvent(event), {
                name: "StreamRecordError",
                message: "the event has no records of a DynamoDB stream: see who invoked the function",
            });
        }
        const { Records } = streamEvent([{ key }]);
        for (const SequenceNumber of [undefined, null, "", 5, "x", "1".repeat(41)]) {
            const event = {
                Records: [{ ...Records[0], dynamodb: { ...Records[0]?.dynamodb, SequenceNumber } }],
            };
            assert.throws(
                () => parseStreamEvent(event),
                /^StreamRecordError: record 1 of 1 has .* as its sequence number$/,
            );
        }
        for (const record of [null, 5, [], {}]) {
            assert.throws(() => parseStreamEvent({ Records: [record] }), StreamRecordError);
        }
    });
});
