/** The approval table as everybody reads it who asks whether a digest was approved. */
import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { requestPrefix, type RequestRecord } from "./records";
import { DamagedRecordError, readRequestItem, type Item } from "./tableItems";

/** Most pages of a megabyte that one digest's requests may fill; its releases are a few records of some kilobytes. */
const mostPages = 100;

/** The table cannot be read, or holds what cannot be believed. One line: what, where, what to do. */
export class UnreadableTableError extends Error {
    override name = "UnreadableTableError";
}

/** A client for the region, credentials and endpoints of the environment, as of every AWS tool. */
export function tableClient(): DynamoDBClient {
    return new DynamoDBClient({
        maxAttempts: 4,
        requestHandler: { connectionTimeout: 10_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
    });
}

/**
 * Every approval request of a digest, read with strong consistency. One record that cannot be read makes the whole
 * answer unbelievable, because it may be the one that says no.
 *
 * Needs dynamodb:Query on the table.
 * @param question `signal` ends the call.
 * @throws UnreadableTableError
 */
export async function readApprovals(
    client: DynamoDBClient,
    { table, digest, signal }: { table: string; digest: string; signal?: AbortSignal },
): Promise<RequestRecord[]> {
    const records: RequestRecord[] = [];
    let from: Item | undefined;
    for (let page = 0; page < mostPages; page += 1) {
        const answer = await ask(client, { table, digest, signal }, from);
        for (const item of answer.items) records.push(read(item, table, digest));
        from = answer.next;
        if (from === undefined) return records;
    }
    throw new UnreadableTableError(
        `table ${table} holds more than ${mostPages} pages of requests for ${digest}; see who wrote them`,
    );
}

function read(item: Item, table: string, digest: string): RequestRecord {
    if (item["digest"]?.S !== digest || item["record"]?.S?.startsWith(requestPrefix) !== true) {
        throw new UnreadableTableError(
            `table ${table} was asked for the requests of ${digest} and gave another record; ` +
                "see which address the region's DynamoDB has here",
        );
    }
    try {
        return readRequestItem(item, table);
    } catch (error) {
        if (error instanceof DamagedRecordError)
            throw new UnreadableTableError(error.message, { cause: error });
        throw error;
    }
}

const hints: Partial<Record<string, string>> = {
    AccessDeniedException: "the role needs dynamodb:Query on it, and kms:Decrypt on its key",
    ResourceNotFoundException: "is --table its name, and the region right?",
};

async function ask(
    client: DynamoDBClient,
    { table, digest, signal }: { table: string; digest: string; signal: AbortSignal | undefined },
    from: Item | undefined,
): Promise<{ items: Item[]; next: Item | undefined }> {
    try {
        const { Items: items, LastEvaluatedKey: next } = await client.send(
            new QueryCommand({
                TableName: table,
                ConsistentRead: true,
                KeyConditionExpression: "#digest = :digest AND begins_with(#record, :requests)",
                ExpressionAttributeNames: { "#digest": "digest", "#record": "record" },
                ExpressionAttributeValues: { ":digest": { S: digest }, ":requests": { S: requestPrefix } },
                ...(from === undefined ? {} : { ExclusiveStartKey: from }),
            }),
            signal === undefined ? {} : { abortSignal: signal },
        );
        if (items === undefined) throw new Error("the answer has no items");
        return { items, next };
    } catch (error) {
        const { name, message } = error as Error;
        throw new UnreadableTableError(
            `table ${table} cannot be asked for the approval of ${digest} (${name}: ${message}); ` +
                (hints[name] ?? "try again"),
        );
    }
}
