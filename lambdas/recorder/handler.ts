/** Records approval requests as CodePipeline announces them, and does nothing else: the table's stream starts the decision. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { parseApprovalMessage, parseSnsEvent } from "../../gate/approval/approvalMessage";
import { carryOut } from "../../gate/approval/effects";
import { recordRequest } from "../../gate/approval/protocol";
import { allOf, approvalFunction } from "../invocation";
import { recorderEffects } from "../effects/approvalEffects";
import { clientSettings } from "../effects/serviceCalls";

const clients = { dynamodb: new DynamoDBClient(clientSettings) };

/**
 * Takes an SNS event of the approval topic.
 * @throws when a record is not a request of ours or could not be written; after all the others were.
 */
export const handler = approvalFunction(async (event, invocation): Promise<void> => {
    const { settings, telemetry } = invocation;
    const { texts, errors } = parseSnsEvent(event, settings);
    const failures: unknown[] = [...errors];
    const effects = recorderEffects(clients, invocation);
    for (const text of texts) {
        try {
            const request = parseApprovalMessage(text, settings, new Date());
            telemetry.tokens.learn(request.token);
            await carryOut(recordRequest(request), effects);
        } catch (error) {
            failures.push(error);
        }
    }
    if (failures.length > 0) throw allOf(failures);
});
