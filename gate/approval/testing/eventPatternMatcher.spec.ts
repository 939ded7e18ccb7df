import assert from "node:assert/strict";
import cases from "./eventPatternCases.json";
import { EventPatternError, matchesEventPattern } from "./eventPatternMatcher";

/** What the matcher says, in the words of the cases. */
function answer(pattern: string, event: object): boolean | "invalid" {
    try {
        return matchesEventPattern(pattern, event);
    } catch (error) {
        assert.ok(error instanceof EventPatternError, String(error));
        return "invalid";
    }
}

describe("matcher of event patterns", () => {
    for (const { says, pattern, event, matches } of cases) {
        it(`${matches === "invalid" ? "refuses" : matches ? "matches" : "does not match"}: ${says}`, () => {
            assert.equal(answer(JSON.stringify(pattern), event), matches);
        });
    }

    it("refuses what is not JSON, no object, a key twice, or an operator that it does not know", () => {
        for (const text of ["", "[]", "null", '"a"', '{"a":[1],"a":[2]}', '{"a":[{"cidr":"10.0.0.0/8"}]}']) {
            assert.equal(answer(text, { a: "10.0.0.1" }), "invalid", text);
        }
    });

    it("has cases of every operator, both ways", () => {
        for (const operator of ["prefix", "suffix", "anything-but", "numeric", "exists", "wildcard", "$or"]) {
            const said = cases
                .filter(({ pattern }) => JSON.stringify(pattern).includes(`"${operator}"`))
                .map(({ matches }) => matches);
            assert.deepEqual(new Set(said), new Set([true, false, "invalid"]), operator);
        }
    });
});
