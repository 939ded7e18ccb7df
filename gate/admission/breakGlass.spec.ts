import assert from "node:assert/strict";
import fc from "fast-check";
import { minutesAfterStart } from "../approval/testing/approvalSamples";
import {
    DamagedOverrideError,
    openOverrides,
    overrideItem,
    overrideSchema,
    readOverrideItem,
    whyNotOpen,
} from "./breakGlass";
import { now, overrideSample } from "./testing/deploymentSamples";

const at = (minutes: number): string => minutesAfterStart(minutes).toISOString();

describe("overrides", () => {
    it("hold from their issue to their end, a day at most", () => {
        const cases: [string, Parameters<typeof overrideSample>[0], string | null][] = [
            ["in its time", {}, null],
            ["for exactly a day", { issuedAt: at(30), until: at(30 + 24 * 60) }, null],
            ["in its last moment", { until: new Date(now.getTime() + 1).toISOString() }, null],
            ["at its end", { until: now.toISOString() }, `ended at ${now.toISOString()}`],
            ["within the skew of clocks", { issuedAt: at(35) }, null],
            ["later", { issuedAt: at(36), until: at(90) }, `is dated in the future, ${at(36)}`],
            [
                "for longer than a day by itself",
                { issuedAt: at(-1_400), until: at(41) },
                `lasts longer than 24 hours, from ${at(-1_400)} to ${at(41)}`,
            ],
            [
                "for longer than a day from now",
                { issuedAt: at(34), until: at(34 + 24 * 60) },
                `lasts longer than 24 hours, from ${at(34)} to ${at(34 + 24 * 60)}`,
            ],
            [
                "backwards",
                { issuedAt: at(20), until: at(19) },
                `lasts longer than 24 hours, from ${at(20)} to ${at(19)}`,
            ],
            ["never", { until: "soon" }, `lasts longer than 24 hours, from ${at(20)} to soon`],
            ["not once revoked", { revoked: { at: at(21), by: "bob" } }, `was revoked at ${at(21)} by bob`],
        ];
        for (const [name, change, why] of cases)
            assert.equal(whyNotOpen(overrideSample(change), now), why, name);
    });

    it("never hold longer than a day from now, whatever their times are", () => {
        fc.assert(
            fc.property(fc.integer(), fc.integer(), (from, to) => {
                const times = [from, to].map((milliseconds) => {
                    const time = new Date(now.getTime() + (milliseconds % 200_000_000));
                    return time.toISOString();
                });
                const override = overrideSample({ issuedAt: times[0] ?? "", until: times[1] ?? "" });
                if (whyNotOpen(override, now) !== null) return;
                const later = new Date(now.getTime() + 24 * 3_600_000 + 1);
                assert.notEqual(whyNotOpen(override, later), null);
                assert.ok(Date.parse(override.until) - Date.parse(override.issuedAt) <= 24 * 3_600_000);
            }),
            { numRuns: 500 },
        );
    });

    it("are for their digest and application alone", () => {
        const query = { application: "orders", digest: overrideSample().digest, now };
        const [short, long] = [overrideSample(), overrideSample({ until: at(200) })];
        assert.deepEqual(openOverrides([short, long], query), [long, short]);
        assert.deepEqual(openOverrides([short], { ...query, application: "billing" }), []);
        assert.deepEqual(openOverrides([short], { ...query, digest: `sha256:${"b".repeat(64)}` }), []);
    });

    it("say why in 20 visible characters, and nothing that is not known", () => {
        for (const [change, valid] of [
            [{}, true],
            [{ reason: "x".repeat(20) }, true],
            [{ reason: `${"x".repeat(19)}     ` }, false],
            [{ reason: "x".repeat(1_001) }, false],
            [{ who: "" }, false],
            [{ digest: "latest" }, false],
            [{ application: "a/b" }, false],
            [{ until: "2026-03-05" }, false],
            [{ hours: 3 }, false],
        ] as const) {
            assert.equal(overrideSchema.safeParse({ ...overrideSample(), ...change }).success, valid);
        }
    });

    it("are read as they were written, and not when anything was changed", () => {
        const override = overrideSample({ revoked: { at: at(25), by: "bob" } });
        const item = overrideItem(override);
        assert.deepEqual(item, {
            digest: { S: override.digest },
            record: { S: `override#${at(20)}#${override.id}` },
            application: { S: "orders" },
            reason: { S: override.reason },
            who: { S: override.who },
            until: { S: at(80) },
            revokedBy: { S: "bob" },
            document: { S: JSON.stringify(override) },
        });
        assert.deepEqual(readOverrideItem(item, "t"), override);
        for (const name of Object.keys(item)) {
            for (const changed of [
                { ...item, [name]: { S: "x" } },
                { ...item, [name]: { N: "1" } },
            ]) {
                assert.throws(() => readOverrideItem(changed, "t"), DamagedOverrideError, name);
            }
        }
        const { revokedBy: _, ...unrevoked } = item;
        assert.throws(() => readOverrideItem(unrevoked, "t"), /its revokedBy is not what its document says/);
        assert.throws(() => readOverrideItem({ ...item, more: { S: "x" } }, "t"), /its more is not/);
    });
});
