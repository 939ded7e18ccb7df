import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { overrideItem, readOverrideItem, type Override } from "../admission/breakGlass";
import { useBundledGate, type Ending } from "./testing/bundledGate";

const table = "sample-break-glass";
const digest = `sha256:${"a".repeat(64)}`;
const who = "arn:aws:sts::123456789012:assumed-role/sample-break-glass/alice";
const reason = "Payments are down & this build mends them";

describe("gate break-glass", () => {
    const gate = useBundledGate();
    let database: Server;
    let identity: Server;
    let client: DynamoDBClient;
    let environment: Record<string, string>;
    /** What AWS STS answers with; null: that nobody is signed in. */
    let caller: string | null;

    before(async () => {
        database = dynalite({ createTableMs: 0 });
        identity = createServer((request, response) => {
            request.resume();
            response.writeHead(caller === null ? 403 : 200, { "content-type": "text/xml" });
            response.end(
                caller === null
                    ? "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>it has expired</Message></Error></ErrorResponse>"
                    : `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${caller}</Arn><UserId>AROA:alice</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
            );
        });
        const [data, sts] = await Promise.all(
            [database, identity].map(async (server) => {
                await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
                return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
            }),
        );
        environment = {
            AWS_ENDPOINT_URL_DYNAMODB: data ?? "",
            AWS_ENDPOINT_URL_STS: sts ?? "",
            AWS_REGION: "eu-central-1",
            AWS_ACCESS_KEY_ID: "sample",
            AWS_SECRET_ACCESS_KEY: "sample",
        };
        const credentials = { accessKeyId: "sample", secretAccessKey: "sample" };
        client = new DynamoDBClient({ endpoint: data ?? "", region: "eu-central-1", credentials });
        await client.send(
            new CreateTableCommand({
                TableName: table,
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
    });
    beforeEach(() => {
        caller = who;
    });
    after(async () => {
        client.destroy();
        for (const server of [database, identity]) {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        }
    });

    const run = (...args: string[]): Promise<Ending> =>
        gate.run(["break-glass", "--table", table, ...args], environment);

    const issuing = ["--digest", digest, "--application", "orders", "--reason", reason, "--hours", "4"];

    async function overrides(): Promise<Override[]> {
        const { Items: items = [] } = await client.send(new ScanCommand({ TableName: table }));
        return items.map((item) => readOverrideItem(item, table));
    }

    it("writes who lets what run, why and until when, lists it, and ends it once", async () => {
        const { code, out, err } = await run(...issuing);
        const [override, ...others] = await overrides();
        assert.ok(override !== undefined && others.length === 0);
        const { id, issuedAt, until, ...rest } = override;
        assert.deepEqual(rest, { application: "orders", digest, reason, who });
        assert.equal(Date.parse(until) - Date.parse(issuedAt), 4 * 3_600_000);
        assert.ok(Math.abs(Date.parse(issuedAt) - Date.now()) < 60_000);
        assert.deepEqual([code, err], [0, ""]);
        assert.deepEqual(out.split("\n").slice(0, 4), [
            `BREAK GLASS: ${digest} of orders may run until ${until}`,
            `  by ${who}: ${reason}`,
            `  override ${id} in table ${table}`,
            "What follows:",
        ]);

        const listed = await run("--list");
        assert.equal(listed.code, 0);
        assert.match(listed.out, new RegExp(`^1 overrides in table ${table}, 1 of them open\n`));
        assert.match(listed.out, new RegExp(`OPEN +${until} +orders +${id}`));

        const ended = await run("--digest", digest, "--revoke", id);
        assert.equal(ended.code, 0, ended.out);
        assert.match(
            ended.out,
            new RegExp(`^REVOKED: the override ${id} of ${digest} ended at .* by ${who}\n`),
        );
        const [after] = await overrides();
        assert.deepEqual({ ...after, revoked: undefined }, { ...override, revoked: undefined });
        assert.equal(after?.revoked?.by, who);

        const again = await run("--digest", digest, "--revoke", id);
        assert.equal(again.code, 1);
        assert.match(again.out, /^REFUSED: the override .* was revoked at .*; there is nothing to end\n$/);
        assert.match((await run("--list", "--digest", digest)).out, /, 0 of them open\n/);
    });

    it("changes nothing when the command line is wrong", async () => {
        const before = (await overrides()).length;
        const change = (name: string, value: string): string[] =>
            issuing.map((argument, at) => (issuing[at - 1] === `--${name}` ? value : argument));
        const wrong: [string[], RegExp][] = [
            [change("hours", "25"), /--hours "25" is not more than 0 and at most 24/],
            [change("hours", "0"), /--hours "0" is not more than 0/],
            [change("hours", "1e1"), /--hours "1e1"/],
            [change("reason", "because"), /--reason must say why in 20 characters or more/],
            [change("reason", `because${" ".repeat(20)}`), /--reason must say why in 20 characters or more/],
            [change("digest", "sha256:abc"), /--digest "sha256:abc" is not sha256:/],
            [change("application", "Orders!"), /--application must be the name of an application/],
            [issuing.slice(0, -2), /--hours \(or GATE_HOURS\) is missing/],
            [["--digest", digest, "--revoke", "x", "--hours", "1"], /--hours does not go with --revoke/],
        ];
        for (const [args, message] of wrong) {
            const { code, err } = await run(...args);
            assert.equal(code, 64, err);
            assert.match(err, message);
        }
        assert.equal((await overrides()).length, before);
    });

    it("writes nothing for somebody whom AWS does not know, and says so", async () => {
        const before = (await overrides()).length;
        caller = null;
        const { code, err } = await run(...issuing);
        assert.equal(code, 2);
        assert.match(err, /AWS STS does not say who you are \(ExpiredToken: it has expired\); sign in/);
        assert.equal((await overrides()).length, before);
    });

    it("says what is wrong with the table", async () => {
        const { code, out } = await gate.run(
            ["break-glass", "--table", "no-such-table", ...issuing],
            environment,
        );
        assert.equal(code, 2);
        assert.match(
            out,
            /^NOT DONE: table no-such-table did not take the override \(ResourceNotFoundException/,
        );
        const refused = await run("--digest", digest, "--revoke", "0d9a4a3e-0000-4000-8000-000000000000");
        assert.equal(refused.code, 1);
        assert.match(refused.out, /^REFUSED: table sample-break-glass has no override 0d9a4a3e/);
    });

    it("shows what cannot be believed, and does not call the list whole", async () => {
        const [known] = await overrides();
        assert.ok(known !== undefined);
        const forged = {
            ...overrideItem({ ...known, digest: `sha256:${"b".repeat(64)}` }),
            until: { S: "2099" },
        };
        await client.send(new PutItemCommand({ TableName: table, Item: forged }));
        const { code, out } = await run("--list", "--digest", `sha256:${"b".repeat(64)}`);
        assert.equal(code, 2);
        assert.match(out, /DAMAGED: the override override#.* its until is not what its document says/);
    });
});
