import assert from "node:assert/strict";
import { runProgram } from "../offline/testing/runProgram";
import { itIsCleanInEveryVariant, variants } from "./testing/programVariants";

// The previews are in a file of their own, so that two workers share the load.
describe("Program after an update", () => {
    itIsCleanInEveryVariant("update");

    it("gives every taggable resource its name, its stack and its owner", async function () {
        this.timeout(180_000);
        const owned = variants.find(({ config }) => config?.["tags"] !== undefined);
        assert.ok(owned);
        const { stack, config = {} } = owned;
        const { resources } = await runProgram({ stack, mode: "update", config });
        const untagged = resources
            .filter(({ outputs, type, custom }) => custom && type.startsWith("aws:") && "tagsAll" in outputs)
            .filter(({ inputs }) => {
                const tags = (inputs["tags"] ?? {}) as Record<string, unknown>;
                return (
                    tags["Owner"] !== "platform" ||
                    tags["Stack"] !== "dev" ||
                    tags["Project"] !== "portcullis"
                );
            })
            .map(({ type, name }) => `${type} ${name}`);
        assert.deepEqual(untagged, []);
        assert.ok(resources.some(({ outputs }) => "tagsAll" in outputs));
    });
});
