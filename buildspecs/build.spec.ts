/** What really happens when the steps of the Build stage run and something goes wrong. */
import assert from "node:assert/strict";
import {
    calls,
    candidate,
    commit,
    digest,
    evidence,
    gateCalls,
    needsBash,
    registry,
    run,
} from "./testing/stepRun";

const tag = "commit-0123456789ab-7";

describe("build step", function () {
    this.slow(5_000);
    before(function () {
        needsBash(this);
    });

    it("pushes once and exports the digest that the registry holds", () => {
        const result = run("build");
        assert.equal(result.succeeded, true, result.output);
        assert.deepEqual(result.exported, {
            IMAGE_DIGEST: digest,
            IMAGE_URI: `${candidate}@${digest}`,
            IMAGE_TAG: tag,
        });
        assert.deepEqual(calls(result, "docker"), [
            `docker login --username AWS --password-stdin ${registry}`,
            `docker build --pull --provenance=false --file docker/Dockerfile --tag ${candidate}:${tag} src`,
            `docker push ${candidate}:${tag}`,
            `docker image inspect ${candidate}:${tag}`,
        ]);
        assert.deepEqual(JSON.parse(result.artifacts["image.json"] ?? ""), {
            image: `${candidate}@${digest}`,
            digest,
            tag,
            commit,
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
        ["the source is another commit than the one that was verified", { FAKE_HEAD: "f".repeat(40) }],
        ["the source is no repository", { FAKE_HEAD: "" }],
    ] as const) {
        it(`fails when ${what}, and leaves nothing for the next step`, () => {
            const result = run("build", faults);
            assert.equal(result.succeeded, false);
            assert.deepEqual(result.artifacts, {});
            assert.equal(result.exported["IMAGE_DIGEST"], "");
            assert.equal(result.exported["IMAGE_URI"], "");
        });
    }

    for (const [variable, value] of [
        ["FAKE_BUILD_STATUS", "1"],
        ["FAKE_HEAD", "f".repeat(40)],
        ["COMMIT_ID", ""],
    ] as const) {
        it(`pushes nothing with ${variable}=${value}`, () => {
            assert.doesNotMatch(calls(run("build", { [variable]: value }), "docker").join(), /push/);
        });
    }

    it("says which commit it found and which was verified", () => {
        assert.match(
            run("build", { FAKE_HEAD: "f".repeat(40) }).output,
            new RegExp(`The source is commit f{40}, not ${commit}, which was verified`),
        );
    });
});

describe("bill of materials step", function () {
    this.slow(5_000);
    before(function () {
        needsBash(this);
    });

    it("has syft read the pushed digest from the registry and stores what it wrote", () => {
        const result = run("sbom");
        assert.equal(result.succeeded, true, result.output);
        assert.match(
            result.output,
            new RegExp(
                `^\\./syft scan registry:${candidate}@${digest} --config syft-settings\\.yaml ` +
                    "--output cyclonedx-json=cyclonedx\\.json$",
                "m",
            ),
        );
        assert.deepEqual(gateCalls(result), [
            `node gate.cjs sbom --image ${candidate}@${digest} --report cyclonedx.json --out report ${evidence}`,
        ]);
    });

    it("fails when the gate refuses the bill", () => {
        for (const status of ["1", "2", "64"]) {
            assert.deepEqual(run("sbom", { FAKE_JUDGE_STATUS: status }).phases, {
                install: "succeeded",
                build: "failed",
            });
        }
    });

    it("stores nothing when syft fails or the registry gives no token", () => {
        for (const fault of ["FAKE_TOOL_STATUS", "FAKE_LOGIN_STATUS"]) {
            const result = run("sbom", { [fault]: "1" });
            assert.equal(result.succeeded, false);
            assert.deepEqual(gateCalls(result), []);
        }
    });
});
