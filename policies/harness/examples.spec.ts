/** Every example of every rule, through the pure evaluators and through the SDK's own request handlers. */
import { deepEqual } from "node:assert/strict";
import { rules } from "../registry";
import { findingsOf, runExample } from "./examples";

describe("examples of the rules, evaluated directly", () => {
    for (const rule of rules) {
        for (const example of rule.examples) {
            it(`${rule.metadata.id} (${rule.level}): ${example.title}`, () => {
                deepEqual(findingsOf(runExample(rule, example)), example.expect);
            });
        }
    }
});
