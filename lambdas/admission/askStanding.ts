/** What is known about one digest, asked of the tables and the registry, and what follows from it. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ECRClient } from "@aws-sdk/client-ecr";
import type { AdmissionSettings, AdmittedService } from "../../gate/admission/admissionSettings";
import { readOverrides } from "../../gate/admission/readOverrides";
import {
    isSettled,
    standing,
    type RegistryView,
    type Standing,
    type StandingFacts,
    type Unavailable,
} from "../../gate/admission/standing";
import { approvedRecord } from "../../gate/approval/approvedRecord";
import { readApprovals } from "../../gate/approval/readApprovals";
import { registryEffects } from "../effects/registry";
import type { FunctionInvocation } from "../invocation";

export interface StandingClients {
    dynamodb: DynamoDBClient;
    ecr: ECRClient;
}

/**
 * Asks as little as decides it: the approvals; where there is one, the registry; and where that is not enough, the
 * overrides. Never throws: what could not be asked refuses, and says so.
 *
 * Needs dynamodb:Query on both tables, and what reading the registry's findings needs on both repositories.
 */
export async function askStanding(
    clients: StandingClients,
    invocation: FunctionInvocation<AdmissionSettings>,
    { application, repositories }: AdmittedService,
    digest: string,
): Promise<Standing> {
    const { settings, signal, telemetry } = invocation;
    const { policy, table, breakGlassTable } = settings;
    const facts: StandingFacts = {
        policy,
        application,
        digest,
        records: await orUnavailable(signal, readApprovals(clients.dynamodb, { table, digest, signal })),
        registry: [],
        overrides: [],
        now: new Date(),
    };
    if (!("kind" in facts.records)) {
        const { kind } = approvedRecord(facts.records, { application, digest });
        if (kind === "approved")
            facts.registry = await askRegistry(clients.ecr, invocation, repositories, digest);
    }
    const judged = standing(facts);
    if (judged.kind === "admitted") return judged;
    const read = await orUnavailable(
        signal,
        readOverrides(clients.dynamodb, { table: breakGlassTable, digest, signal }),
    );
    if ("kind" in read) {
        const reasons = judged.kind === "pending" ? [judged.why] : judged.reasons;
        return { kind: "refused", because: "unknown", reasons: [...reasons, read.why] };
    }
    for (const line of read.damaged) telemetry.logger.error("an override opens nothing", { reason: line });
    return standing({ ...facts, overrides: read.overrides });
}

/** The production repository first; the staging repository, scanned before the approval, where that says nothing usable. */
async function askRegistry(
    client: ECRClient,
    { settings, signal }: FunctionInvocation<AdmissionSettings>,
    repositories: AdmittedService["repositories"],
    digest: string,
): Promise<RegistryView[]> {
    const { askRegistry: ask } = registryEffects(client, settings, signal);
    const views: RegistryView[] = [];
    for (const repository of [repositories.production, repositories.staging]) {
        const view = { repository, answer: await orUnavailable(signal, ask({ repository, digest })) };
        views.push(view);
        if (isSettled(view)) break;
    }
    return views;
}

/** The result of a question, or why there is none; also when the function's time is up before. */
async function orUnavailable<Result>(
    signal: AbortSignal,
    question: Promise<Result>,
): Promise<Result | Unavailable> {
    let stop = (): void => {};
    const timeUp = new Promise<never>((_resolve, reject) => {
        stop = () => reject(new Error("the function's time was up"));
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop, { once: true });
    });
    try {
        return await Promise.race([question, timeUp]);
    } catch (error) {
        return { kind: "unavailable", why: (error as Error).message };
    } finally {
        signal.removeEventListener("abort", stop);
    }
}
