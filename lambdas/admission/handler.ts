/**
 * The deployment lifecycle hook of the production services: Amazon ECS calls it before it starts a new service revision,
 * whoever deployed it, and goes on only if it is answered SUCCEEDED.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ECRClient } from "@aws-sdk/client-ecr";
import { DescribeServiceRevisionsCommand, ECSClient } from "@aws-sdk/client-ecs";
import { SecurityHubClient } from "@aws-sdk/client-securityhub";
import {
    admit,
    imagesOfRevision,
    refusal,
    usedOverride,
    type Admission,
} from "../../gate/admission/admission";
import type { AdmissionSettings } from "../../gate/admission/admissionSettings";
import { parseHookEvent, type HookAnswer, type HookCall } from "../../gate/admission/hookEvent";
import { readRevision } from "../../gate/admission/revision";
import type { Standing } from "../../gate/admission/standing";
import { runningFinding } from "../../gate/findings/runningFinding";
import { importFindings } from "../effects/securityHub";
import { callService, clientSettings } from "../effects/serviceCalls";
import { eventFunction, type FunctionInvocation } from "../invocation";
import { askStanding } from "./askStanding";
import { askTaskDefinition } from "./describe";
import { reportAdmissionFact, startAdmission } from "./start";

const clients = {
    dynamodb: new DynamoDBClient(clientSettings),
    ecr: new ECRClient(clientSettings),
    ecs: new ECSClient(clientSettings),
    securityHub: new SecurityHubClient(clientSettings),
};

type Invocation = FunctionInvocation<AdmissionSettings>;

/** Takes the payload of a hook, and answers it; FAILED whenever it is not certain of another answer. */
export const handler = eventFunction<AdmissionSettings, HookAnswer>(
    startAdmission,
    async (event, invocation) => {
        const admission = await judge(event, invocation);
        for (const fact of admission.facts) reportAdmissionFact(invocation.telemetry, fact);
        await tellSecurityHub(admission, event, invocation);
        return admission.answer;
    },
    ({ name, message }, telemetry) => {
        const { answer, facts } = refusal("AdmissionFailed", { reasons: [`${name}: ${message}`] });
        for (const fact of facts) reportAdmissionFact(telemetry, fact);
        return answer;
    },
);

async function judge(event: unknown, invocation: Invocation): Promise<Admission> {
    const { settings, signal } = invocation;
    const call = parseHookEvent(event, settings);
    if ("problem" in call) return refusal("AdmissionRefused", { reasons: [call.problem] });
    const refused = ({ problem }: { problem: string }): Admission => {
        const { application } = call.service;
        const { serviceArn: service, revisionArn: revision } = call;
        return refusal("AdmissionRefused", { application, service, revision, reasons: [problem] });
    };
    const revision = readRevision(await askRevision(call, signal), settings, call);
    if ("problem" in revision) return refused(revision);
    const defined = await askTaskDefinition(clients.ecs, revision.taskDefinitionArn, signal);
    if ("problem" in defined) return refused(defined);
    const found = imagesOfRevision(revision, defined, settings, call);
    const standings = new Map<string, Standing>();
    // One image that cannot run refuses the revision, whatever the others are.
    if (found.problems.length === 0 && !found.nothingReleased) {
        for (const { digest } of found.images)
            standings.set(digest, await askStanding(clients, invocation, call.service, digest));
    }
    return admit(call, found, standings);
}

async function askRevision({ revisionArn }: HookCall, signal: AbortSignal): Promise<unknown> {
    return callService(`Amazon ECS DescribeServiceRevisions of ${revisionArn}`, () =>
        clients.ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [revisionArn] }), {
            abortSignal: signal,
        }),
    );
}

/**
 * Writes down that an override was used. It does not hold up the deployment when Security Hub cannot be reached: the
 * alarm has been raised, and the continuous check writes the same finding within minutes.
 */
async function tellSecurityHub(
    { overrides }: Admission,
    event: unknown,
    { settings, signal, telemetry }: Invocation,
): Promise<void> {
    const call = parseHookEvent(event, settings);
    if (!settings.securityHub || overrides.length === 0 || "problem" in call) return;
    const now = new Date();
    const findings = overrides.map(({ override, image, despite }) =>
        runningFinding(settings, {
            kind: "breakGlass",
            application: call.service.application,
            image,
            serviceArn: call.serviceArn,
            why: `${override.who} let it start, until ${override.until}: ${override.reason} (${despite.join("; ")})`,
            createdAt: new Date(override.issuedAt),
            updatedAt: now,
            state: "ACTIVE",
            fields: usedOverride(override),
        }),
    );
    try {
        await importFindings(clients.securityHub, findings, signal);
    } catch (error) {
        telemetry.logger.error("Security Hub was not told of an override", {
            reason: (error as Error).message,
        });
    }
}
