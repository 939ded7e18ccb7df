/** What really happens when each build step runs and something goes wrong. Every outcome is tried, not read. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StepName } from "../infra/application/applicationNames";
import {
    codecommitApplication,
    exampleContext,
    exampleLiterals,
} from "../infra/application/testing/examplePlatform";
import { applicationSteps } from "../infra/pipeline/steps";
import { readToolManifest } from "../infra/pipeline/toolManifest";
import { findBash, runBuild, type BuildResult } from "./testing/codeBuild";

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

const gateText = "// stands for the bundled gate\n";
const policyText = '{"version":1}\n';
const digest = `sha256:${"d".repeat(64)}`;
const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const candidate = `${registry}/portcullis-dev-demo-candidate`;
const staging = `${registry}/portcullis-dev-demo-staging`;
const production = `${registry}/portcullis-dev-demo-production`;
const registryPassword = "registry-password-of-the-test";
const anchorePassword = "anchore-password-of-the-test";

const steps = applicationSteps(
    exampleContext(codecommitApplication, exampleLiterals(), {
        gateKey: "gate/x/gate.cjs",
        gateSha256: sha256(gateText),
        policyKey: "gate/x/gate-policy.json",
        policySha256: sha256(policyText),
    }),
);

/** Programs that answer as the real ones would; `FAKE_…` variables make them fail. */
const programs = {
    aws: `
case "$1 $2" in
    "s3 cp")
        case "$4" in
            s3://example-artifacts/gate/x/gate.cjs) printf '%s' "$FAKE_GATE" > "$5" ;;
            s3://example-artifacts/gate/x/gate-policy.json) printf '%s' "$FAKE_POLICY" > "$5" ;;
            *) exit 1 ;;
        esac ;;
    "ecr get-login-password") printf '%s' "$FAKE_REGISTRY_PASSWORD"; exit "\${FAKE_LOGIN_STATUS:-0}" ;;
    "ecr describe-images") echo "\${FAKE_DESCRIBED:-None}" ;;
    *) exit 99 ;;
esac`,
    docker: `
case "$1" in
    login) [ "$(cat)" = "$FAKE_REGISTRY_PASSWORD" ] ;;
    build) exit "\${FAKE_BUILD_STATUS:-0}" ;;
    push) exit "\${FAKE_PUSH_STATUS:-0}" ;;
    image) printf '[{"RepoDigests":["%s"]}]\\n' "$FAKE_PUSHED" ;;
    *) exit 99 ;;
esac`,
    curl: `
while [ "$#" -gt 1 ]; do if [ "$1" = --output ]; then out="$2"; fi; shift; done
cat "$FAKE_ARCHIVE" > "$out"`,
    node: `
[ "$1" = gate.cjs ] && [ -s gate.cjs ] && [ -s gate-policy.json ] || [ "$2" = promote ] || exit 99
case "$2" in
    scan) exit "\${FAKE_SCAN_STATUS:-0}" ;;
    verdict) [[ "$*" = *" --stage test "* ]] && exit "\${FAKE_VERDICT_STATUS:-0}"; exit "\${FAKE_STAGING_STATUS:-0}" ;;
    promote) exit "\${FAKE_PROMOTE_STATUS:-0}" ;;
    *) exit 99 ;;
esac`,
};

const grypeProgram = `#!/usr/bin/env bash
[ "$GRYPE_REGISTRY_AUTH_PASSWORD" = "$FAKE_REGISTRY_PASSWORD" ] && [ "$GRYPE_REGISTRY_AUTH_USERNAME" = AWS ] || exit 1
[ "$GRYPE_REGISTRY_AUTH_AUTHORITY" = "${registry}" ] || exit 1
[ "$1 $2 $3 $4 $5" = "--config grype-settings.yaml registry:${candidate}@${digest} --output json" ] || exit 1
[ "$(cat "$2") $6" = "{} --file" ] || exit 1
[ "\${FAKE_GRYPE_STATUS:-0}" = 0 ] || exit "$FAKE_GRYPE_STATUS"
echo '{"matches":[]}' > "$7"
`;

describe("build steps", function () {
    this.slow(5_000);
    let folder: string;
    let archive: string;

    before(function () {
        if (findBash() === null) {
            console.log("      skipped: bash 4 or later is needed to run the build steps");
            return this.skip();
        }
        folder = mkdtempSync(join(tmpdir(), "grype-"));
        writeFileSync(join(folder, "grype"), grypeProgram, { mode: 0o755 });
        archive = join(folder, "grype.tar.gz");
        assert.equal(spawnSync("tar", ["-czf", archive, "-C", folder, "grype"]).status, 0);
    });

    after(() => {
        if (folder) rmSync(folder, { recursive: true, force: true });
    });

    function run(name: StepName, faults: Record<string, string> = {}, pinned = false): BuildResult {
        const step = steps.find((candidateStep) => candidateStep.name === name);
        assert(step);
        const values: Record<string, string> = {
            COMMIT_ID: "0123456789abcdef0123456789abcdef01234567",
            IMAGE_DIGEST: digest,
            IMAGE_TAG: "commit-0123456789ab-7",
            EXECUTION_ID: "11111111-2222-3333-4444-555555555555",
            ANCHORE_CA: "-----BEGIN CERTIFICATE-----",
            ANCHORE_PASSWORD: anchorePassword,
        };
        const given = [...Object.keys(step.variables), ...step.parameters.map((parameter) => parameter.name)];
        const environment = {
            ...Object.fromEntries(given.map((variable) => [variable, values[variable] ?? ""])),
            CODEBUILD_BUILD_NUMBER: "7",
            FAKE_GATE: gateText,
            FAKE_POLICY: policyText,
            FAKE_REGISTRY_PASSWORD: registryPassword,
            FAKE_DESCRIBED: digest,
            FAKE_PUSHED: `${candidate}@${digest}`,
            FAKE_ARCHIVE: archive,
            ...faults,
        };
        const text = pinned
            ? step.buildspec
            : step.buildspec.replace(readToolManifest().grype.sha256, sha256(readFileSync(archive)));
        const [kept, reset] = (["kept", "reset"] as const).map((shellOptions) =>
            runBuild(text, { environment, programs, shellOptions }),
        );
        assert(kept && reset);
        // Whether bash's options survive from one command to the next must not matter.
        const comparable = (result: BuildResult) => ({
            ...result,
            output: "",
            // The two sides of a pipe start at the same time.
            calls: result.calls.map((words) => words.join(" ")).sort(),
        });
        assert.deepEqual(comparable(kept), comparable(reset));
        for (const secret of [registryPassword, anchorePassword]) {
            assert(!kept.output.includes(secret), `${name} shows a secret`);
            assert(!JSON.stringify(kept.calls).includes(secret), `${name} puts a secret on a command line`);
        }
        return kept;
    }

    /** The calls of one program, each as one line, without what is the same everywhere. */
    const calls = (result: BuildResult, program: string) =>
        result.calls.filter(([name]) => name === program).map((words) => words.join(" "));

    describe("build", () => {
        it("pushes once and exports the digest that the registry holds", () => {
            const result = run("build");
            assert.equal(result.succeeded, true, result.output);
            assert.deepEqual(result.exported, {
                IMAGE_DIGEST: digest,
                IMAGE_URI: `${candidate}@${digest}`,
                IMAGE_TAG: "commit-0123456789ab-7",
            });
            assert.deepEqual(calls(result, "docker"), [
                `docker login --username AWS --password-stdin ${registry}`,
                `docker build --pull --provenance=false --file docker/Dockerfile --tag ${candidate}:commit-0123456789ab-7 src`,
                `docker push ${candidate}:commit-0123456789ab-7`,
                `docker image inspect ${candidate}:commit-0123456789ab-7`,
            ]);
            assert.deepEqual(JSON.parse(result.artifacts["image.json"] ?? ""), {
                image: `${candidate}@${digest}`,
                digest,
                tag: "commit-0123456789ab-7",
                commit: "0123456789abcdef0123456789abcdef01234567",
            });
        });

        for (const [what, faults] of [
            ["the registry gives no token", { FAKE_LOGIN_STATUS: "1" }],
            ["the Dockerfile does not build", { FAKE_BUILD_STATUS: "1" }],
            ["the push fails", { FAKE_PUSH_STATUS: "1" }],
            ["the registry does not know the tag", { FAKE_DESCRIBED: "None" }],
            ["the registry gives a short digest", { FAKE_DESCRIBED: "sha256:abc" }],
            ["the registry gives two digests", { FAKE_DESCRIBED: `${digest}\t${digest}` }],
            [
                "the tag leads to another image than the one built",
                { FAKE_PUSHED: `${candidate}@sha256:${"e".repeat(64)}` },
            ],
            ["the pipeline gives no commit", { COMMIT_ID: "" }],
        ] as const) {
            it(`fails when ${what}, and leaves nothing for the next step`, () => {
                const result = run("build", faults);
                assert.equal(result.succeeded, false);
                assert.deepEqual(result.artifacts, {});
                assert.equal(result.exported["IMAGE_DIGEST"], "");
                assert.equal(result.exported["IMAGE_URI"], "");
            });
        }

        it("pushes nothing when the build failed", () => {
            assert.doesNotMatch(calls(run("build", { FAKE_BUILD_STATUS: "1" }), "docker").join(), /push/);
        });
    });

    describe("scans", () => {
        const evidence =
            "--evidence s3://example-evidence --application demo --execution 11111111-2222-3333-4444-555555555555";

        it("grype is fetched, checked, run on the digest, and its report judged", () => {
            const result = run("scan-grype");
            assert.equal(result.succeeded, true, result.output);
            assert.deepEqual(calls(result, "node"), [
                `node gate.cjs scan --scanner grype --image ${candidate}@${digest} --report grype.json ` +
                    `--policy gate-policy.json --stage test --out report ${evidence}`,
            ]);
        });

        it("anchore is asked about the digest and the tag", () => {
            const result = run("scan-anchore");
            assert.equal(result.succeeded, true, result.output);
            assert.deepEqual(calls(result, "node"), [
                `node gate.cjs scan --scanner anchore --image ${candidate}@${digest} --tag commit-0123456789ab-7 ` +
                    "--anchore-url https://anchore.example.internal --anchore-user admin --anchore-ca anchore-ca.pem " +
                    `--timeout 2700 --policy gate-policy.json --stage test --out report ${evidence}`,
            ]);
        });

        for (const name of ["scan-anchore", "scan-grype"] as const) {
            for (const status of ["1", "2", "64", "127"]) {
                it(`${name} fails when the gate ends with ${status}`, () => {
                    assert.deepEqual(run(name, { FAKE_SCAN_STATUS: status }).phases, {
                        install: "succeeded",
                        build: "failed",
                    });
                });
            }
        }

        for (const [what, faults] of [
            ["fails", { FAKE_GRYPE_STATUS: "1" }],
            ["finds something at its own limit", { FAKE_GRYPE_STATUS: "2" }],
            ["gets no token", { FAKE_LOGIN_STATUS: "1" }],
        ] as const) {
            it(`nothing is judged when grype ${what}`, () => {
                const result = run("scan-grype", faults);
                assert.equal(result.succeeded, false);
                assert.deepEqual(calls(result, "node"), []);
            });
        }

        it("grype is not run when the archive is not the pinned one", () => {
            const result = run("scan-grype", {}, true);
            assert.deepEqual(result.phases, { install: "failed" });
            assert.match(result.output, /grype\.tar\.gz: FAILED/);
            assert.deepEqual(calls(result, "node"), []);
        });
    });

    describe("promotions", () => {
        const verdict = (image: string, stage: string) =>
            `node gate.cjs verdict --image ${image}@${digest} --policy gate-policy.json --stage ${stage} ` +
            "--evidence s3://example-evidence --application demo --execution 11111111-2222-3333-4444-555555555555";
        const verdicts = {
            stage: [verdict(candidate, "test")],
            publish: [verdict(candidate, "test"), verdict(staging, "scanStagingImage")],
        };
        const promote = {
            stage: `node gate.cjs promote --from ${candidate}@${digest} --to ${staging} --tag commit-0123456789ab-7`,
            publish: `node gate.cjs promote --from ${staging}@${digest} --to ${production} --tag 0123456789abcdef0123456789abcdef01234567`,
        };

        for (const name of ["stage", "publish"] as const) {
            it(`${name} judges first and copies by digest`, () => {
                const result = run(name);
                assert.equal(result.succeeded, true, result.output);
                assert.deepEqual(calls(result, "node"), [...verdicts[name], promote[name]]);
            });

            for (const status of ["1", "2", "64", "127"]) {
                it(`${name} copies nothing when the verdict ends with ${status}`, () => {
                    const result = run(name, { FAKE_VERDICT_STATUS: status });
                    assert.equal(result.succeeded, false);
                    assert.deepEqual(calls(result, "node"), verdicts[name].slice(0, 1));
                });
            }

            if (name === "publish") {
                it("publish copies nothing when the staging image does not pass", () => {
                    const result = run(name, { FAKE_STAGING_STATUS: "1" });
                    assert.equal(result.succeeded, false);
                    assert.deepEqual(calls(result, "node"), verdicts.publish);
                });
            }

            it(`${name} fails when the copy fails`, () => {
                assert.equal(run(name, { FAKE_PROMOTE_STATUS: "1" }).succeeded, false);
            });
        }
    });

    for (const name of ["scan-anchore", "scan-grype", "stage", "publish"] as const) {
        for (const [what, fault] of [
            ["the gate", { FAKE_GATE: "// something else\n" }],
            ["the policy", { FAKE_POLICY: '{"version":1,"limits":{"critical":99}}\n' }],
        ] as const) {
            it(`${name} stops before it runs anything when ${what} is not the one that was deployed`, () => {
                const result = run(name, fault);
                assert.deepEqual(result.phases, { install: "failed" });
                assert.deepEqual(calls(result, "node"), []);
            });
        }

        it(`${name} does nothing when a variable of the pipeline is missing`, () => {
            for (const variable of ["IMAGE_DIGEST", "EXECUTION_ID"]) {
                const result = run(name, { [variable]: "" });
                assert.deepEqual(result.phases, { install: "succeeded", build: "failed" });
                assert.deepEqual(calls(result, "node"), []);
                assert.match(result.output, new RegExp(`${variable}: is not set by the pipeline`));
            }
        });
    }
});
