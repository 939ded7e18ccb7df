import { readScanFindings } from "../permissions";
import type { StepContext } from "../step";
import type { ScannerStep, ScanPlace } from "./scanStep";

/** Seconds that the gate waits for the scan that the push started; as for Anchore, shorter than the project's time-out. */
export const inspectorTimeoutSeconds = 2700;

/** Amazon ECR has the image scanned on push; the step waits for the findings. It never sees the image itself. */
export function inspectorStep({ platform }: StepContext, { repository }: ScanPlace): ScannerStep {
    return {
        action: "Inspector",
        title: "Amazon Inspector",
        tokens: { inspectorTimeoutSeconds: String(inspectorTimeoutSeconds) },
        statements: readScanFindings([repository], platform.config.registryScanning.type),
        computeType: "BUILD_GENERAL1_SMALL",
        timeoutMinutes: 60,
    };
}
