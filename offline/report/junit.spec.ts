import assert from "node:assert/strict";
import fc from "fast-check";
import { exemptedRun, findingsRun } from "./fixtures/findingsRun";
import { hostileText } from "./fixtures/hostile";
import { elementsOf, readXml } from "./fixtures/readXml";
import { StackBuilder, diagnostic, policyInfo } from "./fixtures/stackBuilder";
import { familyOf } from "./family";
import { junitOf } from "./junit";

const repository =
    "demo-candidate (urn:pulumi:dev::portcullis::portcullis:application:Application$aws:ecr/repository:Repository::demo-candidate)";
const role =
    "demo-build (urn:pulumi:dev::portcullis::portcullis:application:Application$aws:iam/role:Role::demo-build)";

const golden = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="portcullis dev preview (offline simulation, not AWS)" tests="5" failures="2" errors="0" skipped="2">
    <testsuite name="ECR" tests="2" failures="1" errors="0" skipped="1">
        <testcase classname="portcullis.ECR" name="ECR-01 Repositories scan on push">
            <failure message="1 mandatory finding of ECR-01" type="policy violation">critical: ${repository}
scanOnPush is false.
Fix: Set imageScanningConfiguration.scanOnPush to true.</failure>
        </testcase>
        <testcase classname="portcullis.ECR" name="ECR-02 Tags are immutable">
            <skipped message="inconclusive: high: ${repository}&#10;The tag mutability is not known."/>
        </testcase>
    </testsuite>
    <testsuite name="ECS" tests="1" failures="0" errors="0" skipped="1">
        <testcase classname="portcullis.ECS" name="ECS-02 Images are pinned">
            <skipped message="disabled in the policy pack&#39;s configuration"/>
        </testcase>
    </testsuite>
    <testsuite name="IAM" tests="1" failures="0" errors="0" skipped="0">
        <testcase classname="portcullis.IAM" name="IAM-01 Roles are narrow">
            <system-out>medium: ${role}
Statement 0 allows &lt;any&gt; action &amp; resource.</system-out>
        </testcase>
    </testsuite>
    <testsuite name="PIPE" tests="1" failures="1" errors="0" skipped="0">
        <testcase classname="portcullis.PIPE" name="PIPE-01 There is an approval">
            <failure message="1 mandatory finding of PIPE-01" type="policy violation">high: the stack
No pipeline has an approval.
Fix: Add an action of category Approval.</failure>
        </testcase>
    </testsuite>
</testsuites>
`;

describe("JUnit", () => {
    it("is exactly this for one finding of each kind", () => {
        assert.equal(junitOf(findingsRun()), golden);
    });

    it("fails what is inconclusive in strict mode", () => {
        const strict = readXml(junitOf(findingsRun(), { strict: true }));
        assert.deepEqual(strict.attributes["failures"], "3");
        assert.deepEqual(strict.attributes["skipped"], "1");
    });

    it("has an error when nothing was judged, and keeps a finding of a rule that the pack did not announce", () => {
        const failed = readXml(junitOf(new StackBuilder().run({ policy: null })));
        assert.equal(failed.attributes["errors"], "1");
        assert.equal(
            elementsOf(failed).find(({ name }) => name === "error")?.attributes["message"],
            "the policy pack was not asked",
        );
        const stack = new StackBuilder();
        const run = stack.run({
            policy: {
                pack: { name: "portcullis", version: "0.1.0" },
                policies: [policyInfo("ECR-01")],
                diagnostics: [diagnostic("XYZ-09", "", { message: "odd" })],
                notApplicable: 0,
            },
        });
        const cases = elementsOf(readXml(junitOf(run))).filter(({ name }) => name === "testcase");
        assert.deepEqual(
            cases.map(({ attributes, children }) => [attributes["name"], children.map(({ name }) => name)]),
            [
                ["ECR-01 title", []],
                ["XYZ-09", ["failure"]],
            ],
        );
    });

    it("skips what is exempted, with its reason, and hides nothing behind a failure", () => {
        const cases = elementsOf(readXml(junitOf(exemptedRun()))).filter(({ name }) => name === "testcase");
        const shown = (start: string): [string, string][] =>
            cases
                .filter(({ attributes }) => attributes["name"]?.startsWith(start))
                .flatMap(({ children }) => children)
                .map(({ name, attributes, text }) => [name, attributes["message"] ?? text]);
        const excuse = "exempted by EX-7 until 2026-12-01 (1 day left): key is being replaced, see SEC-12";
        assert.deepEqual(shown("KMS-01"), [
            ["skipped", `exempted: high: ${role}\n${excuse}\nRotation is off.\nFix: Set enableKeyRotation.`],
        ]);
        assert.deepEqual(shown("PIPE-01"), [
            ["failure", "1 mandatory finding of PIPE-01"],
            [
                "system-out",
                `high: ${repository}\n${excuse}\nNo approval either.\n\ninconclusive: high: ${role}\nNot known.`,
            ],
        ]);
    });

    it("names the family by what stands before the number", () => {
        assert.deepEqual(["ECR-01R", "IAM-02", "PUL-06", "odd", ""].map(familyOf), [
            "ECR",
            "IAM",
            "PUL",
            "odd",
            "",
        ]);
    });

    it("is well-formed and keeps the text, whatever names and messages hold", () => {
        const legible = (text: string): string =>
            // What XML cannot hold becomes U+FFFD; line ends in text are not normalised by our reader.
            // eslint-disable-next-line no-control-regex
            text.replace(/\p{Surrogate}|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu, "\ufffd");
        fc.assert(
            fc.property(hostileText, hostileText, hostileText, hostileText, (name, title, message, fix) => {
                const stack = new StackBuilder();
                const key = stack.add("aws:kms/key:Key", name);
                const run = stack.run({
                    policy: {
                        pack: { name: "portcullis", version: "0.1.0" },
                        policies: [policyInfo("KMS-01", { displayName: title })],
                        diagnostics: [
                            diagnostic("KMS-01", key.urn, { message, fix }),
                            diagnostic("KMS-01", key.urn, { message, enforcement: "advisory" }),
                            diagnostic(title, key.urn, { message, inconclusive: true }),
                        ],
                        notApplicable: 0,
                    },
                });
                const failures = elementsOf(readXml(junitOf(run))).filter(
                    (element) => element.name === "failure",
                );
                assert.ok(failures.some(({ text }) => text.includes(legible(`${message}\nFix: ${fix}`))));
            }),
        );
    });
});
