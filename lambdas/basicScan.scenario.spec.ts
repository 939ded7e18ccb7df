import { ApprovalCloud } from "./testing/approvalCloud";
import { captureStack } from "./testing/capturedStack";
import { arrivalScenarios } from "./testing/scenarios/arrivals";
import { recordScenarios } from "./testing/scenarios/records";
import { rejectionScenarios } from "./testing/scenarios/rejections";
import { scenarioWaivers, waiverScenarios } from "./testing/scenarios/waivers";

/** The other half of what can be configured: basic scanning, a human approval after the gate's, waivers. */
const config = {
    registryScanning: { mode: "manage", type: "BASIC", inspector: "external" },
    approval: { human: { emails: ["release@example.com"] } },
    gatePolicy: {
        version: 1,
        limits: { critical: 0, high: 0 },
        requiredScanners: { test: ["grype"], scanStagingImage: ["grype"] },
        waivers: scenarioWaivers,
    },
};

describe("Approval functions as uploaded, with basic scanning", function () {
    // The program is captured first, which takes long on a machine that is busy.
    this.timeout(300_000);
    let cloud: ApprovalCloud;

    before(async () => {
        cloud = await ApprovalCloud.start(await captureStack(config));
    });
    beforeEach(() => cloud.reset());
    afterEach(() => cloud.assertClean());
    after(() => cloud?.stop());

    arrivalScenarios(() => cloud);
    recordScenarios(() => cloud);
    rejectionScenarios(() => cloud);
    waiverScenarios(() => cloud);
});
