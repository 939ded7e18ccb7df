import assert from "node:assert/strict";
import * as fc from "fast-check";
import { formatBlock, overlaps, parseBlock, size, subBlock } from "./addresses";

const block = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 8, max: 28 }))
    .map(([address, mask]) => ({ base: address - (address % 2 ** (32 - mask)), mask }));

describe("IPv4 blocks", () => {
    it("reads what it writes", () => {
        fc.assert(fc.property(block, (each) => assert.deepEqual(parseBlock(formatBlock(each)), each)));
    });
    it("divides a block into parts that fill it and do not overlap", () => {
        fc.assert(
            fc.property(block, fc.integer({ min: 1, max: 3 }), (whole, bits) => {
                const parts = Array.from({ length: 2 ** bits }, (_, index) => subBlock(whole, bits, index));
                assert.equal(
                    parts.reduce((sum, part) => sum + size(part), 0),
                    size(whole),
                );
                assert.ok(
                    parts.every((part, i) => parts.every((other, j) => overlaps(part, other) === (i === j))),
                );
                assert.ok(parts.every((part) => overlaps(part, whole)));
            }),
        );
    });
    it("cuts host bits off and refuses what is no block", () => {
        assert.deepEqual(parseBlock("10.20.3.4/16"), parseBlock("10.20.0.0/16"));
        assert.equal(parseBlock("10.20.0.0"), undefined);
        assert.equal(parseBlock("10.20.0.256/16"), undefined);
        assert.equal(parseBlock("10.20.0.0/33"), undefined);
    });
});
