import { registryHost } from "../../arn";
import { pullImage, registryToken } from "../permissions";
import type { StepContext } from "../step";
import { readToolManifest } from "../toolManifest";
import type { ScannerStep, ScanPlace } from "./scanStep";

/** Grype runs in the step. It needs no daemon: it reads the image from the registry. */
export function grypeStep({ platform }: StepContext, { repository }: ScanPlace): ScannerStep {
    const { grype } = readToolManifest();
    return {
        action: "Grype",
        title: "Grype",
        tokens: { registry: registryHost(platform.account), grypeUrl: grype.url, grypeSha256: grype.sha256 },
        statements: [registryToken, pullImage("PullImage", repository)],
        computeType: "BUILD_GENERAL1_MEDIUM",
        timeoutMinutes: 30,
    };
}
