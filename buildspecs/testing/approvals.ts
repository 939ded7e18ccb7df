/** The approval table that steps ask, in a process of its own. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { RequestRecord } from "../../gate/approval/records";
import { requestItem } from "../../gate/approval/tableItems";
import { recordSample, type RecordChange } from "../../gate/approval/testing/recordSamples";
import { secrets } from "./stepRun";

/** Name of the table in the example's stack. */
const table = "portcullis-dev-approvals";

const account = {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "sample",
    AWS_SECRET_ACCESS_KEY: "sample-key-of-the-test",
};

export interface Approvals {
    /** What a step needs in its environment to ask it. */
    environment(): Record<string, string>;
    /** Writes what the gate would have written about a digest of the example's application. */
    write(
        subject: { digest: string; execution: string; application?: string },
        change?: RecordChange,
    ): Promise<void>;
}

/** For use inside `describe`: a table that is empty in the first test, and keeps what is written. */
export function useApprovals(): Approvals {
    let child: ChildProcess;
    let client: DynamoDBClient;
    let environment: Record<string, string>;
    before(async () => {
        child = spawn(process.execPath, [join(__dirname, "awsServices.cjs")], {
            env: { PATH: process.env["PATH"], REGISTRY_PASSWORD: secrets.registry },
            stdio: ["pipe", "pipe", "inherit"],
        });
        assert(child.stdout);
        const [line] = (await once(child.stdout, "data")) as [Buffer];
        const { table: endpoint, login } = JSON.parse(line.toString()) as { table: string; login: string };
        environment = { ...account, AWS_ENDPOINT_URL_DYNAMODB: endpoint, AWS_ENDPOINT_URL_ECR: login };
        client = new DynamoDBClient({
            endpoint,
            region: account.AWS_REGION,
            credentials: {
                accessKeyId: account.AWS_ACCESS_KEY_ID,
                secretAccessKey: account.AWS_SECRET_ACCESS_KEY,
            },
        });
        await client.send(
            new CreateTableCommand({
                TableName: table,
                AttributeDefinitions: ["digest", "record"].map((AttributeName) => ({
                    AttributeName,
                    AttributeType: "S",
                })),
                KeySchema: [
                    { AttributeName: "digest", KeyType: "HASH" },
                    { AttributeName: "record", KeyType: "RANGE" },
                ],
                BillingMode: "PAY_PER_REQUEST",
            }),
        );
    });
    after(() => {
        client?.destroy();
        child?.stdin?.end();
    });
    return {
        environment: () => environment,
        write: async ({ digest, execution, application = "demo" }, change = {}) => {
            const record = recordSample(change);
            const { subject } = record.request;
            assert(subject);
            const image = `${subject.image.split("@")[0]}@${digest}`;
            const asked: RequestRecord = {
                ...record,
                request: {
                    ...record.request,
                    subject: { ...subject, application, digest, execution, image },
                },
            };
            await client.send(new PutItemCommand({ TableName: table, Item: requestItem(asked) }));
        },
    };
}
