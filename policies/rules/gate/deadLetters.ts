/** GATE-05: what the gate's functions could not handle goes to a queue. */
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { badExample, goodExample } from "../../harness/stackExamples";
import type { StackGraph } from "../../harness/stackGraph";
import {
    changed,
    deciderExample,
    deciderRoleExample,
    answerStatement,
    exampleOf,
    exampleArns,
    functionExample,
    gateStack,
    gateStackWithout,
    recorderExample,
    recorderRoleExample,
    streamMappingExample,
} from "../../gate/exampleGate";
import {
    deadLetterPath,
    eventInvokeConfigs,
    mappingFailurePath,
    onFailurePath,
    type FailurePath,
} from "../../gate/failurePath";
import { failedQueues } from "../../gate/failedQueues";
import { mappingSource } from "../../gate/functionStart";
import { guardFunctions } from "../../gate/guardFunctions";
import { automaticGates, functionsOf, type GateFunction } from "../../gate/gateModel";
import { eventInvokeConfigType, functionType, queueType, topicType } from "../../gate/resourceTypes";
import { mayDo } from "../../iam/effectivePermissions";
import { allow, completeStages, pipelineStack, roleExample } from "../../pipeline/exampleResources";
import { pipelineType } from "../../pipeline/pipelineModel";
import { roleType } from "../../pipeline/project";
import { arnOf } from "../../pipeline/resourceArn";
import { onEach } from "./onGates";

/** Seconds for which an event that failed has to be there: somebody reads it on the next day. */
const leastRetention = 86_400;

/** Amazon SQS keeps messages for four days when nothing is said. */
function retention(queue: ResourceReader, of: ResourceReader): Outcome {
    const seconds = queue.number("messageRetentionSeconds");
    if (seconds.kind === "unknown")
        return inconclusive(seconds, `how long ${queue.name} keeps what failed is not known yet`);
    if (seconds.kind === "absent" || (seconds.kind === "known" && seconds.value >= leastRetention))
        return pass;
    const given = seconds.kind === "known" ? `is ${seconds.value}` : seconds.why;
    return violation(
        `${seconds.property} of ${queue.name} ${given}: what ${of.name} could not handle is gone before anybody looks.`,
        "Leave messageRetentionSeconds out (four days), or set it to 1209600 (two weeks).",
        { findingId: "messageRetentionSeconds" },
    );
}

const bare = (resource: ExampleResource): ExampleResource =>
    changed(resource, { deadLetterConfig: undefined });
const invokeConfig = (destination: unknown, functionName = "recorder"): ExampleResource => ({
    type: eventInvokeConfigType,
    name: `${functionName}-config`,
    props: {
        functionName,
        ...(destination === undefined ? {} : { destinationConfig: { onFailure: { destination } } }),
    },
});

export const deadLetters: StackRule = {
    level: "stack",
    metadata: {
        id: "GATE-05",
        family: "gate",
        title: "What the gate's functions cannot handle goes to a queue",
        rationale:
            "An asynchronous event is tried three times and then gone: without a queue the approval waits until it times out, and nobody learns why.",
        severity: "high",
        remediation:
            "Give recorder and decider a `deadLetterConfig`, or an event-invoke configuration with `destinationConfig.onFailure`, to a queue of the stack that the function's role may send to. Give a stream's event source mapping an `onFailure` destination and a queue's a redrive policy.",
        references: ["checkov CKV_AWS_116", "cdk-nag LambdaDLQ", "cdk-nag LambdaAsyncFailureDestination"],
    },
    relevantTypes: [pipelineType, functionType],
    evaluate: (graph) => {
        const functions = new Map(
            automaticGates(graph)
                .flatMap(functionsOf)
                .map((each) => [each.function, each]),
        );
        // Amazon ECS waits for the answer of its hook: nothing of it is asynchronous.
        for (const each of guardFunctions(graph))
            if (each.starts.length > 0) functions.set(each.function, each);
        const queues = failedQueues(graph, [...functions.values()]);
        const found = onEach([...functions.values()], (each) => [
            ...about(each.function, asynchronous(each, graph)),
            ...each.starts
                .filter(({ kind, certain }) => kind === "mapping" && certain)
                .flatMap(({ source }) => about(source, polled(each, source, graph))),
        ]);
        return [...found, ...[...queues].flatMap(([queue, of]) => about(queue, retention(queue, of)))];
    },
    examples: [
        badExample(
            "a queue that forgets within an hour",
            gateStack(exampleOf(queueType, "recorder-failed", { messageRetentionSeconds: 3_600 })),
            "recorder-failed",
        ),
        goodExample(
            "a queue that keeps what failed for two weeks",
            gateStack(exampleOf(queueType, "recorder-failed", { messageRetentionSeconds: 1_209_600 })),
        ),
        {
            title: "a recorder without a queue",
            shows: "bad",
            resources: gateStack(bare(recorderExample)),
            expect: [{ resource: "recorder", kind: "violation" }],
        },
        {
            title: "a queue that does not exist",
            shows: "bad",
            resources: gateStackWithout("decider-failed", "decider-failed-policy"),
            expect: [
                { resource: "decider", kind: "violation" },
                { resource: "decider-stream", kind: "violation" },
            ],
        },
        {
            title: "a queue that the function may not send to",
            shows: "bad",
            resources: gateStack(
                roleExample("recorder-role", [allow("dynamodb:PutItem", exampleArns.table)]),
            ),
            expect: [{ resource: "recorder", kind: "violation" }],
        },
        {
            title: "a stream that drops what fails",
            shows: "bad",
            resources: gateStack(changed(streamMappingExample, { destinationConfig: undefined })),
            expect: [{ resource: "decider-stream", kind: "violation" }],
        },
        {
            title: "an event-invoke configuration of the other function",
            shows: "bad",
            resources: gateStack(bare(recorderExample), invokeConfig(exampleArns.deciderQueue, "decider")),
            expect: [{ resource: "recorder", kind: "violation" }],
        },
        {
            title: "an event-invoke configuration without a destination",
            shows: "bad",
            resources: gateStack(bare(recorderExample), invokeConfig(undefined)),
            expect: [{ resource: "recorder", kind: "violation" }],
        },
        {
            title: "a guard that a rule starts, without a queue",
            shows: "bad",
            resources: gateStack(functionExample("auditor", { deadLetterConfig: undefined }), {
                type: "aws:cloudwatch/eventTarget:EventTarget",
                name: "tasks",
                props: { rule: "tasks", arn: exampleArns.decider.replace("decider", "auditor") },
            }),
            expect: [{ resource: "auditor", kind: "violation" }],
        },
        {
            title: "the admission function answers at once and has nothing to keep",
            shows: "good",
            resources: gateStack(functionExample("admission", { deadLetterConfig: undefined })),
            expect: [],
        },
        { title: "a queue for each", shows: "good", resources: gateStack(), expect: [] },
        {
            title: "an event-invoke configuration with a destination",
            shows: "good",
            resources: gateStack(bare(recorderExample), invokeConfig(exampleArns.recorderQueue)),
            expect: [],
        },
        {
            title: "a queue outside the stack, as declared",
            shows: "good",
            resources: gateStack(
                changed(recorderExample, {
                    deadLetterConfig: { targetArn: "arn:aws:sqs:eu-central-1:123456789012:central" },
                }),
            ),
            configuration: { externalReferences: ["arn:aws:sqs:*:central"] },
            expect: [],
        },
        {
            title: "people alone answer",
            shows: "good",
            resources: pipelineStack(completeStages, bare(recorderExample)),
            expect: [],
        },
        {
            title: "neither function has a queue",
            shows: "absent",
            resources: gateStack(bare(recorderExample), bare(deciderExample)),
            expect: [
                { resource: "recorder", kind: "violation" },
                { resource: "decider", kind: "violation" },
            ],
        },
        {
            title: "a queue that is not known yet",
            shows: "unknown",
            resources: gateStack(changed(recorderExample, { deadLetterConfig: { targetArn: unknown } })),
            expect: [{ resource: "recorder", kind: "inconclusive" }],
        },
        {
            title: "a queue that only the dependencies tell",
            shows: "good",
            resources: gateStack({
                ...changed(recorderExample, { deadLetterConfig: { targetArn: unknown } }),
                propertyDependencies: { deadLetterConfig: ["recorder-failed"] },
            }),
            expect: [],
        },
        {
            title: "whether the role may send is not known yet",
            shows: "unknown",
            resources: gateStack({
                type: roleType,
                name: "recorder-role",
                props: { name: "recorder-role", inlinePolicies: [{ policy: unknown }] },
            }),
            expect: [{ resource: "recorder", kind: "inconclusive" }],
        },
        {
            title: "a configuration that is not known yet does not hide the other function",
            shows: "unknown",
            resources: gateStack(
                changed(recorderExample, { deadLetterConfig: unknown }),
                bare(deciderExample),
            ),
            expect: [
                { resource: "recorder", kind: "inconclusive" },
                { resource: "decider", kind: "violation" },
            ],
        },
        {
            title: "fed by a queue, with what fails set aside",
            shows: "good",
            resources: fedByQueue({
                redrivePolicy: JSON.stringify({ deadLetterTargetArn: exampleArns.recorderQueue, maxReceiveCount: 5 }), // prettier-ignore
            }),
            expect: [],
        },
        {
            title: "fed by a queue that sets nothing aside",
            shows: "bad",
            resources: fedByQueue({}),
            expect: [{ resource: "recorder-inbox-mapping", kind: "violation" }],
        },
    ],
};

/** Topic → queue → recorder: the function is polled for, so its own dead-letter queue sees nothing. */
function fedByQueue(props: Record<string, unknown>): ExampleResource[] {
    const inbox = "arn:aws:sqs:eu-central-1:123456789012:inbox";
    return gateStack(
        bare(recorderExample),
        recorderRoleExample,
        deciderRoleExample(answerStatement),
        {
            type: "aws:sns/topicSubscription:TopicSubscription",
            name: "recorder-subscription",
            props: { topic: exampleArns.topic, protocol: "sqs", endpoint: inbox },
        },
        { type: queueType, name: "inbox", props: { name: "inbox", ...props } },
        {
            type: "aws:lambda/eventSourceMapping:EventSourceMapping",
            name: "recorder-inbox-mapping",
            props: { eventSourceArn: inbox, functionName: "recorder" },
        },
    );
}

/** What came by a topic, rule or schedule directly. */
function asynchronous(each: GateFunction, graph: StackGraph): Outcome {
    const direct = each.starts.some(({ kind, mapping }) => kind !== "mapping" && mapping === null);
    if (!direct && each.starts.length > 0) return pass;
    const configs = eventInvokeConfigs(each.function, graph);
    const paths = [
        deadLetterPath(each.function, graph),
        ...configs.certain.map((config) => onFailurePath(config, graph)),
    ];
    const outcomes = paths
        .filter(({ target }) => target.kind !== "absent")
        .map((path) => reached(path, each));
    if (outcomes.some(({ kind }) => kind === "pass")) return pass;
    const open = outcomes.find(({ kind }) => kind === "inconclusive");
    if (open) return open;
    const [maybe] = configs.possible;
    if (maybe)
        return inconclusive(
            { property: `${maybe.name}.functionName` },
            "which function the event-invoke configuration is for is not known yet",
        );
    return (
        outcomes[0] ??
        violation(
            `${each.function.name} is part of the gate and has neither a deadLetterConfig nor an onFailure destination: what it cannot handle is gone after three tries.`,
            "Set deadLetterConfig.targetArn to a queue that the function's role may send to.",
        )
    );
}

/** What a mapping fetches from a stream or queue: the function's own dead-letter queue never sees it. */
function polled(each: GateFunction, mapping: GateFunction["function"], graph: StackGraph): Outcome {
    const source = mappingSource(graph, mapping);
    if (source.kind === "exact" && source.resource.type === queueType) {
        const redrive = source.resource.json("redrivePolicy");
        const separate = graph.referrers(
            source.resource,
            ["aws:sqs/redrivePolicy:RedrivePolicy"],
            "queueUrl",
        );
        if (redrive.kind === "unknown" || separate.possible.length > 0)
            return inconclusive(redrive, "whether the queue sets aside what fails is not known yet");
        if (redrive.kind === "known" || separate.certain.length > 0) return pass;
        return violation(
            `${source.resource.name} feeds ${each.function.name} and sets nothing aside: a message that fails comes back until it expires.`,
            "Give the queue a redrivePolicy to a dead-letter queue.",
        );
    }
    const path = mappingFailurePath(mapping, graph);
    if (path.target.kind !== "absent") return reached(path, each);
    return violation(
        `${mapping.name} feeds ${each.function.name} from a stream and drops what still fails after its retries.`,
        "Set destinationConfig.onFailure.destinationArn to a queue that the function's role may send to.",
    );
}

const sendVerbs: Readonly<Record<string, string>> = {
    [queueType]: "sqs:SendMessage",
    [topicType]: "sns:Publish",
    [functionType]: "lambda:InvokeFunction",
};

/** The place exists and the function's role may put something there. */
function reached({ source, property, target }: FailurePath, each: GateFunction): Outcome {
    const where = `${source.name}.${property}`;
    if (target.kind === "external") return pass;
    if (target.kind === "dangling")
        return violation(
            `${where} is ${target.value}, which is not in the stack, so what ${each.function.name} cannot handle may be gone.`,
            "Name a queue of the stack, or declare the one outside it in externalReferences.",
        );
    if (target.kind === "unknown" || target.kind === "candidates")
        return inconclusive(target, "where events go that the function cannot handle is not known yet");
    if (target.kind === "absent") return pass;
    const verb = sendVerbs[target.resource.type];
    if (!each.permissions || verb === undefined)
        return inconclusive(each.role, `whether ${each.function.name} may send to ${target.resource.name} is not known: its role is not known, or not in the stack`); // prettier-ignore
    const answer = mayDo(each.permissions, verb, arnOf(target.resource));
    if (answer.kind === "yes") return pass;
    if (answer.kind === "unknown")
        return inconclusive(
            { property: answer.doubts[0]?.property ?? "policy" },
            `whether ${each.function.name} may send to ${target.resource.name} is not known: ${answer.doubts[0]?.why ?? ""}`,
        );
    return violation(
        `${each.function.name} may not send to ${target.resource.name}, so what it cannot handle is gone all the same.`,
        `Allow ${verb} on ${target.resource.name} to ${each.permissions.principal.name}.`,
    );
}
