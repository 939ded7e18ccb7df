/** Every example of every rule, by the pure evaluator and through the SDK's own request handlers. */
import { deepEqual, ok } from "node:assert/strict";
import { rules } from "../registry";
import { analyze, analyzeStack, type Answer } from "./testing/analyzerRequests";
import { policiesFor } from "./crossguard";
import {
    beforeCreation,
    exampleConfiguration,
    exampleDescriptions,
    exampleRunOptions,
    findingsOf,
    otherRules,
    runExample,
    type ExampleFinding,
} from "./examples";
import { enforcementOf } from "./judgement";
import { unknown } from "./reader";
import type { Rule, RuleExample, RuleSeverity } from "./rule";

/** What a sentence for people never has in it. */
const unreadable = new RegExp(`undefined|null|NaN|\\[object |  |${unknown}`);

/** The example as the engine would ask about it. */
async function askThroughSdk(rule: Rule, example: RuleExample): Promise<ExampleFinding[]> {
    const policies = policiesFor([rule, ...otherRules(example)], {
        preview: true,
        settings: exampleConfiguration(example),
        run: exampleRunOptions(example),
    });
    const descriptions = exampleDescriptions(example);
    // The engine asks about each resource first, whatever the rule.
    const inputs = descriptions.map(beforeCreation);
    const answers: Answer[] = await Promise.all(inputs.map((description) => analyze(policies, description)));
    if (rule.level === "stack") answers.push(await analyzeStack(policies, descriptions));
    const nameByUrn = new Map(descriptions.map((description) => [description.urn, description.name]));
    return (
        answers
            .flatMap((answer) => answer.diagnostics)
            // The stand-ins for other rules speak, too.
            .filter(({ policy }) => policy === rule.metadata.id || example.run?.others === undefined)
            .map((diagnostic) => {
                const { id } = rule.metadata;
                deepEqual(diagnostic.policy, id);
                ok(diagnostic.message.startsWith(`[${id}] `), diagnostic.message);
                ok(!diagnostic.message.includes("can't run policy"), diagnostic.message);
                ok(!unreadable.test(diagnostic.message), diagnostic.message);
                const inconclusive = diagnostic.message.startsWith(`[${id}] Inconclusive: `);
                if (inconclusive) deepEqual(diagnostic.enforcement, "advisory");
                else {
                    ok(diagnostic.message.includes("\nFix: "), diagnostic.message);
                    deepEqual(diagnostic.enforcement, enforcementOf(diagnostic.severity as RuleSeverity));
                }
                return {
                    resource: nameByUrn.get(diagnostic.urn) ?? null,
                    kind: inconclusive ? "inconclusive" : "violation",
                };
            })
    );
}

describe("examples of the rules", () => {
    for (const rule of rules) {
        for (const example of rule.examples) {
            const title = `${rule.metadata.id} (${rule.level}): ${example.title}`;

            it(`${title}, directly`, () => {
                deepEqual(findingsOf(runExample(rule, example)), example.expect);
            });

            it(`${title}, through the SDK`, async () => {
                deepEqual(await askThroughSdk(rule, example), example.expect);
            });
        }
    }
});
