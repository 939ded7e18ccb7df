import { joinNetwork, readParameters, useKey } from "../permissions";
import type { StepContext } from "../step";
import type { ScannerStep } from "./scanStep";

/**
 * Seconds that the gate waits for Anchore Engine: it analyses one image at a time, and other images may be queued.
 * Shorter than the project's time-out, so that it is the gate that says "incomplete" and writes it down.
 */
export const anchoreTimeoutSeconds = 2700;

/**
 * Anchore Engine fetches the image itself, with its own role (which reads the candidate and the staging repositories);
 * the step only talks to it, so it runs in the VPC.
 */
export function anchoreStep({ platform: { account, anchore } }: StepContext): ScannerStep {
    return {
        action: "Anchore",
        title: "Anchore Engine",
        tokens: { anchoreUrl: anchore.url, anchoreTimeoutSeconds: String(anchoreTimeoutSeconds) },
        statements: [
            readParameters(account, [anchore.adminPasswordParameter, anchore.caParameter]),
            useKey(account, anchore.keyAliasName, "read", "UseAnchoreKey"),
            ...joinNetwork(account),
        ],
        parameters: [
            { name: "ANCHORE_CA", parameter: anchore.caParameter },
            { name: "ANCHORE_PASSWORD", parameter: anchore.adminPasswordParameter },
        ],
        needsTag: true,
        inNetwork: true,
        computeType: "BUILD_GENERAL1_SMALL",
        timeoutMinutes: 60,
    };
}
