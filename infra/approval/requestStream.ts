import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../application/platform";
import type { EventFunction } from "../function/eventFunction";
import type { FailedQueue } from "../function/failedQueue";
import type { GateTable } from "./gateTable";

/**
 * Which changes of the table start a decision, in the words of Lambda's event filtering: a request that is new, and one
 * that was woken. A claim, a decision and a scan start nothing.
 */
export const streamFilters = [
    { eventName: ["INSERT"], dynamodb: { NewImage: { status: { S: ["waiting"] } } } },
    {
        eventName: ["MODIFY"],
        dynamodb: { NewImage: { status: { S: ["waiting"] }, wakeAt: { S: [{ exists: true }] } } },
    },
];

export interface RequestStreamArgs {
    table: GateTable;
    decider: EventFunction;
    failed: FailedQueue;
    platform: Pick<Platform, "naming" | "tags">;
}

/**
 * Starts the decision of a request from the very write that records it: none can be recorded and forgotten, and no role
 * needs to be allowed to invoke the function.
 */
export class RequestStream extends pulumi.ComponentResource {
    constructor(name: string, args: RequestStreamArgs, opts?: pulumi.ComponentResourceOptions) {
        super("portcullis:approval:RequestStream", name, {}, opts);
        const { table, decider, failed, platform } = args;
        new aws.lambda.EventSourceMapping(
            name,
            {
                eventSourceArn: table.table.streamArn,
                functionName: decider.function.arn,
                startingPosition: "TRIM_HORIZON",
                batchSize: 10,
                // One request that cannot be decided does not hold up the others.
                functionResponseTypes: ["ReportBatchItemFailures"],
                bisectBatchOnFunctionError: true,
                maximumRetryAttempts: 5,
                maximumRecordAgeInSeconds: 3_600,
                destinationConfig: { onFailure: { destinationArn: failed.queue.arn } },
                filterCriteria: {
                    filters: streamFilters.map((filter) => ({ pattern: JSON.stringify(filter) })),
                },
                tags: platform.tags.tagsFor(`${platform.naming.prefix}-approval-stream`),
            },
            // Lambda checks at creation that the function's role may read the stream and send to the queue.
            { parent: this, dependsOn: [failed.policy, table.policy, ...decider.ready] },
        );
        this.registerOutputs({});
    }
}
