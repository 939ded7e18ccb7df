/** GATE-10: nothing but the gate's own events reaches the function that answers approvals. */
import { functionReference, mappingSource, resourcesOf } from "../../gate/functionStart";
import { gateDeciders, gateFunctionRoles } from "../../gate/gateFunctions";
import { automaticGates, type Decider } from "../../gate/gateModel";
import {
    eventRuleType,
    eventSourceMappingType,
    functionType,
    permissionType,
    topicType,
} from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { valueOf, type ResourceReader } from "../../harness/reader";
import type { StackOutcome, StackRule } from "../../harness/rule";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { effectivePermissions } from "../../iam/effectivePermissions";
import { matchesAction } from "../../iam/matcher";
import { functionGrips, functionVerbs } from "../bypass/automaticGate";
import { holdOutcomes } from "../bypass/grip";
import { examples } from "./deciderReach.examples";

const functionUrlType = "aws:lambda/functionUrl:FunctionUrl";
const invokeVerbs = ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:InvokeAsync"];

const fix =
    "Take it away: the decider is started by its event rule, its stream or its topic, and by nobody else.";

/** Every resource of the type whose `property` means the decider, or may. */
function onDecider(
    decider: ResourceReader,
    type: string,
    property: string,
    graph: StackGraph,
): { resource: ResourceReader; certain: boolean }[] {
    return graph.ofType(type).flatMap((resource): { resource: ResourceReader; certain: boolean }[] => {
        const { reference } = functionReference(graph, resource, [property]);
        if (reference.kind === "exact")
            return reference.resource === decider ? [{ resource, certain: true }] : [];
        const possible = reference.kind === "unknown" || resourcesOf(reference).includes(decider);
        return possible ? [{ resource, certain: false }] : [];
    });
}

function urlOutcomes(decider: ResourceReader, graph: StackGraph): StackOutcome[] {
    return onDecider(decider, functionUrlType, "functionName", graph).flatMap(({ resource, certain }) =>
        about(
            resource,
            certain
                ? violation(
                      `${decider.name} has an address of its own, and whoever may call it says what was scanned.`,
                      "Delete the function URL.",
                      { findingId: decider.name },
                  )
                : inconclusive({ property: "functionName" }, "whether the decider has an address of its own is not known yet"), // prettier-ignore
        ),
    );
}

/** What stands behind a `sourceArn`: fine when it is one of the stack's own, or declared to be outside it. */
function judgedSource(
    source: Reference,
    accepted: (resource: ResourceReader) => boolean,
): "fine" | "open" | "foreign" {
    if (source.kind === "external") return "fine";
    if (source.kind === "exact") return accepted(source.resource) ? "fine" : "foreign";
    if (source.kind === "candidates") return source.resources.every(accepted) ? "fine" : "open";
    return source.kind === "unknown" ? "open" : "foreign";
}

function permissionOutcome(
    decider: ResourceReader,
    permission: ResourceReader,
    graph: StackGraph,
): StackOutcome[] {
    const action = permission.string("action");
    if (action.kind === "known" && ![...invokeVerbs, ...functionVerbs].some((verb) => matchesAction(action.value, verb))) return []; // prettier-ignore
    const principal = permission.string("principal");
    if (principal.kind === "unknown")
        return about(permission, inconclusive(principal, "who may start the decider is not known yet"));
    const who = valueOf(principal) ?? "an unreadable principal";
    const refused = (why: string): StackOutcome[] =>
        about(permission, violation(`It lets ${who} start ${decider.name}${why}.`, fix, { findingId: `${decider.name}|${who}` })); // prettier-ignore
    const service = /^(events|sns)\.amazonaws\.com(?:\.cn)?$/.exec(who)?.[1];
    if (service === undefined) return refused(", which is none of the gate's own events");
    const source = permission.string("sourceArn");
    if (source.kind === "absent")
        return refused(` for every ${service === "sns" ? "topic" : "rule"} there is, of every account (sourceArn is not set)`); // prettier-ignore
    if (source.kind === "known" && /[*?]/.test(source.value))
        return refused(` for all that match ${source.value}`);
    const topics = new Set(automaticGates(graph).flatMap((gate) => gate.topics));
    const reference = graph.reference(
        permission,
        ["sourceArn"],
        [service === "sns" ? topicType : eventRuleType],
    );
    const verdict = judgedSource(
        reference,
        (resource) => resource.type === eventRuleType || topics.has(resource),
    );
    if (verdict === "open")
        return about(permission, inconclusive(source, "whose events may start the decider is not known yet"));
    const wanted = service === "sns" ? "topic of the stack's approvals" : "rule of the stack";
    return verdict === "fine" ? [] : refused(` for ${valueOf(source) ?? "something"}, which is no ${wanted}`);
}

function permissionOutcomes(decider: ResourceReader, graph: StackGraph): StackOutcome[] {
    return onDecider(decider, permissionType, "function", graph).flatMap(
        ({ resource, certain }) =>
        certain
            ? permissionOutcome(decider, resource, graph)
            : about(resource, inconclusive({ property: "function" }, "whether it is about the decider is not known yet")), // prettier-ignore
    );
}

/** A stream or queue of somebody else feeds the decider with what that somebody likes. */
function mappingOutcomes(decider: ResourceReader, graph: StackGraph): StackOutcome[] {
    return onDecider(decider, eventSourceMappingType, "functionName", graph).flatMap(
        ({ resource, certain }) => {
            const source = mappingSource(graph, resource);
            if (source.kind !== "dangling" && source.kind !== "unknown" && source.kind !== "absent")
                return [];
            if (!certain || source.kind === "unknown")
            return about(resource, inconclusive(source, "which stream or queue starts the decider is not known yet")); // prettier-ignore
            const what = source.kind === "dangling" ? source.value : "something other than a stream or queue";
            return about(
                resource,
                violation(
                    `It starts ${decider.name} from ${what}, which is no table or queue of the stack.`,
                    fix,
                    { findingId: decider.name },
                ),
            );
        },
    );
}

/** Roles as which a schedule or rule of the stack starts the decider. */
function startingRoles({ starts }: Decider, graph: StackGraph): Set<ResourceReader> {
    return new Set(
        starts.flatMap(({ kind, source }) => {
            if (kind !== "schedule" && kind !== "rule") return [];
            const path = kind === "schedule" ? ["target", "roleArn"] : ["roleArn"];
            return resourcesOf(graph.reference(source, path, ["aws:iam/role:Role"]));
        }),
    );
}

function holderOutcomes(decider: Decider, graph: StackGraph): StackOutcome[] {
    const { function: resource } = decider;
    const mayStart = new Set([...gateFunctionRoles(graph), ...startingRoles(decider, graph)]);
    return effectivePermissions(graph).flatMap((entry) =>
        holdOutcomes(
            entry,
            functionGrips(
                resource,
                mayStart.has(entry.principal) ? functionVerbs : [...invokeVerbs, ...functionVerbs],
            ),
            ({ verb, what }, path) =>
                `It may ${verb} on ${what}, which answers the approval${invokeVerbs.includes(verb) ? ": it can tell it of a scan that never was" : ""} (${path}).`,
            "Take the action away; the stack is changed by whoever deploys it, and its events need no role to start a function.",
        ),
    );
}

export const deciderReach: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-10",
        family: "gate",
        title: "Nobody else starts or changes the function that answers approvals",
        rationale:
            "The decider believes the events that it is started with. Who can start it can invent a scan; who can change its code, settings, triggers or resource policy can approve anything.",
        severity: "critical",
        remediation:
            "Grant `lambda:InvokeFunction`, `lambda:UpdateFunctionCode`, `lambda:UpdateFunctionConfiguration` and the like on the decider to no role. Give it no function URL, permissions only for `events.amazonaws.com` and `sns.amazonaws.com` with the `sourceArn` of the stack's own rule or approval topic, and event source mappings only from the stack's own tables and queues.",
        references: ["OWASP CICD-SEC-5", "FSBP Lambda.1", "CKV_AWS_258"],
    },
    relevantTypes: [functionType],
    evaluate: (graph) => {
        const deciders = gateDeciders(graph);
        if (deciders.length === 0) return about(null, notApplicable("no function answers an approval"));
        const outcomes = deciders.flatMap((decider) => [
            ...urlOutcomes(decider.function, graph),
            ...permissionOutcomes(decider.function, graph),
            ...mappingOutcomes(decider.function, graph),
            ...holderOutcomes(decider, graph),
        ]);
        return outcomes.length > 0 ? outcomes : about(null, pass);
    },
    examples,
};
