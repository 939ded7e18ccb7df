import { equal } from "node:assert/strict";
import * as fc from "fast-check";
import { coversEveryName, filterCovers } from "./scanFilter";

/** The user guide's words as a regular expression. */
function oracle(filter: string, name: string): boolean {
    const escaped = filter.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"));
    return new RegExp(filter.includes("*") ? `^${escaped.join(".*")}$` : escaped.join(""), "s").test(name);
}

const letter = fc.constantFrom("a", "b", "-", "/", "_", ".");
const repositoryName = fc.string({ unit: letter, minLength: 1, maxLength: 10 });
const filter = fc.string({ unit: fc.oneof(letter, fc.constant("*")), maxLength: 6 });

describe("filters of the registry scanning configuration", () => {
    it("agree with the user guide's words", () => {
        fc.assert(
            fc.property(filter, repositoryName, (text, name) =>
                equal(filterCovers(text, name), oracle(text, name)),
            ),
            { numRuns: 2_000 },
        );
    });

    it("a filter for every name covers every name", () => {
        fc.assert(
            fc.property(filter, repositoryName, (text, name) => {
                if (coversEveryName(text)) equal(filterCovers(text, name), true);
            }),
        );
    });

    it("a star more never covers less", () => {
        fc.assert(
            fc.property(filter, fc.nat(6), repositoryName, (text, at, name) => {
                const wider = `${text.slice(0, at)}*${text.slice(at)}`;
                if (text.includes("*") && filterCovers(text, name)) equal(filterCovers(wider, name), true);
            }),
        );
    });

    it("without a star it is part of the name, with one it is the whole name", () => {
        equal(filterCovers("prod", "team/prod-app"), true);
        equal(filterCovers("prod-*", "team/prod-app"), false);
        equal(filterCovers("*prod-*", "team/prod-app"), true);
        equal(filterCovers("prod*", "prod"), true);
    });
});
