/** What really happens when the scan steps run and something goes wrong. */
import assert from "node:assert/strict";
import type { StepName } from "../infra/application/applicationNames";
import {
    calls,
    candidate,
    digest,
    gateCalls,
    needsBash,
    run,
    scanEvidence,
    staging,
    steps,
} from "./testing/stepRun";

const rest = (stage: string) => `--policy gate-policy.json --stage ${stage} --out report ${scanEvidence()}`;

/** What the gate is asked, by scanner: image and stage put in. */
const asked: Record<string, (image: string, stage: string) => string[]> = {
    grype: (image, stage) => [
        `node gate.cjs scan --scanner grype --image ${image} --report grype.json ${rest(stage)}`,
    ],
    anchore: (image, stage) => [
        `node gate.cjs scan --scanner anchore --image ${image} --tag commit-0123456789ab-7 ` +
            "--anchore-url https://anchore.example.internal --anchore-user admin --anchore-ca anchore-ca.pem " +
            `--timeout 2700 ${rest(stage)}`,
    ],
    accuknox: (image, stage) => [
        "node gate.cjs canary --out canary.cdx.json",
        `node gate.cjs scan --scanner accuknox --image ${image} --report trivy.json ` +
            "--trivy-version trivy-version.json --canary-report canary.json " +
            `--console-url https://cspm.accuknox.com --tenant 1234 --label portcullis --timeout 900 ${rest(stage)}`,
    ],
    lacework: (image, stage) => [
        `node gate.cjs scan --scanner lacework --image ${image} --lacework ./lacework --timeout 2700 ${rest(stage)}`,
    ],
    inspector: (image, stage) => [
        `node gate.cjs scan --scanner inspector --image ${image} --timeout 2700 ${rest(stage)}`,
    ],
};

describe("scan steps", function () {
    this.slow(5_000);
    before(function () {
        needsBash(this);
    });

    for (const [scanner, lines] of Object.entries(asked)) {
        for (const [name, image, stage] of [
            [`scan-${scanner}`, candidate, "test"],
            [`scan-staging-${scanner}`, staging, "scanStagingImage"],
        ] as [StepName, string, string][]) {
            it(`${name} asks about the digest in its repository`, () => {
                const result = run(name);
                assert.equal(result.succeeded, true, result.output);
                assert.deepEqual(gateCalls(result), lines(`${image}@${digest}`, stage));
            });
        }

        for (const status of ["1", "2", "64", "127"]) {
            it(`scan-${scanner} fails when the gate ends with ${status}`, () => {
                assert.deepEqual(run(`scan-${scanner}` as StepName, { FAKE_JUDGE_STATUS: status }).phases, {
                    install: "succeeded",
                    build: "failed",
                });
            });
        }
    }

    it("have the tool read the digest from the registry, with settings of their own", () => {
        assert.match(
            run("scan-grype").output,
            new RegExp(
                `^\\./grype --config grype-settings\\.yaml registry:${candidate}@${digest} --output json --file grype\\.json$`,
                "m",
            ),
        );
        const trivy = run("scan-staging-accuknox").output;
        const flags =
            "--scanners vuln --pkg-types os,library --severity UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL --ignore-unfixed=false " +
            "--show-suppressed --list-all-pkgs --format json";
        for (const line of [
            `./trivy image --image-src remote ${flags} --output trivy.json ${staging}@${digest}`,
            `./trivy sbom ${flags} --output canary.json canary.cdx.json`,
        ])
            assert(trivy.split("\n").includes(line), `${line}\n${trivy}`);
    });

    for (const name of ["scan-grype", "scan-accuknox"] as const) {
        for (const [what, faults] of [
            ["fails", { FAKE_TOOL_STATUS: "1" }],
            ["finds something at its own limit", { FAKE_TOOL_STATUS: "2" }],
            ["gets no token", { FAKE_LOGIN_STATUS: "1" }],
        ] as const) {
            it(`${name} judges nothing when the tool ${what}`, () => {
                const result = run(name, faults);
                assert.equal(result.succeeded, false);
                assert.deepEqual(gateCalls(result), []);
            });
        }
    }

    it("never push, copy or tag", () => {
        for (const { name, gateRole } of steps) {
            if (gateRole !== "scanner") continue;
            const result = run(name);
            assert.deepEqual(calls(result, "docker"), []);
            assert.doesNotMatch(gateCalls(result).join("\n"), /promote/);
        }
    });
});
