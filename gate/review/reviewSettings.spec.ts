import assert from "node:assert/strict";
import { limitEnvironment } from "../approval/settingsSchema";
import { readReviewSettings } from "./reviewSettings";
import { applicationSample, settingsSample } from "./testing/reviewSamples";

const settings = settingsSample();
const environment = limitEnvironment(settings.policy);
const [orders] = settings.applications;

describe("the settings of the review function", () => {
    it("are read as they stand", () => {
        assert.deepEqual(readReviewSettings(JSON.stringify(settings), environment), settings);
    });

    it("are refused while the environment shows other limits than the policy", () => {
        assert.throws(
            () => readReviewSettings(JSON.stringify(settings), { ...environment, CRITICAL_LIMIT: "9" }),
            /cannot start.*CRITICAL_LIMIT is "9" and the policy in the code says 0/,
        );
    });

    it("are refused with every problem, and when a value of the policy is left out", () => {
        const wrong: [unknown, RegExp][] = [
            [{ ...settings, policy: { version: 1 } }, /must be written out/],
            [{ ...settings, role: "a/b", stack: "A" }, /stack must be.*role must be/],
            [{ ...settings, applications: [] }, /at least one application/],
            [{ ...settings, applications: [orders, orders] }, /must not be that of two: name orders/],
            [
                { ...settings, applications: [orders, { ...orders, name: "other", pipeline: "other" }] },
                /must not be that of two: project portcullis-dev-orders-review-lint/,
            ],
            [{ ...settings, applications: [{ ...orders, steps: [] }] }, /at least one step/],
            [
                {
                    ...settings,
                    applications: [
                        { ...orders, steps: orders?.steps.filter(({ kind }) => kind !== "build") },
                    ],
                },
                /exactly one build/,
            ],
            [
                {
                    ...settings,
                    applications: [
                        applicationSample("x", {
                            type: "gitlab",
                            repository: "a/b",
                            tokenSecret: "t",
                            apiUrl: "http://host",
                        }),
                    ],
                },
                /must be an https address/,
            ],
            [{ ...settings, more: 1 }, /more/],
        ];
        for (const [value, message] of wrong)
            assert.throws(() => readReviewSettings(JSON.stringify(value), environment), message);
        for (const text of ["", "{", "[]", "null"])
            assert.throws(() => readReviewSettings(text, environment), /cannot start/);
    });
});
