import { deepEqual, equal } from "node:assert/strict";
import { withCanonicalNames } from "./propertyNames";

describe("names in container definitions", () => {
    it("are those of the API, however they are written, except where people choose them", () => {
        deepEqual(
            withCanonicalNames({
                Name: "a",
                PRIVILEGED: true,
                Environment: [{ Name: "Image", Value: "x" }],
                LogConfiguration: { options: { Image: "kept" } },
                somethingNew: { Name: "b" },
            }),
            {
                name: "a",
                privileged: true,
                environment: [{ name: "Image", value: "x" }],
                logConfiguration: { options: { Image: "kept" } },
                somethingNew: { name: "b" },
            },
        );
    });

    it("of two spellings the last counts, and what is right already stays the same object", () => {
        deepEqual(withCanonicalNames({ privileged: false, Privileged: true }), { privileged: true });
        const right = { name: "a", environment: [{ name: "b", value: "c" }] };
        equal(withCanonicalNames(right), right);
    });
});
