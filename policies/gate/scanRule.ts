/** The rules by which the registry's scan events start the decider. */
import { filled, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { isPlainObject } from "../harness/unknownValue";
import { anyValue, patternMatches, type KnownEvent, type PatternAnswer } from "./eventPattern";
import type { FunctionStart } from "./functionStart";
import type { ApprovalGate, Decider, GateFunction } from "./gateModel";
import { eventRuleType, eventTargetType } from "./resourceTypes";

export type ScanType = "BASIC" | "ENHANCED";

/** What the registry sends when a scan has ended. Amazon ECR and Amazon Inspector user guides, events for EventBridge. */
export const scanEvents: Record<ScanType, { source: string; detailType: string; status: string }> = {
    ENHANCED: { source: "aws.inspector2", detailType: "Inspector2 Scan", status: "INITIAL_SCAN_COMPLETE" },
    BASIC: { source: "aws.ecr", detailType: "ECR Image Scan", status: "COMPLETE" },
};

/** A rule with an event pattern, and the target by which it starts the function. */
export interface ScanRule {
    rule: ResourceReader;
    start: FunctionStart;
}

export interface ScanRules {
    certain: ScanRule[];
    /** Properties that are not known yet and may hide such a rule. */
    open: string[];
}

/**
 * Rules that start the function for scan events of a registry. Where no rule asks for a registry's events, all rules with
 * a pattern count, so that a wrong pattern is not taken for a missing rule.
 */
export function scanRules(decider: GateFunction, graph: StackGraph): ScanRules {
    const open: string[] = [];
    const rules = decider.starts.flatMap((start): ScanRule[] => {
        if (start.kind !== "rule") return [];
        const rule = graph.reference(start.source, ["rule"], [eventRuleType]);
        if (!start.certain || rule.kind === "candidates" || rule.kind === "unknown") {
            open.push(`${start.source.name}.${start.certain ? rule.property : "arn"}`);
            return [];
        }
        if (rule.kind !== "exact" || filled(rule.resource.string("eventPattern")).kind === "absent")
            return [];
        return [{ rule: rule.resource, start }];
    });
    // A target whose ARN nothing explains may be this function.
    for (const target of graph.ofType(eventTargetType)) {
        const reading = target.get("arn");
        if (reading.kind === "unknown" && (target.propertyDependencies["arn"] ?? []).length === 0)
            open.push(`${target.name}.arn`);
    }
    const ofRegistry = rules.filter(({ rule }) =>
        Object.values(scanEvents).some(({ source }) => sourceFits(rule, source).kind !== "no"),
    );
    return { certain: ofRegistry.length > 0 ? ofRegistry : rules, open };
}

const envelope = {
    version: anyValue,
    id: anyValue,
    account: anyValue,
    time: anyValue,
    region: anyValue,
    resources: anyValue,
    detail: anyValue,
} as const;

/** Whether the rule's pattern matches an event of which these fields are known. */
export function patternAnswer(rule: ResourceReader, event: KnownEvent): PatternAnswer {
    const pattern = rule.json("eventPattern");
    if (pattern.kind === "unknown") return { kind: "unknown", field: pattern.property };
    if (pattern.kind !== "known") return { kind: "malformed", field: "eventPattern" };
    return patternMatches(pattern.value.raw, { ...envelope, ...event });
}

/**
 * What is known of the detail of a finished scan's event: its status. Whatever else the pattern asks for may be there.
 * @param pattern the rule's parsed pattern
 */
export function finishedScan(pattern: unknown, status: string): KnownEvent {
    const detail: KnownEvent = {};
    const collect = (part: unknown): void => {
        if (!isPlainObject(part)) return;
        for (const [key, wanted] of Object.entries(part)) {
            if (key === "$or" && Array.isArray(wanted)) wanted.forEach(collect);
            else if (!mayBeAbsent(wanted)) detail[key] = anyValue;
        }
    };
    const parts = (part: unknown): void => {
        if (!isPlainObject(part)) return;
        collect(part["detail"]);
        const choices = part["$or"];
        if (Array.isArray(choices)) choices.forEach(parts);
    };
    parts(pattern);
    return { ...detail, "scan-status": status };
}

/** `{ exists: false }` among the choices. */
function mayBeAbsent(wanted: unknown): boolean {
    return (
        Array.isArray(wanted) &&
        wanted.some((element) => isPlainObject(element) && element["exists"] === false)
    );
}

function sourceFits(rule: ResourceReader, source: string): PatternAnswer {
    return patternAnswer(rule, { source, "detail-type": anyValue });
}

/**
 * The deciders that scan events are to start: of each gate those that a rule starts, or, where none is, all of them. A
 * second function that may answer is GATE-03's finding; that no rule starts it is not another one.
 */
export function scanDeciders(gates: readonly ApprovalGate[], graph: StackGraph): Decider[] {
    const found = gates.flatMap(({ deciders: { certain } }) => {
        const started = certain.filter((each) => scanRules(each, graph).certain.length > 0);
        return started.length > 0 ? started : certain;
    });
    return [...new Map(found.map((each) => [each.function, each])).values()];
}
