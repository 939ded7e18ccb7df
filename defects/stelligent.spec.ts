/** Faults of the Stelligent pipeline with Anchore Engine on ECS that let a bad image or a secret through. */
import assert from "node:assert/strict";
import { anchorePolicyBundle } from "../gate/anchore/policyBundle";
import { dataWith, policy as anchorePolicy, scanScenario, start } from "../gate/anchore/testing/scenario";
import { useBundledGate } from "../gate/commands/testing/bundledGate";
import { sampleGrypeDocument } from "../gate/grype/testing/grypeDocument";
import { gatePolicySchema } from "../gate/policy/gatePolicy";
import { judge } from "../gate/verdict/verdict";
import { imageDigest, now, report } from "./testing/scanReports";
import { judging, judgingSteps } from "./testing/gateCommands";
import { types, useProvisionedStack } from "./testing/provisionedStack";
import { wildcards } from "./testing/roles";
import { calls, canRunSteps, digest, leaks, runStep, scannedRepository } from "./testing/stepRun";

type Properties = Record<string, unknown>;

/** A stand-in for grype that writes this report and, like grype, ends well whatever is in it. */
function grypeWriting(document: unknown): string {
    return `#!/usr/bin/env bash\nwhile [ "$#" -gt 1 ]; do if [ "$1" = --file ]; then out="$2"; fi; shift; done\ncat > "$out" <<'END'\n${JSON.stringify(document)}\nEND\n`;
}

/** Grype's report about the image of a step, scanned an hour ago. */
function grypeDocument(repository: string, matches: Parameters<typeof sampleGrypeDocument>[0]) {
    const document = sampleGrypeDocument(matches, new Date());
    const image = `${repository}@${digest}`;
    document.source.target = { ...document.source.target, userInput: image, manifestDigest: digest, repoDigests: [image] }; // prettier-ignore
    return document;
}

describe("Stelligent", () => {
    const stack = useProvisionedStack();
    const gate = useBundledGate();

    it("Stelligent 1: no condition stands around a gate, the pack refuses one, and a failing policy fails the build", function () {
        for (const { step, commands } of judgingSteps(stack().buildSteps())) {
            for (const command of commands) assert.doesNotMatch(command, /\bif\b|&&|\[\[? /, step.project);
            for (const condition of [`if [ '$SCAN' = "true" ]; then`, `if [ "$SCAN" = "true" ]; then`]) {
                const refused = stack().refusals((sabotage) => {
                    sabotage.commands(step.project, (command) =>
                        judging.test(command) ? `${condition} ${command}; fi` : command,
                    );
                });
                assert.ok(
                    refused.includes(`BS-02 ${step.project}`),
                    `${step.project}: ${refused.join(", ")}`,
                );
            }
        }
        if (!canRunSteps()) return this.skip();
        const step = stack().buildStep("scan-grype-project");
        const run = (severity: string) =>
            runStep(step, {
                files: { grype: grypeWriting(grypeDocument(scannedRepository(step), [{ severity }])) },
            });
        const bad = run("Critical");
        assert.equal(bad.succeeded, false);
        assert.match(bad.output, /CVE-2021-3711/);
        const good = run("Low");
        assert.equal(good.succeeded, true, good.output);
    }).timeout(60_000);

    it("Stelligent 2: what is scanned is what is released: a report of another image is incomplete", async () => {
        const document = sampleGrypeDocument([], new Date());
        document.source.target.manifestDigest = digest;
        document.source.target.repoDigests = [`registry.example.org/nginx@${digest}`];
        document.source.target.userInput = "nginx:latest";
        const file = await gate.file("other.json", JSON.stringify(document));
        assert.equal((await gate.scanGrype(file)).code, 2);
        const refused = stack().refusals((sabotage) => {
            for (const name of ["grype", "accuknox", "lacework", "inspector"])
                sabotage.commands(`scan-${name}-project`, (command) =>
                    command.replace(
                        /"(registry:)?[^" ]+@\$IMAGE_DIGEST"/g,
                        '"$1docker.io/library/nginx:latest"',
                    ),
                );
        });
        assert.ok(refused.includes("PIPE-01 sample-delivery-pipeline"), refused.join(", "));
    });

    it("Stelligent 3 (latent): nothing is copied after a failed verdict, in whatever phase the copy stands", function () {
        const project = "sample-delivery-publish-project";
        for (const { project: name, analysis } of stack().buildSteps())
            for (const { runsAfterFailureOf, phase, kind } of analysis.deliveries) {
                assert.deepEqual(runsAfterFailureOf, [], name);
                assert.notEqual(phase, "post_build", `${name}: ${kind}`);
            }
        const moved = stack().refusals((sabotage) => {
            sabotage.change(types.project, "publish-project", (inputs) => {
                const source = inputs["source"] as Record<string, string>;
                const text = source["buildspec"] ?? "";
                const at = text.indexOf("      - node gate.cjs promote");
                assert.ok(at > 0);
                source["buildspec"] = `${text.slice(0, at).replace("    on-failure: ABORT\n", "")}  post_build:\n    commands:\n${text.slice(at)}`; // prettier-ignore
            });
        });
        assert.ok(moved.includes(`BS-04 ${project}`), moved.join(", "));
        if (!canRunSteps()) return this.skip();
        const run = runStep(stack().buildStep("publish-project"));
        assert.equal(run.phases.build, "failed");
        assert.deepEqual(
            calls(run, "node").filter((call) => call.includes(" promote ")),
            [],
        );
    });

    it("Stelligent 4: tags of every repository are immutable, and none is called latest", () => {
        const repositories = stack().ofType(types.repository);
        assert.equal(repositories.length, 3);
        for (const { name, properties } of repositories) {
            assert.equal(properties["imageTagMutability"], "IMMUTABLE", name);
            assert.equal(properties["imageTagMutabilityExclusionFilters"], undefined, name);
        }
        for (const { project, text } of stack().buildSteps())
            assert.doesNotMatch(text, /\blatest\b/, project);
        for (const { name } of repositories) {
            const refused = stack().refusals((sabotage) => {
                sabotage.change(
                    types.repository,
                    name,
                    (inputs) => (inputs["imageTagMutability"] = "MUTABLE"),
                );
            });
            assert.ok(refused.includes(`ECR-02 ${name}`), refused.join(", "));
        }
    });

    it("Stelligent 5: no role is an administrator, no repository is open, and no role has all of S3", () => {
        const statements = stack().roleStatements();
        assert.deepEqual(wildcards(statements), []);
        assert.deepEqual(statements.filter(({ actions }) => actions.some((action) => /^s3:\*|^ecr:\*|^\*$/.test(action))), []); // prettier-ignore
        for (const { name, properties } of stack().ofType("aws:ecr/repositoryPolicy:RepositoryPolicy")) {
            const { Statement } = JSON.parse(String(properties["policy"])) as { Statement: Properties[] };
            for (const { Effect, Principal, Condition } of Statement)
                assert.ok(Effect === "Deny" || Principal !== "*" || Condition !== undefined, name);
        }
        const admin = stack().refusals((sabotage) => {
            sabotage.grant("sample-delivery-build-role", ["*"], ["*"]);
        });
        for (const rule of ["IAM-01", "BYP-01", "BYP-02", "BYP-08"]) {
            // The statement is in a policy of its own; whose it then is, is the role's finding.
            const named =
                rule === "IAM-01" ? "sample-delivery-build-role-added" : "sample-delivery-build-role";
            assert.ok(admin.includes(`${rule} ${named}`), `${rule}: ${admin.join(", ")}`);
        }
        const open = stack().refusals((sabotage) => {
            sabotage.change("aws:ecr/repositoryPolicy:RepositoryPolicy", "production-writer", (inputs) => {
                inputs["policy"] = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:*" }] }); // prettier-ignore
            });
        });
        assert.ok(
            open.some((each) => each.startsWith("BYP-01 ") || each.startsWith("ECR-")),
            open.join(", "),
        );
    });

    it("Stelligent 6: the engine's passwords are generated and encrypted, and its door speaks TLS only", () => {
        const generated = stack().ofType("random:index/randomPassword:RandomPassword");
        assert.ok(generated.length >= 2);
        for (const { name, properties } of generated) assert.ok(Number(properties["length"]) >= 24, name);
        const engine = stack().ofType("aws:ecs/taskDefinition:TaskDefinition").filter(({ name }) => name.startsWith("anchore-")); // prettier-ignore
        assert.equal(engine.length, 1);
        for (const { name, properties } of engine) {
            const containers = JSON.parse(String(properties["containerDefinitions"])) as Properties[];
            for (const container of containers) {
                const environment = (container["environment"] ?? []) as { name: string; value: string }[];
                const plain = environment.filter((variable) => /(?:password|secret)$/i.test(variable.name));
                assert.deepEqual(plain, [], name);
                const secrets = ((container["secrets"] ?? []) as { name: string }[]).map(
                    (secret) => secret.name,
                );
                assert.ok(
                    secrets.some((secret) => /PASSWORD/.test(secret)),
                    `${name}: ${secrets.join(", ")}`,
                );
            }
        }
        for (const { name, properties } of stack().ofType("aws:lb/listener:Listener"))
            assert.equal(properties["protocol"], "HTTPS", name);
        const refused = stack().refusals((sabotage) => {
            sabotage.change("aws:lb/listener:Listener", "", (inputs) => Object.assign(inputs, { protocol: "HTTP", port: 8228 })); // prettier-ignore
        });
        assert.ok(
            refused.some((each) => each.startsWith("ALB-01 ")),
            refused.join(", "),
        );
    });

    it("Stelligent 7: no credential is an argument of a build, though the build has them", function () {
        const step = stack().buildStep("build-project");
        assert.doesNotMatch(step.text, /--build-arg|--secret/);
        if (!canRunSteps()) return this.skip();
        const run = runStep(step);
        assert.equal(run.succeeded, true, run.output);
        assert.ok(calls(run, "docker").some((call) => call.startsWith("docker build ")));
        assert.deepEqual(leaks(run), []);
        for (const { project } of stack()
            .buildSteps()
            .filter(({ role }) => role !== "builder")) {
            const result = runStep(stack().buildStep(project));
            assert.deepEqual(leaks(result), [], project);
        }
    }).timeout(120_000);

    it("Stelligent 8: the policy bundle is loaded and activated, and an answer by another bundle is incomplete", async () => {
        const { id } = anchorePolicyBundle(anchorePolicy);
        const { verdict, engine } = await scanScenario();
        assert.equal(verdict.outcome, "pass");
        const asked = engine.requests.map(({ method, path }) => `${method} ${path}`);
        assert.ok(asked.indexOf("POST /v1/policies") < asked.indexOf(`PUT /v1/policies/${id}`));
        const check = engine.requests.find(({ path }) => path.endsWith("/check"));
        assert.equal(check?.query["policyId"], id);
        // The engine answers by the bundle that it, or somebody else, likes better.
        const other = await scanScenario({
            engine: {
                tamper: (request, reply) =>
                    request.path.endsWith("/check")
                        ? { ...reply, body: JSON.parse(JSON.stringify(reply.body).replaceAll(id, "default")) as unknown } // prettier-ignore
                        : reply,
            },
        });
        assert.equal(other.verdict.outcome, "incomplete");
        assert.match(other.report.incompleteReasons.join(), new RegExp(id));
    });

    it("Stelligent 9: missing and stale vulnerability data stop, in the engine's bundle and in the verdict", async () => {
        const [bundle] = anchorePolicyBundle(anchorePolicy).policies;
        const stops = (trigger: string) => bundle?.rules.filter((rule) => rule.trigger === trigger).map(({ action }) => action); // prettier-ignore
        assert.deepEqual(stops("stale_feed_data"), ["STOP"]);
        assert.deepEqual(stops("vulnerability_data_unavailable"), ["STOP"]);
        const old = new Date(start.getTime() - 30 * 24 * 3_600_000);
        const stale = await scanScenario({ engine: { data: { ...dataWith(), builtAt: old } } });
        assert.notEqual(stale.verdict.outcome, "pass");
        const policy = gatePolicySchema.parse({ version: 1 });
        for (const dataBuiltAt of ["2026-01-01T00:00:00Z", null])
            assert.equal(judge({ policy, stage: "test", reports: [report({ dataBuiltAt })], digest: imageDigest, now }).outcome, "incomplete"); // prettier-ignore
    });
});
