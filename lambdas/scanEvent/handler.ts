/**
 * Decides. Started by the table's stream for every request that is new or was woken, and by EventBridge for every scan
 * of our repositories that has ended. The only function whose role may answer an approval.
 */
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ECRClient } from "@aws-sdk/client-ecr";
import type { DynamoDBBatchResponse } from "aws-lambda";
import { carryOut } from "../../gate/approval/effects";
import { objectOf, shown } from "../../gate/approval/foreignJson";
import { decideRequest, handleScanNotice } from "../../gate/approval/protocol";
import { parseScanEvent } from "../../gate/approval/scanEvent";
import { parseStreamEvent } from "../../gate/approval/streamRecord";
import { deciderEffects } from "../effects/approvalEffects";
import { clientSettings } from "../effects/serviceCalls";
import { allOf, approvalFunction, type Invocation } from "../invocation";

const clients = {
    dynamodb: new DynamoDBClient(clientSettings),
    codepipeline: new CodePipelineClient(clientSettings),
    ecr: new ECRClient(clientSettings),
};

/**
 * Takes an event of the table's stream, and answers which of its records failed; or an event of EventBridge.
 * @throws for anything else, and when an event of EventBridge could not be dealt with.
 */
export const handler = approvalFunction(
    async (event, invocation): Promise<DynamoDBBatchResponse | undefined> => {
        const { Records: records, "detail-type": detailType, source } = objectOf(event) ?? {};
        if (records !== undefined && source === undefined) return decideWoken(event, invocation);
        if (typeof detailType === "string" && typeof source === "string") {
            await takeNotice(event, invocation);
            return undefined;
        }
        throw new Error(
            `the event is neither of the table's stream nor of EventBridge (source ${shown(source)}): see who ` +
                "invoked the function",
        );
    },
);

async function decideWoken(event: unknown, invocation: Invocation): Promise<DynamoDBBatchResponse> {
    const { logger, tokens } = invocation.telemetry;
    const { effects } = deciderEffects(clients, invocation);
    const batchItemFailures: DynamoDBBatchResponse["batchItemFailures"] = [];
    for (const record of parseStreamEvent(event)) {
        try {
            if ("error" in record) throw record.error;
            tokens.learn(record.key.token);
            await carryOut(decideRequest(invocation, record.key), effects);
        } catch (error) {
            // The others are decided all the same; this one comes again, and in the end into the queue.
            const { name, message } = error as Error;
            logger.error("a record of the stream failed", {
                sequenceNumber: record.sequenceNumber,
                reason: tokens.mask(`${name}: ${message}`),
            });
            batchItemFailures.push({ itemIdentifier: record.sequenceNumber });
        }
    }
    return { batchItemFailures };
}

async function takeNotice(event: unknown, invocation: Invocation): Promise<void> {
    const { effects, damaged } = deciderEffects(clients, invocation);
    const notice = parseScanEvent(event, invocation.settings);
    if ("ignored" in notice) {
        await effects.report({ fact: "ScanIgnored", details: { why: notice.ignored } });
        return;
    }
    const failures: unknown[] = [];
    try {
        await carryOut(handleScanNotice(invocation, notice), effects);
    } catch (error) {
        failures.push(error);
    }
    failures.push(...damaged);
    if (failures.length > 0) throw allOf(failures);
}
