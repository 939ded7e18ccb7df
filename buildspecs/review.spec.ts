/** What is different when the steps of a review run. */
import assert from "node:assert/strict";
import {
    calls,
    candidate,
    commit,
    destination,
    digest,
    execution,
    gateCalls,
    needsBash,
    reviewSteps,
    run,
    scanEvidence,
} from "./testing/stepRun";

const stepOf = (name: string) => {
    const found = reviewSteps.find((step) => step.name === `review-${name}`);
    assert(found, name);
    return found;
};

describe("steps of a review", function () {
    this.slow(5_000);
    before(function () {
        needsBash(this);
    });

    it("look for secrets in the commits that the destination does not have", () => {
        const result = run(stepOf("secrets"));
        assert.equal(result.succeeded, true, result.output);
        assert.deepEqual(gateCalls(result), [
            `node gate.cjs secrets --repository SOURCE --head ${commit} --destination ${destination} ` +
                "--rules gitleaks.toml --tool gitleaks --tool-path ./gitleaks --out report " +
                `--evidence s3://example-evidence --application demo--review --execution ${execution}`,
        ]);
        const failed = run(stepOf("secrets"), { RANGE_BEGIN: "" });
        assert.deepEqual([failed.succeeded, gateCalls(failed)], [false, []]);
    });

    it("push a tag that no delivery has", () => {
        const result = run(stepOf("build"));
        assert.equal(result.succeeded, true, result.output);
        const tag = "review-0123456789ab-7";
        assert.equal(result.exported["IMAGE_TAG"], tag);
        assert.deepEqual(
            calls(result, "docker").filter((line) => line.startsWith("docker push")),
            [`docker push ${candidate}:${tag}`],
        );
    });

    it("store what a scanner says apart from the evidence of releases", () => {
        const result = run(stepOf("scan-grype"));
        assert.equal(result.succeeded, true, result.output);
        assert.deepEqual(gateCalls(result), [
            `node gate.cjs scan --scanner grype --image ${candidate}@${digest} --report grype.json ` +
                `--policy gate-policy.json --stage test --out report ${scanEvidence("demo--review")}`,
        ]);
    });
});
