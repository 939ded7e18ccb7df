import assert from "node:assert/strict";
import fc from "fast-check";
import * as z from "zod";
import { findingSchema, type Finding } from "../report/scanReport";
import { surelyValidFor } from "./surelyValid";
import { finding } from "./testing/verdictSamples";

const odd = fc.constantFrom<unknown>(
    undefined,
    null,
    "",
    0,
    1,
    true,
    [],
    {},
    "unknown",
    "CRITICAL",
    Number.NaN,
);

describe("what is surely valid", () => {
    const isFinding = surelyValidFor(findingSchema);

    it("is every ordinary finding", () => {
        fc.assert(fc.property(finding, (one) => assert.equal(isFinding(one), true)));
    });

    it("is nothing that the schema refuses", () => {
        const keys = [...Object.keys(findingSchema.shape), "more", "__proto__", "toString"];
        const packageKeys = [...Object.keys(findingSchema.shape.package.shape), "more"];
        fc.assert(
            fc.property(
                finding,
                fc.constantFrom(...keys),
                fc.constantFrom(...packageKeys, null),
                odd,
                fc.boolean(),
                (one, key, packageKey, value, isRemoved) => {
                    const changed = structuredClone(one) as Finding & Record<string, unknown>;
                    const target = (packageKey === null ? changed : changed.package) as Record<
                        string,
                        unknown
                    >;
                    const name = packageKey ?? key;
                    if (isRemoved) delete target[name];
                    else Object.defineProperty(target, name, { value, enumerable: true, configurable: true });
                    if (isFinding(changed)) assert.equal(findingSchema.safeParse(changed).success, true);
                },
            ),
            { numRuns: 2_000 },
        );
        for (const value of [undefined, null, [], {}, "x", 1]) assert.equal(isFinding(value), false);
    });

    for (const [name, schema, value] of [
        ["a pattern", z.string().regex(/a/), "a"],
        ["a format", z.iso.date(), "2026-03-04"],
        ["a longest length", z.string().max(3), "a"],
        ["a refinement", z.strictObject({}).refine(() => false), {}],
        ["a refinement of text", z.string().refine(() => false), "a"],
        ["a refinement of a boolean", z.boolean().refine(() => false), true],
        ["an open object", z.object({}), {}],
        ["an object that keeps more", z.looseObject({}), {}],
        ["a number", z.number(), 1],
        ["a transformation", z.string().transform(() => "b"), "a"],
        ["a default", z.string().default("b"), "a"],
        ["a coercion", z.coerce.string(), "a"],
        ["what stands in an object", z.strictObject({ a: z.number() }), { a: 1 }],
    ] as const) {
        it(`is nothing with ${name}, which it does not know`, () =>
            assert.equal(surelyValidFor(schema)(value), false));
    }

    it("is what it knows", () => {
        const schema = z.strictObject({
            a: z.string().min(2).nullable(),
            b: z.enum(["x", "y"]).optional(),
            c: z.boolean(),
        });
        const isValid = surelyValidFor(schema);
        for (const [value, expected] of [
            [{ a: "12", b: "x", c: true }, true],
            [{ a: null, c: false }, true],
            [{ a: "1", c: false }, false],
            [{ a: "12", b: "z", c: true }, false],
            [{ a: "12", b: null, c: true }, false],
            [{ c: true }, false],
            [{ a: null, c: true, d: 1 }, false],
            [Object.assign([], { a: null, c: true }), false],
        ] as const) {
            assert.equal(isValid(value), expected, JSON.stringify(value));
        }
    });
});
