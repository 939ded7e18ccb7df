/** The table of overrides, as the functions and the command read it. */
import { QueryCommand, ScanCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
    DamagedOverrideError,
    overridePrefix,
    readOverrideItem,
    type Item,
    type Override,
} from "./breakGlass";

/** Most pages of a megabyte; a table of overrides that fills one is no table of exceptions any more. */
const mostPages = 100;

/** The table cannot be read. One line: what, where, what to do. */
export class UnreadableOverridesError extends Error {
    override name = "UnreadableOverridesError";
}

export interface OverridesRead {
    overrides: Override[];
    /** What cannot be believed, one line each: it opens nothing. */
    damaged: string[];
}

/**
 * The overrides of a digest, or of all, read with strong consistency. Needs dynamodb:Query on the table, or dynamodb:Scan
 * for those of all digests.
 * @throws UnreadableOverridesError
 */
export async function readOverrides(
    client: DynamoDBClient,
    { table, digest, signal }: { table: string; digest: string | null; signal?: AbortSignal },
): Promise<OverridesRead> {
    const read: OverridesRead = { overrides: [], damaged: [] };
    let from: Item | undefined;
    for (let page = 0; page < mostPages; page += 1) {
        const { items, next } = await ask(client, { table, digest, from, signal });
        for (const item of items) {
            try {
                read.overrides.push(readOverrideItem(item, table));
            } catch (error) {
                if (!(error instanceof DamagedOverrideError)) throw error;
                read.damaged.push(error.message);
            }
        }
        from = next;
        if (from === undefined) return read;
    }
    throw new UnreadableOverridesError(
        `table ${table} holds more than ${mostPages} pages; see who wrote them`,
    );
}

const hints: Partial<Record<string, string>> = {
    AccessDeniedException: "see the role's permissions on it and on its key",
    ResourceNotFoundException: "is that its name, and the region right?",
};

async function ask(
    client: DynamoDBClient,
    given: { table: string; digest: string | null; from: Item | undefined; signal: AbortSignal | undefined },
): Promise<{ items: Item[]; next: Item | undefined }> {
    const { table, digest, from, signal } = given;
    const common = {
        TableName: table,
        ConsistentRead: true,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    };
    const options = signal === undefined ? {} : { abortSignal: signal };
    try {
        const { Items: items, LastEvaluatedKey: next } =
            digest === null
                ? await client.send(new ScanCommand(common), options)
                : await client.send(
                      new QueryCommand({
                          ...common,
                          KeyConditionExpression: "#digest = :digest AND begins_with(#record, :overrides)",
                          ExpressionAttributeNames: { "#digest": "digest", "#record": "record" },
                          ExpressionAttributeValues: {
                              ":digest": { S: digest },
                              ":overrides": { S: overridePrefix },
                          },
                      }),
                      options,
                  );
        if (items === undefined) throw new Error("the answer has no items");
        return { items, next };
    } catch (error) {
        const { name, message } = error as Error;
        throw new UnreadableOverridesError(
            `table ${table} cannot be asked for overrides (${name}: ${message}); ${hints[name] ?? "try again"}`,
        );
    }
}
