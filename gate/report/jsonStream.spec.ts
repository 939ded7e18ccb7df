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

/**
 * Keys that meet the patterns often, need escapes, or have a meaning in JavaScript. Not a single backslash: once V8 13.6
 * (Node 24) has seen that key, its JSON.parse takes other escaped keys for it. They are then fewer keys than colons,
 * or the wrong key, and no tool has such keys.
 */
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

    const twice = (
        text: string,
        elements: readonly string[] = ["/a/*"],
        options: Partial<JsonStreamOptions> = {},
    ) => [text, elements, options] as const;
    for (const [text, elements, options] of [
        twice('{"a":[],"a":[]}'),
        twice('{"a":[1],"\\u0061":[]}'),
        twice('{"b":1,"a":[],"b":1}'),
        twice('{"a":[{"x":1,"x":1}]}'),
        twice('{"a":[{"x":1,"\\u0078":2}]}'),
        twice('{"a":[{"x":{"y":[{"":1,"":2}]}}]}'),
        twice('{"a":[{"__proto__":1,"__proto__":2}]}'),
        twice('{"a":[{"x":1,"x":2,"z":0}]}', ["/a/*"], { keep: { "/a/*": ["x"] } }),
        twice('{"a":[{"x":1,"\\u0078":2}]}', ["/a/*"], { keep: { "/a/*": ["x"] } }),
        twice('{"a":[{"x":[{"y":1,"y":2}]}]}', ["/a/*"], { keep: { "/a/*": ["x.y"] } }),
        twice('{"a":[],"b":[],"a":[]}', ["/a/*"], { keep: { "": ["c"] } }),
    ]) {
        it(`refuses a key that stands twice: ${text} ${JSON.stringify(options)}`, () =>
            assert.throws(
                () => readText(text, elements, options),
                (error: Error) =>
                    error instanceof JsonFormatError &&
                    error.fault === "duplicate" &&
                    error.message.includes("stands twice in one object"),
            ));
    }

    it("does not look at keys that are left out, but at their grammar", () => {
        const keep = { "/a/*": ["x"] };
        assert.deepEqual(readText('{"a":[{"x":1,"z":{"q":1,"q":2}}]}', ["/a/*"], { keep }).elements, [
            { pattern: "/a/*", pointer: "/a/0", value: { x: 1 } },
        ]);
        for (const bad of [
            '{"q" 1}',
            "[1,]",
            "[01]",
            "tru",
            '"\\x"',
            '"\u0001"',
            "{,}",
            "1.",
            '"\\u00g0"',
            "[1}",
            "-",
        ]) {
            assert.throws(
                () => readText(`{"a":[{"x":1,"z":${bad}}]}`, ["/a/*"], { keep }),
                JsonFormatError,
                bad,
            );
        }
    });

    for (const [name, content, fault, message] of [
        ["nothing", "", "empty", /^nothing there$/],
        ["white space only", " \n", "syntax", /^cut off, at byte 2$/],
        ["two values", "{}{}", "syntax", /^expected the end, after one JSON value, at byte 2$/],
        ["a zero byte", "{}\0", "syntax", /at byte 2$/],
        ["a byte order mark", "\ufeff{}", "encoding", /byte order mark/],
        ["UTF-16", Buffer.from("\ufeff{}", "utf16le"), "encoding", /not UTF-8/],
        ["UTF-16 without a mark", Buffer.from("{}", "utf16le"), "syntax", /expected a key or "}", at byte 1/],
        ["Latin-1", Buffer.from('{"a":"\u00e9"}', "latin1"), "encoding", /not UTF-8/],
        ["a character cut off", Buffer.from('"\u00e9').subarray(0, 2), "encoding", /not UTF-8/],
        ["a surrogate in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), "encoding", /not UTF-8/],
        ["the other bracket", "[}", "syntax", /^expected a value or "\]"|expected a value/],
        ["nesting", "[".repeat(300), "bound", /^nested deeper than 256, at byte 256$/],
        ["a long key", `{"${"k".repeat(70_000)}":1}`, "bound", /a key or number of more than 65536 bytes/],
        [
            "a gap",
            `{"a":[0,${" ".repeat(65_537)}1]}`,
            "bound",
            /^more than 65536 bytes of white space, at byte 8$/,
        ],
        ["a gap in what is kept", `{"b":[0,${"\n".repeat(65_537)}1]}`, "bound", /of white space, at byte 8$/],
        [
            "a gap at the end",
            `{}${"\t".repeat(65_537)}`,
            "bound",
            /^more than 65536 bytes of white space, at byte 2$/,
        ],
        ["a long number", "1".repeat(70_000), "bound", /a key or number of more than 65536 bytes/],
    ] as const) {
        it(`refuses ${name}, in one line`, () => {
            // In pieces, because what is long must be noticed before it is there as a whole.
            const bytes = Buffer.from(content as string);
            const pieces: Uint8Array[] = [];
            for (let at = 0; at < bytes.length; at += 4_096) pieces.push(bytes.subarray(at, at + 4_096));
            assert.throws(
                () => read(pieces, ["/a/*"]),
                (error: Error) => {
                    assert.ok(error instanceof JsonFormatError);
                    assert.match(error.message, message);
                    assert.equal(error.fault, fault);
                    return true;
                },
            );
        });
    }

    for (const [name, options, message] of [
        ["bytes", { largestBytes: 39 }, /: more than 39 bytes$/],
        ["elements", { mostElements: 2 }, /: more than 2 elements in \/a\/\*$/],
        [
            "bytes of an element",
            { largestElementBytes: 12 },
            /: an element of more than 12 bytes, at byte 7$/,
        ],
        [
            "bytes of an element that is left out",
            { largestElementBytes: 12, keep: { "/a/*": [] } },
            /element of more/,
        ],
    ] as const) {
        const text = '{"a": [{"x":"12345"}, 2, 3], "b": "rest"}'.padEnd(40);
        it(`refuses too many ${name}`, () => {
            assert.throws(() => readText(text, ["/a/*"], options), message);
            // One more is enough.
            const [bound] = Object.keys(options) as ["mostElements"];
            const more = {
                ...options,
                [bound]: (options as { mostElements: number })[bound] + (name === "bytes" ? 2 : 1),
            };
            assert.deepEqual(readText(text, ["/a/*"], more).rest, { a: [], b: "rest" });
        });
    }

    it("allows gaps that are not so long", () => {
        const gap = " ".repeat(65_536);
        const text = `${gap}{${gap}"a":[0,${gap}1],${gap}"b":[0${gap}]}${gap}`;
        assert.deepEqual(read(cutAtRandom(Buffer.from(text), 3), ["/a/*"]).rest, { a: [], b: [0] });
    });

    it("refuses too much around the elements", () => {
        const text = JSON.stringify({ a: ["x".repeat(200_000)], b: "x".repeat(100_000) });
        assert.throws(
            () => readText(text, ["/a/*"], { largestRestBytes: 99_000 }),
            /: more than 99000 bytes outside of/,
        );
        assert.deepEqual(readText(text, ["/a/*"], { largestRestBytes: 101_000 }).elements.length, 1);
    });

    it("refuses more values than fit into memory, in the rest and in an element", () => {
        const many = `[${"[],".repeat(1_000_001)}[]]`;
        assert.throws(() => readText(many), /: more than 1000000 values outside of any list$/);
        assert.throws(
            () => readText(`{"a":[${many}]}`, ["/a/*"]),
            /: more than 1000000 values in one element$/,
        );
    });

    it("refuses patterns that cannot be followed", () => {
        for (const patterns of [
            ["a/*"],
            ["/a"],
            ["/a/*", "/a/*"],
            ["/a/*", "/a/*/b/*"],
            ["/a/*/b/*", "/a/*"],
        ]) {
            assert.throws(() => readText("{}", patterns), TypeError, String(patterns));
        }
    });

    it("gives no element of an array that another key holds, nor of an object", () => {
        const document = { b: { a: [1] }, a: { "0": 1, "*": 2 } };
        assert.deepEqual(readText(JSON.stringify(document), ["/a/*"]), { rest: document, elements: [] });
    });
});
