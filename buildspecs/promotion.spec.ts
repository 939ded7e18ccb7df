/** What really happens when the promotions run and something goes wrong. */
import assert from "node:assert/strict";
import {
    candidate,
    commit,
    digest,
    evidence,
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
            assert.deepEqual(gateCalls(result), [...verdicts[name], promote[name]]);
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
    }
});
