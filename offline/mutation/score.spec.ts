import { equal } from "node:assert/strict";
import { row } from "./score";

const report = (...statuses: string[]) => ({
    files: Object.fromEntries(
        statuses.map((status, at) => [`rule${at}.ts`, { mutants: [{ status }, { status }] }]),
    ),
});

describe("the row of a mutation run", () => {
    it("takes an unreached mutant for a survivor and a broken or ignored one for none", () => {
        equal(
            row("ecr", report("Killed", "Timeout", "Survived", "NoCoverage", "Ignored", "RuntimeError"), 61),
            "| ecr | 8 | 2 | 2 | 2 | 2 | 50.0 % | 2 |",
        );
    });

    it("has no score for files without mutants", () => {
        equal(row("ecr", report("Ignored"), 1), "| ecr | 0 | 0 | 0 | 0 | 0 | none | 1 |");
    });
});
