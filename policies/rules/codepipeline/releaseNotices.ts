/** PIPE-20: people learn that a release failed, or that it waits for an approval. */
import { chatChannelsOf } from "../../gate/gateModel";
import {
    chatChannelTypes,
    eventRuleType,
    eventTargetType,
    functionType,
    queueType,
    subscriptionType,
    topicType,
} from "../../gate/resourceTypes";
import type { PackConfiguration } from "../../harness/configuration";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { is, valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { Outcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { matches } from "../../iam/matcher";
import { isApproval, isDelivery, releases } from "../../pipeline/classify";
import { pipelineType, readPipeline, type PipelineModel } from "../../pipeline/pipelineModel";
import { allowedTexts, matcherPattern, readEventPattern } from "../gate/pinnedTexts";
import { stackReleases } from "./pipelineOutcome";
import { examples } from "./releaseNotices.examples";

export const notificationRuleType = "aws:codestarnotifications/notificationRule:NotificationRule";

/**
 * What people have to learn of. Event type ids: Developer Tools console User Guide, "Events for notification rules on
 * pipelines"; EventBridge: CodePipeline User Guide, "Monitoring CodePipeline events".
 */
const news = {
    failed: {
        what: "a failed execution",
        eventTypes: ["codepipeline-pipeline-pipeline-execution-failed"],
        detailTypes: ["CodePipeline Pipeline Execution State Change"],
        states: ["FAILED"],
    },
    approval: {
        what: "an approval that waits",
        eventTypes: ["codepipeline-pipeline-manual-approval-needed"],
        detailTypes: [
            "CodePipeline Action Execution State Change",
            "CodePipeline Stage Execution State Change",
        ],
        states: ["STARTED"],
    },
} as const;
type News = keyof typeof news;

/** `open`: a value that decides is not known yet. */
type Told = { kind: "told" } | { kind: "open"; property: string } | { kind: "not"; why: string | null };

const not = (why: string | null): Told => ({ kind: "not", why });

/** Whether somebody is there at the other end of a topic. */
function heard(topic: ResourceReader, graph: StackGraph): Told {
    const { certain, possible } = graph.referrers(topic, [subscriptionType], "topic");
    if (certain.length > 0 || chatChannelsOf(topic, graph).length > 0) return { kind: "told" };
    const [open] = possible;
    return open
        ? { kind: "open", property: `${open.name}.topic` }
        : not(`nobody is subscribed to ${topic.name}`);
}

/** The first that is told; else what is open; else why nobody is. */
function first(all: readonly Told[]): Told {
    return (
        all.find(({ kind }) => kind === "told") ??
        all.find(({ kind }) => kind === "open") ??
        all.find((each) => each.kind === "not" && each.why !== null) ??
        not(null)
    );
}

function targetTold(target: PropertyReader, rule: ResourceReader, graph: StackGraph): Told {
    const address = target.string("address");
    if (address.kind === "unknown") {
        const topics = graph.dependencies(rule, "targets", [topicType]);
        const [only] = topics;
        if (only && topics.length === 1) return heard(only, graph);
        return graph.dependencies(rule, "targets", chatChannelTypes).length > 0
            ? { kind: "told" }
            : { kind: "open", property: address.property };
    }
    if (address.kind !== "known") return not(`${target.property} has no address`);
    const reference = graph.referenceOfValue(address.value, address.property, [topicType, ...chatChannelTypes]); // prettier-ignore
    if (reference.kind === "external") return { kind: "told" };
    if (reference.kind !== "exact") return not(`${address.value} is no topic or chat channel of the stack`);
    return reference.resource.type === topicType ? heard(reference.resource, graph) : { kind: "told" };
}

/** What a notification rule tells of the pipeline. */
function ruleTold(rule: ResourceReader, pipeline: ResourceReader, kind: News, graph: StackGraph): Told {
    const subject = graph.reference(rule, ["resource"], [pipelineType]);
    if (subject.kind === "exact" && subject.resource !== pipeline) return not(null);
    if (subject.kind === "dangling" || subject.kind === "external" || subject.kind === "absent")
        return not(null);
    if (subject.kind !== "exact") return { kind: "open", property: `${rule.name}.${subject.property}` };
    const status = rule.string("status");
    if (status.kind === "unknown") return { kind: "open", property: status.property };
    if (is(status, "DISABLED")) return not(`${rule.name} is switched off`);
    const types = rule.strings("eventTypeIds");
    if (types.kind !== "known") return types.kind === "unknown" ? { kind: "open", property: types.property } : not(null); // prettier-ignore
    if (!news[kind].eventTypes.some((each) => types.value.values.includes(each)))
        return types.value.unknownCount > 0 ? { kind: "open", property: types.property } : not(null);
    const targets = rule.list("targets");
    if (targets.kind === "unknown") return { kind: "open", property: targets.property };
    const list = valueOf(targets) ?? [];
    return list.length === 0
        ? not(`${rule.name} has no target`)
        : first(list.map((target) => targetTold(target, rule, graph)));
}

/** What an EventBridge rule tells of the pipeline. */
function eventTold(target: ResourceReader, pipeline: ResourceReader, kind: News, graph: StackGraph): Told {
    const rule = graph.reference(target, ["rule"], [eventRuleType]);
    if (rule.kind !== "exact") return not(null);
    const pattern = readEventPattern(rule.resource);
    if (pattern.kind !== "known") return not(null);
    const lets = (path: string[], values: readonly string[]): boolean => {
        const allowed = allowedTexts(pattern.value, path);
        if (allowed.kind === "any") return true;
        return (
            allowed.kind === "pinned" &&
            allowed.matchers.some((each) =>
                values.some((value) => matches(matcherPattern(each) ?? "", value)),
            )
        );
    };
    const name = valueOf(pipeline.string("name"));
    const about =
        lets(["source"], ["aws.codepipeline"]) &&
        lets(["detail-type"], news[kind].detailTypes) &&
        lets(["detail", "state"], news[kind].states) &&
        (name === undefined || lets(["detail", "pipeline"], [name]));
    if (!about) return not(null);
    if (is(rule.resource.string("state"), "DISABLED")) return not(`${rule.resource.name} is switched off`);
    const goal = graph.reference(target, ["arn"], [topicType, functionType, queueType]);
    if (goal.kind === "exact")
        return goal.resource.type === topicType ? heard(goal.resource, graph) : { kind: "told" };
    return goal.kind === "dangling" ? not(`${goal.value} is not in the stack`) : { kind: "told" };
}

function told(pipeline: ResourceReader, kind: News, graph: StackGraph): Told {
    return first([
        ...graph.ofType(notificationRuleType).map((rule) => ruleTold(rule, pipeline, kind, graph)),
        ...graph.ofType(eventTargetType).map((target) => eventTold(target, pipeline, kind, graph)),
    ]);
}

function newsOutcome(pipeline: ResourceReader, kind: News, graph: StackGraph): Outcome[] {
    const answer = told(pipeline, kind, graph);
    if (answer.kind === "told") return [];
    const { what, eventTypes } = news[kind];
    if (answer.kind === "open")
        return [inconclusive(answer, `whether anybody is told of ${what} is not known yet`)];
    return [
        violation(
            `Nobody is told of ${what}${answer.why === null ? "" : `: ${answer.why}`}.`,
            `Add a notification rule for the pipeline with the event type ${eventTypes[0]} and a target that people read: a topic with a subscription, or a chat channel.`,
            { findingId: kind },
        ),
    ];
}

function concerns(
    pipeline: ResourceReader,
    model: PipelineModel,
    graph: StackGraph,
    configuration: PackConfiguration,
): News[] {
    const approval = model.actions.some(isApproval);
    const releasing = isDelivery(pipeline) || releases(model, stackReleases(graph, configuration)).certain.length > 0; // prettier-ignore
    return [...(approval || releasing ? (["failed"] as const) : []), ...(approval ? (["approval"] as const) : [])]; // prettier-ignore
}

export const releaseNotices: StackRule = {
    level: "stack",
    metadata: {
        id: "PIPE-20",
        family: "codepipeline",
        title: "People learn of failed releases and of approvals that wait",
        rationale:
            "A release that failed, or that waits for somebody, in silence is found days later; what is then in a hurry looks for a way around the gate.",
        severity: "medium",
        remediation:
            "Add an `aws:codestarnotifications/notificationRule:NotificationRule` (or EventBridge rules) for each pipeline that releases: failed executions and, where it has an approval, approvals that wait. Its target must reach somebody: a topic with a subscription, or a chat channel.",
        references: ["OWASP CICD-SEC-10"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph, configuration) => {
        const outcomes = graph.ofType(pipelineType).flatMap((pipeline) => {
            const model = readPipeline(pipeline);
            if (model.kind === "unknown")
                return about(pipeline, inconclusive(model, "whether the pipeline releases is not known yet"));
            if (model.kind !== "known") return [];
            const kinds = concerns(pipeline, model.value, graph, configuration);
            return about(pipeline, ...kinds.flatMap((kind) => newsOutcome(pipeline, kind, graph)));
        });
        const some = graph.ofType(pipelineType).length > 0;
        return outcomes.length > 0 ? outcomes : about(null, some ? pass : notApplicable("no pipeline"));
    },
    examples,
};
