import { ApprovalCloud } from "./testing/approvalCloud";
import { captureStack } from "./testing/capturedStack";
import { arrivalScenarios } from "./testing/scenarios/arrivals";

describe("Approval functions as uploaded, with enhanced scanning", () => {
    let cloud: ApprovalCloud;

    before(async () => {
        cloud = await ApprovalCloud.start(await captureStack());
    });
    beforeEach(() => cloud.reset());
    afterEach(() => cloud.assertClean());
    after(() => cloud?.stop());

    arrivalScenarios(() => cloud);
});
