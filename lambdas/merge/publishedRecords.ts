import {
    ListActionExecutionsCommand,
    type ActionExecutionDetail,
    type CodePipelineClient,
} from "@aws-sdk/client-codepipeline";
import { QueryCommand, type DynamoDBClient, type QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { requestPrefix, type RequestRecord } from "../../gate/approval/records";
import { readRequestItem, type Item } from "../../gate/approval/tableItems";
import { callService, ServiceError } from "../effects/serviceCalls";

/** Pages that are read of a list; an execution has a few dozen actions, a digest a few requests. */
const mostPages = 10;

/** Every run of every action of an execution. Needs codepipeline:ListActionExecutions on the pipeline. */
export async function actionsOf(
    client: CodePipelineClient,
    pipeline: string,
    execution: string,
    signal: AbortSignal,
): Promise<ActionExecutionDetail[]> {
    const actions: ActionExecutionDetail[] = [];
    let nextToken: string | undefined;
    for (let page = 1; page <= mostPages; page += 1) {
        const answer = await callService(
            `CodePipeline ListActionExecutions of ${execution} in ${pipeline}`,
            () =>
                client.send(
                    new ListActionExecutionsCommand({
                        pipelineName: pipeline,
                        filter: { pipelineExecutionId: execution },
                        ...(nextToken === undefined ? {} : { nextToken }),
                    }),
                    { abortSignal: signal },
                ),
        );
        actions.push(...(answer.actionExecutionDetails ?? []));
        nextToken = answer.nextToken || undefined;
        if (nextToken === undefined) return actions;
    }
    throw new ServiceError(`CodePipeline lists more actions of ${execution} than a release has`);
}

/**
 * Every request record of a digest, read with strong consistency. Needs dynamodb:Query on the table.
 * @throws DamagedRecordError for one that cannot be read: it may be the one that says no.
 */
export async function requestsFor(
    client: DynamoDBClient,
    table: string,
    digest: string,
    signal: AbortSignal,
): Promise<RequestRecord[]> {
    const records: RequestRecord[] = [];
    let from: Item | undefined;
    for (let page = 1; page <= mostPages; page += 1) {
        const answer: QueryCommandOutput = await callService(
            `DynamoDB Query of ${digest} in table ${table}`,
            () =>
                client.send(
                    new QueryCommand({
                        TableName: table,
                        ConsistentRead: true,
                        KeyConditionExpression: "#digest = :digest AND begins_with(#record, :requests)",
                        ExpressionAttributeNames: { "#digest": "digest", "#record": "record" },
                        ExpressionAttributeValues: {
                            ":digest": { S: digest },
                            ":requests": { S: requestPrefix },
                        },
                        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
                    }),
                    { abortSignal: signal },
                ),
        );
        for (const item of answer.Items ?? []) records.push(readRequestItem(item, table));
        from = answer.LastEvaluatedKey;
        if (from === undefined) return records;
    }
    throw new ServiceError(`the table ${table} has more requests for ${digest} than can be read`);
}
