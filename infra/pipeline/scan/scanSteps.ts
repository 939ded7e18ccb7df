import type { ScannerConfig } from "../../config/scannerSchema";
import type { ScanStage } from "../../../gate/policy/scanStage";
import type { Step, StepContext } from "../step";
import { accuknoxStep } from "./accuknox";
import { anchoreStep } from "./anchore";
import { grypeStep } from "./grype";
import { inspectorStep } from "./inspector";
import { laceworkStep } from "./lacework";
import { scanPlace, scanStep, type ScannerStep, type ScanPlace } from "./scanStep";

function specificStep(context: StepContext, scanner: ScannerConfig, place: ScanPlace): ScannerStep {
    switch (scanner.name) {
        case "anchore":
            return anchoreStep(context);
        case "grype":
            return grypeStep(context, place);
        case "accuknox":
            return accuknoxStep(context, place, scanner);
        case "lacework":
            return laceworkStep(context, scanner);
        case "inspector":
            return inspectorStep(context, place);
    }
}

/** The steps of one stage: each configured scanner that scans there, in an order that the configuration cannot change. */
export function scanSteps(context: StepContext, stage: ScanStage): Step[] {
    return context.platform.config.scanners
        .filter(({ stages }) => stages.includes(stage))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((scanner) => {
            const place = scanPlace(context, scanner.name, stage);
            return scanStep(context, scanner, place, specificStep(context, scanner, place));
        });
}
