/**
 * A gate without a scan action: the approval is answered by a function that scan events of the registry start. It counts
 * only when every link is in the stack: topic → function, enabled rule for the event that the registry really sends →
 * function, and a role that may answer exactly this action.
 */
import { is, valueOf, type ResourceReader } from "../harness/reader";
import type { StackGraph } from "../harness/stackGraph";
import { effectivePermissions, mayDo } from "../iam/effectivePermissions";
import { registryScanningType } from "../rules/ecr/repository";
import type { PipelineAction } from "./pipelineModel";
import { gateRole, roleType } from "./project";
import { actionArn } from "./resourceArn";

const functionType = "aws:lambda/function:Function";
const topicType = "aws:sns/topic:Topic";

/** Whether the approval is proven to be answered from scan events. */
export function asynchronousGate(
    pipeline: ResourceReader,
    approval: PipelineAction,
    graph: StackGraph,
): boolean {
    return (
        topicStartsFunction(approval, graph) &&
        scanEventStartsFunction(graph) &&
        deciderMayAnswer(pipeline, approval, graph)
    );
}

function topicStartsFunction(approval: PipelineAction, graph: StackGraph): boolean {
    const arn = valueOf(approval.configuration.string("NotificationArn"));
    if (arn === undefined) return false;
    const topic = graph.referenceOfValue(arn, "NotificationArn", [topicType]);
    if (topic.kind !== "exact") return false;
    return graph
        .referrers(topic.resource, ["aws:sns/topicSubscription:TopicSubscription"], "topic")
        .certain.some((subscription) => {
            const target = graph.reference(subscription, ["endpoint"], [functionType]);
            return is(subscription.string("protocol"), "lambda") && target.kind === "exact";
        });
}

/** Basic scanning reports as aws.ecr, enhanced scanning as aws.inspector2: the wrong one never comes. */
function scanEventStartsFunction(graph: StackGraph): boolean {
    const enhanced = graph
        .ofType(registryScanningType)
        .some((registry) => is(registry.string("scanType"), "ENHANCED"));
    const source = enhanced ? "aws.inspector2" : "aws.ecr";
    return graph.ofType("aws:cloudwatch/eventTarget:EventTarget").some((target) => {
        const rule = graph.reference(target, ["rule"], ["aws:cloudwatch/eventRule:EventRule"]);
        const decider = graph.reference(target, ["arn"], [functionType]);
        if (rule.kind !== "exact" || decider.kind !== "exact") return false;
        const state = valueOf(rule.resource.string("state")) ?? "ENABLED";
        const pattern = rule.resource.json("eventPattern");
        const sources = pattern.kind === "known" ? pattern.value.strings("source") : pattern;
        return state === "ENABLED" && sources.kind === "known" && sources.value.values.includes(source);
    });
}

function deciderMayAnswer(pipeline: ResourceReader, approval: PipelineAction, graph: StackGraph): boolean {
    const question = actionArn(pipeline, approval.stage, approval.name);
    return effectivePermissions(graph).some((entry) => {
        if (entry.principal.type !== roleType || gateRole(entry.principal) !== "decider") return false;
        return mayDo(entry, "codepipeline:PutApprovalResult", question).kind === "yes";
    });
}
