import assert from "node:assert/strict";
import fc from "fast-check";
import { planAddresses, tiers } from "./addressPlan";
import { contains, formatCidr, overlaps, parseCidr } from "./cidr";

const vpc = fc
    .tuple(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 16, max: 20 }),
        fc.integer({ min: 0, max: 15 }),
    )
    .map(([octet, prefix, part]) =>
        formatCidr({
            base: 10 * 2 ** 24 + octet * 2 ** 16 + (part % 2 ** (prefix - 16)) * 2 ** (32 - prefix),
            prefix,
        }),
    );

describe("address plan", () => {
    it("gives each subnet a sixteenth of the VPC", () => {
        assert.deepEqual(planAddresses("10.20.0.0/16", 2, tiers), {
            public: ["10.20.0.0/20", "10.20.16.0/20"],
            private: ["10.20.64.0/20", "10.20.80.0/20"],
        });
        assert.deepEqual(planAddresses("10.20.16.0/20", 4, tiers), {
            public: ["10.20.16.0/24", "10.20.17.0/24", "10.20.18.0/24", "10.20.19.0/24"],
            private: ["10.20.20.0/24", "10.20.21.0/24", "10.20.22.0/24", "10.20.23.0/24"],
        });
    });

    it("keeps every subnet inside the VPC and apart from the others", () => {
        fc.assert(
            fc.property(
                vpc,
                fc.integer({ min: 1, max: 4 }),
                fc.integer({ min: 1, max: 4 }),
                (block, zones, count) => {
                    const names = ["a", "b", "c", "d"].slice(0, count);
                    const all = Object.values(planAddresses(block, zones, names))
                        .flat()
                        .map(parseCidr);
                    assert.equal(all.length, zones * count);
                    all.forEach((one, index) => {
                        assert.ok(contains(parseCidr(block), one));
                        assert.ok(all.slice(index + 1).every((other) => !overlaps(one, other)));
                    });
                },
            ),
        );
    });

    it("moves nothing when a zone or a tier is added", () => {
        fc.assert(
            fc.property(
                vpc,
                fc.integer({ min: 1, max: 3 }),
                fc.integer({ min: 1, max: 3 }),
                (block, zones, count) => {
                    const names = ["a", "b", "c", "d"];
                    const before = planAddresses(block, zones, names.slice(0, count));
                    const after = planAddresses(block, zones + 1, names.slice(0, count + 1));
                    for (const [tier, networks] of Object.entries(before)) {
                        assert.deepEqual(after[tier]?.slice(0, zones), networks);
                    }
                },
            ),
        );
    });

    it("refuses what does not fit", () => {
        assert.throws(() => planAddresses("10.0.0.0/16", 5, tiers), /zones must be 1 to 4, not 5/);
        assert.throws(() => planAddresses("10.0.0.0/16", 0, tiers), /zones must be 1 to 4, not 0/);
        assert.throws(() => planAddresses("10.0.0.0/16", 2, ["a", "b", "c", "d", "e"]), /4 tiers only/);
        assert.throws(() => planAddresses("10.0.0.0/25", 2, tiers), /subnets would be \/29, AWS allows \/28/);
    });
});
