/** GATE-01: the announcement of an approval reaches a function that may be started. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, RuleExample, StackOutcome, StackRule } from "../../harness/rule";
import type { StackGraph } from "../../harness/stackGraph";
import { badExample, goodExample, openExample } from "../../harness/stackExamples";
import { anyText, patternMatches, type PatternAnswer } from "../../gate/eventPattern";
import {
    changed,
    deciderExample,
    exampleArns,
    gateStack,
    gateStackWithout,
    permissionExample,
    subscriptionExample,
} from "../../gate/exampleGate";
import { functionReference, functionStarts } from "../../gate/functionStart";
import type { ApprovalGate } from "../../gate/gateModel";
import { invokePermission } from "../../gate/invokePermission";
import { eventSourceMappingType, functionAliasType, subscriptionType } from "../../gate/resourceTypes";
import { completeStages, pipelineStack } from "../../pipeline/exampleResources";
import { actionLabel, pipelineType } from "../../pipeline/pipelineModel";
import { onAutomaticGates } from "./onGates";

const permission = (source: unknown, more: Record<string, unknown> = {}): ExampleResource => {
    const example = permissionExample("topic-starts-recorder", "recorder", "sns", source);
    return { ...example, props: { ...example.props, ...more } };
};
const filtered = (filterPolicy: unknown, filterPolicyScope?: string): ExampleResource =>
    changed(subscriptionExample, {
        filterPolicy: typeof filterPolicy === "object" ? JSON.stringify(filterPolicy) : filterPolicy,
        filterPolicyScope,
    });
const aliased = changed(subscriptionExample, { endpoint: `${exampleArns.recorder}:live` });
const bad = (title: string, resource: string, ...replacements: ExampleResource[]): RuleExample =>
    badExample(title, gateStack(...replacements), resource);
const good = (title: string, _resource: string, ...replacements: ExampleResource[]): RuleExample =>
    goodExample(title, gateStack(...replacements));
const open = (title: string, resource: string, ...replacements: ExampleResource[]): RuleExample =>
    openExample(title, gateStack(...replacements), resource);
const subscription = "recorder-subscription";

export const topicStartsRecorder: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-01",
        family: "gate",
        title: "The announcement of an approval starts a function",
        rationale:
            "A subscription without a permission of the function is accepted and delivers nothing: the gate is dead, and nothing says so until an approval times out.",
        severity: "high",
        remediation:
            "Subscribe the function to the topic, and add an `aws:lambda/permission:Permission` on the same function (and alias) for sns.amazonaws.com whose `sourceArn` is the topic. Leave out filter policies that the announcement does not match.",
        references: ["OWASP CICD-SEC-10", "trivy AWS-0067"],
    },
    relevantTypes: [pipelineType],
    evaluate: (graph) => onAutomaticGates(graph, (gate) => judged(gate, graph)),
    examples: [
        bad("a permission without the topic lets in every account", subscription, permission(undefined)),
        bad(
            "a permission for another topic",
            subscription,
            permission("arn:aws:sns:eu-central-1:123456789012:demo-alarms"),
        ),
        bad(
            "a permission for every topic",
            subscription,
            permission("arn:aws:sns:eu-central-1:123456789012:*"),
        ),
        bad("a permission for everybody", subscription, permission(exampleArns.topic, { principal: "*" })),
        bad(
            "a permission for another service",
            subscription,
            permission(exampleArns.topic, { principal: "s3.amazonaws.com" }),
        ),
        bad("a permission on the other function", subscription, permission(exampleArns.topic, { function: "decider" })), // prettier-ignore
        bad(
            "a permission for something else than to start it",
            subscription,
            permission(exampleArns.topic, { action: "lambda:GetFunction" }),
        ),
        bad(
            "the subscription starts an alias, the permission is for the function itself",
            subscription,
            aliased,
        ),
        bad(
            "a function that is not in the stack",
            subscription,
            changed(subscriptionExample, {
                endpoint: "arn:aws:lambda:eu-central-1:123456789012:function:gone",
            }),
        ),
        bad(
            "a filter on attributes, of which the announcement has none",
            subscription,
            filtered({ stage: ["prod"] }),
        ),
        bad(
            "a filter for another pipeline",
            subscription,
            filtered({ approval: { pipelineName: ["other"] } }, "MessageBody"),
        ),
        bad(
            "a filter that looks into custom data, which is text",
            subscription,
            filtered({ approval: { customData: { application: ["shop"] } } }, "MessageBody"),
        ),
        bad("a filter that does not parse", subscription, filtered("approval")),
        good("subscribed and permitted", ""),
        good("an alias, and its permission", "", aliased, {
            type: functionAliasType,
            name: "live",
            props: { name: "live", functionName: "recorder" },
        }, permission(exampleArns.topic, { qualifier: "live" })), // prettier-ignore
        good("a filter that the announcement matches", "", filtered({ approval: { pipelineName: ["demo"] } }, "MessageBody")), // prettier-ignore
        good("a filter on what only the message tells", "", filtered({ approval: { customData: [{ prefix: "{" }] } }, "MessageBody")), // prettier-ignore
        good("an empty filter", "", filtered({})),
        good("no filter, as the provider answers", "", filtered("", "")),
        good("people are told as well", "", {
            type: subscriptionType,
            name: "people",
            props: { topic: exampleArns.topic, protocol: "email", endpoint: "release@example.com" },
        }),
        good("an auditor that wants other messages only", "", {
            type: subscriptionType,
            name: "audit",
            props: {
                topic: exampleArns.topic,
                protocol: "sqs",
                endpoint: exampleArns.deciderQueue,
                filterPolicy: '{"kind":["audit"]}',
            },
        }),
        good(
            "through a queue",
            "",
            changed(subscriptionExample, { protocol: "sqs", endpoint: exampleArns.recorderQueue }),
            {
                type: eventSourceMappingType,
                name: "recorder-inbox",
                props: { eventSourceArn: exampleArns.recorderQueue, functionName: "recorder" },
            },
        ),
        {
            title: "the function lives elsewhere, as declared",
            shows: "good",
            resources: gateStack(
                changed(subscriptionExample, {
                    endpoint: "arn:aws:lambda:eu-central-1:123456789012:function:central",
                }),
            ),
            configuration: { externalReferences: ["*:function:central"] },
            expect: [],
        },
        {
            title: "people alone answer",
            shows: "good",
            resources: pipelineStack(completeStages),
            expect: [],
        },
        {
            title: "no permission",
            shows: "absent",
            resources: gateStackWithout("topic-starts-recorder"),
            expect: [{ resource: subscription, kind: "violation" }],
        },
        {
            title: "no subscription",
            shows: "absent",
            resources: gateStackWithout(subscription),
            expect: [{ resource: "demo-approvals", kind: "violation" }],
        },
        open("the topic's ARN in the permission is not known yet", subscription, permission(unknown)),
        good("the topic's ARN in the permission, by its dependencies", "", {
            ...permission(unknown),
            propertyDependencies: { sourceArn: ["demo-approvals"] },
        }),
        open("which function is subscribed is not known yet", subscription, changed(subscriptionExample, { endpoint: unknown })), // prettier-ignore
        open("the protocol is not known yet", subscription, changed(subscriptionExample, { protocol: unknown })), // prettier-ignore
        open("the filter is not known yet", subscription, filtered(unknown)),
        open("which topic it is subscribed to is not known yet", "pipeline", changed(subscriptionExample, { topic: unknown })), // prettier-ignore
        {
            title: "a permission that is not known yet does not hide a second subscription without one",
            shows: "unknown",
            resources: gateStack(permission(unknown), {
                ...changed(subscriptionExample, { endpoint: exampleArns.decider }),
                name: "second",
            }, deciderExample), // prettier-ignore
            expect: [
                { resource: subscription, kind: "inconclusive" },
                { resource: "second", kind: "violation" },
            ],
        },
    ],
};

function judged(gate: ApprovalGate, graph: StackGraph): StackOutcome[] {
    const label = actionLabel(gate.action);
    const { certain, possible } = gate.subscriptions;
    if (gate.topics.length === 0)
        return about(gate.pipeline, notApplicable(`${label} has no topic in the stack (PIPE-05)`));
    if (certain.length === 0) {
        if (possible.length > 0 || gate.topic.kind !== "exact")
            return about(gate.pipeline, inconclusive(gate.topic, `who hears of ${label} is not known yet`));
        return about(
            gate.topic.resource,
            violation(
                `Nobody is subscribed to ${gate.topic.resource.name}, so nobody learns that ${label} waits.`,
                "Subscribe the function that records the approval.",
                { findingId: label },
            ),
        );
    }
    const outcomes = certain.flatMap((each) => about(each, started(each, gate.topics, graph)));
    const filters = certain.map((each) => ({ each, answer: filterAnswer(each, gate) }));
    return [...outcomes, ...filterOutcomes(filters, label, graph)];
}

/** A function that is subscribed may be started by the topic. */
function started(
    subscription: ResourceReader,
    topics: readonly ResourceReader[],
    graph: StackGraph,
): Outcome {
    const protocol = subscription.string("protocol");
    if (protocol.kind === "unknown")
        return inconclusive(protocol, "whether a function is subscribed is not known yet");
    if (protocol.kind !== "known" || protocol.value !== "lambda") return pass;
    const { reference, qualifier } = functionReference(graph, subscription, ["endpoint"]);
    const [topic] = topics;
    if (reference.kind === "external" || !topic) return pass;
    if (reference.kind === "unknown" || reference.kind === "candidates")
        return inconclusive(reference, "which function is subscribed is not known yet");
    if (reference.kind !== "exact")
        return violation(
            `${subscription.name} is for ${reference.kind === "dangling" ? reference.value : "no function"}, which is not in the stack, so the announcement reaches nobody.`,
            "Subscribe a function of the stack, or declare the one outside it in externalReferences.",
        );
    const answer = invokePermission(
        { function: reference.resource, qualifier, principal: "sns.amazonaws.com", source: topic },
        graph,
    );
    if (answer.kind === "granted") return pass;
    if (answer.kind === "unknown")
        return inconclusive(
            answer,
            `whether ${topic.name} may start ${reference.resource.name} is not known yet`,
        );
    const near = answer.near === null ? "" : ` (${answer.near})`;
    return violation(
        `No permission lets ${topic.name}, and no other topic, start ${reference.resource.name}${near}, so its announcements are dropped, or anybody's are taken.`,
        `Add aws:lambda/permission:Permission for ${reference.resource.name}: principal sns.amazonaws.com, sourceArn the topic's ARN.`,
    );
}

/** The message of a waiting approval: "JSON data format for manual approval notifications", AWS CodePipeline user guide. */
function announcement({ pipeline, action }: ApprovalGate) {
    return {
        region: anyText,
        consoleLink: anyText,
        approval: {
            pipelineName: valueOf(pipeline.string("name")) ?? anyText,
            stageName: action.stage || anyText,
            actionName: action.name || anyText,
            token: anyText,
            expires: anyText,
            externalEntityLink: anyText,
            approvalReviewLink: anyText,
            // Text, also where it holds JSON.
            customData: anyText,
        },
    } as const;
}

function filterAnswer(subscription: ResourceReader, gate: ApprovalGate): PatternAnswer {
    const filter = subscription.json("filterPolicy");
    if (filter.kind === "absent" || filled(subscription.string("filterPolicy")).kind === "absent")
        return { kind: "yes" };
    if (filter.kind === "unknown") return { kind: "unknown", field: filter.property };
    if (filter.kind === "malformed") return { kind: "malformed", field: filter.property };
    const scope = filled(subscription.string("filterPolicyScope"));
    if (scope.kind === "unknown") return { kind: "unknown", field: scope.property };
    // The default scope is the message's attributes, and CodePipeline sends none.
    const body = scope.kind === "known" && scope.value === "MessageBody";
    return patternMatches(filter.value.raw, body ? announcement(gate) : {});
}

/** One subscription that starts a function has to let the announcement through; others may want other messages. */
function filterOutcomes(
    filters: readonly { each: ResourceReader; answer: PatternAnswer }[],
    label: string,
    graph: StackGraph,
): StackOutcome[] {
    const starting = new Set(
        functionStarts(graph)
            .filter(({ kind }) => kind === "subscription")
            .map(({ source }) => source),
    );
    const ours = filters.filter(({ each }) => starting.has(each));
    if (ours.some(({ answer }) => answer.kind === "yes" || answer.kind === "maybe")) return [];
    const unclear = ours.find(({ answer }) => answer.kind === "unknown");
    if (unclear)
        return about(
            unclear.each,
            inconclusive(
                { property: "filterPolicy" },
                `whether its filter lets ${label} through is not known yet`,
            ),
        );
    return ours.flatMap(({ each, answer }) =>
        about(
            each,
            violation(
                `The filter policy of ${each.name} drops the announcement of ${label}${"field" in answer && answer.field !== "" ? ` (${answer.field})` : ""}.`,
                "Remove filterPolicy, or match fields that the message of a manual approval has, with filterPolicyScope MessageBody.",
                { findingId: label },
            ),
        ),
    );
}
