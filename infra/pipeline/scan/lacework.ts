import type { ScannerConfigOf } from "../../config/scannerSchema";
import { readSecrets, readTools } from "../permissions";
import type { StepContext } from "../step";
import type { ScannerStep } from "./scanStep";

/**
 * Seconds that the gate waits for Lacework's assessment. Shorter than the project's time-out, so that it is the gate that
 * says "incomplete" and writes it down.
 */
export const laceworkTimeoutSeconds = 2700;

/** Lacework's platform fetches the image through its own registry integration; the step only asks for the result. */
export function laceworkStep(
    { platform }: StepContext,
    { account, apiKeyParameter, apiSecretParameter, cli }: ScannerConfigOf<"lacework">,
): ScannerStep {
    return {
        action: "Lacework",
        title: "Lacework",
        tokens: {
            account,
            laceworkUrl: cli.url,
            laceworkSha256: cli.sha256,
            laceworkMember: cli.member,
            laceworkTimeoutSeconds: String(laceworkTimeoutSeconds),
        },
        statements: [
            // From the mirror only where it is told to; scannerRules.ts allows no other bucket.
            ...(cli.url.startsWith("s3://") ? readTools(platform) : []),
            ...readSecrets(platform.account, [apiKeyParameter, apiSecretParameter]),
        ],
        parameters: [
            { name: "LW_API_KEY", parameter: apiKeyParameter },
            { name: "LW_API_SECRET", parameter: apiSecretParameter },
        ],
        computeType: "BUILD_GENERAL1_SMALL",
        timeoutMinutes: 60,
    };
}
