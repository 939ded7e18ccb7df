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

/**
 * Writes one finding for each problem of a service; the same problem again is an update of the same finding, with the
 * time at which it was seen first. Needs securityhub:GetFindings and securityhub:BatchImportFindings.
 * @param isEverything whether these are all problems of the service: findings of others are over then, and archived.
 */
export async function tellOf(
    client: SecurityHubClient,
    { settings, signal }: Invocation,
    service: AdmittedService,
    problems: readonly RunningProblem[],
    isEverything: boolean,
): Promise<void> {
    if (!settings.securityHub || (problems.length === 0 && !isEverything)) return;
    const now = new Date();
    const stored = new Map<string, SecurityFinding>();
    const question = {
        productArn: productArn(settings.account),
        prefix: runningIdPrefix(settings, service.application),
    };
    for await (const finding of storedFindings(client, question, signal)) {
        if (storedField(finding, "service") === serviceArnOf(settings, service))
            stored.set(finding.Id, finding);
    }
    const current = problems.map((problem) => {
        const finding = findingOf(settings, problem, now);
        const { CreatedAt } = stored.get(finding.Id) ?? finding;
        return { ...finding, CreatedAt };
    });
    const ids = new Set(current.map(({ Id }) => Id));
    const over = [...stored.values()]
        .filter(({ Id, RecordState }) => isEverything && RecordState === "ACTIVE" && !ids.has(Id))
        .map((finding) => archived(finding, "over", now));
    if (current.length + over.length > 0) await importFindings(client, [...current, ...over], signal);
}

function findingOf(
    settings: AdmissionSettings,
    { kind, image, why, fields }: RunningProblem,
    now: Date,
): SecurityFinding {
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
