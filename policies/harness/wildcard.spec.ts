import { equal } from "node:assert/strict";
import * as fc from "fast-check";
import { matchesWildcard } from "./wildcard";

/** Slow and plain: tries every split at a star. */
function oracle(pattern: string, text: string): boolean {
    if (pattern === "") return text === "";
    if (pattern[0] === "*") {
        for (let cut = 0; cut <= text.length; cut += 1)
            if (oracle(pattern.slice(1), text.slice(cut))) return true;
        return false;
    }
    return text !== "" && pattern[0] === text[0] && oracle(pattern.slice(1), text.slice(1));
}

describe("wildcards", () => {
    it("agree with trying every split", () => {
        const letters = fc.constantFrom("a", "b", "/", ".");
        fc.assert(
            fc.property(
                fc.string({ unit: fc.oneof(letters, fc.constant("*")), maxLength: 8 }),
                fc.string({ unit: letters, maxLength: 10 }),
                (pattern, text) => equal(matchesWildcard(pattern, text), oracle(pattern, text)),
            ),
            { numRuns: 2_000 },
        );
    });

    it("take characters of regular expressions literally, and text to its end", () => {
        equal(matchesWildcard("a.c", "abc"), false);
        equal(matchesWildcard("a+", "aa"), false);
        equal(matchesWildcard("app*", "my-app"), false);
        equal(matchesWildcard("*app", "my-app"), true);
        equal(matchesWildcard("", ""), true);
        equal(matchesWildcard("", "a"), false);
    });
});
