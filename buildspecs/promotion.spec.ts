/** What really happens when the promotions and the steps before a deployment run, and something goes wrong. */
import assert from "node:assert/strict";
import {
    candidate,
    commit,
    digest,
    evidence,
    execution,
    gateCalls,
    needsBash,
    production,
    run,
    staging,
} from "./testing/stepRun";

const verdict = (repository: string, stage: string) =>
    `node gate.cjs verdict --image ${repository}@${digest} --policy gate-policy.json --stage ${stage} ${evidence}`;
const verdicts = {
    stage: [verdict(candidate, "test")],
    publish: [verdict(candidate, "test"), verdict(staging, "scanStagingImage")],
};
const signing = "--key awskms:///alias/portcullis-dev-signing --application demo --cosign ./cosign";
const approved =
    `node gate.cjs approved --table portcullis-dev-approvals --image ${staging}@${digest} --application demo ` +
    `--execution ${execution} --timeout 600`;
const sign = `node gate.cjs sign --image ${production}@${digest} ${signing}`;
const promote = {
    stage: `node gate.cjs promote --from ${candidate}@${digest} --to ${staging} --tag commit-0123456789ab-7`,
    publish: `node gate.cjs promote --from ${staging}@${digest} --to ${production} --tag ${commit}`,
};

describe("promotions", function () {
    this.slow(5_000);
    before(function () {
        needsBash(this);
    });

    for (const name of ["stage", "publish"] as const) {
        it(`${name} judges first and copies by digest`, () => {
            const result = run(name);
            assert.equal(result.succeeded, true, result.output);
            const expected = {
                stage: [...verdicts.stage, promote.stage],
                publish: [...verdicts.publish, approved, promote.publish, sign],
            };
            assert.deepEqual(gateCalls(result), expected[name]);
        });

        for (const status of ["1", "2", "64", "127"]) {
            it(`${name} copies nothing when the verdict on the candidate ends with ${status}`, () => {
                const result = run(name, { FAKE_VERDICT_STATUS: status });
                assert.equal(result.succeeded, false);
                assert.deepEqual(gateCalls(result), verdicts[name].slice(0, 1));
            });
        }

        it(`${name} fails when the copy fails`, () => {
            assert.equal(run(name, { FAKE_PROMOTE_STATUS: "1" }).succeeded, false);
        });
    }

    for (const status of ["1", "2", "64", "127"]) {
        it(`publish copies nothing when the verdict on the staging image ends with ${status}`, () => {
            const result = run("publish", { FAKE_STAGING_STATUS: status });
            assert.equal(result.succeeded, false);
            assert.deepEqual(gateCalls(result), verdicts.publish);
        });

        it(`publish copies and signs nothing when the question for the approval ends with ${status}`, () => {
            const result = run("publish", { FAKE_APPROVED_STATUS: status });
            assert.equal(result.succeeded, false);
            assert.deepEqual(gateCalls(result), [...verdicts.publish, approved]);
        });
    }

    it("publish signs nothing that was not copied, and fails when it cannot be signed", () => {
        const notCopied = run("publish", { FAKE_PROMOTE_STATUS: "1" });
        assert.equal(gateCalls(notCopied).at(-1), promote.publish);
        for (const status of ["1", "2"]) {
            const notSigned = run("publish", { FAKE_SIGN_STATUS: status });
            assert.equal(notSigned.succeeded, false);
            assert.equal(gateCalls(notSigned).at(-1), sign);
        }
    });
});

describe("steps before a deployment", function () {
    this.slow(5_000);
    before(function () {
        needsBash(this);
    });

    const verify = `node gate.cjs verify-signature --image ${production}@${digest} ${signing}`;
    const definitions = (repository: string, container: string) =>
        `node gate.cjs imagedefinitions --image ${repository}@${digest} --container ${container} ` +
        "--out SOURCE/imagedefinitions.json";

    it("say which digest the staging service is to run", () => {
        const result = run("deploy-staging");
        assert.equal(result.succeeded, true, result.output);
        assert.deepEqual(gateCalls(result), [definitions(staging, "application")]);
        assert.deepEqual(result.artifacts, {
            "imagedefinitions.json": `${staging}@${digest} application\n`,
        });
    });

    it("say which digest the production service is to run, after its signature was verified", () => {
        const result = run("deploy-production");
        assert.equal(result.succeeded, true, result.output);
        assert.deepEqual(gateCalls(result), [verify, definitions(production, "web")]);
        assert.deepEqual(result.artifacts, { "imagedefinitions.json": `${production}@${digest} web\n` });
    });

    for (const status of ["1", "2", "64", "127"]) {
        it(`say nothing for production when the signature's verification ends with ${status}`, () => {
            const result = run("deploy-production", { FAKE_SIGNATURE_STATUS: status });
            assert.equal(result.succeeded, false);
            assert.deepEqual(gateCalls(result), [verify]);
            assert.deepEqual(result.artifacts, {});
        });
    }

    for (const name of ["deploy-staging", "deploy-production"] as const) {
        it(`${name} fails when the file cannot be written, and without a digest`, () => {
            assert.equal(run(name, { FAKE_DEFINITIONS_STATUS: "2" }).succeeded, false);
            const without = run(name, { IMAGE_DIGEST: "" });
            assert.equal(without.succeeded, false);
            assert.deepEqual(gateCalls(without), []);
        });
    }
});
