/**
 * Programs that other teams might write, judged by the whole pack as the engine asks it. Good ones have exactly the
 * advice listed here and nothing that blocks; the five original designs break exactly the rules listed.
 */
import { deepEqual } from "node:assert/strict";
import { awsxExample, repositories, webService } from "./foreignStacks/containers";
import { buildAndScanCommands, delivery } from "./foreignStacks/delivery";
import { design } from "./foreignStacks/designs";
import { brokenDesigns, expected } from "./foreignStacks/expected";
import { idsOf, judged } from "./foreignStacks/judged";
import type { Program } from "./foreignStacks/program";
import {
    confusingNames,
    empty,
    generatedNames,
    gitHubActions,
    multiAccount,
    oneParameter,
    otherProviders,
    serverless,
    website,
} from "./foreignStacks/services";

const scannedByRegistry = { registryScanning: "stack" };
const programs: Record<string, [make: () => Program, settings?: Record<string, unknown>]> = {
    webService: [webService],
    awsxExample: [awsxExample],
    repositories: [repositories, scannedByRegistry],
    delivery: [delivery],
    deliveryRegistry: [() => delivery({ scanning: "registry" }), scannedByRegistry],
    serverless: [serverless],
    website: [website],
    otherProviders: [otherProviders],
    multiAccount: [multiAccount],
    gitHubActions: [gitHubActions],
    oneParameter: [oneParameter],
    empty: [empty],
    generatedNames: [generatedNames],
    confusingNames: [confusingNames],
};

/** What a preview may say depends on what the update says: nothing else, and nothing is left out without a word. */
async function previewFits(make: () => Program, settings?: Record<string, unknown>): Promise<void> {
    const after = await judged(make(), "update", settings);
    const final = [...after.mandatory, ...after.advisory];
    for (const moment of ["preview", "named"] as const) {
        const before = await judged(make(), moment, settings);
        const early = [...before.mandatory, ...before.advisory];
        deepEqual(before.errors, [], moment);
        deepEqual(
            early.filter((each) => !final.includes(each)),
            [],
            `${moment}: only the unknown makes these findings`,
        );
        const spoken = idsOf([...early, ...before.inconclusive]);
        deepEqual(
            idsOf(final).filter((id) => !spoken.includes(id)),
            [],
            `${moment}: passed while it was unknown`,
        );
    }
}

describe("Programs of other teams", () => {
    for (const [name, [make, settings]] of Object.entries(programs)) {
        it(`${name}: has exactly the findings that it earns`, async () => {
            const { errors, ...found } = await judged(make(), "update", settings);
            deepEqual(errors, []);
            deepEqual(found, expected[name]);
        });

        it(`${name}: the first preview says nothing that the update does not`, () =>
            previewFits(make, settings));
    }
});

describe("The five original designs, by the whole pack", () => {
    for (const [name, ids] of Object.entries(brokenDesigns)) {
        it(`${name}: blocks for exactly these reasons`, async () => {
            const { errors, mandatory } = await judged(design(name), "update");
            deepEqual(errors, []);
            deepEqual(idsOf(mandatory), ids);
        });

        it(`${name}: the first preview says nothing that the update does not`, () =>
            previewFits(() => design(name)));
    }

    it("a scan whose failure is swallowed blocks a pipeline that is sound otherwise", async () => {
        const sound = await judged(delivery(), "update");
        const scan =
            'version: 0.2\nphases:\n  build:\n    commands:\n      - trivy image --exit-code 1 "$REGISTRY/$REPOSITORY@$IMAGE_DIGEST" || true\n';
        const broken = await judged(delivery({ scan }), "update");
        deepEqual(sound.mandatory, []);
        deepEqual(broken.mandatory, ["BS-02 scan", "PIPE-01 shop"]);
    });

    it("a pipeline without its scan stage blocks", async () => {
        const { mandatory } = await judged(delivery({ scanStage: false }), "update");
        deepEqual(mandatory, ["PIPE-01 shop"]);
    });

    it("a build that scans before it pushes needs no scan stage", async () => {
        const { mandatory } = await judged(
            delivery({ build: buildAndScanCommands, scanStage: false }),
            "update",
        );
        deepEqual(mandatory, []);
    });
});
