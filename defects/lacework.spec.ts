/** Faults of the Lacework immersion day's pipeline that let a bad image or a secret through. */
import assert from "node:assert/strict";
import { useBundledGate } from "../gate/commands/testing/bundledGate";
import { judging, judgingSteps } from "./testing/gateCommands";
import { types, useProvisionedStack } from "./testing/provisionedStack";
import { wildcards } from "./testing/roles";

describe("Lacework", () => {
    const stack = useProvisionedStack();
    const gate = useBundledGate();

    it("the stack as it is has nothing that the pack refuses", () => {
        assert.deepEqual(stack().refusals(), []);
    });

    it("Lacework 1: an ignore clause behind a gate is in no build step, and the pack refuses it in each", () => {
        for (const { step, commands } of judgingSteps(stack().buildSteps())) {
            const judges = step.analysis.scanners.filter(({ tool }) => tool === "gate");
            assert.equal(judges.length, commands.length, step.project);
            assert.deepEqual(
                judges.filter(
                    ({ swallowed, skippable, hiddenByPipe }) => swallowed || skippable || hiddenByPipe,
                ),
                [],
                step.project,
            );
            for (const clause of [" || true", "; true", " || echo ignored", " || exit 0"]) {
                const refused = stack().refusals((sabotage) => {
                    sabotage.commands(step.project, (command) =>
                        judging.test(command) ? `${command}${clause}` : command,
                    );
                });
                assert.ok(refused.includes(`BS-02 ${step.project}`), `${step.project}${clause}: ${refused.join(", ")}`); // prettier-ignore
            }
        }
    });

    it("Lacework 2: a scanner that ends well in spite of its findings opens nothing, because the gate counts them", async () => {
        // The scanner wrote the report and ended with 0; its own limit was never looked at.
        const ending = await gate.scanGrype(await gate.grypeFile("bad.json", [{ severity: "Critical" }]));
        assert.equal(ending.code, 1);
        // No buildspec leaves the decision to a scanner's own flag.
        for (const { analysis, project } of stack().buildSteps()) {
            for (const scanner of analysis.scanners.filter(({ tool }) => tool !== "gate"))
                assert.ok(scanner.judgedLater, `${project}: nothing judges what ${scanner.tool} reports`);
        }
    });

    it("Lacework 3: one digest goes from the build to production, and no step resolves a tag", async () => {
        const actions = stack().actions();
        const build = actions.findIndex(({ stage }) => stage === "Build");
        const later = actions.slice(build + 1).filter(({ variables }) => "IMAGE_DIGEST" in variables);
        assert.ok(later.length >= 4, "scans, staging and publishing get the digest");
        for (const { name, variables } of later)
            assert.equal(variables["IMAGE_DIGEST"], "#{Build.IMAGE_DIGEST}", name);
        for (const { project, role, analysis } of stack().buildSteps()) {
            if (role === "builder") continue;
            for (const { target, tool, subject } of analysis.scanners.filter(
                (each) => each.subject !== "source",
            ))
                assert.match(
                    target ?? "",
                    /@\$\{?IMAGE_DIGEST\}?$/,
                    `${project}: ${tool} looks at ${subject}`,
                );
            for (const { source, pinning } of analysis.deliveries.filter(({ kind }) => kind === "copy")) {
                assert.equal(pinning, "digest", project);
                assert.match(source ?? "", /@\$\{?IMAGE_DIGEST\}?$/);
            }
        }
        const refused = stack().refusals((sabotage) => {
            sabotage.buildspec("publish-project", /(--from "[^"]*)@\$IMAGE_DIGEST"/, '--from "registry.example.com/demo/staging:latest"'); // prettier-ignore
        });
        assert.ok(refused.includes("BS-11 sample-delivery-publish-project"), refused.join(", "));
        for (const command of ["scan", "verdict"]) {
            const { code, err } = await gate.run([command, "--image", "registry.example.org/demo:latest", "--policy", "policy.yml", "--scanner", "grype", "--out", "out"].filter((word, at, all) => command === "scan" || (word !== "--scanner" && all[at - 1] !== "--scanner"))); // prettier-ignore
            assert.equal(code, 64, command);
            assert.match(err, /digest/, command);
        }
        const promotion = await gate.run(["promote", "--from", "registry.example.org/demo:latest", "--to", "registry.example.org/prod", "--tag", "1"]); // prettier-ignore
        assert.equal(promotion.code, 64);
    });

    it("Lacework 4: secrets are encrypted parameters that are named, never values in the program or a project", () => {
        const secrets = stack()
            .ofType(types.parameter)
            .filter(({ name }) => /password|secret|token|key/i.test(name));
        assert.ok(secrets.length >= 3);
        for (const { name, properties } of secrets) assert.equal(properties["type"], "SecureString", name);
        for (const { name, properties } of stack().ofType(types.project)) {
            const { environmentVariables = [] } = properties["environment"] as Record<string, Record<string, string>[]>; // prettier-ignore
            for (const variable of environmentVariables) {
                if (/password|secret|token/i.test(variable["name"] ?? ""))
                    assert.equal(variable["type"], "PARAMETER_STORE", `${name}: ${variable["name"]}`);
            }
        }
        const refused = stack().refusals((sabotage) => {
            sabotage.change(types.project, "publish-project", (inputs) => {
                const environment = inputs["environment"] as Record<string, unknown>;
                environment["environmentVariables"] = [
                    { name: "LW_API_SECRET", value: "_0123456789abcdef0123456789abcdef", type: "PLAINTEXT" },
                ];
            });
        });
        assert.ok(refused.includes("CB-02 sample-delivery-publish-project"), refused.join(", "));
    });

    it("Lacework 5: nothing is fetched from a branch or run without its checksum", () => {
        for (const { project, text } of stack().buildSteps()) {
            assert.doesNotMatch(text, /\b(?:curl|wget)\b[^\n]*\|\s*(?:ba)?sh\b/, project);
            assert.doesNotMatch(text, /\/(?:master|main|latest)\//, project);
        }
        const pipe = stack().refusals((sabotage) => {
            sabotage.commands("scan-grype-project", (command) =>
                /tools install/.test(command)
                    ? "curl -sSfL https://raw.githubusercontent.com/anchore/grype/main/install.sh | sh -s -- -b ."
                    : command,
            );
        });
        assert.ok(pipe.includes("BS-12 sample-delivery-scan-grype-project"), pipe.join(", "));
        const unchecked = stack().refusals((sabotage) => {
            sabotage.commands("scan-grype-project", (command) =>
                /tools install/.test(command)
                    ? "curl -sSfLo grype https://example.com/grype\nchmod +x grype"
                    : command,
            );
        });
        assert.ok(unchecked.includes("BS-12 sample-delivery-scan-grype-project"), unchecked.join(", "));
    });

    it("Lacework 7: scans come before the release, and the release judges them before it copies", () => {
        const stages = stack()
            .actions()
            .map(({ stage }) => stage);
        const publish = stages.indexOf("Publish");
        for (const stage of ["Test", "ScanStagingImage", "Approve"]) {
            assert.ok(stages.includes(stage), stage);
            assert.ok(stages.lastIndexOf(stage) < publish, `${stage} stands before Publish`);
        }
        const { analysis } = stack().buildStep("publish-project");
        const copy = analysis.deliveries.find(({ kind }) => kind === "copy");
        const verdicts = analysis.scanners.filter(({ gate: run }) => run?.command === "verdict");
        assert.deepEqual(
            verdicts.map(({ gate: run }) => run?.stage),
            ["test", "scanStagingImage"],
        );
        for (const { order } of verdicts) assert.ok(order < (copy?.order ?? -1));
        for (const stage of ["Test", "ScanStagingImage"]) {
            const refused = stack().refusals((sabotage) => {
                sabotage.stages((all) => [
                    ...all.filter(({ name }) => name !== stage),
                    ...all.filter(({ name }) => name === stage),
                ]);
            });
            assert.ok(
                refused.includes("PIPE-01 sample-delivery-pipeline"),
                `${stage}: ${refused.join(", ")}`,
            );
        }
        const late = stack().refusals((sabotage) => {
            sabotage.change(types.project, "publish-project", (inputs) => {
                const source = inputs["source"] as Record<string, string>;
                const lines = (source["buildspec"] ?? "").split("\n");
                const at = lines.findIndex((line) => line.includes("gate.cjs promote"));
                const [promote = ""] = lines.splice(at, 1);
                // As the first command of the phase: before the verdicts.
                lines.splice(lines.indexOf("    commands:", lines.indexOf("  build:")) + 1, 0, promote);
                source["buildspec"] = lines.join("\n");
            });
        });
        assert.ok(late.includes("BS-03 sample-delivery-publish-project"), late.join(", "));
    });

    it("Lacework 8: each build step has a role of its own that names what it may do and on what", () => {
        const projects = stack().ofType(types.project);
        const roles = projects.map(({ properties }) => String(properties["serviceRole"]));
        assert.equal(new Set(roles).size, projects.length);
        assert.deepEqual(wildcards(stack().roleStatements()), []);
        const refused = stack().refusals((sabotage) => {
            sabotage.grant("scan-grype-role", ["codebuild:*", "ecr:*"], ["*"]);
        });
        assert.ok(refused.includes("IAM-02 sample-delivery-scan-grype-role-added"), refused.join(", "));
        assert.ok(refused.includes("BYP-01 sample-delivery-scan-grype-role"), refused.join(", "));
    });
});
