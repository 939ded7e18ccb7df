/** Faults of the AWS container DevSecOps workshop that let a bad image or a secret through. */
import assert from "node:assert/strict";
import type { ActionExecutionDetail } from "@aws-sdk/client-codepipeline";
import { recordSample } from "../gate/approval/testing/recordSamples";
import { uuid } from "../gate/approval/testing/approvalSamples";
import { useBundledGate } from "../gate/commands/testing/bundledGate";
import { evidenceKey, scanPlace } from "../gate/evidence/evidencePlace";
import { doubtAboutApproval, publishedImage } from "../gate/merge/decideMerge";
import { digestOf, executionOf, imported, scanOf } from "../gate/findings/testing/findingSamples";
import { assembleReview } from "../gate/review/review";
import { readExecutionAnswers } from "../gate/review/reviewExecution";
import { renderReview } from "../gate/review/renderReview";
import {
    allPassed,
    applicationSample,
    checkSample,
    executionSample,
    policyWith,
    scanSample,
    settingsSample,
} from "../gate/review/testing/reviewSamples";
import { gatePolicySchema } from "../gate/policy/gatePolicy";
import { realTool } from "../gate/tools/testing/realTool";
import { secrets } from "../gate/verify/secrets";
import { writeFakeTool } from "../gate/verify/testing/fakeTool";
import { madeUpToken, SampleRepository } from "../gate/verify/testing/sampleRepository";
import { useScratchFolder } from "../gate/verify/testing/scratchFolder";
import { gitleaksTool } from "../gate/verify/testing/verifyTools";
import { judge } from "../gate/verdict/verdict";
import { scannerNames } from "../gate/report/scanReport";
import { findingOf } from "../gate/report/testing/sampleFinding";
import { imageDigest, now, report } from "./testing/scanReports";
import { types, useProvisionedStack } from "./testing/provisionedStack";
import { wildcards } from "./testing/roles";
import { calls, canRunSteps, commit, digest, leaks, runStep } from "./testing/stepRun";

type RunStatus = NonNullable<ActionExecutionDetail["status"]>;

const ranked = ["critical", "high", "medium", "low", "negligible"] as const;

const gateFunctions = ["approval-recorder", "approval-scan-event", "approval-watchdog"];

describe("AWS workshop", () => {
    const stack = useProvisionedStack();
    const gate = useBundledGate();
    const scratch = useScratchFolder();

    it("AWS workshop 1: a limit for one severity also stops everything that is worse", () => {
        for (const [at, limited] of ranked.entries()) {
            for (const [seen, severity] of ranked.entries()) {
                const open = Object.fromEntries(ranked.slice(1).map((name) => [name, "unlimited"]));
                const policy = gatePolicySchema.parse({ version: 1, limits: { ...open, critical: limited === "critical" ? 0 : 1000, [limited]: 0 } }); // prettier-ignore
                const { outcome } = judge({ policy, stage: "test", reports: [report({ findings: [findingOf({ severity })] })], digest: imageDigest, now }); // prettier-ignore
                assert.equal(
                    outcome,
                    seen <= at ? "fail" : "pass",
                    `limit for ${limited}, finding ${severity}`,
                );
            }
        }
    });

    it("AWS workshop 2: an error in the place of a report is incomplete for every scanner, never a pass", async () => {
        const errors = ['{"message":"image not found","httpcode":404}', '{"errors":[{"code":"DENIED"}]}', "{}", "[]", "null", ""]; // prettier-ignore
        for (const [index, text] of errors.entries()) {
            const file = await gate.file(`error-${index}.json`, text);
            for (const scanner of scannerNames.filter((name) => name !== "anchore")) {
                const alone = scanner === "accuknox" ? ["--no-upload"] : [];
                const { code } = await gate.run(["scan", "--scanner", scanner, "--image", `registry.example.org/demo@${imageDigest}`, "--policy", gate.at("policy.yml"), "--report", file, "--out", gate.at(`out-${scanner}-${index}`), ...alone]); // prettier-ignore
                assert.equal(code, 2, `${scanner} on ${text || "nothing"}`);
            }
        }
    }).timeout(60_000);

    it("AWS workshop 3: the release copies what was scanned and can build nothing", () => {
        const builders = stack()
            .ofType(types.project)
            .filter(({ properties }) => (properties["environment"] as Record<string, unknown>)["privilegedMode"] === true); // prettier-ignore
        assert.deepEqual(
            builders.map(({ name }) => name),
            // The second one builds for pull requests, whose images no delivery takes up.
            ["sample-delivery-build-project", "sample-review-build-project"],
        );
        const { analysis } = stack().buildStep("publish-project");
        assert.deepEqual(
            analysis.deliveries.map(({ kind, pinning }) => [kind, pinning]),
            [["copy", "digest"]],
        );
        const refused = stack().refusals((sabotage) => {
            sabotage.buildspec("publish-project", "      - node gate.cjs promote", "      - docker build --tag again .\n      - node gate.cjs promote"); // prettier-ignore
        });
        assert.ok(refused.includes("BS-10 sample-delivery-publish-project"), refused.join(", "));
    });

    it("AWS workshop 4: only what was approved and published in this execution is merged, where that is configured at all", () => {
        for (const action of [
            "codecommit:MergePullRequestByFastForward",
            "codecommit:MergePullRequestBySquash",
            "codecommit:MergePullRequestByThreeWay",
            "codecommit:MergeBranchesByFastForward",
            "codecommit:UpdatePullRequestStatus",
            "codecommit:GitPush",
        ])
            assert.deepEqual(stack().whoMay(action), [], action);
        const place = { stage: "Publish", action: "Publish" };
        const merged = { name: "orders", pipeline: "sample-orders-delivery", publish: place, build: { stage: "Build", action: "Build" }, branch: "feature", mergeInto: "main", host: { type: "codecommit", repository: "orders" } } as const; // prettier-ignore
        const approval = recordSample();
        const { subject } = approval.request;
        assert.ok(subject);
        const run = (stageName: string, actionName: string, status: RunStatus, outputVariables = {}) => ({ pipelineExecutionId: subject.execution, actionExecutionId: actionName, stageName, actionName, status, startTime: new Date(1), lastUpdateTime: new Date(2), output: { outputVariables } }); // prettier-ignore
        const built = (status: RunStatus) => publishedImage(merged, subject.execution, [run("Source", "Source", "Succeeded", { CommitId: subject.commit }), run("Build", "Build", "Succeeded", { IMAGE_DIGEST: subject.digest }), run("Publish", "Publish", status)]); // prettier-ignore
        for (const status of ["Failed", "Abandoned", "InProgress"] as const) assert.ok("notMerged" in built(status), status); // prettier-ignore
        const image = built("Succeeded");
        assert.deepEqual(image, { commit: subject.commit, digest: subject.digest });
        const doubt = (record: ReturnType<typeof recordSample>) => doubtAboutApproval(merged, subject.execution, subject, [record]); // prettier-ignore
        assert.equal(doubt(approval), null);
        for (const change of [{ status: "rejected" }, { status: "waiting" }, { execution: uuid(1) }, { application: "billing" }] as const) assert.ok(doubt(recordSample(change)), JSON.stringify(change)); // prettier-ignore
        // And without the question for the approval nothing is published that could be merged.
        const refused = stack().refusals((sabotage) => {
            sabotage.commands("publish-project", (command) => /gate\.cjs approved/.test(command) ? "true" : command); // prettier-ignore
        });
        assert.ok(refused.includes("BS-03 sample-delivery-publish-project"), refused.join(", "));
    });

    it("AWS workshop 5: no state of a change is shared: nobody writes parameters, and evidence stands under its execution", () => {
        for (const action of ["ssm:PutParameter", "dynamodb:UpdateItem"])
            assert.deepEqual(stack().whoMay(action), [], action);
        // The gate's table has one record for each token of an execution (Inspector gate 9).
        assert.deepEqual(stack().whoMay("dynamodb:PutItem").sort(), gateFunctions.map((name) => `${name}-role`)); // prettier-ignore
        const [first, second] = ["1111-a", "2222-b"].map((execution) =>
            evidenceKey(
                scanPlace({ application: "sample", digest, execution, stage: "test" }, "grype"),
                "report.json",
            ),
        );
        assert.notEqual(first, second);
        for (const ending of ["-delivery-pipeline", "-review-pipeline"])
            for (const { name, variables, provider } of stack().actions(ending)) {
                // What prepares a deployment only names the digest; all others store or read under their execution.
                if (provider !== "CodeBuild" || name === "Prepare") continue;
                assert.equal(variables["EXECUTION_ID"] ?? "", "EXECUTION_ID" in variables ? "#{codepipeline.PipelineExecutionId}" : "", name); // prettier-ignore
                assert.ok("EXECUTION_ID" in variables || !("IMAGE_DIGEST" in variables), name);
            }
        // Pull requests run beside each other, and no delivery can read what they stored.
        const review = stack()
            .ofType(types.pipeline)
            .find(({ name }) => name.endsWith("-review-pipeline"));
        assert.equal(review?.properties["executionMode"], "PARALLEL");
        const stored = stack().buildSteps().flatMap(({ project, analysis }) => analysis.scanners.flatMap(({ gate: run }) => (run?.evidence ? [[project, run.application] as const] : []))); // prettier-ignore
        for (const [project, application] of stored)
            assert.equal(application, project.includes("-review-") ? "sample--review" : "sample", project);
        // Whatever is handed on is a variable of this execution, not a place that another one writes as well; secrets are
        // looked for since the pipeline's last release, which is asked for by its name.
        for (const { name, variables } of stack().actions())
            for (const [variable, value] of Object.entries(variables))
                if (variable === "RANGE_BEGIN") assert.equal(value, "portcullis-prod-sample-delivery", name);
                else assert.match(value, /^#\{\w+\.\w+\}$/, `${name} ${variable}`);
        const roles = ["sample-review-scan-grype-role", "sample-review-lint-role"];
        for (const role of roles) {
            const refused = stack().refusals((sabotage) => {
                sabotage.grant(role, ["s3:PutObject"], ["arn:aws:s3:::portcullis-prod-evidence-*/sample/*"]);
            });
            assert.ok(refused.includes(`PIPE-24 ${role}`), `${role}: ${refused.join(", ")}`);
        }
    });

    it("AWS workshop 6: what is built is the source revision of the execution, what runs is its digest, and nothing fetches a branch", () => {
        const actions = stack().actions();
        const source = actions.find(({ category }) => category === "Source");
        const build = actions.find(({ name }) => name === "Build");
        assert.deepEqual(build?.inputArtifacts, source?.outputArtifacts);
        for (const { name, variables } of actions.filter(({ variables: given }) => "COMMIT_ID" in given))
            assert.equal(variables["COMMIT_ID"], "#{Source.CommitId}", name);
        for (const { name, properties } of stack().ofType(types.project))
            assert.equal((properties["source"] as Record<string, unknown>)["type"], "CODEPIPELINE", name);
        for (const { project, text } of stack().buildSteps())
            assert.doesNotMatch(text, /\bgit\b[^\n]*\b(?:clone|fetch|pull|checkout)\b/, project);
        const deployments = actions.filter(({ category }) => category === "Deploy");
        assert.equal(deployments.length, 2);
        for (const { stage, inputArtifacts } of deployments) {
            const prepared = actions.find(({ outputArtifacts }) => outputArtifacts[0] === inputArtifacts[0]);
            assert.deepEqual([prepared?.stage, prepared?.variables], [stage, { IMAGE_DIGEST: "#{Build.IMAGE_DIGEST}" }]); // prettier-ignore
        }
        for (const tier of ["staging", "production"])
            assert.match(stack().buildStep(`deploy-${tier}-project`).text, /imagedefinitions --image "[^"]+@\$IMAGE_DIGEST"/); // prettier-ignore
    });

    it("AWS workshop 7: the image is tagged with the commit that was built, a tag is never moved, and the digest is signed", function () {
        for (const { name, properties } of stack().ofType(types.repository))
            assert.equal(properties["imageTagMutability"], "IMMUTABLE", name);
        const publish = stack().buildStep("publish-project");
        assert.match(publish.text, /promote [^\n]*--tag "\$COMMIT_ID"/);
        assert.match(publish.text, /gate\.cjs sign --image "[^"]+-production@\$IMAGE_DIGEST"/);
        assert.deepEqual(stack().whoMay("kms:Sign"), ["sample-delivery-publish-role"]);
        if (!canRunSteps()) return this.skip();
        const built = runStep(stack().buildStep("delivery-build-project"));
        assert.equal(built.succeeded, true, built.output);
        assert.equal(built.exported["IMAGE_TAG"], `commit-${commit.slice(0, 12)}-7`);
        assert.equal(
            runStep(stack().buildStep("delivery-build-project"), { environment: { COMMIT_ID: "" } })
                .succeeded,
            false,
        );
    });

    it("AWS workshop 8: the candidate's tag is the build's own, and a scan looks at the digest that this build pushed", function () {
        for (const { project, text } of stack().buildSteps()) assert.doesNotMatch(text, /:latest\b/, project);
        for (const { project, analysis } of stack().buildSteps())
            for (const { target } of analysis.scanners.filter(({ subject }) => subject !== "source"))
                assert.match(target ?? "", /@\$\{?IMAGE_DIGEST\}?$|^canary\.\w+/, project);
        if (!canRunSteps()) return this.skip();
        // Somebody else's push under the same tag: the registry's digest is not the one that this build pushed.
        const other = `sha256:${"e".repeat(64)}`;
        const raced = runStep(stack().buildStep("build-project"), { environment: { FAKE_DESCRIBED: other } });
        assert.equal(raced.succeeded, false);
        assert.equal(raced.exported["IMAGE_DIGEST"], "");
        const own = runStep(stack().buildStep("build-project"));
        assert.equal(own.exported["IMAGE_DIGEST"], digest, own.output);
    });

    it("AWS workshop 9: the password of the engine is a reference, travels by TLS inside the network and is on no command line", function () {
        const { name, properties } = stack().ofType(types.project).find((project) => project.name.endsWith("scan-anchore-project")) ?? assert.fail(); // prettier-ignore
        const { environmentVariables } = properties["environment"] as Record<
            string,
            Record<string, string>[]
        >;
        const password = environmentVariables?.find((variable) => variable["name"] === "ANCHORE_PASSWORD");
        assert.equal(password?.["type"], "PARAMETER_STORE", name);
        const step = stack().buildStep("scan-anchore-project");
        assert.match(step.text, /--anchore-url "https:\/\//);
        for (const balancer of stack().ofType("aws:lb/loadBalancer:LoadBalancer"))
            assert.equal(balancer.properties["internal"], true, balancer.name);
        for (const listener of stack().ofType("aws:lb/listener:Listener"))
            assert.equal(listener.properties["protocol"], "HTTPS", listener.name);
        for (const rule of stack().ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"))
            assert.ok(rule.properties["referencedSecurityGroupId"] !== undefined && rule.properties["cidrIpv4"] === undefined, rule.name); // prettier-ignore
        const refused = stack().refusals((sabotage) => {
            sabotage.change("aws:lb/listener:Listener", "", (inputs) => Object.assign(inputs, { protocol: "HTTP", port: 8228 })); // prettier-ignore
            sabotage.change("aws:lb/loadBalancer:LoadBalancer", "", (inputs) => (inputs["internal"] = false));
            sabotage.change(types.project, "scan-anchore-project", (inputs) => {
                const environment = inputs["environment"] as Record<string, unknown>;
                environment["environmentVariables"] = [
                    { name: "ANCHORE_PASSWORD", value: "foobar", type: "PLAINTEXT" },
                ];
            });
        });
        for (const rule of ["ALB-01", "ALB-07", "CB-02"])
            assert.ok(
                refused.some((each) => each.startsWith(`${rule} `)),
                `${rule}: ${refused.join(", ")}`,
            );
        if (!canRunSteps()) return this.skip();
        const run = runStep(step);
        assert.ok(
            calls(run, "node").some((call) => call.includes("scan --scanner anchore")),
            run.output,
        );
        assert.deepEqual(leaks(run), []);
    });

    it("AWS workshop 11: the secret scan covers every pushed commit, and one that saw fewer is incomplete", async () => {
        const repository = new SampleRepository(scratch("repository"));
        const base = repository.commit({ "a.txt": "one\n" });
        repository.commit({ "settings.txt": `token = ${madeUpToken("defects")}\n` });
        const head = repository.commit({ "settings.txt": null });
        repository.write("rules.toml", 'title = "rules"\n[extend]\nuseDefault = true\n');
        const check = (program: string) =>
            secrets({
                repository: repository.folder,
                head,
                base: () => Promise.resolve({ from: "caller", commit: base }),
                tool: "gitleaks",
                program,
                rules: scratch("repository", "rules.toml"),
                timeoutSeconds: 60,
                now: () => now,
            });
        // What gitleaks says when it cannot resolve the range: no commit, an empty list, and all is well.
        const blind = writeFakeTool(
            scratch("gitleaks"),
            'if (args[0] === "version") console.log("8.30.1"); else { console.error("INF 0 commits scanned."); console.log("[]"); }',
        );
        const { report: nothingSeen } = await check(blind);
        assert.equal(nothingSeen.outcome, "incomplete");
        const real = await realTool(gitleaksTool);
        if ("path" in real) {
            const { report: seen } = await check(real.path);
            assert.equal(seen.outcome, "fail", "the secret is in the history only, and is found");
        }
        for (const replacement of [
            "./gitleaks git --log-opts=-n1 .",
            "./gitleaks detect --no-git",
            "trufflehog git file://. --fail --max-depth=1",
        ]) {
            const found = stack().weaknesses((sabotage) => {
                sabotage.commands("secrets-project", (command) =>
                    /gate\.cjs secrets/.test(command) ? replacement : command,
                );
            });
            assert.ok(
                found.includes("BS-18 sample-delivery-secrets-project"),
                `${replacement}: ${found.join(", ")}`,
            );
        }
    }).timeout(60_000);

    it("AWS workshop 12: no role has a wildcard where a resource can be named", () => {
        const statements = stack().roleStatements();
        assert.deepEqual(wildcards(statements), []);
        for (const service of ["codecommit", "codebuild", "ssm"]) {
            const anywhere = statements.filter(({ actions, resources }) => resources.includes("*") && actions.some((action) => action.startsWith(`${service}:`))); // prettier-ignore
            assert.deepEqual(anywhere, [], service);
        }
        const refused = stack().refusals((sabotage) => {
            sabotage.grant(
                "publish-role",
                ["codecommit:MergePullRequestByFastForward", "ssm:PutParameter"],
                ["*"],
            );
        });
        assert.ok(refused.includes("IAM-03 sample-delivery-publish-role-added"), refused.join(", "));
    });

    it("AWS workshop 15: every way in which a check of a pull request can end is told, and is no pass unless it passed", () => {
        const pattern = (ending: string) => {
            const rule = stack().ofType(types.eventRule).find(({ name }) => name.endsWith(ending)) ?? assert.fail(ending); // prettier-ignore
            return (JSON.parse(String(rule.properties["eventPattern"])) as { detail: Record<string, string[]> }).detail; // prettier-ignore
        };
        const { "build-status": builds, "project-name": projects } = pattern("review-builds");
        assert.deepEqual([...(builds ?? [])].sort(), [
            "FAILED",
            "FAULT",
            "STOPPED",
            "SUCCEEDED",
            "TIMED_OUT",
        ]);
        const reviewing = stack()
            .ofType(types.project)
            .filter(({ name }) => name.includes("-review-"));
        assert.deepEqual([...(projects ?? [])].sort(), reviewing.map(({ properties }) => String(properties["name"])).sort()); // prettier-ignore
        const { state: executions } = pattern("review-executions");
        assert.deepEqual([...(executions ?? [])].sort(), ["CANCELED", "FAILED", "STOPPED", "SUCCEEDED", "SUPERSEDED"]); // prettier-ignore
        const application = applicationSample();
        const outcome = (lint: string) => {
            const answers = executionSample({ status: lint === "SUCCEEDED" ? "Succeeded" : "Failed", steps: { ...allPassed, Lint: { status: lint === "SUCCEEDED" ? "Succeeded" : lint === "STOPPED" ? "Abandoned" : "Failed", build: lint } } }); // prettier-ignore
            const execution = readExecutionAnswers(application, answers);
            const checks = new Map(Object.entries({ hadolint: checkSample("hadolint"), gitleaks: checkSample("gitleaks") }).map(([name, found]) => [name, { kind: "report" as const, report: found }])); // prettier-ignore
            return assembleReview({ application, policy: policyWith(), execution, checks, scans: [scanSample()] }); // prettier-ignore
        };
        assert.equal(outcome("SUCCEEDED").outcome, "passed");
        for (const status of builds?.filter((each) => each !== "SUCCEEDED") ?? []) {
            const review = outcome(status);
            assert.notEqual(review.outcome, "passed", status);
            const text = renderReview(review, settingsSample(), "orders-review", 60_000);
            assert.match(text, /Lint/, status);
        }
    });

    it("AWS workshop 16: a finding has the same id whenever and in whatever order it is imported, and another digest another one", () => {
        const findings = ["CVE-2026-1", "CVE-2026-2", "CVE-2026-3"].map((id) => findingOf({ id }));
        const ids = (parts: Parameters<typeof scanOf>[0]) => imported(scanOf(parts)).map(({ Id }) => Id).sort(); // prettier-ignore
        const first = ids({ findings });
        assert.equal(new Set(first).size, findings.length);
        assert.deepEqual(ids({ findings: [...findings].reverse(), execution: executionOf(2), at: 90 }), first); // prettier-ignore
        assert.deepEqual(ids({ findings: findings.slice(1) }), first.filter((id) => ids({ findings: findings.slice(0, 1) })[0] !== id)); // prettier-ignore
        const other = ids({ findings, digest: digestOf("b") });
        assert.deepEqual(other.filter((id) => first.includes(id)), []); // prettier-ignore
        // Who else could import findings in the gate's name?
        assert.deepEqual(stack().whoMay("securityhub:BatchImportFindings").sort(), ["admission-function-role", "admission-running-role", "findings-function-role"]); // prettier-ignore
    });
});
