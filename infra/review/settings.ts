import type { ReviewSettings, ReviewStep } from "../../gate/review/reviewSettings";
import type { LiteralPlatform } from "../application/platform";
import { reviewPath, type GateReference, type Step } from "../pipeline/step";
import type { StackConfig } from "../config/schema";
import { scannerNames } from "../../gate/report/scanReport";
import { reviewedApplications } from "./reviewedApplications";
import type { ReviewNames } from "./reviewNames";
import { reviewSteps } from "./reviewSteps";

/** What the function `review` works with; lies beside its code. */
export function reviewSettings(
    platform: LiteralPlatform,
    gate: GateReference,
    names: ReviewNames,
): ReviewSettings {
    const { account, naming, config } = platform;
    const { partition, region, accountId } = account;
    return {
        version: 1,
        account: { partition, region, accountId },
        stack: naming.prefix,
        role: names.function.role,
        policy: config.gatePolicy,
        evidenceBucket: platform.evidenceBucketName,
        applications: reviewedApplications(platform).map(({ application, names: own, host }) => ({
            name: application.name,
            pipeline: own.review.pipeline.name,
            host,
            steps: reviewSteps({
                application,
                platform,
                gate,
                names: own,
                path: reviewPath(application.name, own),
            }).map((step) => stepSettings(step, config)),
        })),
    };
}

function stepSettings({ name, stage, action, names }: Step, { verify }: StackConfig): ReviewStep {
    const place = { stage, action, project: names.project };
    switch (name) {
        case "review-lint":
            return { kind: "lint", tool: "hadolint", ...place };
        case "review-secrets":
            return { kind: "secrets", tool: verify.secrets.tool, ...place };
        case "review-build":
            return { kind: "build", ...place };
        default: {
            const tool = scannerNames.find((scanner) => name === `review-scan-${scanner}`);
            if (tool === undefined) throw new Error(`${name} is no step of a review`);
            return { kind: "scan", tool, ...place };
        }
    }
}
