/** What no step may do: run what was not deployed, or go on without what it was to be given. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import {
    calls,
    gateCalls,
    installedTools,
    needsBash,
    replaced,
    run,
    steps,
    type DeployedFile,
} from "./testing/stepRun";

describe("tampering", function () {
    this.slow(10_000);
    this.timeout(60_000);
    before(function () {
        needsBash(this);
    });

    for (const step of steps) {
        const { name, buildspec } = step;
        if (name === "build") continue;

        for (const [, key = ""] of buildspec.matchAll(/aws s3 cp --no-progress "s3:\/\/([^"]+)"/g)) {
            it(`${name} runs nothing when ${basename(key)} is not the one that was deployed`, () => {
                const result = run(name, replaced(basename(key) as DeployedFile));
                assert.deepEqual(result.phases, { install: "failed" });
                assert.deepEqual(calls(result, "node"), []);
                assert.match(result.output, new RegExp(`${basename(key)}: FAILED`));
            });
        }

        for (const { tool } of installedTools(step)) {
            it(`${name} runs nothing when ${tool} is not the pinned one`, () => {
                const result = run(name, {}, true);
                assert.deepEqual(result.phases, { install: "failed" });
                assert.deepEqual(gateCalls(result), []);
                assert.equal(calls(result, "node").length, 1);
                assert.match(result.output, new RegExp(`NOT INSTALLED: ${tool}`));
                assert.doesNotMatch(result.output, new RegExp(`^\\./${tool} `, "m"));
            });
        }
    }

    for (const { name, variables, parameters } of steps) {
        it(`${name} does nothing without a variable that it needs, and says which`, () => {
            const needed = [...Object.keys(variables), ...parameters.map((parameter) => parameter.name)];
            assert(needed.length > 0);
            for (const variable of needed) {
                const result = run(name, { [variable]: "" });
                assert.equal(result.succeeded, false);
                assert.deepEqual(gateCalls(result), []);
                assert.deepEqual(calls(result, "docker"), []);
                assert.match(
                    result.output,
                    new RegExp(`${variable}: is not set by the (pipeline|project)`),
                    variable,
                );
            }
        });
    }
});
