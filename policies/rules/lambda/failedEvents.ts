/** LAM-02: events that a function could not handle are kept. */
import {
    eventInvokeConfigType,
    eventTargetType,
    functionType,
    permissionType,
} from "../../gate/resourceTypes";
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown } from "../../harness/reader";
import type { ExampleResource, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { asynchronousStarts, failuresKept } from "./asynchronous";
import { exampleArn, workerExample } from "./function";

const metadata: RuleMetadata = {
    id: "LAM-02",
    family: "lambda",
    title: "Events that a function could not handle are kept",
    rationale:
        "An event that nobody waits for is tried three times and then gone: without a queue nobody learns what was lost, and nothing can be played again.",
    severity: "medium",
    remediation:
        "Set `deadLetterConfig.targetArn`, or add an `aws.lambda.FunctionEventInvokeConfig` with `destinationConfig.onFailure.destination`, to a queue that the function's role may send to.",
    references: ["checkov CKV_AWS_116", "cdk-nag LambdaDLQ"],
};
const fix = "Set deadLetterConfig: { targetArn: queue.arn }.";
const failed = exampleArn("sqs", "failed");

/** What one function alone shows: a dead-letter configuration that keeps nothing. */
export const deadLetterConfig: ResourceRule = {
    level: "resource",
    metadata,
    types: [functionType],
    evaluate: (resource) => {
        const config = resource.object("deadLetterConfig");
        if (config.kind === "absent") return [notApplicable("whether events are handed over to it shows with the stack")]; // prettier-ignore
        if (config.kind === "unknown")
            return [inconclusive(config, "whether failed events are kept is not known yet")];
        const target = config.kind === "known" ? filled(config.value.string("targetArn")) : config;
        if (target.kind === "unknown") return [pass];
        if (target.kind === "known" && /^arn:[\w-]+:(?:sqs|sns):/.test(target.value)) return [pass];
        return [
            violation(
                `${resource.name} has a dead-letter configuration that keeps nothing (deadLetterConfig.targetArn is no ARN of a queue or topic).`,
                fix,
            ),
        ];
    },
    examples: [
        badExample("no queue", [workerExample({ deadLetterConfig: { targetArn: "failed" } })], "worker"),
        goodExample("a queue", [workerExample({ deadLetterConfig: { targetArn: failed } })]),
        goodExample("a queue that is not known yet is set", [workerExample({ deadLetterConfig: { targetArn: unknown } })]), // prettier-ignore
        absentExample("an empty configuration", [workerExample({ deadLetterConfig: {} })], "worker"),
        openExample("not known yet", [workerExample({ deadLetterConfig: unknown })], "worker"),
    ],
};

const target: ExampleResource = {
    type: eventTargetType,
    name: "target",
    props: { rule: "nightly", arn: unknown },
    propertyDependencies: { arn: ["worker"] },
};
const invokeConfig = (props: Record<string, unknown>): ExampleResource => ({
    type: eventInvokeConfigType,
    name: "config",
    props: { functionName: "worker", ...props },
});

export const failedEvents: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [functionType],
    evaluate: (graph) => {
        const starts = asynchronousStarts(graph);
        const kept = failuresKept(graph);
        return graph.ofType(functionType).flatMap((resource) => {
            const all = starts.get(resource) ?? [];
            const [first] = all;
            if (!first) return about(resource, notApplicable("nothing hands events over to it"));
            const answer = kept(resource);
            if (answer === "yes") return about(resource, pass);
            const certain = all.find((start) => start.certain);
            if (answer !== "no" || !certain) {
                const property = answer === "no" ? first.by.name : answer.unknown;
                return about(resource, inconclusive({ property }, `whether failed events of ${resource.name} are kept is not known yet`)); // prettier-ignore
            }
            return about(
                resource,
                violation(
                    `${resource.name} is handed events by ${certain.by.name} and has neither deadLetterConfig nor an on-failure destination, so what fails is gone.`,
                    fix,
                ),
            );
        });
    },
    examples: [
        badExample("a rule, and nothing keeps what fails", [workerExample(), target], "worker"),
        badExample(
            "a bucket of another stack",
            [
                workerExample(),
                {
                    type: permissionType,
                    name: "permission",
                    props: { function: "worker", principal: "s3.amazonaws.com" },
                },
            ],
            "worker",
        ),
        badExample("a destination for what went well", [workerExample(), target, invokeConfig({ destinationConfig: { onSuccess: { destination: failed } } })], "worker"), // prettier-ignore
        goodExample("a dead-letter queue", [workerExample({ deadLetterConfig: { targetArn: failed } }), target]), // prettier-ignore
        goodExample("an on-failure destination", [workerExample(), target, invokeConfig({ destinationConfig: { onFailure: { destination: unknown } } })]), // prettier-ignore
        goodExample("called and waited for", [
            workerExample(),
            {
                type: permissionType,
                name: "permission",
                props: { function: "worker", principal: "apigateway.amazonaws.com" },
            },
        ]),
        absentExample("an invoke configuration without destination", [workerExample(), target, invokeConfig({ maximumRetryAttempts: 1 })], "worker"), // prettier-ignore
        openExample(
            "a function of two",
            [
                workerExample(),
                { ...workerExample(), name: "other", props: { name: "other", deadLetterConfig: { targetArn: failed } } },
                { ...target, propertyDependencies: { arn: ["worker", "other"] } },
            ],
            "worker",
        ), // prettier-ignore
    ],
};
