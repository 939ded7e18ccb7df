/**
 * Rules at work: runs every rule that concerns a resource or a stack, each on its own, so that a defect of one rule
 * neither silences another nor passes for silence. Knows nothing of the CrossGuard SDK.
 */
import { findingName } from "../exemptions/exemption";
import type { RunRecord } from "../exemptions/runRecord";
import type { PackConfiguration } from "./configuration";
import { levelOf } from "./profiles";
import type { ResourceReader } from "./reader";
import type { Outcome, ResourceRule, Rule, RuleMetadata, RuleSeverity, StackRule } from "./rule";
import { configurationOf } from "./ruleSettings";
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
    record?: RunRecord,
): GroupJudgement {
    const rules = group.resourceRules.filter((rule) => rule.types.includes(resource.type));
    if (rules.length === 0) return { findings: [], notApplicable: `applies to ${typesText(group)}` };
    const own = configurationOf(configuration, group.metadata.id);
    const collected = new Collector(group.metadata, configuration, record);
    for (const rule of rules) {
        collected.guard(resource, () => {
            for (const outcome of rule.evaluate(resource, own)) collected.add(outcome, resource);
        });
    }
    return collected.judgement();
}

/** Judges a stack by the stack rules of a group. Never throws. */
export function judgeStack(
    group: RuleGroup,
    graph: StackGraph,
    configuration: PackConfiguration,
    record?: RunRecord,
): GroupJudgement {
    const own = configurationOf(configuration, group.metadata.id);
    // What rules share about a graph may depend on settings, so other settings get a graph of their own.
    const ownGraph =
        own === configuration ? graph : graph.copy({ externalReferences: own.externalReferences });
    const comesLast = isMeta(group);
    const run = comesLast ? record?.summary(graph, configuration) : undefined;
    // What a rule about the run says is not part of the run.
    const collected = new Collector(group.metadata, configuration, comesLast ? undefined : record);
    // A finding without a URN would be shown on the stack anyway; giving the URN makes that explicit.
    const root = graph.root();
    for (const rule of group.stackRules) {
        if (!isRelevant(rule, graph)) {
            collected.add(
                { kind: "notApplicable", reason: `the stack has no ${rule.relevantTypes?.join(", ")}` },
                root,
            );
            continue;
        }
        collected.guard(root, () => {
            for (const { resource, outcome } of rule.evaluate(ownGraph, own, run)) {
                collected.add(outcome, resource ?? root);
            }
        });
    }
    return collected.judgement();
}

/** True for a rule that judges what the others said, and so has to come after them. */
export function isMeta(group: Pick<RuleGroup, "stackRules">): boolean {
    return group.stackRules.some((rule) => rule.afterOthers);
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
    /** What was said already: a rule that comes to the same place by several ways says it once. */
    private readonly said = new Set<string>();

    constructor(
        private readonly metadata: RuleMetadata,
        private readonly configuration: PackConfiguration,
        private readonly record: RunRecord | undefined,
    ) {}

    /** A defect in a rule is a mandatory finding that nothing exempts; what the rule said before it stays. */
    guard(resource: ResourceReader | undefined, run: () => void): void {
        try {
            run();
        } catch (error) {
            const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
            this.record?.leaveOpen(this.metadata, resource, false);
            this.findings.push({
                kind: "error",
                message:
                    `[${this.metadata.id}] Rule error: ${text}\n` +
                    "Fix: this is a defect of the policy pack, not of the stack; report it with this message.",
                severity: this.metadata.severity,
                enforcement: "mandatory",
                ...placeOf(resource),
            });
        }
    }

    add(outcome: Outcome, resource: ResourceReader | undefined): void {
        if (outcome.kind === "pass") this.passes += 1;
        else if (outcome.kind === "notApplicable") this.reasons.push(outcome.reason);
        else if (this.isRepeated(outcome, resource)) return;
        else if (outcome.kind === "inconclusive") this.findings.push(this.inconclusive(outcome, resource));
        else this.findings.push(this.violation(outcome, resource));
    }

    private isRepeated(outcome: Outcome, resource: ResourceReader | undefined): boolean {
        const key = JSON.stringify([resource?.urn, outcome]);
        if (this.said.has(key)) return true;
        this.said.add(key);
        return false;
    }

    judgement(): GroupJudgement {
        const { findings, reasons, passes } = this;
        const [reason] = reasons;
        const notApplicable = findings.length === 0 && passes === 0 && reason !== undefined;
        return notApplicable ? { findings, notApplicable: reason } : { findings };
    }

    private inconclusive(
        { why, property }: Extract<Outcome, { kind: "inconclusive" }>,
        resource: ResourceReader | undefined,
    ): Finding {
        const { configuration, metadata } = this;
        const { id, severity } = metadata;
        const level = levelOf(metadata, configuration);
        const mandatory = (level ?? enforcementOf(severity)) === "mandatory";
        this.record?.leaveOpen(metadata, resource, mandatory);
        // With a limit, PUL-07 decides on all of them together.
        const strict = configuration.strictUnknowns && configuration.inconclusiveLimit === undefined;
        // Strict, it weighs as a violation of the rule would, whoever decides on that.
        const enforcement = mandatory && strict ? level : "advisory";
        return {
            kind: "inconclusive",
            message: `[${id}] Inconclusive: ${why} (${property})`,
            severity,
            ...(enforcement === undefined || enforcement === "disabled" ? {} : { enforcement }),
            ...placeOf(resource),
        };
    }

    private violation(
        { message, fix, findingId, severity }: Extract<Outcome, { kind: "violation" }>,
        resource: ResourceReader | undefined,
    ): Finding {
        const { id } = this.metadata;
        const own = severity ?? this.metadata.severity;
        const settled = this.record?.settle(this.metadata, findingId, own, resource);
        // Without its id nobody could write an exemption for one finding of several.
        const name = findingId === undefined ? "" : `\nFinding id: ${oneLine(findingName(id, findingId))}`;
        const common = { kind: "violation" as const, severity: own, ...placeOf(resource) };
        if (settled?.kind === "exempted") {
            const { until, daysLeft, reason } = settled;
            const exemption = `Exempted by ${settled.id} until ${until} (${daysLeft} ${daysLeft === 1 ? "day" : "days"} left): ${reason}`;
            return {
                ...common,
                message: `[${id}] ${exemption} Finding: ${message}${name}\nFix: ${fix}`,
                enforcement: "advisory",
            };
        }
        const note = settled?.note === undefined ? "" : ` ${settled.note}`;
        const enforcement = this.levelOfViolation(own);
        return {
            ...common,
            message: `[${id}] ${message}${note}${name}\nFix: ${fix}`,
            ...(enforcement === undefined ? {} : { enforcement }),
        };
    }

    /** Undefined: the level that CrossGuard has for the rule. */
    private levelOfViolation(severity: RuleSeverity): Enforcement | undefined {
        const usual = enforcementOf(this.metadata.severity);
        const own = enforcementOf(severity);
        const level = levelOf(this.metadata, this.configuration);
        if (level === "advisory") return "advisory";
        // What weighs less than its rule does not block because the rule does.
        if (level === "mandatory") return own === "advisory" && usual === "mandatory" ? own : "mandatory";
        // Only a finding that weighs differently leaves the (configurable) level of its rule.
        return own === usual ? undefined : own;
    }
}

function placeOf(resource: ResourceReader | undefined): { urn?: string } {
    return resource === undefined ? {} : { urn: resource.urn };
}

function oneLine(text: string): string {
    return text.replace(/[\r\n]+/g, " ");
}
