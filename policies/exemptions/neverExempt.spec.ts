import { deepEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultConfiguration } from "../harness/configuration";
import { groupRules } from "../harness/judgement";
import { rules } from "../registry";
import { ExemptionBook } from "./exemptionBook";
import { readExemptionText } from "./exemptionFile";

const metadataById = new Map(groupRules(rules).map(({ metadata }) => [metadata.id, metadata]));

describe("rules that can never be exempted", () => {
    for (const id of [
        "PIPE-01",
        "PIPE-02",
        "PIPE-08",
        "BS-02",
        "BYP-01",
        "BYP-02",
        "BYP-03",
        "GATE-09",
        "PUL-05",
        "PUL-06",
    ]) {
        it(`${id} is one of them`, () => {
            deepEqual(metadataById.get(id)?.neverExempt, true);
        });
    }
});

describe("the documented example of an exemption file", () => {
    it("is about rules of the pack, and holds", () => {
        const text = readFileSync(join(__dirname, "..", "exemptions.example.yaml"), "utf8");
        const book = new ExemptionBook(readExemptionText(text), {
            rules: metadataById,
            today: "2026-03-05",
            maximumDays: defaultConfiguration.exemptionMaximumDays,
            path: "exemptions.example.yaml",
        });
        deepEqual(book.problems, []);
    });
});
