import { equal } from "node:assert/strict";
import fc from "fast-check";
import { intersects, isSubset, matches, matchesAction } from "./matcher";

/** Short patterns over a tiny alphabet: enough to meet every case, few enough to enumerate all texts. */
const pattern = fc.stringMatching(/^[ab*?]{0,5}$/);
const texts = ["", ..."ab", ...[..."ab"].flatMap((a) => [..."ab"].map((b) => a + b))].flatMap((head) => [
    head,
    ...["a", "b", "ab", "ba", "aab", "bba", "abab"].map((tail) => head + tail),
]);

/** Slow and obviously right. */
function oracle(p: string, text: string): boolean {
    if (p === "") return text === "";
    if (p[0] === "*") return oracle(p.slice(1), text) || (text !== "" && oracle(p, text.slice(1)));
    return text !== "" && (p[0] === "?" || p[0] === text[0]) && oracle(p.slice(1), text.slice(1));
}

describe("IAM patterns", () => {
    it("match like the oracle", () => {
        fc.assert(fc.property(pattern, fc.constantFrom(...texts), (p, text) => { equal(matches(p, text), oracle(p, text)); }), { numRuns: 2_000 }); // prettier-ignore
    });

    it("have no case for actions only", () => {
        equal(matchesAction("ECR:put*", "ecr:PutImage"), true);
        equal(matches("Repository/*", "repository/a"), false);
    });

    it("take every other character literally", () => {
        equal(matches("a.b+(c)[d]", "a.b+(c)[d]"), true);
        equal(matches("a.b", "axb"), false);
    });

    it("intersect exactly when some text matches both", () => {
        fc.assert(
            fc.property(pattern, pattern, (a, b) => {
                const witness = texts.some((text) => oracle(a, text) && oracle(b, text));
                // A text that is in the sample proves the answer yes; long witnesses may be outside the sample.
                if (witness) equal(intersects(a, b), true);
                equal(intersects(a, b), intersects(b, a));
                if (!/[*]/.test(a + b))
                    equal(
                        intersects(a, b),
                        a.length === b.length &&
                            [...a].every((c, i) => c === "?" || b[i] === "?" || c === b[i]),
                    );
            }),
            { numRuns: 3_000 },
        );
    });

    it("are never called a subset wrongly", () => {
        fc.assert(
            fc.property(pattern, pattern, (inner, outer) => {
                if (!isSubset(inner, outer)) return;
                for (const text of texts)
                    if (oracle(inner, text)) equal(oracle(outer, text), true, `${inner} ${outer} ${text}`);
            }),
            { numRuns: 3_000 },
        );
    });

    it("literal texts are subsets exactly when they match", () => {
        fc.assert(fc.property(pattern, fc.constantFrom(...texts), (p, text) => { equal(isSubset(text, p), oracle(p, text)); }), { numRuns: 2_000 }); // prettier-ignore
    });

    it("a pattern is a subset of itself and of the star", () => {
        fc.assert(
            fc.property(pattern, (p) => {
                equal(isSubset(p, p), true);
                equal(isSubset(p, "*"), true);
                equal(isSubset("*", p), /^\*+$/.test(p));
            }),
        );
    });

    it("stay fast on hostile patterns", () => {
        equal(intersects("*a".repeat(200), "*b".repeat(200)), false);
        equal(isSubset("?a".repeat(200), "*a".repeat(200)), true);
    });
});
