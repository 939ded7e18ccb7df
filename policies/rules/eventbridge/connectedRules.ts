/** EVB-04: every rule starts something, and every target belongs to a rule. */
import { eventRuleType, eventTargetType } from "../../gate/resourceTypes";
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample } from "../../harness/stackExamples";
import { ruleExample, targetExample } from "./eventRule";

const other = { ...ruleExample(), name: "other", props: { name: "other" } };

export const connectedRules: StackRule = {
    level: "stack",
    metadata: {
        id: "EVB-04",
        family: "eventbridge",
        title: "Every rule starts something, and every target belongs to a rule",
        rationale:
            "A rule without a target looks like a safeguard and does nothing; a target of a rule that is gone is never given an event.",
        severity: "medium",
        remediation:
            "Add an `aws.cloudwatch.EventTarget` for the rule, or remove the rule. Name a rule outside the stack in the setting `externalReferences`.",
        references: ["OWASP CICD-SEC-10"],
    },
    relevantTypes: [eventRuleType, eventTargetType],
    evaluate: (graph) => {
        const started = new Set<ResourceReader>();
        const possible = new Map<ResourceReader, string>();
        let open: string | null = null;
        const outcomes: StackOutcome[] = [];
        for (const target of graph.ofType(eventTargetType)) {
            const rule = graph.reference(target, ["rule"], [eventRuleType]);
            const property = `${target.name}.rule`;
            if (rule.kind === "exact") started.add(rule.resource);
            else if (rule.kind === "candidates")
                for (const each of rule.resources) possible.set(each, property);
            else if (rule.kind === "unknown") open ??= property;
            if (rule.kind === "unknown")
                outcomes.push(...about(target, inconclusive(rule, "which rule the target belongs to is not known yet"))); // prettier-ignore
            else if (rule.kind === "dangling" || rule.kind === "absent")
                outcomes.push(
                    ...about(
                        target,
                        violation(
                            `${target.name} belongs to the rule ${rule.kind === "dangling" ? JSON.stringify(rule.value) : "of no name"} (rule), which is not in the stack.`,
                            "Refer to the rule itself: rule: rule.name.",
                        ),
                    ),
                );
            else outcomes.push(...about(target, pass));
        }
        for (const rule of graph.ofType(eventRuleType)) {
            const doubt = possible.get(rule) ?? open;
            if (started.has(rule)) outcomes.push(...about(rule, pass));
            else if (doubt !== null)
                outcomes.push(...about(rule, inconclusive({ property: doubt }, `whether ${rule.name} starts anything is not known yet`))); // prettier-ignore
            else
                outcomes.push(
                    ...about(
                        rule,
                        violation(
                            `${rule.name} starts nothing: the stack has no target for it.`,
                            "Add an aws.cloudwatch.EventTarget with rule: rule.name, or remove the rule.",
                        ),
                    ),
                );
        }
        return outcomes;
    },
    examples: [
        badExample("a rule alone", [ruleExample(), other, targetExample()], "other"),
        badExample("a target of a rule that is gone", [targetExample()], "target"),
        goodExample("a rule with a target", [ruleExample(), targetExample()]),
        goodExample("by dependency", [
            { ...ruleExample(), props: { name: unknown } },
            { ...targetExample({ rule: unknown }), propertyDependencies: { rule: ["scans"] } },
        ]),
        {
            ...goodExample("a rule outside the stack, by configuration", [targetExample()]),
            configuration: { externalReferences: ["scans"] },
        },
        absentExample("no target", [ruleExample()], "scans"),
        {
            title: "which of two rules is not known yet",
            shows: "unknown",
            resources: [
                ruleExample(),
                other,
                { ...targetExample({ rule: unknown }), propertyDependencies: { rule: ["scans", "other"] } },
            ],
            expect: [
                { resource: "scans", kind: "inconclusive" },
                { resource: "other", kind: "inconclusive" },
            ],
        },
    ],
};
