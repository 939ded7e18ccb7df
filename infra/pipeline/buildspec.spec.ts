import assert from "node:assert/strict";
import fc from "fast-check";
import { readBuildspec, renderBuildspec } from "./buildspec";

const plain = fc.stringMatching(/^[A-Za-z0-9._/:@+][A-Za-z0-9._/:@+=-]{0,40}$/);
const key = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,10}$/);

describe("renderBuildspec", () => {
    it("puts a value wherever its token stands", () => {
        assert.equal(
            renderBuildspec("x", 'a "{{one}}" {{two}} {{one}}', { one: "1", two: "b/c" }),
            'a "1" b/c 1',
        );
    });

    it("lists every problem at once", () => {
        assert.throws(
            () => renderBuildspec("x", "{{one}} {{two}} {{ three }}", { two: "a b", four: "4" }),
            new Error(
                "buildspec x: {{one}} has no value; {{two}} must be letters, digits and . _ / : @ + = - and not " +
                    'begin with = or -, but is "a b"; value four has no {{four}}; there are braces that are no ' +
                    "token: write {{name}}, a letter first, without blanks",
            ),
        );
    });

    it("refuses a value that is not a string, such as an Output", () => {
        const values = { one: { then: 1 } } as unknown as Record<string, string>;
        assert.throws(
            () => renderBuildspec("x", "{{one}}", values),
            /must be a string known before the deployment, not object/,
        );
    });

    it("does not find values on the prototype", () => {
        assert.throws(() => renderBuildspec("x", "{{toString}}", {}), /\{\{toString\}\} has no value/);
    });

    it("renders any plain value, leaves no token and touches nothing else", () => {
        fc.assert(
            fc.property(fc.dictionary(key, plain, { minKeys: 1, noNullPrototype: true }), (values) => {
                const keys = Object.keys(values);
                const text = keys.map((name) => `- run "{{${name}}}"`).join("\n");
                const expected = keys.map((name) => `- run "${values[name]}"`).join("\n");
                assert.equal(renderBuildspec("x", text, values), expected);
            }),
        );
    });

    it("refuses every value with a character that a shell or YAML reads", () => {
        fc.assert(
            fc.property(
                plain,
                fc.constantFrom(..." \t\n\"'`$;&|<>(){}[]*?!#\\,%~^"),
                plain,
                (before, bad, after) => {
                    assert.throws(
                        () => renderBuildspec("x", "{{one}}", { one: before + bad + after }),
                        /must be letters/,
                    );
                },
            ),
        );
    });

    it("refuses an empty value and one that looks like an option", () => {
        for (const one of ["", "-x", "=x"]) {
            assert.throws(() => renderBuildspec("x", "{{one}}", { one }), /must be letters/);
        }
    });

    it("does not expand a token inside a value", () => {
        assert.throws(
            () => renderBuildspec("x", "{{one}}{{two}}", { one: "{{two}}", two: "2" }),
            /\{\{one\}\} must be letters/,
        );
    });
});

describe("readBuildspec", () => {
    it("reads from the project, whatever the working directory", () => {
        const before = process.cwd();
        process.chdir("/");
        try {
            assert.match(readBuildspec("build"), /^version: 0\.2$/m);
        } finally {
            process.chdir(before);
        }
    });
});
