/** Runs every few minutes and sees to it that no request is forgotten. It never answers one itself. */
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { carryOut } from "../../gate/approval/effects";
import { sweep } from "../../gate/approval/protocol";
import { watchdogEffects } from "../effects/approvalEffects";
import { clientSettings } from "../effects/serviceCalls";
import { allOf, approvalFunction } from "../invocation";

const clients = {
    dynamodb: new DynamoDBClient(clientSettings),
    codepipeline: new CodePipelineClient(clientSettings),
};

/**
 * Takes whatever the schedule sends; the event says nothing.
 * @throws what went wrong, after everything that could be done was.
 */
export const handler = approvalFunction(async (_event, invocation): Promise<void> => {
    const { effects, damaged } = watchdogEffects(clients, invocation);
    const failures: unknown[] = [];
    try {
        const result = await carryOut(sweep(invocation), effects);
        invocation.telemetry.logger.info("sweep", { ...result });
    } catch (error) {
        failures.push(error);
    }
    failures.push(...damaged);
    if (failures.length > 0) throw allOf(failures);
});
