import { deepEqual, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { checkPolicyConfiguration } from "./policyConfiguration";

describe("a policy-pack configuration file", () => {
    it("with levels, settings and settings of single rules is right", () => {
        deepEqual(
            checkPolicyConfiguration({
                all: "advisory",
                environments: ["team/policies"],
                portcullis: {
                    enforcementLevel: "mandatory",
                    profile: "gate",
                    exemptions: "policy-exemptions.yaml",
                    levels: { baseline: "advisory" },
                    rules: { "ECR-02": { level: "mandatory", immutabilityExclusions: ["v*"] } },
                },
                "ECR-03": "mandatory",
                "PIPE-07": { enforcementLevel: "remediate" },
            }),
            [],
        );
        deepEqual(checkPolicyConfiguration({}), []);
    });

    it("is told everything that is wrong with it, one line each", () => {
        deepEqual(
            checkPolicyConfiguration({
                "ECR-3": "mandatory",
                "ECR-02": "mandatry",
                "ECR-03": { enforcementLevel: 1, immutabilityExclusions: [] },
                "ECR-04": { level: "advisory" },
                "ECR-05": 7,
                all: { profile: "gate" },
                environments: "team/policies",
                portcullis: { enforcementLevel: "disabled", profil: "gate", rules: { "ECR-2": {} } },
            }),
            [
                'ECR-3: there is no such policy; did you mean "ECR-03"?',
                'ECR-02: must be one of advisory, mandatory, remediate, disabled, not "mandatry"; did you mean "mandatory"?',
                "ECR-03.enforcementLevel: must be one of advisory, mandatory, remediate, disabled, not 1",
                "ECR-03.immutabilityExclusions: is not read: settings of one rule belong under portcullis.rules.ECR-03",
                'ECR-04.level: is not read; did you mean "enforcementLevel"?',
                "ECR-05: must be a level (advisory, mandatory, remediate, disabled) or an object",
                'all.profile: is not read: "all" takes a level only',
                "environments: must be a list of names of Pulumi ESC environments",
                "portcullis.enforcementLevel: must not be disabled: no setting of the pack would be read",
                'portcullis.profil: is not a setting; did you mean "profile"?',
                'portcullis.rules.ECR-2: there is no such rule; did you mean "ECR-02"?',
            ],
        );
        deepEqual(checkPolicyConfiguration([]).length, 1);
        deepEqual(checkPolicyConfiguration({ portcullis: "disabled" }).length, 1);
    });

    it("is told of a level that the pack's own settings overrule", () => {
        const rules = { "ECR-02": { level: "advisory" } };
        deepEqual(checkPolicyConfiguration({ "ECR-02": "mandatory", portcullis: { rules } }), [
            "ECR-02: its level stands twice, here and under portcullis.rules.ECR-02.level, which wins",
        ]);
        deepEqual(checkPolicyConfiguration({ "ECR-02": "advisory", portcullis: { rules } }), []);
        // The engine does not even ask a disabled policy.
        deepEqual(checkPolicyConfiguration({ "ECR-02": "disabled", portcullis: { rules } }), []);
    });

    it("never makes the check throw", () => {
        fc.assert(
            fc.property(fc.jsonValue(), fc.jsonValue(), (document, settings) => {
                ok(Array.isArray(checkPolicyConfiguration(document)));
                ok(Array.isArray(checkPolicyConfiguration({ portcullis: settings, "ECR-02": settings })));
            }),
        );
    });
});
