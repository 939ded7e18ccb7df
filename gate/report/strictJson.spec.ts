import assert from "node:assert/strict";
import fc from "fast-check";
import { parseStrictJson } from "./strictJson";

describe("strict JSON", () => {
    it("reads what JSON.parse reads", () => {
        fc.assert(
            fc.property(fc.json(), fc.nat(2), (text, indent) => {
                const pretty = JSON.stringify(JSON.parse(text), null, indent);
                assert.deepEqual(parseStrictJson(pretty), JSON.parse(text));
            }),
        );
    });

    it("allows the same key in different objects, and keys as values", () => {
        const text = '{"a":{"a":["a","a",{"a":1},{"a":"b\\":{"}]},"b":"a"}';
        assert.deepEqual(parseStrictJson(text), JSON.parse(text));
    });

    for (const text of [
        '{"a":1,"a":1}',
        '{"b":[{"a":{},"c":"}","a":[]}]}',
        '{"a":1,"\\u0061":2}',
        '{"":1,"":2}',
    ]) {
        it(`refuses ${text}`, () => assert.throws(() => parseStrictJson(text), /stands twice in one object/));
    }

    for (const text of ["", "{", '{"a":1}}', "{'a':1}"]) {
        it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseStrictJson(text), SyntaxError));
    }
});
