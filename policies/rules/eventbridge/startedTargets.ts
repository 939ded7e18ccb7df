/** EVB-02, stack half: the target of a rule exists, and the rule may start it. */
import { functionReference } from "../../gate/functionStart";
import {
    eventRuleType,
    eventTargetType,
    functionType,
    permissionType,
    queuePolicyType,
    queueType,
    topicPolicyType,
    topicType,
} from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { attachedPolicy } from "../../iam/attachedPolicy";
import { matches } from "../../iam/matcher";
import { exampleArns, ruleExample, targetExample } from "./eventRule";
import { deliveredEventsMetadata } from "./keptEvents";

const service = "events.amazonaws.com";
/** What EventBridge starts with a role and not by a policy of the target. */
const startedByRole = [
    "aws:codepipeline/pipeline:Pipeline",
    "aws:codebuild/project:Project",
    "aws:sfn/stateMachine:StateMachine",
    "aws:ecs/cluster:Cluster",
    "aws:kinesis/stream:Stream",
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
];
/** The part of an ARN that names a service whose resources the stack would show. */
const shownServices: Readonly<Record<string, readonly string[]>> = {
    lambda: [functionType, "aws:lambda/alias:Alias"],
    sqs: [queueType],
    sns: [topicType],
    codepipeline: ["aws:codepipeline/pipeline:Pipeline"],
    codebuild: ["aws:codebuild/project:Project"],
};

const worker: ExampleResource = { type: functionType, name: "worker", props: { name: "worker" } };
const permission = (props: Record<string, unknown> = {}): ExampleResource => ({
    type: permissionType,
    name: "permission",
    props: { function: "worker", principal: service, action: "lambda:InvokeFunction", sourceArn: exampleArns.rule, ...props },
}); // prettier-ignore
const queue: ExampleResource = { type: queueType, name: "work", props: { name: "work" } };
const toQueue: ExampleResource = {
    ...targetExample({ arn: unknown }),
    propertyDependencies: { arn: ["work"] },
};
const queuePolicy: ExampleResource = {
    type: queuePolicyType,
    name: "policy",
    props: {
        queueUrl: unknown,
        policy: JSON.stringify({ Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sqs:SendMessage", Resource: "*" }] }),
    },
    propertyDependencies: { queueUrl: ["work"] },
}; // prettier-ignore
const pipeline: ExampleResource = {
    type: "aws:codepipeline/pipeline:Pipeline",
    name: "delivery",
    props: { name: "delivery" },
};
const toPipeline = (roleArn?: unknown): ExampleResource => ({
    ...targetExample({ arn: unknown, roleArn }),
    propertyDependencies: { arn: ["delivery"] },
});

export const startedTargets: StackRule = {
    level: "stack",
    metadata: deliveredEventsMetadata,
    relevantTypes: [eventTargetType],
    evaluate: (graph) => {
        const permissions = permissionsByFunction(graph);
        const policies = policiesByHolder(graph);
        return graph
            .ofType(eventTargetType)
            .flatMap((target) => about(target, judgeTarget(target, graph, permissions, policies)));
    },
    examples: [
        badExample("nothing lets the rule start the function", [ruleExample(), worker, targetExample()], "target"), // prettier-ignore
        badExample("a permission for another rule", [ruleExample(), { ...ruleExample(), name: "other", props: { name: "other" } }, worker, permission({ sourceArn: "arn:aws:events:eu-central-1:123456789012:rule/other" }), targetExample()], "target"), // prettier-ignore
        badExample("a function that is not there", [ruleExample(), targetExample()], "target"),
        badExample("a queue that takes nothing from rules", [ruleExample(), queue, toQueue], "target"),
        badExample("a pipeline without a role", [ruleExample(), pipeline, toPipeline()], "target"),
        goodExample("a permission for the rule", [ruleExample(), worker, permission(), targetExample()]),
        goodExample("a permission by dependency", [
            ruleExample(),
            worker,
            { ...permission({ sourceArn: unknown, function: unknown }), propertyDependencies: { sourceArn: ["scans"], function: ["worker"] } },
            { ...targetExample({ arn: unknown }), propertyDependencies: { arn: ["worker"] } },
        ]), // prettier-ignore
        goodExample("a permission for every rule is another rule's finding", [ruleExample(), worker, permission({ sourceArn: undefined }), targetExample()]), // prettier-ignore
        goodExample("a queue with a policy", [ruleExample(), queue, queuePolicy, toQueue]),
        goodExample("a pipeline with a role", [ruleExample(), pipeline, toPipeline(unknown)]),
        {
            ...goodExample("a function outside the stack, by configuration", [ruleExample(), targetExample()]), // prettier-ignore
            configuration: { externalReferences: ["arn:aws:lambda:*:function:worker"] },
        },
        goodExample("a log group, which no type here stands for", [ruleExample(), targetExample({ arn: "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/events/all" })]), // prettier-ignore
        goodExample("a log group, by dependency", [
            ruleExample(),
            { type: "aws:cloudwatch/logGroup:LogGroup", name: "events", props: { name: "events" } },
            { ...targetExample({ arn: unknown }), propertyDependencies: { arn: ["events"] } },
        ]),
        absentExample("no permission of the function", [ruleExample(), worker, permission({ function: "other" }), targetExample()], "target"), // prettier-ignore
        openExample("what it starts is not known yet", [ruleExample(), targetExample({ arn: unknown })], "target"), // prettier-ignore
        openExample("whom a permission is for is not known yet", [ruleExample(), worker, permission({ principal: unknown }), targetExample()], "target"), // prettier-ignore
    ],
};

type Held = ReadonlyMap<ResourceReader, ResourceReader[]>;

function judgeTarget(target: ResourceReader, graph: StackGraph, permissions: Held, policies: Held): Outcome {
    const found = targetOf(target, graph);
    if (found.kind === "external" || found.kind === "absent") return notApplicable("the target is not in the stack"); // prettier-ignore
    if (found.kind === "unknown" || found.kind === "candidates")
        return inconclusive(found, `what ${target.name} starts is not known yet`);
    if (found.kind === "dangling") {
        return violation(
            `${target.name} starts ${found.value} (arn), which is not in the stack.`,
            "Refer to the resource itself, or name the ARN in the setting externalReferences.",
            { findingId: "arn" },
        );
    }
    const { resource } = found;
    if (filled(target.string("roleArn")).kind !== "absent") return pass;
    if (startedByRole.includes(resource.type))
        return violation(
            `${target.name} may not start ${resource.name}: roleArn is not set.`,
            "Set roleArn to a role that events.amazonaws.com assumes and that may start it.",
            { findingId: "roleArn" },
        );
    if (resource.type === functionType) return judgePermissions(target, resource, graph, permissions.get(resource) ?? []); // prettier-ignore
    if (resource.type === queueType || resource.type === topicType)
        return judgePolicies(target, resource, policies.get(resource) ?? [resource]);
    return pass;
}

function targetOf(target: ResourceReader, graph: StackGraph): Reference {
    const given = valueOf(target.string("arn"));
    const types = given === undefined ? undefined : shownServices[given.split(":")[2] ?? ""];
    const all = [...startedByRole, queueType, topicType];
    const { reference } = functionReference(graph, target, ["arn"]);
    if (reference.kind === "exact" || types?.includes(functionType)) return reference;
    const other = graph.reference(target, ["arn"], all);
    if (other.kind === "exact") return other;
    if (given !== undefined && types === undefined && other.kind === "dangling")
        return { kind: "absent", property: "arn" };
    // An unknown value may depend on both a function and something else.
    // It depends on something that is started in a way of its own: a log group, another bus, an API destination.
    if (
        other.kind === "unknown" &&
        (target.propertyDependencies["arn"] ?? []).length > 0 &&
        reference.kind === "unknown"
    )
        return { kind: "absent", property: "arn" };
    const both = [reference, other].filter(({ kind }) => kind === "candidates");
    return both.length === 1 && both[0] ? both[0] : other;
}

function judgePermissions(
    target: ResourceReader,
    resource: ResourceReader,
    graph: StackGraph,
    permissions: readonly ResourceReader[],
): Outcome {
    const rule = graph.reference(target, ["rule"], [eventRuleType]);
    let open: string | null = null;
    for (const each of permissions) {
        const principal = each.string("principal");
        if (principal.kind === "unknown") open ??= `${each.name}.principal`;
        if (!is(principal, service) && !is(principal, "*")) continue;
        const source = filled(each.string("sourceArn"));
        // Without a source, or with a pattern, it lets more in than this rule (LAM-06).
        if (source.kind === "absent" || (source.kind === "known" && /[*?]/.test(source.value))) return pass;
        const named = graph.reference(each, ["sourceArn"], [eventRuleType]);
        if (named.kind === "exact" && rule.kind === "exact" && named.resource !== rule.resource) continue;
        if (named.kind === "candidates" && rule.kind === "exact" && !named.resources.includes(rule.resource)) continue; // prettier-ignore
        if (named.kind === "dangling" && rule.kind === "exact" && valueOf(rule.resource.string("name")) !== undefined) continue; // prettier-ignore
        return pass;
    }
    if (open !== null)
        return inconclusive({ property: open }, `whether ${target.name} may start ${resource.name} is not known yet`); // prettier-ignore
    return violation(
        `No permission lets the rule of ${target.name} start ${resource.name}.`,
        "Add aws.lambda.Permission: principal events.amazonaws.com, sourceArn the rule's ARN.",
        { findingId: "permission" },
    );
}

function judgePolicies(
    target: ResourceReader,
    resource: ResourceReader,
    holders: readonly ResourceReader[],
): Outcome {
    const documents = holders.map(attachedPolicy);
    const open = documents.find(({ kind }) => kind === "unknown");
    const admits = documents.some(
        (document) =>
            document.kind === "known" &&
            document.statements.some(
                ({ effect, principals }) =>
                    effect === "Allow" &&
                    principals?.not === false &&
                    [...(principals.byKind["Service"] ?? []), ...(principals.byKind["*"] ?? [])].some((name) => matches(name, service)),
            ),
    ); // prettier-ignore
    if (admits) return pass;
    if (open)
        return inconclusive(open, `whether ${target.name} may send to ${resource.name} is not known yet`);
    return violation(
        `The policy of ${resource.name} does not let events.amazonaws.com in, so ${target.name} never reaches it.`,
        "Allow events.amazonaws.com in its policy, for the rule's ARN.",
        { findingId: "policy" },
    );
}

function permissionsByFunction(graph: StackGraph): Held {
    return grouped(graph.ofType(permissionType), (each) => functionReference(graph, each, ["function"]).reference);
} // prettier-ignore

function policiesByHolder(graph: StackGraph): Held {
    const queues = grouped(graph.ofType(queuePolicyType), (each) => graph.reference(each, ["queueUrl"], [queueType])); // prettier-ignore
    const topics = grouped(graph.ofType(topicPolicyType), (each) => graph.reference(each, ["arn"], [topicType])); // prettier-ignore
    return new Map([...queues, ...topics]);
}

function grouped(all: readonly ResourceReader[], of: (each: ResourceReader) => Reference): Held {
    const found = new Map<ResourceReader, ResourceReader[]>();
    for (const each of all) {
        const reference = of(each);
        const resources = reference.kind === "exact" ? [reference.resource] : reference.kind === "candidates" ? reference.resources : []; // prettier-ignore
        for (const resource of resources) {
            const list = found.get(resource);
            if (list) list.push(each);
            else found.set(resource, [each]);
        }
    }
    return found;
}
