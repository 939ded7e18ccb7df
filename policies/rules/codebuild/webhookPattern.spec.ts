import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { isAnchored, matchesAnything } from "./webhookPattern";

describe("the pattern of a webhook filter", () => {
    const anchored: [pattern: string, exact: boolean, openEnd: boolean][] = [
        ["^refs/heads/main$", true, true],
        ["refs/heads/main", false, false],
        ["^refs/heads/main", false, false],
        ["refs/heads/main$", false, false],
        ["^123$|^456$", true, true],
        ["^123|456$", false, false],
        ["^(123|456)$", true, true],
        ["^[|]$", true, true],
        ["^a\\|b$", true, true],
        ["^a\\$", false, false],
        ["^a\\\\$", true, true],
        ["^refs/tags/.*", false, true],
        ["^refs/tags/.*$", true, true],
        ["^refs/tags/v\\.*", false, false],
        ["", false, false],
    ];
    for (const [pattern, exact, openEnd] of anchored) {
        it(`${JSON.stringify(pattern)} is ${exact ? "" : "not "}anchored`, () => {
            deepEqual([isAnchored(pattern, false), isAnchored(pattern, true)], [exact, openEnd]);
        });
    }
    it("an anchored pattern without an open end never finds a longer text", () => {
        const piece = fc.constantFrom("^", "$", "|", "(", ")", "a", "b", "\\", "[ab]", "\\$", "\\|");
        fc.assert(
            fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
                const pattern = pieces.join("");
                if (!isAnchored(pattern, false)) return;
                let expression: RegExp;
                try {
                    expression = new RegExp(pattern);
                } catch {
                    return; // CodeBuild refuses it
                }
                equal(expression.test(`x${"ab".repeat(9)}x`), false, pattern);
            }),
            { numRuns: 500 },
        );
    });
    it("some are met by anything", () => {
        deepEqual(
            ["", ".*", "^.*$", "^.+", "^refs/heads/.*$", "^1$|.*", "^refs/heads/main$", "^1$"].map(
                matchesAnything,
            ),
            [true, true, true, true, true, true, false, false],
        );
    });
});
