import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
    CreateTableCommand,
    DeleteItemCommand,
    DynamoDBClient,
    PutItemCommand,
    ScanCommand,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { requestKey, type ApprovalRequest } from "../../gate/approval/approvalRequest";
import type { Decision, RequestRecord, ScanRecord } from "../../gate/approval/records";
import { digestOf, exampleSubject, uuidOf } from "../../gate/approval/testing/genuineShapes";
import { tableEffects, type TableEffects } from "./table";
import { DamagedRecordError, requestItem, scanItem, type Item } from "../../gate/approval/tableItems";
import { clientOf, JsonService } from "./testing/jsonService";
import { TokenMask } from "./tokenMask";

const digest = digestOf("a");
const noCounts = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };

function requestOf(changes: Partial<ApprovalRequest> = {}): ApprovalRequest {
    return {
        pipeline: "portcullis-dev-orders-delivery",
        stage: "Approve",
        action: "GateApproval",
        token: uuidOf(7),
        expiresAt: "2026-03-04T14:00:00.000Z",
        receivedAt: "2026-03-04T12:00:00.000Z",
        decideBy: "2026-03-04T13:00:00.000Z",
        subject: exampleSubject(),
        problem: null,
        ...changes,
    };
}

const decision: Decision = {
    answer: "rejected",
    decidedAt: "2026-03-04T12:30:00.000Z",
    decidedBy: "arn:aws:lambda:eu-west-1:123456789012:function:portcullis-dev-approval-scan-event:7",
    policySha256: "0".repeat(64),
    limits: { critical: 0, medium: "unlimited" },
    parts: [
        {
            part: "registry",
            outcome: "fail",
            counts: { ...noCounts, critical: 1 },
            waived: noCounts,
            evidence: [{ scanner: "inspector", place: `portcullis-dev-orders-staging@${digest}` }],
        },
    ],
    waivers: [{ id: "CVE-2026-1", owner: "ann@example.com", expires: "2026-04-01" }],
    reasons: ["registry: 1 critical"],
    moreReasons: 0,
    summary: "rejected: 1 critical",
};

const waiting: RequestRecord = { revision: 1, request: requestOf(), status: "waiting" };
const rejected: RequestRecord = { revision: 4, request: requestOf(), status: "rejected", decision };
const scan: ScanRecord = {
    revision: 1,
    repository: "portcullis-dev-orders-staging",
    digest,
    status: "ended",
    statusText: "INITIAL_SCAN_COMPLETE",
    total: null,
    at: "2026-03-04T12:00:00.000Z",
    eventId: uuidOf(3),
};

describe("items of the approval table", () => {
    it("show what is indexed, filtered and read by people, and the record as JSON", () => {
        const { document, ...shown } = requestItem({ ...waiting, wakeAt: "2026-03-04T12:01:00.000Z" });
        assert.deepEqual(shown, {
            digest: { S: digest },
            record: { S: `request#${uuidOf(1)}#${uuidOf(7)}` },
            revision: { N: "1" },
            status: { S: "waiting" },
            decideBy: { S: "2026-03-04T13:00:00.000Z" },
            open: { S: "open" },
            wakeAt: { S: "2026-03-04T12:01:00.000Z" },
        });
        assert.deepEqual(JSON.parse(document?.S ?? ""), { ...waiting, wakeAt: "2026-03-04T12:01:00.000Z" });
    });

    it("expire 400 days after a refusal or the end, 90 days after a scan's event, and never when waiting or approved", () => {
        const days = (item: Item, from: string) =>
            item["expires"] === undefined
                ? "never"
                : (Number(item["expires"].N) - Date.parse(from) / 1000) / 86_400;
        const closed = { at: "2026-03-05T00:00:00.000Z", reason: "stopped", answer: null, by: null };
        assert.equal(days(requestItem(rejected), decision.decidedAt), 400);
        assert.equal(days(requestItem({ ...waiting, status: "closed", closed }), closed.at), 400);
        assert.equal(days(scanItem(scan), scan.at), 90);
        assert.equal(days(requestItem(waiting), ""), "never");
        // Also with an intention to reject, while nobody has answered.
        assert.equal(days(requestItem({ ...waiting, decision }), ""), "never");
        const approved = { ...decision, answer: "approved" as const };
        assert.equal(days(requestItem({ ...rejected, status: "approved", decision: approved }), ""), "never");
        assert.equal(requestItem(rejected)["open"], undefined);
    });

    it("say what is told about a request: why it was closed, its decision, or what is wrong with it", () => {
        const summaryOf = (record: RequestRecord) => requestItem(record)["summary"]?.S;
        assert.equal(summaryOf(rejected), "rejected: 1 critical");
        assert.equal(summaryOf(waiting), undefined);
        assert.equal(
            summaryOf({ ...waiting, request: requestOf({ subject: null, problem: "no JSON" }) }),
            "no JSON",
        );
        const closed = { at: decision.decidedAt, reason: "stopped", answer: null, by: null };
        assert.equal(summaryOf({ ...rejected, status: "closed", closed }), "stopped");
    });
});

describe("the approval table", () => {
    let server: ReturnType<typeof dynalite>;
    let client: DynamoDBClient;
    let damaged: DamagedRecordError[];
    let tokens: TokenMask;
    let table: TableEffects;
    const TableName = "portcullis-dev-approvals";

    const effectsOf = (of: DynamoDBClient): TableEffects =>
        tableEffects({
            client: of,
            table: TableName,
            signal: new AbortController().signal,
            tokens: (tokens = new TokenMask()),
            damaged: (damaged = []),
        });

    before(async () => {
        server = dynalite({ createTableMs: 0 });
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        client = new DynamoDBClient(clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
        await client.send(
            new CreateTableCommand({
                TableName,
                BillingMode: "PAY_PER_REQUEST",
                AttributeDefinitions: ["digest", "record", "open", "decideBy"].map((AttributeName) => ({
                    AttributeName,
                    AttributeType: "S",
                })),
                KeySchema: [
                    { AttributeName: "digest", KeyType: "HASH" },
                    { AttributeName: "record", KeyType: "RANGE" },
                ],
                GlobalSecondaryIndexes: [
                    {
                        IndexName: "open",
                        KeySchema: [
                            { AttributeName: "open", KeyType: "HASH" },
                            { AttributeName: "decideBy", KeyType: "RANGE" },
                        ],
                        Projection: { ProjectionType: "ALL" },
                    },
                ],
            }),
        );
    });
    beforeEach(async () => {
        table = effectsOf(client);
        const { Items: items = [] } = await client.send(new ScanCommand({ TableName }));
        for (const { digest, record } of items as { digest: never; record: never }[])
            await client.send(new DeleteItemCommand({ TableName, Key: { digest, record } }));
    });
    after(() => {
        client.destroy();
        server.close();
    });

    it("gives back what was written, and null for what is not there", async () => {
        const key = requestKey(waiting.request);
        assert.equal(await table.readRequest({ key }), null);
        assert.equal(await table.readScan(scan), null);
        assert.equal(await table.writeRequest({ record: waiting, revision: null }), "written");
        assert.deepEqual(await table.readRequest({ key }), waiting);
        const claim = { owner: "one", until: "2026-03-04T12:02:00.000Z" };
        const claimed: RequestRecord = { ...waiting, revision: 2, claim };
        assert.equal(await table.writeRequest({ record: claimed, revision: 1 }), "written");
        assert.deepEqual(await table.readRequest({ key }), claimed);
        assert.equal(await table.writeScan({ record: scan, revision: null }), "written");
        assert.deepEqual(await table.readScan(scan), scan);
        assert.equal(
            await table.writeScan({ record: { ...scan, revision: 2, total: 3 }, revision: 1 }),
            "written",
        );
        assert.equal((await table.readScan(scan))?.total, 3);
    });

    it("writes on the condition that the record is the one that was read", async () => {
        await table.writeRequest({ record: waiting, revision: null });
        assert.equal(await table.writeRequest({ record: waiting, revision: null }), "conflict");
        const second: RequestRecord = { ...waiting, revision: 2, wakeAt: "2026-03-04T12:01:00.000Z" };
        assert.equal(await table.writeRequest({ record: second, revision: 1 }), "written");
        assert.equal(
            await table.writeRequest({ record: { ...waiting, revision: 2 }, revision: 1 }),
            "conflict",
        );
        assert.equal(
            await table.writeRequest({ record: { ...waiting, revision: 4 }, revision: 3 }),
            "conflict",
        );
        assert.deepEqual(await table.readRequest({ key: requestKey(waiting.request) }), second);
        // A record that is gone is not made again by somebody who still knows it.
        const other: RequestRecord = { ...second, request: requestOf({ token: uuidOf(8) }) };
        assert.equal(await table.writeRequest({ record: other, revision: 1 }), "conflict");
        assert.equal(await table.readRequest({ key: requestKey(other.request) }), null);
    });

    it("refuses a record whose revision is not the next", async () => {
        await assert.rejects(
            table.writeRequest({ record: { ...waiting, revision: 3 }, revision: 1 }),
            /would get revision 3 after 1/,
        );
    });

    it("lists the requests of one digest that wait, and those that are open, over several pages", async () => {
        const problem = "x".repeat(30_000);
        const big = (number: number, changes: Partial<RequestRecord> = {}): RequestRecord => ({
            ...waiting,
            ...changes,
            // 40 of these are more than the megabyte of one page.
            request: requestOf({ token: uuidOf(number), pipeline: problem }),
        });
        const records = Array.from({ length: 40 }, (_, at) => big(at + 100));
        for (const record of records) await table.writeRequest({ record, revision: null });
        await table.writeRequest({ record: { ...rejected, revision: 1 }, revision: null });
        const elsewhere: RequestRecord = {
            ...waiting,
            request: requestOf({
                token: uuidOf(9),
                decideBy: "2026-03-04T12:10:00.000Z",
                subject: exampleSubject({ digest: digestOf("b") }),
            }),
        };
        await table.writeRequest({ record: elsewhere, revision: null });
        await table.writeScan({ record: scan, revision: null });
        const tokensOf = (found: RequestRecord[]) => found.map(({ request }) => request.token);
        const expected = tokensOf(records);
        assert.deepEqual(tokensOf(await table.waitingRequests({ digest })).sort(), expected);
        const open = tokensOf(await table.openRequests({}));
        assert.equal(open[0], uuidOf(9), "the one to be decided first");
        assert.deepEqual(open.slice(1).sort(), expected);
        assert.deepEqual(damaged, []);
    });

    const item = requestItem(waiting);
    const text = (change: object): Item => ({
        ...item,
        document: { S: JSON.stringify({ ...waiting, ...change }) },
    });
    const damages: [string, Item, RegExp][] = [
        ["has no document", { ...item, document: { S: "" } }, /its document is not JSON/],
        ["is cut off", { ...item, document: { S: item["document"]!.S!.slice(0, 90) } }, /not JSON/],
        [
            "says a key twice",
            { ...item, document: { S: `{"revision":1,${item["document"]!.S!.slice(1)}` } },
            /not JSON/,
        ],
        ["has an unknown member", text({ approvedBy: "me" }), /as a whole: Unrecognized key: "approvedBy"/],
        ["has an unknown status", text({ status: "open" }), /its document status: /],
        ["is approved without a decision", text({ status: "approved" }), /its decision does not say so/],
        ["is approved by a decision to reject", text({ status: "approved", decision }), /does not say so/],
        ["is closed and does not say why", text({ status: "closed" }), /is closed and says why, or neither/],
        [
            "has neither subject nor problem",
            text({ request: requestOf({ subject: null }) }),
            /a subject or a problem/,
        ],
        [
            "is another digest's",
            text({ request: requestOf({ subject: exampleSubject({ digest: digestOf("b") }) }) }),
            /its digest is not/,
        ],
        ["is another token's", text({ request: requestOf({ token: uuidOf(99) }) }), /its record is not what/],
        ["has another revision", { ...item, revision: { N: "2" } }, /its revision is not what/],
        ["has another status", { ...item, status: { S: "rejected" } }, /its status is not what/],
        ["would be woken", { ...item, wakeAt: { S: "2026-03-04T12:01:00.000Z" } }, /its wakeAt is not what/],
        ["has another end", { ...item, decideBy: { S: "2027-03-04T13:00:00.000Z" } }, /its decideBy is not/],
        [
            "is not in the index",
            Object.fromEntries(Object.entries(item).filter(([name]) => name !== "open")),
            /its open is/,
        ],
    ];
    for (const [title, broken, reason] of damages) {
        it(`names a record that ${title}, and gives nothing of it`, async () => {
            await client.send(new PutItemCommand({ TableName, Item: broken }));
            await assert.rejects(table.readRequest({ key: requestKey(waiting.request) }), (error) => {
                assert.ok(error instanceof DamagedRecordError);
                assert.match(error.message, reason);
                assert.ok(error.message.includes(`request#${uuidOf(1)}#${uuidOf(7)} of ${digest}`));
                return true;
            });
        });
    }

    it("does not let a damaged record hide the others in a list", async () => {
        const other: RequestRecord = { ...waiting, request: requestOf({ token: uuidOf(8) }) };
        await table.writeRequest({ record: other, revision: null });
        await client.send(new PutItemCommand({ TableName, Item: text({ approvedBy: "me" }) }));
        assert.deepEqual(await table.waitingRequests({ digest }), [other]);
        assert.deepEqual(await table.openRequests({}), [other]);
        assert.ok(damaged.every(({ message }) => !tokens.mask(message).includes(uuidOf(7))));
        assert.deepEqual(
            damaged.map(({ message }) => /Unrecognized key: "approvedBy"/.test(message)),
            [true, true],
        );
    });

    it("names a damaged scan record", async () => {
        const broken = { ...scanItem(scan), document: { S: JSON.stringify({ ...scan, total: -1 }) } };
        await client.send(new PutItemCommand({ TableName, Item: broken }));
        await assert.rejects(
            table.readScan(scan),
            /record scan#portcullis-dev-orders-staging of sha256.*total/,
        );
    });

    describe("when DynamoDB fails", () => {
        let service: JsonService;
        beforeEach(async () => {
            service = await JsonService.start();
        });
        afterEach(() => service.stop());

        it("takes a write that succeeded and whose answer was lost for written", async () => {
            const conflict = { error: "ConditionalCheckFailedException" };
            const retrying = effectsOf(new DynamoDBClient({ ...clientOf(service.url), maxAttempts: 2 }));
            service.replies = { PutItem: [{ cut: true }, conflict], GetItem: [{ body: { Item: item } }] };
            assert.equal(await retrying.writeRequest({ record: waiting, revision: null }), "written");
            assert.deepEqual(service.operations, ["PutItem", "PutItem", "GetItem"]);
            // Somebody else's record is a conflict all the same.
            service.replies = {
                PutItem: [{ cut: true }, conflict],
                GetItem: [{ body: { Item: text({ wakeAt: "2026-03-04T12:01:00.000Z" }) } }],
            };
            assert.equal(await retrying.writeRequest({ record: waiting, revision: null }), "conflict");
            // A first attempt that is refused was never carried out.
            service.requests.length = 0;
            service.replies = { PutItem: [conflict] };
            assert.equal(await retrying.writeRequest({ record: waiting, revision: null }), "conflict");
            assert.deepEqual(service.operations, ["PutItem"]);
        });

        it("throws one line that names the record without its token", async () => {
            const failing = effectsOf(new DynamoDBClient(clientOf(service.url)));
            service.replies = { GetItem: [{ error: "AccessDeniedException", message: "no" }] };
            await assert.rejects(failing.readRequest({ key: requestKey(waiting.request) }), (error) => {
                const { name, message } = error as Error;
                assert.equal(name, "ServiceError");
                assert.match(
                    message,
                    /^DynamoDB GetItem of record request#\S+#…0007 of sha256:a+ in table \S+ failed/,
                );
                assert.match(message, /AccessDeniedException: no.*see the function's role/);
                assert.ok(!message.includes(uuidOf(7)));
                return true;
            });
        });
    });
});
