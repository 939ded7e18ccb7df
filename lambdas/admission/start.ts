/** How the admission function and the continuous check start, and how they report. */
import type { AdmissionSettings } from "../../gate/admission/admissionSettings";
import { alarmingAdmissionFacts, type AdmissionFact } from "../../gate/admission/facts";
import { readAdmissionSettings } from "../../gate/admission/settingsSchema";
import { limitProblems } from "../../gate/approval/settingsSchema";
import { SettingsError } from "../../gate/settings/settingsFile";
import { reportFact, type Telemetry } from "../effects/facts";

/** @throws SettingsError also where the environment shows other limits than those that are judged by. */
export function startAdmission(
    text: string,
    environment: Record<string, string | undefined>,
): AdmissionSettings {
    const settings = readAdmissionSettings(text);
    const problems = limitProblems(settings.policy, environment);
    if (problems.length > 0) throw new SettingsError(problems);
    return settings;
}

export function reportAdmissionFact(
    telemetry: Telemetry,
    { fact, details }: { fact: AdmissionFact; details: Record<string, unknown> },
): void {
    reportFact(telemetry, { fact, details, isAlarming: Object.hasOwn(alarmingAdmissionFacts, fact) });
}
