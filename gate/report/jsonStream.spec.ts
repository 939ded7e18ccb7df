import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { JsonFormatError, readJsonStream, type JsonStreamOptions } from "./jsonStream";
import { parseStrictJson } from "./strictJson";
import { damage, randomNumbers } from "./testing/damage";
import { cutAtRandom, projected, splitElements } from "./testing/jsonModel";

interface Seen {
    rest: unknown;
    elements: { pattern: string; pointer: string; value: unknown }[];
}

function read(
    chunks: Iterable<Uint8Array>,
    elements: readonly string[],
    options: Partial<JsonStreamOptions> = {},
): Seen {
    const seen: Seen["elements"] = [];
    const { rest } = readJsonStream(chunks, { ...options, elements, onElement: (each) => seen.push(each) });
    return { rest, elements: seen };
}

const readText = (text: string, elements: readonly string[] = [], options: Partial<JsonStreamOptions> = {}) =>
    read([Buffer.from(text)], elements, options);

/** Keys that meet the patterns often, need escapes, or are other words for the same key. */
const key = fc.constantFrom(
    "a",
    "b",
    "c",
    "aa",
    "",
    "é",
    "a/b",
    "~",
    '"',
    "__proto__",
    "constructor",
    "1",
    "😀",
    "\\",
);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, false, 0, -0.5, 1e30, "", "x"),
        fc.string({ unit: "binary" }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie("value"), { maxLength: 4 }),
        fc
            .uniqueArray(fc.tuple(key, tie("value")), { maxLength: 5, selector: ([name]) => name })
            .map((entries) => {
                const object = {};
                for (const [name, value] of entries)
                    Object.defineProperty(object, name, {
                        value,
                        enumerable: true,
                        configurable: true,
                        writable: true,
                    });
                return object;
            }),
    ),
}));

const patternSets = [
    [],
    ["/*"],
    ["/a/*"],
    ["/a/*", "/b/*"],
    ["/a/*/b/*"],
    ["/*/a/*"],
    ["/*/a/*", "/*/b/a/*"],
    ["/a~1b/*"],
];
const keepSets: (readonly string[] | undefined)[] = [
    undefined,
    [],
    ["a"],
    ["a.b", "c"],
    ["a.a", "a.b.c", "é"],
    ["", "__proto__"],
];

describe("a stream of JSON", () => {
    it("gives what JSON.parse gives, whatever the elements, the kept keys and the chunks", () => {
        fc.assert(
            fc.property(
                anyValue,
                fc.constantFrom(...patternSets),
                fc.constantFrom(...keepSets),
                fc.constantFrom(...keepSets),
                fc.nat(2),
                fc.integer(),
                (value, patterns, keepRest, keepElement, indent, seed) => {
                    const content = Buffer.from(JSON.stringify(value, null, indent));
                    const keep: Record<string, readonly string[]> = {};
                    if (keepRest !== undefined) keep[""] = keepRest;
                    for (const pattern of patterns)
                        if (keepElement !== undefined) keep[pattern] = keepElement;
                    const parsed: unknown = JSON.parse(content.toString());
                    const expected = splitElements(parsed, patterns);
                    assert.deepEqual(read(cutAtRandom(content, seed), patterns, { keep }), {
                        rest: projected(expected.rest, keepRest, patterns),
                        elements: expected.elements.map((each) => ({
                            ...each,
                            value: projected(each.value, keepElement, []),
                        })),
                    });
                },
            ),
            { numRuns: 3_000 },
        );
    });

    it("accepts damaged text only when strict JSON.parse accepts it, and then gives the same", () => {
        const document = {
            a: [{ a: "x\\y\u00e9😀", b: [1, -2.5e-3, true, null], c: {} }, { a: "", aa: { a: 1 } }, "s", 7],
            b: { a: [], c: [[], {}, { a: [0.1] }] },
            "a/b": "z\n",
        };
        const content = Buffer.from(JSON.stringify(document, null, 1));
        const random = randomNumbers(4);
        const counts = { same: 0, refused: 0 };
        for (let round = 0; round < 20_000; round += 1) {
            const damaged = damage(random() < 0.3 ? damage(content, random) : content, random);
            const patterns = patternSets[Math.floor(random() * patternSets.length)] ?? assert.fail();
            let expected: Seen | null = null;
            try {
                const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(damaged);
                expected = splitElements(parseStrictJson(text), patterns);
            } catch {
                // To be refused.
            }
            const chunks = cutAtRandom(damaged, round);
            if (expected === null) {
                assert.throws(() => read(chunks, patterns), JsonFormatError, Buffer.from(damaged).toString());
                counts.refused += 1;
            } else {
                assert.deepEqual(read(chunks, patterns), expected);
                counts.same += 1;
            }
        }
        assert.ok(counts.same > 1_000 && counts.refused > 1_000, JSON.stringify(counts));
    });

    it("gives hash and number of all bytes", () => {
        const content = Buffer.from(' {"a":[1,2]}\n');
        const result = readJsonStream(cutAtRandom(content, 5), {
            elements: ["/a/*"],
            onElement: () => undefined,
        });
        assert.deepEqual(result, {
            rest: { a: [] },
            sha256: createHash("sha256").update(content).digest("hex"),
            bytes: 13,
        });
    });
});
