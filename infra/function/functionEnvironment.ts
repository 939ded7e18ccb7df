import { metricsNamespace } from "../../gate/approval/effects";
import { limitEnvironment } from "../../gate/approval/settingsSchema";
import type { GatePolicy } from "../../gate/policy/gatePolicy";

/** What the logs and metrics of every function are called by. */
export function telemetryEnvironment(service: string): Record<string, string> {
    return {
        POWERTOOLS_SERVICE_NAME: service,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
        POWERTOOLS_LOG_LEVEL: "INFO",
    };
}

/**
 * Environment of a function that judges by the gate policy. The limits repeat the policy that lies beside the code, so
 * that consoles, previews and policy rules see them; a function whose two copies differ does not start.
 */
export function functionEnvironment(
    { policy }: { policy: Pick<GatePolicy, "limits"> },
    service: string,
): Record<string, string> {
    return { ...telemetryEnvironment(service), ...limitEnvironment(policy) };
}
