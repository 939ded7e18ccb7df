/** How an override comes into the table, and how it ends before its time. */
import { PutItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { overrideItem, type Override } from "./breakGlass";
import { readOverrides } from "./readOverrides";

/** The override was not written, or not revoked. One line: what, where, what to do. */
export class OverrideError extends Error {
    override name = "OverrideError";
}

/**
 * Writes a new override, which must not be there, and reads it back. Needs dynamodb:PutItem and dynamodb:Query on the
 * table.
 * @throws OverrideError, UnreadableOverridesError
 */
export async function writeOverride(
    client: DynamoDBClient,
    table: string,
    override: Override,
): Promise<void> {
    await put(client, table, override, {
        ConditionExpression: "attribute_not_exists(#record)",
        ExpressionAttributeNames: { "#record": "record" },
    });
    await confirm(client, table, override);
}

/**
 * Ends an override now; who issued it and why stays. Needs what `writeOverride` needs.
 * @throws OverrideError also where somebody else has changed it in the meantime.
 */
export async function revokeOverride(
    client: DynamoDBClient,
    table: string,
    override: Override,
    revoked: NonNullable<Override["revoked"]>,
): Promise<Override> {
    const ended: Override = { ...override, revoked };
    await put(client, table, ended, {
        ConditionExpression: "#document = :document",
        ExpressionAttributeNames: { "#document": "document" },
        ExpressionAttributeValues: { ":document": overrideItem(override)["document"] ?? { NULL: true } },
    });
    await confirm(client, table, ended);
    return ended;
}

type Condition = Pick<
    ConstructorParameters<typeof PutItemCommand>[0],
    "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

async function put(
    client: DynamoDBClient,
    table: string,
    override: Override,
    condition: Condition,
): Promise<void> {
    const input = { TableName: table, Item: overrideItem(override), ...condition };
    try {
        await client.send(new PutItemCommand(input));
    } catch (error) {
        const { name, message } = error as Error;
        // An attempt may have been carried out although its answer was lost; reading back tells.
        if (name === "ConditionalCheckFailedException") return;
        const hint =
            name === "AccessDeniedException"
                ? "take on the stack's break-glass role, with a second factor"
                : "try again";
        throw new OverrideError(`table ${table} did not take the override (${name}: ${message}); ${hint}`);
    }
}

/** Nothing counts as written before it was read. */
async function confirm(client: DynamoDBClient, table: string, override: Override): Promise<void> {
    const { overrides } = await readOverrides(client, { table, digest: override.digest });
    const found = overrides.find(({ id }) => id === override.id);
    if (JSON.stringify(found) === JSON.stringify(override)) return;
    throw new OverrideError(
        `table ${table} holds ${found === undefined ? "no" : "another"} override ${override.id} of ${override.digest}; ` +
            "somebody else is at work on it: list the overrides and look",
    );
}
