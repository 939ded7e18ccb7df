/** GATE-07's facts: the rules that start the decider are enabled, may start it and lose no event. */
import { about, inconclusive, pass, violation } from "../harness/outcome";
import { filled, is, valueOf, type ResourceReader } from "../harness/reader";
import type { Outcome, StackOutcome } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";
import { readPolicyDocument } from "../iam/document";
import { effectivePermissions, mayDo } from "../iam/effectivePermissions";
import { matches, matchesAction } from "../iam/matcher";
import { roleType } from "../pipeline/project";
import { arnOf } from "../pipeline/resourceArn";
import { targetFailurePath } from "./failurePath";
import type { FunctionStart } from "./functionStart";
import type { GateFunction } from "./gateModel";
import { invokePermission } from "./invokePermission";
import { resourcePolicy } from "./resourcePolicy";
import { queuePolicyType } from "./resourceTypes";
import { scanRules, type ScanRule } from "./scanRule";

/** At least one rule starts the decider, and each that does is enabled, may start it and loses nothing. */
export function rulesStartDecider(decider: GateFunction, graph: StackGraph): StackOutcome[] {
    const { certain, open } = scanRules(decider, graph);
    const [doubt] = open;
    if (certain.length === 0)
        return about(
            decider.function,
            doubt === undefined
                ? violation(
                      `No EventBridge rule starts ${decider.function.name}, so a finished scan does not lead to a decision.`,
                      "Add a rule for the registry's scan events with the function as its target.",
                  )
                : inconclusive(
                      { property: doubt },
                      `whether a rule starts ${decider.function.name} is not known yet`,
                  ),
        );
    return certain.flatMap((each) => [
        ...about(each.rule, enabled(each.rule)),
        ...targetOutcomes(each, graph).flatMap((outcome) => about(each.start.source, outcome)),
    ]);
}

const enabledStates = new Set(["ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]);

/** Whether the rule is switched on; `otherwise` says what follows where it is not. */
export function enabled(rule: ResourceReader, otherwise = "no scan leads to a decision"): Outcome {
    const state = filled(rule.string("state"));
    const flag = rule.boolean("isEnabled");
    for (const reading of [state, flag])
        if (reading.kind === "unknown")
            return inconclusive(reading, `whether the rule ${rule.name} is enabled is not known yet`);
    // The provider takes the state where both are given.
    const on =
        state.kind === "absent"
            ? flag.kind === "absent" || is(flag, true)
            : state.kind === "known" && enabledStates.has(state.value);
    if (on) return pass;
    const found = state.kind === "absent" ? "isEnabled is false" : `state is ${valueOf(state) ?? "no text"}`;
    return violation(
        `The rule ${rule.name} is switched off (${found}), so ${otherwise}.`,
        "Set state to ENABLED.",
    );
}

function targetOutcomes({ rule, start }: ScanRule, graph: StackGraph): Outcome[] {
    const target = start.source;
    return [
        deadLetter(target, graph),
        retries(target),
        mayStart(rule, start, graph),
        mappingRuns(start),
        handsOver(target),
    ];
}

function deadLetter(target: ResourceReader, graph: StackGraph): Outcome {
    const { target: queue } = targetFailurePath(target, graph);
    const fix = "Set deadLetterConfig.arn to a queue whose policy lets events.amazonaws.com send to it.";
    if (queue.kind === "absent")
        return violation(
            `${target.name} has no deadLetterConfig: a scan event that cannot be delivered is gone, and the approval waits until it times out.`,
            fix,
            { findingId: "deadLetterConfig" },
        );
    if (queue.kind === "dangling")
        return violation(`${target.name} sends lost events to ${queue.value}, which is not in the stack.`, `${fix} Declare a queue outside the stack in externalReferences.`, { findingId: "deadLetterConfig" }); // prettier-ignore
    if (queue.kind === "external") return pass;
    if (queue.kind !== "exact")
        return queue.kind === "candidates" ? pass : inconclusive(queue, "the queue for lost events is not known yet"); // prettier-ignore
    const accepts = queueAccepts(queue.resource, "events.amazonaws.com", graph);
    if (accepts === "yes") return pass;
    if (accepts === "unknown")
        return inconclusive(
            queue,
            `whether ${queue.resource.name} accepts events of EventBridge is not known yet`,
        );
    return violation(
        `${target.name} sends lost events to ${queue.resource.name}, whose policy does not let EventBridge in, so they are gone all the same.`,
        "Allow sqs:SendMessage to events.amazonaws.com in the queue's policy.",
        { findingId: "deadLetterConfig" },
    );
}

/** Whether the queue's policy lets the service send. */
export function queueAccepts(
    queue: ResourceReader,
    service: string,
    graph: StackGraph,
): "yes" | "no" | "unknown" {
    const policies = graph.referrers(queue, [queuePolicyType], "queueUrl");
    // A policy of its own replaces what the queue was made with, and is what the queue then answers with.
    const separate = [...policies.certain, ...policies.possible];
    const texts = (separate.length > 0 ? separate : [queue]).map((each) => resourcePolicy(each));
    let unclear = policies.possible.length > 0;
    for (const reading of texts) {
        if (reading.kind === "absent") continue;
        const document = reading.kind === "known" ? readPolicyDocument(reading.value) : null;
        if (document?.kind !== "known") {
            unclear = true;
            continue;
        }
        const grants = document.statements.some(({ effect, actions, principals }) => {
            const named = [...(principals?.byKind["Service"] ?? []), ...(principals?.byKind["*"] ?? [])];
            return (
                effect === "Allow" &&
                !actions.not &&
                actions.values.some((pattern) => matchesAction(pattern, "sqs:SendMessage")) &&
                principals?.not === false &&
                named.some((name) => matches(name, service))
            );
        });
        if (grants) return "yes";
    }
    return unclear ? "unknown" : "no";
}

function retries(target: ResourceReader): Outcome {
    const policy = target.get("retryPolicy");
    const attempts = target.number("retryPolicy", "maximumRetryAttempts");
    if (policy.kind === "unknown")
        return inconclusive(policy, "whether events are delivered again is not known yet");
    if (policy.kind === "absent")
        return violation(
            `${target.name} has no retryPolicy: for how long an event is delivered again decides whether a scan is still judged in time, and the service's own day is longer than most approvals wait.`,
            "Set retryPolicy.maximumEventAgeInSeconds (3600) and maximumRetryAttempts (20).",
            { findingId: "retryPolicy" },
        );
    if (is(attempts, 0))
        return violation(
            `${target.name} delivers an event once (maximumRetryAttempts is 0), so one busy moment of the function loses the scan.`,
            "Set retryPolicy.maximumRetryAttempts to 20.",
            { findingId: "retryPolicy" },
        );
    return pass;
}

/** By a permission of the function, or by the role that the target names. A queue in between is not a permission's matter. */
function mayStart(rule: ResourceReader, start: FunctionStart, graph: StackGraph): Outcome {
    if (start.mapping) return pass;
    const answer = invokePermission(
        {
            function: start.function,
            qualifier: start.qualifier,
            principal: "events.amazonaws.com",
            source: rule,
        },
        graph,
    );
    if (answer.kind === "granted" || roleInvokes(start, graph)) return pass;
    if (answer.kind === "unknown")
        return inconclusive(answer, `whether ${rule.name} may start ${start.function.name} is not known yet`);
    const near = answer.near === null ? "" : ` (${answer.near})`;
    return violation(
        `No permission lets the rule ${rule.name}, and no other, start ${start.function.name}${near}.`,
        `Add aws:lambda/permission:Permission for ${start.function.name}: principal events.amazonaws.com, sourceArn the rule's ARN.`,
        { findingId: "permission" },
    );
}

function roleInvokes(start: FunctionStart, graph: StackGraph): boolean {
    const role = graph.reference(start.source, ["roleArn"], [roleType]);
    if (role.kind !== "exact") return false;
    const permissions = effectivePermissions(graph).find(({ principal }) => principal === role.resource);
    const answer = permissions && mayDo(permissions, "lambda:InvokeFunction", arnOf(start.function));
    return answer?.kind === "yes";
}

function mappingRuns({ mapping }: FunctionStart): Outcome {
    if (!mapping) return pass;
    const flag = mapping.boolean("enabled");
    if (flag.kind === "unknown")
        return inconclusive(flag, `whether ${mapping.name} is enabled is not known yet`);
    if (!is(flag, false)) return pass;
    return violation(
        `${mapping.name} is switched off, so what the rule sends stays in the queue.`,
        "Set enabled to true.",
    );
}

/** A constant in place of the event says the same about every image. */
function handsOver(target: ResourceReader): Outcome {
    const constant = filled(target.string("input"));
    if (constant.kind === "absent") return pass;
    if (constant.kind === "unknown")
        return inconclusive(constant, "whether the event itself reaches the function is not known yet");
    return violation(
        `${target.name} hands the function a constant (input) in place of the scan event, so it judges every image by the same text.`,
        "Remove input.",
        { findingId: "input" },
    );
}
