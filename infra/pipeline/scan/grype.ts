import { registryHost } from "../../arn";
import { pullImage, readTools, registryToken } from "../permissions";
import type { StepContext } from "../step";
import { toolTokens } from "../tools";
import type { ScannerStep, ScanPlace } from "./scanStep";

/** Grype runs in the step. It needs no daemon: it reads the image from the registry. */
export function grypeStep({ platform }: StepContext, { repository }: ScanPlace): ScannerStep {
    return {
        action: "Grype",
        title: "Grype",
        tokens: { registry: registryHost(platform.account), ...toolTokens(platform, "grype") },
        statements: [...readTools(platform), registryToken, pullImage("PullImage", repository)],
        computeType: "BUILD_GENERAL1_MEDIUM",
        timeoutMinutes: 30,
    };
}
