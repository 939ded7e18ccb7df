import { ApprovalCloud } from "./testing/approvalCloud";
import { captureStack } from "./testing/capturedStack";
import { arrivalScenarios } from "./testing/scenarios/arrivals";
import { badInputScenarios } from "./testing/scenarios/badInput";
import { crashScenarios } from "./testing/scenarios/crashes";
import { failureScenarios } from "./testing/scenarios/failures";
import { interferenceScenarios } from "./testing/scenarios/interference";
import { recordScenarios } from "./testing/scenarios/records";
import { rejectionScenarios } from "./testing/scenarios/rejections";

describe("Approval functions as uploaded, with enhanced scanning", function () {
    // The program is captured first, which takes long on a machine that is busy.
    this.timeout(300_000);
    let cloud: ApprovalCloud;

    before(async () => {
        cloud = await ApprovalCloud.start(await captureStack());
    });
    beforeEach(() => cloud.reset());
    afterEach(() => cloud.assertClean());
    after(() => cloud?.stop());

    arrivalScenarios(() => cloud);
    recordScenarios(() => cloud);
    rejectionScenarios(() => cloud);
    interferenceScenarios(() => cloud);
    failureScenarios(() => cloud);
    badInputScenarios(() => cloud);
    crashScenarios(() => cloud);
});
