import assert from "node:assert/strict";
import fc from "fast-check";
import { outputWidth, paragraph, textTable } from "./textTable";

describe("text of tables", () => {
    it("aligns columns and breaks the last one", () => {
        const long = "word ".repeat(30).trim();
        assert.deepEqual(
            textTable([
                ["A", "BB", "C"],
                ["aaa", "b", long],
                ["a", "", "x"],
            ]),
            [
                "  A    BB  C",
                `  aaa  b   ${"word ".repeat(20).trim()}`,
                `           ${"word ".repeat(10).trim()}`,
                "  a        x",
            ],
        );
        assert.deepEqual(textTable([["A", "B"]]), []);
    });

    it("breaks words that are longer than a line, and loses nothing", () => {
        fc.assert(
            fc.property(fc.array(fc.string({ maxLength: 300 }), { maxLength: 8 }), (words) => {
                const lines = paragraph(words.join(" "), "  - ");
                assert.ok(lines.every(({ length }) => length <= outputWidth));
                const without = (text: string): string => text.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]/gu, "");
                assert.equal(without(lines.join("").replace("  - ", "")), without(words.join("")));
            }),
        );
    });

    it("keeps what stands in a cell in its line", () => {
        assert.deepEqual(
            textTable([
                ["A", "B"],
                ["x\nPASS", "y\r\n\u001b[2K\u2028z"],
            ]),
            ["  A       B", "  x PASS  y [2K z"],
        );
    });
});
