/**
 * Rules at work: runs every rule that concerns a resource or a stack, each on its own, so that a defect of one rule
 * neither silences another nor passes for silence. Knows nothing of the CrossGuard SDK.
 */
import type { PackConfiguration } from "./configuration";
import type { ResourceReader } from "./reader";
import type { Outcome, ResourceRule, Rule, RuleMetadata, RuleSeverity, StackRule } from "./rule";
import type { StackGraph } from "./stackGraph";

export type Enforcement = "mandatory" | "advisory";

/** All halves of one rule id: they share metadata and one enforcement level. */
export interface RuleGroup {
    metadata: RuleMetadata;
    resourceRules: ResourceRule[];
    stackRules: StackRule[];
}

/** One line for the user. */
export interface Finding {
    kind: "violation" | "inconclusive" | "error";
    /** `[ECR-01] …` with a `Fix:` line, as the offline client and people read it. */
    message: string;
    severity: RuleSeverity;
    /** Set when the finding must not take the level of its rule. */
    enforcement?: Enforcement;
    urn?: string;
}

/** What one rule group says about a request. */
export interface GroupJudgement {
    findings: Finding[];
    /** Set when every outcome was "not applicable" (or no half of the rule concerns the request). */
    notApplicable?: string;
}

/** Critical and high block, medium and low advise (policy catalogue, 1.1). */
export function enforcementOf(severity: RuleSeverity): Enforcement {
    return severity === "critical" || severity === "high" ? "mandatory" : "advisory";
}

/** Rules by id, in the order of their first appearance. */
export function groupRules(rules: readonly Rule[]): RuleGroup[] {
    const groups = new Map<string, RuleGroup>();
    for (const rule of rules) {
        let group = groups.get(rule.metadata.id);
        if (!group) {
            group = { metadata: rule.metadata, resourceRules: [], stackRules: [] };
            groups.set(rule.metadata.id, group);
        }
        if (rule.level === "resource") group.resourceRules.push(rule);
        else group.stackRules.push(rule);
    }
    return [...groups.values()];
}

/** Judges one resource by the resource rules of a group that concern its type. Never throws. */
export function judgeResource(
    group: RuleGroup,
    resource: ResourceReader,
    configuration: PackConfiguration,
): GroupJudgement {
    const rules = group.resourceRules.filter((rule) => rule.types.includes(resource.type));
    if (rules.length === 0) return { findings: [], notApplicable: `applies to ${typesText(group)}` };
    const collected = new Collector(group.metadata, configuration);
    for (const rule of rules) {
        collected.guard(resource.urn, () => {
            for (const outcome of rule.evaluate(resource, configuration))
                collected.add(outcome, resource.urn);
        });
    }
    return collected.judgement();
}

/** Judges a stack by the stack rules of a group. Never throws. */
export function judgeStack(
    group: RuleGroup,
    graph: StackGraph,
    configuration: PackConfiguration,
): GroupJudgement {
    const collected = new Collector(group.metadata, configuration);
    // A finding without a URN would be shown on the stack anyway; giving the URN makes that explicit.
    const rootUrn = graph.root()?.urn;
    for (const rule of group.stackRules) {
        if (!isRelevant(rule, graph)) {
            collected.add(
                { kind: "notApplicable", reason: `the stack has no ${rule.relevantTypes?.join(", ")}` },
                rootUrn,
            );
            continue;
        }
        collected.guard(rootUrn, () => {
            for (const { resource, outcome } of rule.evaluate(graph, configuration)) {
                collected.add(outcome, resource?.urn ?? rootUrn);
            }
        });
    }
    return collected.judgement();
}

/** False when the rule names types that make it relevant and the stack has none of them. */
export function isRelevant(rule: StackRule, graph: StackGraph): boolean {
    return rule.relevantTypes === undefined || graph.ofType(...rule.relevantTypes).length > 0;
}

/** Types that a group's resource rules judge, as a list in words. */
export function typesText(group: RuleGroup): string {
    return [...new Set(group.resourceRules.flatMap((rule) => rule.types))].join(", ");
}

class Collector {
    private readonly findings: Finding[] = [];
    private readonly reasons: string[] = [];
    private passes = 0;

    constructor(
        private readonly metadata: RuleMetadata,
        private readonly configuration: PackConfiguration,
    ) {}

    /** A defect in a rule is a mandatory finding; what the rule said before it stays. */
    guard(urn: string | undefined, run: () => void): void {
        try {
            run();
        } catch (error) {
            const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
            this.findings.push({
                kind: "error",
                message:
                    `[${this.metadata.id}] Rule error: ${text}\n` +
                    "Fix: this is a defect of the policy pack, not of the stack; report it with this message.",
                severity: this.metadata.severity,
                enforcement: "mandatory",
                ...(urn === undefined ? {} : { urn }),
            });
        }
    }

    add(outcome: Outcome, urn: string | undefined): void {
        if (outcome.kind === "pass") this.passes += 1;
        else if (outcome.kind === "notApplicable") this.reasons.push(outcome.reason);
        else this.findings.push(this.finding(outcome, urn));
    }

    judgement(): GroupJudgement {
        const { findings, reasons, passes } = this;
        const [reason] = reasons;
        const notApplicable = findings.length === 0 && passes === 0 && reason !== undefined;
        return notApplicable ? { findings, notApplicable: reason } : { findings };
    }

    private finding(
        outcome: Extract<Outcome, { kind: "violation" | "inconclusive" }>,
        urn: string | undefined,
    ): Finding {
        const { id, severity } = this.metadata;
        const place = urn === undefined ? {} : { urn };
        if (outcome.kind === "inconclusive") {
            const strict = this.configuration.strictUnknowns && enforcementOf(severity) === "mandatory";
            return {
                kind: "inconclusive",
                message: `[${id}] Inconclusive: ${outcome.why} (${outcome.property})`,
                severity,
                enforcement: strict ? "mandatory" : "advisory",
                ...place,
            };
        }
        const own = outcome.severity ?? severity;
        return {
            kind: "violation",
            message: `[${id}] ${outcome.message}\nFix: ${outcome.fix}`,
            severity: own,
            // Only a finding that weighs differently leaves the (configurable) level of its rule.
            ...(enforcementOf(own) === enforcementOf(severity) ? {} : { enforcement: enforcementOf(own) }),
            ...place,
        };
    }
}
