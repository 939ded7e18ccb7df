/** What the continuous check writes to Security Hub. */
import type { SecurityHubClient } from "@aws-sdk/client-securityhub";
import type { AdmissionSettings, AdmittedService } from "../../gate/admission/admissionSettings";
import { serviceArnOf } from "../../gate/admission/hookEvent";
import type { RunningProblem } from "../../gate/admission/running";
import { runningFinding, runningIdPrefix } from "../../gate/findings/runningFinding";
import { productArn, type SecurityFinding } from "../../gate/findings/securityFinding";
import { archived, storedField } from "../../gate/findings/storedFinding";
import { importFindings, storedFindings } from "../effects/securityHub";
import type { FunctionInvocation } from "../invocation";

type Invocation = Pick<FunctionInvocation<AdmissionSettings>, "settings" | "signal">;

/** One finding for each problem: the same problem again is an update of the same finding. */
export async function tellOf(
    client: SecurityHubClient,
    { settings, signal }: Invocation,
    problems: readonly RunningProblem[],
): Promise<void> {
    if (!settings.securityHub || problems.length === 0) return;
    await importFindings(
        client,
        problems.map((problem) => findingOf(settings, problem)),
        signal,
    );
}

/** Archives the findings of a service that are over: what it was that is not there any more. */
export async function archiveOthers(
    client: SecurityHubClient,
    { settings, signal }: Invocation,
    service: AdmittedService,
    problems: readonly RunningProblem[],
): Promise<void> {
    if (!settings.securityHub) return;
    const current = new Set(problems.map((problem) => findingOf(settings, problem).Id));
    const question = {
        productArn: productArn(settings.account),
        prefix: runningIdPrefix(settings, service.application),
        state: "ACTIVE" as const,
    };
    const over: SecurityFinding[] = [];
    for await (const finding of storedFindings(client, question, signal)) {
        const isOfService = storedField(finding, "service") === serviceArnOf(settings, service);
        if (isOfService && !current.has(finding.Id)) over.push(archived(finding, "over", new Date()));
    }
    if (over.length > 0) await importFindings(client, over, signal);
}

function findingOf(
    settings: AdmissionSettings,
    { kind, image, why, fields }: RunningProblem,
): SecurityFinding {
    const now = new Date();
    return runningFinding(settings, {
        kind,
        application: image.service.application,
        image: image.image,
        serviceArn: serviceArnOf(settings, image.service),
        why,
        createdAt: image.since ?? now,
        updatedAt: now,
        state: "ACTIVE",
        fields,
    });
}
