/** Faults of the Amazon Inspector approval gate that let a bad image through. */
import assert from "node:assert/strict";
import { gatePolicySchema } from "../gate/policy/gatePolicy";
import { severities } from "../gate/report/severity";
import { judge } from "../gate/verdict/verdict";
import { useBundledGate } from "../gate/commands/testing/bundledGate";
import { sampleEcrAnswer, sampleImage } from "../gate/inspector/testing/inspectorAnswer";
import { findingOf } from "../gate/report/testing/sampleFinding";
import { imageDigest, now, report } from "./testing/scanReports";
import { types, useProvisionedStack } from "./testing/provisionedStack";
import { wildcards } from "./testing/roles";
import { calls, canRunSteps, commit, digest, runStep } from "./testing/stepRun";

describe("Inspector gate", () => {
    const stack = useProvisionedStack();
    const gate = useBundledGate();

    it("Inspector gate 1: the digest that is approved is the digest that is released", function () {
        const actions = stack().actions();
        const approval = actions.find(({ category }) => category === "Approval");
        const question = JSON.parse(approval?.configuration["CustomData"] ?? "{}") as Record<string, string>;
        assert.equal(question["digest"], "#{Build.IMAGE_DIGEST}");
        const publish = actions.find(({ name }) => name === "Publish");
        assert.equal(publish?.variables["IMAGE_DIGEST"], question["digest"]);
        const { text, analysis } = stack().buildStep("publish-project");
        assert.doesNotMatch(text, /latest/);
        assert.deepEqual(
            analysis.deliveries.map(({ kind, pinning }) => [kind, pinning]),
            [["copy", "digest"]],
        );
        const refused = stack().refusals((sabotage) => {
            sabotage.stages((stages) => {
                const text = JSON.stringify(stages.at(-1)).replace(
                    "#{Build.IMAGE_DIGEST}",
                    "#{variables.DIGEST}",
                );
                return [...stages.slice(0, -1), JSON.parse(text) as Record<string, unknown>];
            });
        });
        assert.ok(refused.includes("PIPE-10 sample-delivery-pipeline"), refused.join(", "));
        if (!canRunSteps()) return this.skip();
        const run = runStep(stack().buildStep("publish-project"));
        // The evidence is empty here, so the verdicts are incomplete: nothing is copied.
        assert.equal(run.succeeded, false);
        assert.deepEqual(
            calls(run, "node").filter((call) => / promote /.test(call)),
            [],
        );
        assert.ok(calls(run, "node").some((call) => call.includes(`verdict --image`) && call.includes(`@${digest}`)), run.output); // prettier-ignore
        assert.ok(!run.output.includes(commit), "no tag was resolved");
    });

    it("Inspector gate 2: only the gate's function may answer its approval, and the pack refuses anybody else", () => {
        const [pipeline] = stack().ofType(types.pipeline);
        const approval = `arn:aws:codepipeline:us-east-1:123456789012:${String(pipeline?.properties["name"])}/Approve/`;
        assert.deepEqual(stack().whoMay("codepipeline:PutApprovalResult"), ["approval-scan-event-role"]);
        assert.deepEqual(stack().whoMay("codepipeline:PutApprovalResult", `${approval}GateApproval`), ["approval-scan-event-role"]); // prettier-ignore
        assert.deepEqual(stack().whoMay("codepipeline:PutApprovalResult", `${approval}HumanApproval`), []);
        for (const role of [
            "sample-delivery-role",
            "build-role",
            "publish-role",
            "scan-grype-role",
            "approval-recorder-role",
            "approval-watchdog-role",
        ]) {
            const refused = stack().refusals((sabotage) => {
                sabotage.grant(role, ["codepipeline:PutApprovalResult"], ["*"]);
            });
            assert.ok(refused.some((each) => each.startsWith("BYP-02 ") && each.endsWith(role)), `${role}: ${refused.join(", ")}`); // prettier-ignore
        }
    });

    it("Inspector gate 3: every severity counts, and one that nobody knows counts as the policy says", async () => {
        for (const severity of severities) {
            const limits = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };
            const policy = gatePolicySchema.parse({ version: 1, limits });
            const { outcome } = judge({ policy, stage: "test", reports: [report({ findings: [findingOf({ severity })] })], digest: imageDigest, now }); // prettier-ignore
            assert.equal(outcome, "fail", severity);
        }
        // Inspector's own words, UNTRIAGED among them, through the adapter and the whole command.
        const strict = await gate.file("strict.yml", "version: 1\nlimits: {critical: 0, high: 0, medium: 0, low: 0, negligible: 0}\nrequiredScanners: {test: [inspector], scanStagingImage: [inspector]}\n"); // prettier-ignore
        for (const severity of [
            "CRITICAL",
            "HIGH",
            "MEDIUM",
            "LOW",
            "INFORMATIONAL",
            "UNTRIAGED",
            "NEW-WORD",
        ]) {
            const answer = sampleEcrAnswer("enhanced", [{ severity }], new Date());
            const file = await gate.file(`inspector-${severity}.json`, JSON.stringify(answer));
            const out = gate.at(`inspector-${severity}`);
            const ending = await gate.run(["scan", "--scanner", "inspector", "--image", sampleImage, "--policy", strict, "--report", file, "--out", out]); // prettier-ignore
            assert.ok(ending.code === 1 || ending.code === 2, `${severity}: ${ending.code} ${ending.err}`);
            const { findings } = await gate.readJson<{ findings: unknown[] }>(
                `inspector-${severity}`,
                "report.json",
            );
            assert.equal(findings.length, 1, `${severity} is counted`);
        }
    }).timeout(60_000);

    it("Inspector gate 4: the pipeline's role names what it starts, and passes no role", () => {
        assert.deepEqual(wildcards(stack().roleStatements()), []);
        // Only the deployments' own roles, which no commands run as, pass the roles of their tasks.
        const deployers = ["delivery-sample-staging-deploy-role", "delivery-sample-production-deploy-role"];
        assert.deepEqual(stack().whoMay("iam:PassRole"), deployers);
        assert.deepEqual(stack().whoMay("iam:PassRole", "arn:aws:iam::123456789012:role/portcullis-prod-sample-publish"), []); // prettier-ignore
        const [pipeline] = stack().ofType(types.pipeline);
        assert.match(String(pipeline?.properties["roleArn"]), /:role\/portcullis-prod-/);
        const refused = stack().refusals((sabotage) => {
            sabotage.grant("sample-delivery-role", ["iam:PassRole"], ["*"]);
        });
        assert.ok(refused.includes("IAM-04 sample-delivery-role-added"), refused.join(", "));
    });

    it("Inspector gate 14: topics, artifacts and the scan are declared as they are meant", () => {
        const keyed = (type: string, property: string): unknown[] =>
            stack().ofType(type).filter(({ properties }) => properties[property] === undefined).map(({ name }) => name); // prettier-ignore
        assert.deepEqual(keyed("aws:sns/topic:Topic", "kmsMasterKeyId"), []);
        const stores = stack().ofType(types.pipeline).flatMap(({ properties }) => properties["artifactStores"] as { encryptionKey?: { type: string } }[]); // prettier-ignore
        assert.deepEqual(stores.map(({ encryptionKey }) => encryptionKey?.type), ["KMS", "KMS"]); // prettier-ignore
        const encrypted = stack()
            .ofType("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
            .filter(({ properties }) =>
                JSON.stringify(properties["rules"]).includes('"sseAlgorithm":"aws:kms"'),
            )
            .map(({ name }) => name);
        for (const bucket of ["artifact", "evidence"])
            assert.ok(encrypted.some((name) => name.includes(bucket)), encrypted.join(", ")); // prettier-ignore
        assert.ok(stack().has("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"));
        for (const { name, properties } of stack().ofType(types.repository))
            assert.deepEqual(properties["imageScanningConfiguration"], { scanOnPush: true }, name);
        for (const { name, properties } of stack().ofType(types.function))
            assert.equal(properties["runtime"], "nodejs24.x", name);
    });
});
