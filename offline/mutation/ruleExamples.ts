/**
 * What a mutant has to get past, beside the specs next to the code: the examples of the rules, by the pure evaluator
 * only. Not a `.spec.ts`: `npm test` runs the same examples in policies/harness/examples.spec.ts. Families named in
 * MUTATION_FAMILIES answer for themselves; without it every rule counts.
 */
import { deepEqual, ok } from "node:assert/strict";
import { findingsOf, runExample } from "../../policies/harness/examples";
import { rules } from "../../policies/registry";

const families = process.env["MUTATION_FAMILIES"]?.split(",") ?? [];
const asked = rules.filter(({ metadata }) => families.length === 0 || families.includes(metadata.family));
/** What a sentence for people never has in it. */
const unreadable = /undefined|NaN|\[object /;

describe("examples of the rules", () => {
    ok(asked.length > 0, `no rule is of ${families.join(", ")}`);
    for (const rule of asked) {
        for (const example of rule.examples) {
            it(`${rule.metadata.id} (${rule.level}): ${example.title}`, () => {
                const answers = runExample(rule, example);
                deepEqual(findingsOf(answers), example.expect);
                for (const { outcome } of answers) {
                    if (outcome.kind === "inconclusive") ok(outcome.property && outcome.why);
                    if (outcome.kind === "violation") ok(outcome.message && outcome.fix);
                    ok(!unreadable.test(JSON.stringify(outcome)), JSON.stringify(outcome));
                }
            });
        }
    }
});
