/** LAM-08: the log of a function is declared, with an end and a key. */
import { functionType } from "../../gate/resourceTypes";
import { about, inconclusive, pass, violation } from "../../harness/outcome";
import { filled, unknown, valueOf, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { workerExample } from "./function";

const logGroupType = "aws:cloudwatch/logGroup:LogGroup";

const logs = (props: Record<string, unknown>): ExampleResource => ({
    type: logGroupType,
    name: "logs",
    props: { name: "/aws/lambda/worker", ...props },
});
const complete = { retentionInDays: 90, kmsKeyId: "arn:aws:kms:eu-central-1:123456789012:key/1111" };

export const functionLogGroup: StackRule = {
    level: "stack",
    metadata: {
        id: "LAM-08",
        family: "lambda",
        title: "The log of a function is declared, with an end and a key",
        rationale:
            "A log that Lambda makes by itself is kept for ever, has no key of the customer and stays behind when the function is deleted.",
        severity: "low",
        remediation:
            "Add an `aws.cloudwatch.LogGroup` named `/aws/lambda/<name of the function>` with `retentionInDays` and `kmsKeyId` before the function, or set `loggingConfig.logGroup`.",
        references: ["cdk-nag LambdaLogging", "checkov CKV_AWS_338"],
    },
    relevantTypes: [functionType],
    evaluate: (graph) => {
        const groups = graph.ofType(logGroupType);
        const byName = new Map<string, ResourceReader>();
        const byFunction = new Map<ResourceReader, ResourceReader>();
        let open: ResourceReader | undefined;
        for (const group of groups) {
            const name = valueOf(group.string("name"));
            if (name !== undefined) byName.set(name, group);
            else if (group.get("name").kind === "unknown") {
                // `/aws/lambda/${function.name}` is not known before the function is, but depends on it.
                const named = graph.dependencies(group, "name", [functionType]);
                for (const each of named) byFunction.set(each, group);
                if (named.length === 0) open = group;
            }
        }
        return graph.ofType(functionType).flatMap((resource) => {
            const own = ownLogGroup(resource);
            if (own) return about(resource, own);
            const name = valueOf(resource.string("name"));
            const group = byFunction.get(resource) ?? (name === undefined ? undefined : byName.get(`/aws/lambda/${name}`)); // prettier-ignore
            if (group) return about(resource, judgeGroup(resource, group));
            if (open)
                return about(resource, inconclusive({ property: `${open.name}.name` }, `whether the log of ${resource.name} is declared is not known yet`)); // prettier-ignore
            return about(
                resource,
                violation(
                    `The log of ${resource.name} is declared nowhere, so Lambda makes one that is kept for ever.`,
                    "Add an aws.cloudwatch.LogGroup /aws/lambda/<name> with retentionInDays and kmsKeyId, or set loggingConfig.logGroup.",
                ),
            );
        });
    },
    examples: [
        badExample("kept for ever", [workerExample(), logs({ kmsKeyId: complete.kmsKeyId })], "worker"),
        badExample("without a key", [workerExample(), logs({ retentionInDays: 90 })], "worker"),
        badExample("the log of another function", [workerExample(), logs({ ...complete, name: "/aws/lambda/other" })], "worker"), // prettier-ignore
        goodExample("declared", [workerExample(), logs(complete)]),
        goodExample("named in the function", [
            workerExample({ loggingConfig: { logFormat: "JSON", logGroup: unknown } }),
        ]),
        goodExample("named after the function, whose name is not known yet", [
            workerExample({ name: unknown }),
            { ...logs({ ...complete, name: unknown }), propertyDependencies: { name: ["worker"] } },
        ]),
        absentExample("none", [workerExample()], "worker"),
        openExample("a log of which the name is not known yet", [workerExample(), logs({ ...complete, name: unknown })], "worker"), // prettier-ignore
        openExample("settings of the log are not known yet", [workerExample({ loggingConfig: unknown })], "worker"), // prettier-ignore
    ],
};

function ownLogGroup(resource: ResourceReader): Outcome | null {
    const logging = resource.object("loggingConfig");
    if (logging.kind === "unknown")
        return inconclusive(logging, `where ${resource.name} writes its log is not known yet`);
    const named = logging.kind === "known" ? filled(logging.value.string("logGroup")) : logging;
    return named.kind === "known" || named.kind === "unknown" ? pass : null;
}

function judgeGroup(resource: ResourceReader, group: ResourceReader): Outcome {
    const days = group.number("retentionInDays");
    const key = filled(group.string("kmsKeyId"));
    if (days.kind === "unknown")
        return inconclusive({ property: `${group.name}.retentionInDays` }, "how long the log is kept is not known yet"); // prettier-ignore
    const lacking = [
        ...(days.kind === "known" && days.value > 0 ? [] : ["retentionInDays"]),
        ...(key.kind === "known" || key.kind === "unknown" ? [] : ["kmsKeyId"]),
    ];
    if (lacking.length === 0) return pass;
    return violation(
        `The log of ${resource.name} (${group.name}) has no ${lacking.join(" and no ")}.`,
        `Set ${lacking.join(" and ")} on ${group.name}.`,
    );
}
