import { alarmingAdmissionFacts } from "../../gate/admission/facts";
import { metricsNamespace } from "../../gate/approval/effects";
import { watchedFunction, type Watched } from "../function/alarms";
import type { AdmissionNames } from "./admissionNames";

/** Everything about admission and the continuous check that raises an alarm at once. */
export function watchedAdmission({ functions, service }: AdmissionNames): Watched[] {
    return [
        // Not called after the function: the fact AdmissionFailed has that name.
        ...watchedFunction("hook", "the function that decides about admission", functions.admission),
        ...watchedFunction("running", "the continuous check of what runs", functions.running),
        ...Object.entries(alarmingAdmissionFacts).map(([metric, description]): Watched => ({
            name: metric.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase(),
            namespace: metricsNamespace,
            metric,
            dimensions: { service },
            statistic: "Sum",
            from: 1,
            periods: 1,
            description,
        })),
    ];
}
