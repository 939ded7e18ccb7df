import assert from "node:assert/strict";
import { runProgram } from "../offline/testing/runProgram";
import { itIsCleanInEveryVariant } from "./testing/programVariants";

describe("Program in a preview", () => {
    itIsCleanInEveryVariant("preview");

    it("keeps every subnet where it is when a zone is added", async function () {
        this.timeout(180_000);
        const subnets = async (config: Record<string, unknown>): Promise<Map<string, unknown>> => {
            const { resources } = await runProgram({ stack: "dev", mode: "preview", config });
            return new Map(
                resources
                    .filter(({ type }) => type === "aws:ec2/subnet:Subnet")
                    .map(({ name, inputs }) => [name, inputs["cidrBlock"]]),
            );
        };
        // Two zones are the default: this preview is the one of the variant.
        const [two, four] = [await subnets({}), await subnets({ network: { zones: 4 } })];
        assert.equal(two.size, 4);
        assert.equal(four.size, 8);
        for (const [name, cidrBlock] of two) {
            assert.equal(four.get(name), cidrBlock, name);
        }
    });
});
