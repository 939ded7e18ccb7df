/** Faults of the AccuKnox scan in CodeBuild that let a bad image or a secret through. */
import assert from "node:assert/strict";
import { selfSignedCertificate } from "../gate/anchore/testing/certificate";
import { uploadReport } from "../gate/accuknox/upload";
import { expectedAccess, startConsole } from "../gate/accuknox/testing/consoleServer";
import { sampleImage, sampleTrivyDocument } from "../gate/accuknox/testing/trivyDocument";
import { useBundledGate } from "../gate/commands/testing/bundledGate";
import { gatePolicySchema } from "../gate/policy/gatePolicy";
import { judge } from "../gate/verdict/verdict";
import { createHash } from "node:crypto";
import { findingOf } from "../gate/report/testing/sampleFinding";
import { imageDigest, now, report } from "./testing/scanReports";
import { judging, judgingSteps } from "./testing/gateCommands";
import { types, useProvisionedStack } from "./testing/provisionedStack";
import { calls, canRunSteps, leaks, runStep } from "./testing/stepRun";

describe("AccuKnox", () => {
    const stack = useProvisionedStack();
    const gate = useBundledGate();

    /** Judges a file as AccuKnox's report, without its console: a report can then fail or be incomplete, never pass. */
    async function scan(name: string, text: string) {
        const file = await gate.file(`${name}.json`, text);
        return gate.run(["scan", "--scanner", "accuknox", "--image", sampleImage, "--policy", gate.at("policy.yml"), "--report", file, "--out", gate.at(name), "--no-upload"]); // prettier-ignore
    }

    it("AccuKnox 1: a report without the word CRITICAL is not a good one: empty, {} and Results-less are incomplete", async () => {
        const { Results: _, ...withoutResults } = sampleTrivyDocument([], new Date());
        for (const [name, text] of Object.entries({
            empty: "",
            object: "{}",
            list: "[]",
            none: "null",
            half: JSON.stringify(sampleTrivyDocument([], new Date())).slice(0, 900),
            withoutResults: JSON.stringify(withoutResults),
        }))
            assert.equal((await scan(name, text)).code, 2, name);
        const refused = stack().refusals((sabotage) => {
            for (const step of [
                "scan-grype",
                "scan-anchore",
                "scan-accuknox",
                "scan-lacework",
                "scan-inspector",
            ])
                sabotage.commands(`${step}-project`, (command) =>
                    /gate\.cjs scan/.test(command)
                        ? "if grep -q CRITICAL trivy.json; then exit 1; fi"
                        : command,
                );
        });
        assert.ok(refused.includes("PIPE-01 sample-delivery-pipeline"), refused.join(", "));
    }).timeout(60_000);

    it("AccuKnox 2: critical and high stop by default, and every step judges by the one policy of the stack", () => {
        const policy = gatePolicySchema.parse({ version: 1 });
        for (const severity of ["critical", "high"] as const)
            assert.equal(judge({ policy, stage: "test", reports: [report({ findings: [findingOf({ severity })] })], digest: imageDigest, now }).outcome, "fail"); // prettier-ignore
        const sums = judgingSteps(stack().buildSteps())
            .filter(({ commands }) => commands.some((command) => /gate\.cjs (?:scan|verdict)/.test(command)))
            .map(({ step }) => /"([0-9a-f]{64})" gate-policy\.json/.exec(step.text)?.[1]);
        assert.ok(sums.length >= 7, `${sums.length} steps judge by the policy`);
        assert.equal(new Set(sums).size, 1);
        assert.match(sums[0] ?? "", /^[0-9a-f]{64}$/);
    });

    it("AccuKnox 3: an upload that the console does not confirm makes the scan incomplete", async () => {
        const content = Buffer.from('{"SchemaVersion":2}');
        const path = await gate.file("upload.json", content.toString());
        const file = {
            path,
            sha256: createHash("sha256").update(content).digest("hex"),
            bytes: content.length,
        };
        for (const status of [200, 400, 401, 404, 500, 503]) {
            const console = await startConsole({
                answer: (response) => response.writeHead(status).end("<html>something went wrong</html>"),
            });
            try {
                const problem = await uploadReport(
                    file,
                    { origin: console.origin, ...expectedAccess },
                    { whole: 10_000, idle: 5_000, attempts: 2, sleep: () => Promise.resolve() },
                );
                assert.match(problem ?? "uploaded", /^the report was not uploaded to /, String(status));
            } finally {
                await console.stop();
            }
        }
        const step = stack().buildStep("scan-accuknox-project");
        const [command] = step.commands.filter((each) => judging.test(each));
        assert.match(command ?? "", /--console-url "https:\/\/[^"]+" --tenant "4711" --label "orders"/);
        assert.doesNotMatch(command ?? "", /--no-upload/);
        // And a report that was not uploaded says so itself.
        const ending = await scan("alone", JSON.stringify(sampleTrivyDocument([], new Date())));
        assert.equal(ending.code, 2);
        assert.match(ending.out + ending.err, /not uploaded/);
    }).timeout(60_000);

    it("AccuKnox 5: no step gives the Docker socket or a token to somebody else's container", function () {
        for (const { project, text, role } of stack().buildSteps()) {
            assert.doesNotMatch(text, /docker\.sock|docker run|docker pull/, project);
            if (role !== "builder") assert.doesNotMatch(text, /\bdocker\b/, project);
        }
        for (const { name, properties } of stack().ofType(types.project)) {
            const { environmentVariables = [], privilegedMode } = properties["environment"] as { environmentVariables?: Record<string, string>[]; privilegedMode?: boolean }; // prettier-ignore
            assert.equal(
                privilegedMode === true,
                /^sample-(?:delivery|review)-build-project$/.test(name),
                name,
            );
            for (const { name: variable, type } of environmentVariables) assert.equal(type, "PARAMETER_STORE", `${name}: ${variable}`); // prettier-ignore
        }
        const refused = stack().refusals((sabotage) => {
            sabotage.commands("scan-accuknox-project", (command) =>
                /trivy image/.test(command)
                    ? "docker run --rm -v /var/run/docker.sock:/var/run/docker.sock accuknox/accuknox-container-scan:latest image"
                    : command,
            );
            sabotage.change(types.project, "scan-accuknox-project", (inputs) => {
                (inputs["environment"] as Record<string, unknown>)["privilegedMode"] = true;
            });
        });
        for (const rule of ["BS-06", "CB-01"])
            assert.ok(refused.includes(`${rule} sample-delivery-scan-accuknox-project`), refused.join(", "));
        if (!canRunSteps()) return this.skip();
        const run = runStep(stack().buildStep("scan-accuknox-project"), {
            files: { trivy: "#!/usr/bin/env bash\necho '{}' > trivy.json\nprintf '{}'\n" },
        });
        assert.ok(
            calls(run, "node").some((call) => call.includes("scan --scanner accuknox")),
            run.output,
        );
        assert.deepEqual(leaks(run), []);
    });

    it("AccuKnox 6: soft failing must be asked for, is refused for a required scanner, and TLS is always verified", async () => {
        const soft = await gate.scanGrype(await gate.grypeFile("clean.json", []), "--advisory");
        assert.equal(soft.code, 64);
        assert.match(soft.err, /requires grype/);
        const refused = stack().refusals((sabotage) => {
            for (const name of ["grype", "accuknox", "lacework", "inspector", "anchore"])
                sabotage.buildspec(`scan-${name}-project`, /GATE_ADVISORY: "?(?:true|false)"?/, 'GATE_ADVISORY: "true" # soft'); // prettier-ignore
        });
        assert.ok(refused.includes("PIPE-01 sample-delivery-pipeline"), refused.join(", "));
        for (const { project, text } of stack().buildSteps()) {
            assert.doesNotMatch(text, /http:\/\/|--insecure|(?:curl|wget)[^\n]* -k\b|NODE_TLS_REJECT_UNAUTHORIZED|no-verify/i, project); // prettier-ignore
        }
        const unverified = stack().refusals((sabotage) => {
            sabotage.commands("scan-accuknox-project", (command) =>
                judging.test(command) ? `NODE_TLS_REJECT_UNAUTHORIZED=0 ${command}` : command,
            );
        });
        assert.ok(unverified.includes("BS-06 sample-delivery-scan-accuknox-project"), unverified.join(", "));
        // A console whose certificate nobody vouches for gets nothing.
        const console = await startConsole({ tls: selfSignedCertificate() });
        try {
            const content = Buffer.from('{"SchemaVersion":2}');
            const path = await gate.file("tls.json", content.toString());
            const problem = await uploadReport(
                { path, sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length },
                { origin: console.origin, ...expectedAccess },
                { whole: 10_000, idle: 5_000, attempts: 1, sleep: () => Promise.resolve() },
            );
            assert.match(problem ?? "uploaded", /certificate|TLS/i);
            assert.equal(console.received.length, 0);
        } finally {
            await console.stop();
        }
    }).timeout(60_000);
});
