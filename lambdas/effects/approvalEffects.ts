/** The effects of each function: only those that its part of the protocol uses, so that its bundle has no others. */
import type { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ECRClient } from "@aws-sdk/client-ecr";
import type { AsyncApprovalEffects } from "../../gate/approval/effects";
import type { Invocation } from "../invocation";
import { approvalAnswerEffects } from "./approvalAnswer";
import { approvalStateEffects } from "./approvalState";
import { evidenceEffects } from "./evidence";
import { factEffects } from "./facts";
import { registryEffects } from "./registry";
import { tableEffects } from "./table";
import type { DamagedRecordError } from "../../gate/approval/tableItems";

/** Effects, and records that were left out because they cannot be read: to be thrown after everything else. */
export interface FunctionEffects {
    effects: AsyncApprovalEffects;
    damaged: DamagedRecordError[];
}

interface TableClients {
    dynamodb: DynamoDBClient;
}

/** Writes requests down. */
export function recorderEffects(clients: TableClients, invocation: Invocation): AsyncApprovalEffects {
    return only({ ...common(invocation), ...records(clients, invocation, []) });
}

/** Decides and answers. */
export function deciderEffects(
    clients: TableClients & { codepipeline: CodePipelineClient; ecr: ECRClient },
    invocation: Invocation,
): FunctionEffects {
    const { settings, signal, telemetry } = invocation;
    const pipelines = { client: clients.codepipeline, signal, tokens: telemetry.tokens };
    const damaged: DamagedRecordError[] = [];
    const effects = only({
        ...common(invocation),
        ...records(clients, invocation, damaged),
        ...approvalStateEffects(pipelines),
        ...approvalAnswerEffects(pipelines),
        ...registryEffects(clients.ecr, settings, signal),
        ...evidenceEffects(settings, signal),
    });
    return { effects, damaged };
}

/** Asks and wakes; it has no effect that answers. */
export function watchdogEffects(
    clients: TableClients & { codepipeline: CodePipelineClient },
    invocation: Invocation,
): FunctionEffects {
    const { signal, telemetry } = invocation;
    const damaged: DamagedRecordError[] = [];
    const effects = only({
        ...common(invocation),
        ...records(clients, invocation, damaged),
        ...approvalStateEffects({ client: clients.codepipeline, signal, tokens: telemetry.tokens }),
    });
    return { effects, damaged };
}

function common({ telemetry }: Invocation): Pick<AsyncApprovalEffects, "now" | "report"> {
    return { now: async () => new Date(), ...factEffects(telemetry) };
}

function records(
    { dynamodb: client }: TableClients,
    { settings, signal, telemetry }: Invocation,
    damaged: DamagedRecordError[],
): ReturnType<typeof tableEffects> {
    return tableEffects({ client, table: settings.table, signal, tokens: telemetry.tokens, damaged });
}

/** An effect that is not there throws: its function's role could not do it either. */
function only(effects: Partial<AsyncApprovalEffects>): AsyncApprovalEffects {
    return new Proxy(effects, {
        get: (given, name) =>
            Reflect.get(given, name) ??
            (async () => {
                throw new Error(`${String(name)} is not for this function to do`);
            }),
    }) as AsyncApprovalEffects;
}
