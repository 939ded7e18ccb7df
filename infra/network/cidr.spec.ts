import assert from "node:assert/strict";
import fc from "fast-check";
import { cidrProblem, contains, formatCidr, overlaps, parseCidr, sizeOf } from "./cidr";

const cidr = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
    .map(([address, prefix]) => ({ base: address - (address % 2 ** (32 - prefix)), prefix }));

describe("cidr", () => {
    it("reads what it writes", () => {
        fc.assert(fc.property(cidr, (network) => assert.deepEqual(parseCidr(formatCidr(network)), network)));
        assert.deepEqual(parseCidr("10.20.0.0/16"), { base: 10 * 2 ** 24 + 20 * 2 ** 16, prefix: 16 });
        assert.equal(formatCidr({ base: 2 ** 32 - 1, prefix: 32 }), "255.255.255.255/32");
        assert.equal(sizeOf({ base: 0, prefix: 20 }), 4096);
    });

    for (const text of [
        "",
        "10.0.0.0",
        "10.0.0/8",
        "10.0.0.256/24",
        "10.0.0.0/33",
        "10.01.0.0/16",
        "::/0",
        "10.0.0.0/8 ",
    ]) {
        it(`refuses "${text}"`, () => {
            assert.equal(cidrProblem(text), "must be an IPv4 network such as 10.20.0.0/16");
            assert.throws(() => parseCidr(text), /must be an IPv4 network/);
        });
    }

    it("says which network an address lies in", () => {
        assert.equal(
            cidrProblem("10.20.30.40/16"),
            "has bits set behind the prefix; the network is 10.20.0.0/16",
        );
    });

    it("finds overlaps and containment", () => {
        const [a, b, c] = [parseCidr("10.0.0.0/16"), parseCidr("10.0.128.0/17"), parseCidr("10.1.0.0/16")];
        assert.deepEqual([overlaps(a, b), overlaps(b, a), overlaps(a, c)], [true, true, false]);
        assert.deepEqual([contains(a, b), contains(b, a), contains(a, c)], [true, false, false]);
        // Two networks overlap exactly when one contains the other.
        fc.assert(
            fc.property(cidr, cidr, (x, y) => assert.equal(overlaps(x, y), contains(x, y) || contains(y, x))),
        );
    });
});
