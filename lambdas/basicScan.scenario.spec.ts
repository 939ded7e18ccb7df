import assert from "node:assert/strict";
import { ApprovalCloud } from "./testing/approvalCloud";
import { captureStack } from "./testing/capturedStack";
import { Release } from "./testing/release";
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

    it("leaves the human approval after the gate's to people", async () => {
        const release = await Release.ready(cloud);
        await release.announce();
        await cloud.delivery.drainStream();
        assert.equal(release.run.status, "Succeeded");
        const human = release.pipeline.startApproval(release.execution, release.gate.stage, "HumanApproval");
        const { NotificationArn: topic = "" } = human.configuration;
        assert.notEqual(topic, cloud.settings.topicArn);
        const before = cloud.runner.finished.length;
        await cloud.delivery.publish(
            topic,
            [release.pipeline.message(human, "us-east-1")],
            release.publisher,
        );
        assert.equal(cloud.runner.finished.length, before, "no function hears of it");
        await cloud.delivery.sendEvent(release.scanEvent());
        await cloud.watch();
        assert.equal(human.status, "InProgress");
        assert.equal(cloud.journal.done("PutApprovalResult").length, 1);
        assert.deepEqual([cloud.queued, cloud.delivery.alarms], [{}, []]);
    });
});
