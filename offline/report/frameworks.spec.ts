import assert from "node:assert/strict";
import type { PolicyResult } from "../model";
import { StackBuilder, diagnostic, policyInfo } from "./fixtures/stackBuilder";
import { controlOf, frameworkCoverageOf } from "./frameworks";

describe("references of rules", () => {
    const read: [string, [string, string, string]][] = [
        ["CIS AWS 5.0.0 3.6", ["CIS AWS", "5.0.0", "3.6"]],
        ["CIS Software Supply Chain 1.0 5", ["CIS Software Supply Chain", "1.0", "5"]],
        ["FSBP DynamoDB.2", ["FSBP", "", "DynamoDB.2"]],
        ["FSBP CodeBuild.5 (retired 2024-03-16)", ["FSBP", "", "CodeBuild.5"]],
        ["NIST SP 800-190 4.1.1", ["NIST SP 800-190", "", "4.1.1"]],
        ["NIST SP 800-53 Rev. 5 AC-6", ["NIST SP 800-53", "5", "AC-6"]],
        ["NIST SP 800-53 r5 SC-8", ["NIST SP 800-53", "5", "SC-8"]],
        ["PCI DSS 4.0.1 8.3.6", ["PCI DSS", "4.0.1", "8.3.6"]],
        ["OWASP CICD-SEC-1", ["OWASP CI/CD Top 10", "", "CICD-SEC-1"]],
        ["SLSA 1.0 Build L3", ["SLSA", "1.0", "Build L3"]],
        ["SLSA v1.0 Build L3", ["SLSA", "1.0", "Build L3"]],
        ["Checkov CKV2_AWS_28", ["checkov", "", "CKV2_AWS_28"]],
        ["CKV_AWS_319", ["checkov", "", "CKV_AWS_319"]],
        ["trivy AWS-0053", ["trivy", "", "AWS-0053"]],
        ["cdk-nag AwsSolutions-IAM5", ["cdk-nag", "", "AwsSolutions-IAM5"]],
    ];
    for (const [reference, [framework, version, control]] of read) {
        it(`are controls: ${reference}`, () => {
            const { kind: _, ...found } = controlOf(reference) ?? { kind: "" };
            assert.deepEqual(found, { framework, version, control });
        });
    }

    it("are no controls when they only name something to read, a family or a profile", () => {
        for (const text of [
            "SLSA 1.0",
            "AWS CodeBuild User Guide: build specification reference",
            "pulumi-policy issue 299",
            "family:ecr",
            "profile:gate",
            "",
        ]) {
            assert.equal(controlOf(text), undefined, text);
        }
    });
});

describe("coverage of frameworks", () => {
    const urn = "urn:pulumi:dev::portcullis::aws:kms/key:Key::key";
    const coverage = (policy: Partial<PolicyResult>): ReturnType<typeof frameworkCoverageOf> => {
        const stack = new StackBuilder();
        stack.add("aws:kms/key:Key", "key");
        const pack = { name: "portcullis", version: "0.1.0" };
        const run = stack.run({
            policy: { pack, policies: [], diagnostics: [], notApplicable: 0, ...policy },
        });
        return frameworkCoverageOf(run);
    };

    it("gives each control the status of its worst rule", () => {
        const exempted = { id: "EX-1", until: "2026-12-01", daysLeft: 3, reason: "known" };
        const [fsbp, nist, checkov, ...others] = coverage({
            policies: [
                policyInfo("A-01", {
                    references: ["FSBP A.1", "FSBP A.10", "checkov CKV_AWS_1", "family:a"],
                }),
                policyInfo("A-02", { references: ["FSBP A.1", "FSBP A.2"] }),
                policyInfo("A-03", { references: ["FSBP A.2", "FSBP A.3"] }),
                policyInfo("A-04", { references: ["FSBP A.3", "FSBP A.4"] }),
                policyInfo("A-05", { references: ["FSBP A.4", "FSBP A.5"] }),
                policyInfo("A-06", { references: ["FSBP A.6"], enforcement: "disabled" }),
                policyInfo("A-07", { references: ["NIST SP 800-190 4.1"] }),
            ],
            diagnostics: [
                diagnostic("A-01", urn),
                diagnostic("A-01", urn, { inconclusive: true, enforcement: "advisory" }),
                diagnostic("A-02", urn, { inconclusive: true, enforcement: "advisory" }),
                diagnostic("A-02", urn, { exempted, enforcement: "advisory" }),
                diagnostic("A-03", urn, { exempted, enforcement: "advisory" }),
                diagnostic("A-06", urn, { enforcement: "disabled" }),
            ],
            notApplicablePolicies: ["A-05"],
        });
        assert.deepEqual(others, []);
        assert.deepEqual(
            fsbp?.controls.map(({ control, status }) => `${control} ${status}`),
            [
                "A.1 failed",
                "A.2 inconclusive",
                "A.3 exempted",
                "A.4 passed",
                "A.5 notApplicable",
                "A.6 disabled",
                "A.10 failed",
            ],
        );
        assert.deepEqual(fsbp?.controls[0]?.rules, [
            { rule: "A-01", status: "failed" },
            { rule: "A-02", status: "inconclusive" },
        ]);
        assert.deepEqual(fsbp?.byStatus, {
            failed: 2,
            inconclusive: 1,
            exempted: 1,
            passed: 1,
            notApplicable: 1,
            disabled: 1,
        });
        assert.deepEqual(
            [fsbp, nist, checkov].map((each) => [each?.framework, each?.kind, each?.implemented]),
            [
                ["FSBP", "standard", 7],
                ["NIST SP 800-190", "standard", 1],
                ["checkov", "rules", 1],
            ],
        );
    });

    it("takes the one control of a foreign pack that its tags do not name", () => {
        const framework = { name: "Hardening", version: "2", reference: "H-4" };
        const found = coverage({
            policies: [
                policyInfo("theirs", { references: ["network", "Hardening 2 H-4"], framework }),
                policyInfo("vague", { framework: { name: "Something", version: "", reference: "to read" } }),
            ],
        });
        assert.deepEqual(
            found.map(({ framework: name, version, controls }) => [name, version, controls]),
            [
                [
                    "Hardening",
                    "2",
                    [{ control: "H-4", status: "passed", rules: [{ rule: "theirs", status: "passed" }] }],
                ],
            ],
        );
    });
});
