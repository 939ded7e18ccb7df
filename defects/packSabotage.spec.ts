/**
 * Changes of our own stack, one by one, judged by the policy pack in its own process: in preview, where much is not known
 * yet, and in update mode. Each is caught by its rule; no other rule fires that has nothing to do with it.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { buildsAndGate } from "./mutations/buildsAndGate";
import { platform } from "./mutations/platform";
import { registryAndPipeline } from "./mutations/registryAndPipeline";
import { JudgedByPack } from "./testing/judgedByPack";

const mutations = [...registryAndPipeline, ...buildsAndGate, ...platform];

describe("mutations of our own stack", () => {
    it("are more than sixty, and different", () => {
        ok(mutations.length >= 60, `${mutations.length}`);
        equal(new Set(mutations.map(({ what }) => what)).size, mutations.length);
    });

    for (const mode of ["preview", "update"] as const) {
        describe(`in ${mode} mode, by the pack's own process`, function () {
            this.timeout(600_000);
            let judged: JudgedByPack;
            before(async () => {
                judged = await JudgedByPack.start(mode);
            });
            after(() => judged?.close());

            it("nothing that is mandatory is found in the stack as it is", () => {
                deepEqual(
                    [...judged.findings].flatMap(([finding, level]) =>
                        level === "mandatory" ? [finding] : [],
                    ),
                    [],
                );
            });

            for (const { what, caught, change } of mutations) {
                it(`${caught[0].split(" ")[0]}: ${what}`, async () => {
                    const found = await judged.newFindings(change);
                    deepEqual([...found.keys()], [...caught].sort());
                });
            }
        });
    }
});
