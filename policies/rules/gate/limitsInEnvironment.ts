/** GATE-11: the limits that the gate judges by can be read from its configuration, and are limits. */
import { changed, deciderExample, gateStack } from "../../gate/exampleGate";
import { gateDeciders } from "../../gate/gateFunctions";
import { functionType } from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { Outcome, RuleExample, StackRule } from "../../harness/rule";

/** Severities in the order in which they are judged. */
type Severity = keyof PackConfiguration["gateLimitVariables"];

const fix =
    'Set the variable to a whole number of findings, 0 for critical ones; "unlimited" only where gateUnlimitedSeverities allows it.';

function judged(decider: ResourceReader, severity: Severity, configuration: PackConfiguration): Outcome[] {
    const name = configuration.gateLimitVariables[severity];
    if (name === "") return [];
    const value = decider.string("environment", "variables", name);
    const more = { findingId: name };
    if (value.kind === "unknown")
        return [inconclusive(value, `the limit for ${severity} findings is not known yet`)];
    if (value.kind === "absent")
        return [
            violation(
                `${value.property} is not set, so nobody sees how many ${severity} findings are let through.`,
                fix,
                more,
            ),
        ];
    const text = value.kind === "known" ? value.value.trim() : "";
    if (text === "unlimited") {
        if (configuration.gateUnlimitedSeverities.includes(severity)) return [pass];
        return [violation(`${value.property} is "unlimited": no number of ${severity} findings is too many.`, fix, more)]; // prettier-ignore
    }
    if (!/^\d{1,7}$/.test(text))
        return [violation(`${value.property} is not a whole number of findings, so it limits nothing.`, fix, more)]; // prettier-ignore
    const most = configuration.gateMaximumLimits[severity];
    if (most !== undefined && Number(text) > most)
        return [
            violation(
                `${value.property} lets ${Number(text)} ${severity} findings through, more than ${most}.`,
                fix,
                more,
            ),
        ];
    return [pass];
}

const limitVariables = {
    CRITICAL_LIMIT: "0",
    HIGH_LIMIT: "0",
    MEDIUM_LIMIT: "10",
    LOW_LIMIT: "unlimited",
    NEGLIGIBLE_LIMIT: "unlimited",
};
const deciding = (environment: unknown) => gateStack(changed(deciderExample, { environment }));
const variable = (name: string, value: unknown) => ({ variables: { ...limitVariables, [name]: value } });
const bad = (title: string, name: string, value: unknown): RuleExample => ({
    title,
    shows: value === undefined ? "absent" : "bad",
    resources: deciding(variable(name, value)),
    expect: [{ resource: "decider", kind: "violation" }],
});

export const limitsInEnvironment: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-11",
        family: "gate",
        title: "The gate's limits are visible numbers, none for critical findings",
        rationale:
            "A gate with the limit 999 approves everything, and so does one whose limit is no number: every comparison with it is false. In the function's variables each limit is seen in previews, reviews and the console.",
        severity: "high",
        remediation:
            'Give the deciding function one variable for each severity, with a whole number: `CRITICAL_LIMIT` 0, `HIGH_LIMIT`, `MEDIUM_LIMIT`, `LOW_LIMIT`, `NEGLIGIBLE_LIMIT` (names: setting `gateLimitVariables`). The word "unlimited" is accepted for the severities of `gateUnlimitedSeverities`; `gateMaximumLimits` says how many findings a limit may let through at most.',
        references: ["NIST SP 800-190 4.1.1", "OWASP CICD-SEC-9"],
    },
    relevantTypes: [functionType],
    evaluate: (graph, configuration) => {
        const deciders = gateDeciders(graph);
        if (deciders.length === 0) return about(null, notApplicable("no function answers an approval"));
        const severities = Object.keys(configuration.gateLimitVariables) as Severity[];
        return deciders.flatMap(({ function: decider }) =>
            about(decider, ...severities.flatMap((severity) => judged(decider, severity, configuration))),
        );
    },
    examples: [
        bad("a critical finding is let through", "CRITICAL_LIMIT", "1"),
        bad("no limit for high findings", "HIGH_LIMIT", "unlimited"),
        bad("a negative limit", "MEDIUM_LIMIT", "-1"),
        bad("a limit that is no number", "LOW_LIMIT", "many"),
        bad("half a finding", "HIGH_LIMIT", "0.5"),
        bad("an empty limit", "CRITICAL_LIMIT", ""),
        bad("a list", "CRITICAL_LIMIT", ["0"]),
        bad("no limit for critical findings is set", "CRITICAL_LIMIT", undefined),
        {
            title: "no variables at all",
            shows: "absent",
            resources: deciding(undefined),
            expect: Object.keys(limitVariables).map(() => ({ resource: "decider", kind: "violation" })),
        },
        {
            title: "no critical finding, ten medium ones, any number of low ones",
            shows: "good",
            resources: deciding({ variables: limitVariables }),
            expect: [],
        },
        {
            title: "other names and higher limits, by configuration",
            shows: "good",
            configuration: {
                gateLimitVariables: {
                    critical: "Critical",
                    high: "High",
                    medium: "",
                    low: "",
                    negligible: "",
                },
                gateMaximumLimits: { critical: 2 },
                gateUnlimitedSeverities: ["high"],
            },
            resources: deciding({ variables: { Critical: 2, High: "unlimited" } }),
            expect: [],
        },
        {
            title: "no function answers approvals",
            shows: "absent",
            resources: [{ type: functionType, name: "other", props: { name: "other" } }],
            expect: [],
        },
        {
            title: "a limit that is not known yet",
            shows: "unknown",
            resources: deciding(variable("HIGH_LIMIT", unknown)),
            expect: [{ resource: "decider", kind: "inconclusive" }],
        },
    ],
};
