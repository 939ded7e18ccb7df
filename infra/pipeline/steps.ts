import { buildStep } from "./buildStep";
import { publishStep, stageStep } from "./promotionStep";
import { scanStep } from "./scanStep";
import type { Step, StepContext } from "./step";

/**
 * The steps of one application in pipeline order. Pure: everything that a policy rule or a reviewer needs to know
 * about a step is in here, literal, before any resource exists.
 */
export function applicationSteps(context: StepContext): Step[] {
    const scanners = [...context.platform.config.scanners].sort((a, b) => (a.name < b.name ? -1 : 1));
    return [
        buildStep(context),
        ...scanners.map((scanner) => scanStep(context, scanner)),
        stageStep(context),
        publishStep(context),
    ];
}
