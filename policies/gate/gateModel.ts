/**
 * The approval gate of a stack: for each approval action of each pipeline its topic, the functions that hear of the
 * waiting approval (recorders), the functions whose role may answer it (deciders) and what starts those.
 *
 * An approval can be answered in many ways: a rule for scan events starts the decider, or the stream of a table does, or
 * both; recorder and decider can be one function. So a decider is told by what its role may do, never by how it is
 * started. What is not known yet is kept apart from what is certain. Built once per analysis.
 */
import { is, valueOf, type ResourceReader } from "../harness/reader";
import type { Reference, StackGraph } from "../harness/stackGraph";
import {
    effectivePermissions,
    mayDo,
    type Permission,
    type PrincipalPermissions,
} from "../iam/effectivePermissions";
import { isSubset } from "../iam/matcher";
import { isApproval } from "../pipeline/classify";
import { pipelineType, readPipeline, type PipelineAction } from "../pipeline/pipelineModel";
import { roleType } from "../pipeline/project";
import { actionArn } from "../pipeline/resourceArn";
import { functionStarts, resourcesOf, type FunctionStart } from "./functionStart";
import { chatChannelTypes, functionType, subscriptionType, topicType } from "./resourceTypes";

export const answerVerb = "codepipeline:PutApprovalResult";

/** A function of the stack and the role that it runs as. */
export interface GateFunction {
    function: ResourceReader;
    role: Reference;
    /** What its role may do; null when the role is not known or not in the stack. */
    permissions: PrincipalPermissions | null;
    /** Everything that starts it, disabled or not, certain or not. */
    starts: FunctionStart[];
}

/** A function that may answer the approval. */
export interface Decider extends GateFunction {
    /** The statements by which it may. */
    answers: Permission[];
}

/** A function of which is not known whether it may answer. */
export interface PossibleDecider extends GateFunction {
    property: string;
    why: string;
}

/**
 * - `automatic`: a function may answer the approval, or nobody but functions hears of it;
 * - `human`: people hear of it, and no function is there to answer it;
 * - `external`: somebody outside the stack hears of it (a topic or queue), and no function here may answer it;
 * - `unwired`: nobody hears of it and nobody here may answer it (PIPE-05);
 * - `undetermined`: a value that would tell is not known yet.
 */
export type GateKind = "automatic" | "human" | "external" | "unwired" | "undetermined";

export interface ApprovalGate {
    pipeline: ResourceReader;
    action: PipelineAction;
    /** Of the action, for permission questions: the real one where it is known, else a pattern. */
    arn: string;
    /** Whether pipeline, stage and action are known by name. */
    named: boolean;
    kind: GateKind;
    topic: Reference;
    /** Topics that `topic` means or may mean. */
    topics: ResourceReader[];
    /** Subscriptions of these topics; `possible` where the topic, or whose the subscription is, is not known yet. */
    subscriptions: { certain: ResourceReader[]; possible: ResourceReader[] };
    /** Subscriptions and chat channels by which people hear of the approval. */
    people: ResourceReader[];
    /** Functions that the topic starts, directly or through a queue. */
    recorders: { certain: GateFunction[]; possible: GateFunction[] };
    deciders: { certain: Decider[]; possible: PossibleDecider[] };
}

export interface GateModel {
    /** One for each approval action, in the order of the pipelines. */
    gates: ApprovalGate[];
    /** Pipelines of which is not known what they do. */
    unreadable: { pipeline: ResourceReader; property: string }[];
    /** Every function of the stack. */
    functions: GateFunction[];
}

const cache = new WeakMap<StackGraph, GateModel>();

/** The gates of the stack; worked out once per graph. */
export function gateModel(graph: StackGraph): GateModel {
    let model = cache.get(graph);
    if (!model) cache.set(graph, (model = build(graph)));
    return model;
}

/** Gates that a function answers, or that only functions hear of. */
export function automaticGates(graph: StackGraph): ApprovalGate[] {
    return gateModel(graph).gates.filter(({ kind }) => kind === "automatic");
}

/** The functions of a gate, each once: those that hear of an approval and those that answer it, for certain. */
export function functionsOf(gate: ApprovalGate): GateFunction[] {
    const found = new Map<ResourceReader, GateFunction>();
    for (const each of [...gate.recorders.certain, ...gate.deciders.certain])
        if (!found.has(each.function)) found.set(each.function, each);
    return [...found.values()];
}

function build(graph: StackGraph): GateModel {
    const pipelines = graph.ofType(pipelineType);
    const functions = gateFunctions(graph);
    const unreadable: GateModel["unreadable"] = [];
    const gates = pipelines.flatMap((pipeline) => {
        const model = readPipeline(pipeline);
        if (model.kind !== "known") {
            if (model.kind === "unknown") unreadable.push({ pipeline, property: model.property });
            return [];
        }
        return model.value.actions
            .filter(isApproval)
            .map((action) => gateOf(pipeline, action, functions, graph));
    });
    return { gates: gates.map((gate) => withPeopleFirst(gate, gates)), unreadable, functions };
}

/** An approval that only people hear of stays theirs, though the function of another approval may answer it (GATE-04). */
function withPeopleFirst(gate: ApprovalGate, all: readonly ApprovalGate[]): ApprovalGate {
    const heardByFunctions = ({ recorders }: ApprovalGate): boolean =>
        recorders.certain.length + recorders.possible.length > 0;
    if (gate.kind !== "automatic" || gate.people.length === 0 || heardByFunctions(gate)) return gate;
    const elsewhere = all.filter(heardByFunctions).flatMap(({ deciders }) => deciders.certain);
    const borrowed = gate.deciders.certain.every((own) =>
        elsewhere.some((each) => each.function === own.function),
    );
    return borrowed ? { ...gate, kind: "human" } : gate;
}

function gateFunctions(graph: StackGraph): GateFunction[] {
    const byFunction = new Map<ResourceReader, FunctionStart[]>();
    for (const start of functionStarts(graph))
        byFunction.set(start.function, [...(byFunction.get(start.function) ?? []), start]);
    const byRole = new Map(effectivePermissions(graph).map((entry) => [entry.principal, entry]));
    return graph.ofType(functionType).map((each) => {
        const role = graph.reference(each, ["role"], [roleType]);
        return {
            function: each,
            role,
            permissions: role.kind === "exact" ? (byRole.get(role.resource) ?? null) : null,
            starts: byFunction.get(each) ?? [],
        };
    });
}

function gateOf(
    pipeline: ResourceReader,
    action: PipelineAction,
    functions: readonly GateFunction[],
    graph: StackGraph,
): ApprovalGate {
    const topic = topicOf(pipeline, action, graph);
    const topics = resourcesOf(topic);
    const subscriptions = subscriptionsOf(topics, topic.kind === "exact", graph);
    const people = [
        ...subscriptions.certain.filter(reachesPeople),
        ...(topic.kind === "exact" ? chatChannelsOf(topic.resource, graph) : []),
    ];
    const arn = actionArn(pipeline, action.stage, action.name);
    const named = valueOf(pipeline.string("name")) !== undefined && action.stage !== "" && action.name !== "";
    const recorders = recordersOf(subscriptions, functions);
    const deciders = decidersOf(arn, named, functions);
    const wiring = { topic, subscriptions, people, recorders, deciders };
    return { pipeline, action, arn, named, topics, ...wiring, kind: kindOf(wiring) };
}

/** The engine records dependencies of `stages` as a whole: an unknown ARN means one of the topics behind it. */
function topicOf(pipeline: ResourceReader, action: PipelineAction, graph: StackGraph): Reference {
    const given = action.configuration.string("NotificationArn");
    if (given.kind === "known") return graph.referenceOfValue(given.value, given.property, [topicType]);
    if (given.kind === "malformed")
        return { kind: "dangling", value: `(no text at ${given.property})`, property: given.property };
    const property = `${action.property}.configuration.NotificationArn`;
    // An unknown configuration reads as an empty one.
    const unreadable = action.reader.get("configuration").kind === "unknown";
    if (given.kind === "absent" && !unreadable) return { kind: "absent", property };
    const candidates = graph.dependencies(pipeline, "stages", [topicType]);
    const [only] = candidates;
    if (only && candidates.length === 1) return { kind: "exact", resource: only, property };
    return only ? { kind: "candidates", resources: candidates, property } : { kind: "unknown", property };
}

function subscriptionsOf(
    topics: readonly ResourceReader[],
    certain: boolean,
    graph: StackGraph,
): ApprovalGate["subscriptions"] {
    const found = topics.map((topic) => graph.referrers(topic, [subscriptionType], "topic"));
    const sure = found.flatMap((each) => each.certain);
    const possible = found.flatMap((each) => each.possible);
    return certain
        ? { certain: sure, possible }
        : { certain: [], possible: [...new Set([...sure, ...possible])] };
}

const peopleProtocols = new Set(["email", "email-json", "sms", "http", "https", "application"]);

/** E-mail, SMS, and web hooks of chat and paging services. */
function reachesPeople(subscription: ResourceReader): boolean {
    return peopleProtocols.has(valueOf(subscription.string("protocol")) ?? "");
}

/** Chat channels that subscribe themselves to the topic. */
export function chatChannelsOf(topic: ResourceReader, graph: StackGraph): ResourceReader[] {
    return graph
        .ofType(...chatChannelTypes)
        .filter((channel) =>
            graph
                .references(channel, ["snsTopicArns"], [topicType])
                .some((reference) => reference.kind === "exact" && reference.resource === topic),
        );
}

function recordersOf(
    subscriptions: ApprovalGate["subscriptions"],
    functions: readonly GateFunction[],
): ApprovalGate["recorders"] {
    const result: ApprovalGate["recorders"] = { certain: [], possible: [] };
    for (const each of functions) {
        const own = each.starts.filter(({ kind }) => kind === "subscription");
        if (own.some(({ source, certain }) => certain && subscriptions.certain.includes(source)))
            result.certain.push(each);
        else if (
            own.some(
                ({ source }) =>
                    subscriptions.certain.includes(source) || subscriptions.possible.includes(source),
            )
        )
            result.possible.push(each);
    }
    return result;
}

function decidersOf(
    arn: string,
    named: boolean,
    functions: readonly GateFunction[],
): ApprovalGate["deciders"] {
    const result: ApprovalGate["deciders"] = { certain: [], possible: [] };
    for (const each of functions) {
        if (!each.permissions) {
            const { property, kind } = each.role;
            if (kind !== "absent" && kind !== "external")
                result.possible.push({
                    ...each,
                    property,
                    why: "its role is not known, or not in the stack",
                });
            continue;
        }
        const answer = mayDo(each.permissions, answerVerb, arn);
        if (answer.kind === "no") continue;
        if (answer.kind === "unknown") {
            const [doubt] = answer.doubts;
            const why = doubt ? `${doubt.source.name}: ${doubt.why}` : "what its role may do is not known";
            result.possible.push({ ...each, property: doubt?.property ?? "role", why });
        } else if (named || answer.permissions.some(({ resource }) => isSubset(arn, resource)))
            result.certain.push({ ...each, answers: answer.permissions });
        else
            result.possible.push({ ...each, property: "stages", why: "which action this is, is not known yet" }); // prettier-ignore
    }
    return result;
}

function kindOf(
    wiring: Pick<ApprovalGate, "topic" | "subscriptions" | "people" | "recorders" | "deciders">,
): GateKind {
    const { topic, subscriptions, people, recorders, deciders } = wiring;
    if (deciders.certain.length > 0) return "automatic";
    // What people are asked is theirs; whether somebody else could answer it as well is BYP-02's question.
    if (people.length > 0) return "human";
    if (topic.kind === "external") return "external";
    if (recorders.certain.length > 0) return "automatic";
    const open =
        topic.kind === "unknown" ||
        topic.kind === "candidates" ||
        subscriptions.possible.length > 0 ||
        subscriptions.certain.some((each) => each.string("protocol").kind === "unknown");
    if (open) return "undetermined";
    if (subscriptions.certain.some((each) => is(each.string("protocol"), "lambda"))) return "automatic";
    return subscriptions.certain.length > 0 ? "external" : "unwired";
}
