import { ApprovalCloud } from "./testing/approvalCloud";
import { captureStack } from "./testing/capturedStack";
import { arrivalScenarios } from "./testing/scenarios/arrivals";
import { rejectionScenarios } from "./testing/scenarios/rejections";

describe("Approval functions as uploaded, with basic scanning", () => {
    let cloud: ApprovalCloud;

    before(async () => {
        cloud = await ApprovalCloud.start(
            await captureStack({
                registryScanning: { mode: "manage", type: "BASIC", inspector: "external" },
            }),
        );
    });
    beforeEach(() => cloud.reset());
    afterEach(() => cloud.assertClean());
    after(() => cloud?.stop());

    arrivalScenarios(() => cloud);
    rejectionScenarios(() => cloud);
});
