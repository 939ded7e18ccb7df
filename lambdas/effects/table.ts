import {
    GetItemCommand,
    PutItemCommand,
    QueryCommand,
    type DynamoDBClient,
    type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { AsyncApprovalEffects } from "../../gate/approval/effects";
import { openIndex, requestPrefix, type RequestRecord } from "../../gate/approval/records";
import { attemptsOf, callService, ServiceError } from "./serviceCalls";
import {
    DamagedRecordError,
    readRequestItem,
    readScanItem,
    requestItem,
    requestItemKey,
    scanItem,
    scanItemKey,
    type Item,
} from "../../gate/approval/tableItems";
import type { TokenMask } from "./tokenMask";

export type TableEffects = Pick<
    AsyncApprovalEffects,
    "readRequest" | "writeRequest" | "waitingRequests" | "openRequests" | "readScan" | "writeScan"
>;

export interface TableAccess {
    client: DynamoDBClient;
    table: string;
    /** Ends every call. */
    signal: AbortSignal;
    tokens: TokenMask;
    /** Records that a list leaves out because they cannot be read: one must not hide the others. To be thrown after all. */
    damaged: DamagedRecordError[];
}

/**
 * Reads and writes the approval table. Reads of single records are strongly consistent; a write replaces the whole item
 * on the condition that it still is the revision that was read.
 *
 * Needs dynamodb:GetItem, PutItem and Query on the table, and Query on its index `open`.
 */
export function tableEffects({ client, table, signal, tokens, damaged }: TableAccess): TableEffects {
    const subject = (key: Item): string =>
        tokens.mask(`record ${key["record"]?.S} of ${key["digest"]?.S} in table ${table}`);

    async function read(key: Item): Promise<Item | null> {
        const { Item: item } = await callService(`DynamoDB GetItem of ${subject(key)}`, () =>
            client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }), {
                abortSignal: signal,
            }),
        );
        return item ?? null;
    }

    async function write(item: Item, key: Item, revision: number | null): Promise<"written" | "conflict"> {
        const next = (revision ?? 0) + 1;
        if (item["revision"]?.N !== String(next)) {
            throw new Error(`${subject(key)} would get revision ${item["revision"]?.N} after ${revision}`);
        }
        return callService(
            `DynamoDB PutItem of ${subject(key)}`,
            async () => {
                await client.send(
                    new PutItemCommand({
                        TableName: table,
                        Item: item,
                        ...(revision === null
                            ? {
                                  ConditionExpression: "attribute_not_exists(#record)",
                                  ExpressionAttributeNames: { "#record": "record" },
                              }
                            : {
                                  ConditionExpression: "#revision = :revision",
                                  ExpressionAttributeNames: { "#revision": "revision" },
                                  ExpressionAttributeValues: { ":revision": { N: String(revision) } },
                              }),
                    }),
                    { abortSignal: signal },
                );
                return "written" as const;
            },
            {
                // The first of several attempts may have been carried out although its answer was lost.
                ConditionalCheckFailedException: async (error) =>
                    attemptsOf(error) > 1 && (await read(key))?.["document"]?.S === item["document"]?.S
                        ? "written"
                        : "conflict",
            },
        );
    }

    async function list(what: string, query: Omit<QueryCommandInput, "TableName">): Promise<RequestRecord[]> {
        const records: RequestRecord[] = [];
        let from: Item | undefined;
        do {
            const page = await callService(`DynamoDB Query of ${what} in table ${table}`, () =>
                client.send(
                    new QueryCommand({
                        TableName: table,
                        ...query,
                        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
                    }),
                    { abortSignal: signal },
                ),
            );
            for (const item of page.Items ?? []) {
                tokens.learn(item["record"]?.S?.split("#").at(-1) ?? "");
                try {
                    records.push(readRequestItem(item, table));
                } catch (error) {
                    if (!(error instanceof DamagedRecordError)) throw error;
                    damaged.push(error);
                }
            }
            from = page.LastEvaluatedKey;
        } while (from !== undefined);
        return records;
    }

    return {
        async readRequest({ key }) {
            tokens.learn(key.token);
            const item = await read(requestItemKey(key));
            return item === null ? null : readRequestItem(item, table);
        },
        async writeRequest({ record, revision }) {
            tokens.learn(record.request.token);
            const item = requestItem(record);
            return write(item, keyOf(item), revision);
        },
        waitingRequests: ({ digest }) =>
            list(`requests for ${digest}`, {
                ConsistentRead: true,
                KeyConditionExpression: "#digest = :digest AND begins_with(#record, :requests)",
                FilterExpression: "#status = :waiting",
                ExpressionAttributeNames: { "#digest": "digest", "#record": "record", "#status": "status" },
                ExpressionAttributeValues: {
                    ":digest": { S: digest },
                    ":requests": { S: requestPrefix },
                    ":waiting": { S: "waiting" },
                },
            }),
        openRequests: () =>
            list("open requests", {
                IndexName: openIndex,
                KeyConditionExpression: "#open = :open",
                ExpressionAttributeNames: { "#open": "open" },
                ExpressionAttributeValues: { ":open": { S: openIndex } },
            }),
        async readScan(key) {
            const item = await read(scanItemKey(key));
            return item === null ? null : readScanItem(item, table);
        },
        async writeScan({ record, revision }) {
            const item = scanItem(record);
            return write(item, keyOf(item), revision);
        },
    };
}

function keyOf({ digest, record }: Item): Item {
    if (digest === undefined || record === undefined) throw new ServiceError("an item without a key");
    return { digest, record };
}
