import { buildStep } from "../pipeline/buildStep";
import { scanSteps } from "../pipeline/scan/scanSteps";
import type { Step, StepContext } from "../pipeline/step";
import { lintStep, secretsStep } from "../pipeline/verifySteps";

/**
 * The steps of a review in pipeline order: those of the delivery pipeline up to the scans of the candidate, made from
 * the same texts.
 * @throws Error when the context is not that of the review path.
 */
export function reviewSteps(context: StepContext): Step[] {
    if (context.path.kind !== "review") throw new Error("the steps of a review need the review path");
    return [lintStep(context), secretsStep(context), buildStep(context), ...scanSteps(context, "test")];
}
