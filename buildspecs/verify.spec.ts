/** What really happens when the steps of the Verify stage run and something goes wrong. */
import assert from "node:assert/strict";
import {
    commit,
    evidence,
    gateCalls,
    needsBash,
    replaced,
    run,
    secretsWithTrufflehog,
} from "./testing/stepRun";

describe("verify steps", function () {
    this.slow(5_000);
    before(function () {
        needsBash(this);
    });

    it("lint judges the Dockerfile of the source by the rules of the stack", () => {
        const result = run("lint");
        assert.equal(result.succeeded, true, result.output);
        assert.deepEqual(gateCalls(result), [
            `node gate.cjs lint --repository SOURCE --dockerfile docker/Dockerfile --commit ${commit} ` +
                `--rules hadolint.yaml --threshold warning --hadolint ./hadolint --out report ${evidence}`,
        ]);
    });

    it("secrets are looked for up to the commit of the pipeline, by the rules of the stack", () => {
        const result = run("secrets");
        assert.equal(result.succeeded, true, result.output);
        assert.deepEqual(gateCalls(result), [
            `node gate.cjs secrets --repository SOURCE --head ${commit} --pipeline portcullis-dev-demo-delivery ` +
                `--rules gitleaks.toml --tool gitleaks --tool-path ./gitleaks --out report ${evidence}`,
        ]);
    });

    it("secrets are looked for with trufflehog where the stack wants it, and with its own rules", () => {
        const result = run(secretsWithTrufflehog());
        assert.equal(result.succeeded, true, result.output);
        assert.deepEqual(gateCalls(result), [
            `node gate.cjs secrets --repository SOURCE --head ${commit} --pipeline portcullis-dev-demo-delivery ` +
                `--tool trufflehog --tool-path ./trufflehog --out report ${evidence}`,
        ]);
        for (const failed of [
            run(secretsWithTrufflehog(), { FAKE_JUDGE_STATUS: "1" }),
            run(secretsWithTrufflehog(), replaced("gate.cjs")),
            run(secretsWithTrufflehog(), {}, true),
        ])
            assert.equal(failed.succeeded, false);
    });

    for (const name of ["lint", "secrets"] as const) {
        for (const status of ["1", "2", "64", "127"]) {
            it(`${name} fails when the gate ends with ${status}`, () => {
                assert.deepEqual(run(name, { FAKE_JUDGE_STATUS: status }).phases, {
                    install: "succeeded",
                    build: "failed",
                });
            });
        }
    }

    for (const head of ["f".repeat(40), ""]) {
        it(`lint judges nothing when the source is commit "${head}"`, () => {
            const result = run("lint", { FAKE_HEAD: head });
            assert.equal(result.succeeded, false);
            assert.deepEqual(gateCalls(result), []);
        });
    }
});
