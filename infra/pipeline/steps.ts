import { buildStep } from "./buildStep";
import { deployStep } from "./deployStep";
import { publishStep, stageStep } from "./promotionStep";
import { scanSteps } from "./scan/scanSteps";
import { sbomStep } from "./sbomStep";
import type { Step, StepContext } from "./step";
import { lintStep, secretsStep } from "./verifySteps";

/**
 * The steps of one application in pipeline order. Pure: everything that a policy rule or a reviewer needs to know
 * about a step is in here, literal, before any resource exists.
 */
export function applicationSteps(context: StepContext): Step[] {
    return [
        lintStep(context),
        secretsStep(context),
        buildStep(context),
        sbomStep(context),
        ...scanSteps(context, "test"),
        stageStep(context),
        ...scanSteps(context, "scanStagingImage"),
        ...deployStep(context, "staging"),
        publishStep(context),
        ...deployStep(context, "production"),
    ];
}
