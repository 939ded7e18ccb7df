import assert from "node:assert/strict";
import { SettingsError } from "../settings/settingsFile";
import { readAdmissionSettings } from "./settingsSchema";
import { admissionSettings } from "./testing/deploymentSamples";

describe("settings of admission", () => {
    const good = admissionSettings();
    const [orders, billing] = good.services;

    it("are read as they are", () => assert.deepEqual(readAdmissionSettings(JSON.stringify(good)), good));

    it("are refused with every problem", () => {
        const wrong: [object, string][] = [
            [{ version: 2 }, "version"],
            [{ stack: "a b" }, "stack must be 1 to 64 letters"],
            [{ services: [] }, "services must name at least one service"],
            [
                { services: [orders, { ...billing, application: "orders" }] },
                "services.1.application must not be that of two: orders",
            ],
            [
                { services: [orders, { ...billing, service: "sample-orders" }] },
                "services.1.service must not be that of two: sample-delivery/sample-orders",
            ],
            [
                { services: [orders, { ...billing, repositories: orders?.repositories }] },
                "services.1.repositories.production must not be that of two: sample/orders/production",
            ],
            [
                { services: [{ ...orders, repositories: { production: "one", staging: "one" } }] },
                "services.0.repositories.staging must not be the production repository",
            ],
            [{ services: [{ ...orders, cluster: "a/b" }] }, "services.0.cluster must be 1 to 255 letters"],
            [{ breakGlassTable: "sample-approvals" }, "breakGlassTable must not be the approval table"],
            [{ policy: { version: 1 } }, "policy must be written out with all its values"],
            [{ more: 1 }, "more"],
        ];
        for (const [change, said] of wrong) {
            assert.throws(
                () => readAdmissionSettings(JSON.stringify({ ...good, ...change })),
                (error: unknown) => error instanceof SettingsError && error.message.includes(said),
                said,
            );
        }
        for (const text of ["", "null", "[]", "{", '{"services":[null]}'])
            assert.throws(() => readAdmissionSettings(text), SettingsError, text);
    });
});
