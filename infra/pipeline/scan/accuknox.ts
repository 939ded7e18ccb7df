import type { ScannerConfigOf } from "../../config/scannerSchema";
import { pullImage, readSecrets, readTools, registryToken } from "../permissions";
import type { StepContext } from "../step";
import { toolTokens } from "../tools";
import type { ScannerStep, ScanPlace } from "./scanStep";

/** AccuKnox scans with Trivy, which reads the image from the registry; the report goes to AccuKnox's console. */
export function accuknoxStep(
    { platform }: StepContext,
    { repository }: ScanPlace,
    { consoleUrl, tenantId, label, tokenParameter }: ScannerConfigOf<"accuknox">,
): ScannerStep {
    const { account } = platform;
    return {
        action: "Accuknox",
        title: "AccuKnox",
        tokens: { ...toolTokens(platform, "trivy"), consoleUrl, tenantId, label },
        statements: [
            ...readTools(platform),
            registryToken,
            pullImage("PullImage", repository),
            ...readSecrets(account, [tokenParameter]),
        ],
        parameters: [{ name: "ACCUKNOX_TOKEN", parameter: tokenParameter }],
        computeType: "BUILD_GENERAL1_MEDIUM",
        timeoutMinutes: 30,
    };
}
