/** GATE-08's facts: what the registry scans with, and whether the decider's rules wait for the events of that. */
import type { PackConfiguration } from "../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../harness/outcome";
import { filled, valueOf, type ResourceReader } from "../harness/reader";
import type { StackOutcome } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";
import { registryScanningOf } from "../rules/ecr/registryScanning";
import type { PatternAnswer } from "./eventPattern";
import type { GateFunction } from "./gateModel";
import { eventTargetType } from "./resourceTypes";
import { finishedScan, patternAnswer, scanEvents, scanRules, type ScanType } from "./scanRule";

/** What the registry scans with: its configuration in the stack, the settings, or Inspector switched on for Amazon ECR. */
export function registryScanType(
    graph: StackGraph,
    configuration: PackConfiguration,
): { kind: "known"; type: ScanType; source: string } | { kind: "unknown"; property: string } {
    const registry = registryScanningOf(graph, configuration);
    if (registry) {
        const { enhanced, source } = registry;
        if (enhanced.kind === "undetermined") return { kind: "unknown", property: enhanced.property };
        return { kind: "known", type: enhanced.kind === "yes" ? "ENHANCED" : "BASIC", source };
    }
    // Activating Inspector for Amazon ECR sets the registry to enhanced scanning (Amazon Inspector user guide).
    for (const enabler of graph.ofType("aws:inspector2/enabler:Enabler")) {
        const types = enabler.strings("resourceTypes");
        if (types.kind === "known" && types.value.values.includes("ECR"))
            return { kind: "known", type: "ENHANCED", source: enabler.name };
    }
    return { kind: "unknown", property: "registryScanning" };
}

/** One of the rules asks for the event that the registry really sends. */
export function ruleFitsRegistry(
    decider: GateFunction,
    graph: StackGraph,
    configuration: PackConfiguration,
): StackOutcome[] {
    const { certain } = scanRules(decider, graph);
    const [first] = certain;
    if (!first) return about(decider.function, notApplicable("no rule starts the decider (GATE-07)"));
    const scanning = registryScanType(graph, configuration);
    const fits = (type: ScanType): PatternAnswer[] => certain.map(({ rule }) => fires(rule, type, graph));
    const found = { ENHANCED: fits("ENHANCED"), BASIC: fits("BASIC") };
    const comes = (type: ScanType): boolean =>
        found[type].some(({ kind }) => kind === "yes" || kind === "maybe");
    if (scanning.kind === "unknown")
        return about(
            first.rule,
            comes("ENHANCED") && comes("BASIC")
                ? pass
                : inconclusive(
                      scanning,
                      `whether the registry sends the events that ${first.rule.name} waits for is not known: its scan type is neither in the stack nor in the settings (registryScanningExternal)`,
                  ),
        );
    if (comes(scanning.type)) return about(first.rule, pass);
    const open = found[scanning.type].find(({ kind }) => kind === "unknown");
    if (open?.kind === "unknown")
        return about(
            first.rule,
            inconclusive({ property: open.field }, "which events the rule waits for is not known yet"),
        );
    const { source, detailType, status } = scanEvents[scanning.type];
    return certain.map(({ rule }, index) => {
        const answer = found[scanning.type][index];
        const field = answer && "field" in answer ? ` (${answer.field})` : "";
        return {
            resource: rule,
            outcome: violation(
                `The registry scans with ${scanning.type} (${scanning.source}) and sends "${detailType}" from ${source}; the rule ${rule.name} does not match that${field}, so it never fires.`,
                field === " (detail.scan-status)"
                    ? `Let detail.scan-status match ${status}, which a finished scan has, or leave it out.`
                    : `Set the pattern's source to ["${source}"] and its detail-type to ["${detailType}"], on the default event bus.`,
            ),
        };
    });
}

/** Events of AWS services come on the default bus alone. */
function fires(rule: ResourceReader, type: ScanType, graph: StackGraph): PatternAnswer {
    const { source, detailType, status } = scanEvents[type];
    const pattern = rule.json("eventPattern");
    const detail = finishedScan(pattern.kind === "known" ? pattern.value.raw : undefined, status);
    const answer = patternAnswer(rule, { source, "detail-type": detailType, detail });
    const bus = filled(rule.string("eventBusName"));
    if (answer.kind === "no" || answer.kind === "malformed" || bus.kind === "absent") return answer;
    if (bus.kind === "unknown") return { kind: "unknown", field: bus.property };
    if (bus.kind !== "known" || /(?:^|\/)default$/.test(bus.value)) return answer;
    // Another rule may forward them to this bus.
    const forwarded = graph
        .ofType(eventTargetType)
        .some((target) => valueOf(target.string("arn"))?.endsWith(`:event-bus/${bus.value}`));
    return { kind: forwarded ? "unknown" : "no", field: bus.property };
}
