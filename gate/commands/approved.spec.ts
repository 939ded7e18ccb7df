import assert from "node:assert/strict";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { requestItem, type Item } from "../approval/tableItems";
import { decidedBy, digests, uuid } from "../approval/testing/approvalSamples";
import { decisionSample, recordSample, type RecordChange } from "../approval/testing/recordSamples";
import { useBundledGate, type Ending } from "./testing/bundledGate";

const table = "sample-approvals";
const image = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/sample/orders/staging@${digests[0]}`;

describe("gate approved", () => {
    const gate = useBundledGate();
    let server: Server;
    let client: DynamoDBClient;
    let environment: Record<string, string>;

    before(async () => {
        server = dynalite({ createTableMs: 0 });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
        const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        environment = {
            AWS_ENDPOINT_URL_DYNAMODB: endpoint,
            AWS_REGION: "eu-central-1",
            AWS_ACCESS_KEY_ID: "sample",
            AWS_SECRET_ACCESS_KEY: "sample",
        };
        const credentials = { accessKeyId: "sample", secretAccessKey: "sample" };
        client = new DynamoDBClient({ endpoint, region: "eu-central-1", credentials });
    });
    after(async () => {
        client.destroy();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    });

    let tables = 0;
    /** A new table with these records, and items as they are. */
    async function tableWith(records: RecordChange[], items: Item[] = []): Promise<string> {
        tables += 1;
        const TableName = `${table}-${tables}`;
        await client.send(
            new CreateTableCommand({
                TableName,
                AttributeDefinitions: [
                    { AttributeName: "digest", AttributeType: "S" },
                    { AttributeName: "record", AttributeType: "S" },
                ],
                KeySchema: [
                    { AttributeName: "digest", KeyType: "HASH" },
                    { AttributeName: "record", KeyType: "RANGE" },
                ],
                BillingMode: "PAY_PER_REQUEST",
            }),
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
        for (const Item of [...records.map((record) => requestItem(recordSample(record))), ...items]) {
            await client.send(new PutItemCommand({ TableName, Item }));
        }
        return TableName;
    }

    const ask = (
        name: string,
        execution: string | null = uuid(900),
        given = environment,
        timeout?: string,
    ): Promise<Ending> =>
        gate.run(
            [
                ...["approved", "--table", name, "--image", image, "--application", "orders"],
                ...(execution === null ? [] : ["--execution", execution]),
                ...(timeout === undefined ? [] : ["--timeout", timeout]),
            ],
            given,
        );

    it("passes what the gate approved, in that execution or in any", async () => {
        const name = await tableWith([{}, { status: "rejected", digest: digests[1], token: uuid(2) }]);
        for (const execution of [uuid(900), null]) {
            assert.deepEqual(await ask(name, execution), {
                code: 0,
                out:
                    `APPROVED: ${image} of orders by ${decidedBy} at 2026-03-04T12:01:00.000Z in the pipeline ` +
                    `execution ${uuid(900)}\n`,
                err: "",
            });
        }
    });

    it("refuses what was approved in another execution, for another application, or never", async () => {
        const name = await tableWith([{ execution: uuid(901) }, { application: "billing", token: uuid(2) }]);
        assert.deepEqual(await ask(name), {
            code: 1,
            out:
                `REFUSED: ${digests[0]} of orders was never approved in the pipeline execution ${uuid(900)}; release ` +
                "it through the application's pipeline\n",
            err: "",
        });
        const empty = await tableWith([]);
        assert.equal((await ask(empty, null)).code, 1);
    });

    it("reads every page: a rejection on the last one counts", async () => {
        const filler = Array.from({ length: 8 }, (_, at) => ({
            status: "rejected" as const,
            minutes: 0,
            token: uuid(10 + at),
            decision: { reasons: ["r".repeat(190_000)] },
        }));
        const approval = { minutes: 1, token: uuid(1) };
        const name = await tableWith([approval, ...filler]);
        assert.equal((await ask(name)).code, 0);
        const later = await tableWith([
            approval,
            ...filler,
            { status: "rejected", minutes: 2, token: uuid(99), decision: { reasons: ["too late"] } },
        ]);
        const refused = await ask(later);
        assert.equal(refused.code, 1);
        assert.match(
            refused.out,
            /^REFUSED: .* was rejected \(at 2026-03-04T12:02:00\.000Z: too late\); .*\n$/,
        );
    });

    it("waits for an answer that is being written, as long as it is told to", async () => {
        const name = await tableWith([{ status: "waiting" }]);
        const late = await ask(name);
        assert.deepEqual([late.code, late.err], [2, ""]);
        assert.match(late.out, /^NOT JUDGED: .* still waits for its answer; wait for it, then try again\n$/);
        const asking = ask(name, uuid(900), environment, "60");
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        await client.send(new PutItemCommand({ TableName: name, Item: requestItem(recordSample()) }));
        assert.equal((await asking).code, 0);
    });

    it("does not judge by a table that holds a damaged record", async () => {
        const good = requestItem(recordSample({ token: uuid(2) }));
        const record = {
            ...recordSample({ token: uuid(2) }),
            decision: decisionSample({ answer: "rejected" }),
        };
        const damages: Item[] = [
            { status: { S: "rejected" } },
            { document: { S: "{" } },
            { document: { S: JSON.stringify(record) } },
            { revision: { N: "7" } },
        ];
        for (const damage of damages) {
            const ending = await ask(await tableWith([{}], [{ ...good, ...damage }]));
            assert.equal(ending.code, 2);
            assert.match(
                ending.out,
                /^NOT JUDGED: record request#\S+ of sha256:a+ in table \S+ is damaged: .*\n$/,
            );
        }
    });

    it("does not judge when the table cannot be asked", async () => {
        const absent = await ask("no-such-table");
        assert.deepEqual([absent.code, absent.err], [2, ""]);
        assert.match(
            absent.out,
            /^NOT JUDGED: table no-such-table cannot be asked .*; is --table its name, and the region right\?\n$/,
        );
        const nobody = { ...environment, AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9" };
        const unreachable = await ask(table, uuid(900), nobody);
        assert.deepEqual([unreachable.code, unreachable.err], [2, ""]);
        assert.match(unreachable.out, /^NOT JUDGED: table \S+ cannot be asked .*; try again\n$/);
    });

    it("wants a digest, a table, an application and a real execution", async () => {
        const common = ["approved", "--table", table, "--application", "orders"];
        const cases: [string[], RegExp][] = [
            [[...common, "--image", "registry.example/orders:latest"], /is not an image by digest/],
            [common, /--image \(or GATE_IMAGE\) is missing/],
            [["approved", "--image", image, "--application", "orders"], /--table .* is missing/],
            [["approved", "--table", table, "--image", image], /--application .* is missing/],
            [[...common, "--image", image, "--execution", "latest"], /not the id of a pipeline execution/],
            [[...common, "--image", image, "--timeout", "1d"], /not a number of seconds from 1 to 1800/],
            [["approved", "--table", "a b", "--image", image, "--application", "orders"], /name of a table/],
        ];
        for (const [args, message] of cases) {
            const { code, err } = await gate.run(args, environment);
            assert.equal(code, 64);
            assert.match(err, message);
        }
    });
});
