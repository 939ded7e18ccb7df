/** ECS-09: what starts a task and what runs in it have roles of their own. */
import { about, inconclusive, notApplicable, pass, violation } from "../../harness/outcome";
import { filled, unknown, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome, ResourceRule, RuleMetadata, StackRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import type { Reference, StackGraph } from "../../harness/stackGraph";
import { roleType } from "../../pipeline/project";
import { exampleTask, taskDefinitionType } from "./containers";

const metadata: RuleMetadata = {
    id: "ECS-09",
    family: "ecs",
    title: "Tasks have a task role and another execution role",
    rationale:
        "The execution role pulls images and reads the secrets of every container; a program that runs with it can read them all, and without a task role of its own it may find the role of the instance.",
    severity: "medium",
    remediation:
        "Give the task definition `executionRoleArn` and `taskRoleArn` with two roles; a task role for a program that calls nothing in AWS has no permissions.",
    references: ["checkov CKV_AWS_249"],
};
const properties = ["taskRoleArn", "executionRoleArn"] as const;
const same = (task: ResourceReader, what: string): Outcome =>
    violation(
        `Task definition ${task.name} has ${what} as taskRoleArn and as executionRoleArn: what runs in it may do what starts it.`,
        "Give it two roles.",
    );

/** Compares what is known before anything exists; roles of the same stack are compared by the stack half. */
export const separateRoles: ResourceRule = {
    level: "resource",
    metadata,
    types: [taskDefinitionType],
    evaluate: (task) => {
        const [taskRole, executionRole] = properties.map((property) => filled(task.string(property)));
        const missing = [taskRole, executionRole].flatMap((reading): Outcome[] => {
            if (reading === undefined || reading.kind === "known" || reading.kind === "unknown") return [];
            const read = reading.kind === "malformed" ? reading.why : "is not set";
            return [
                violation(
                    `${reading.property} of task definition ${task.name} ${read}.`,
                    `Set ${reading.property} to the ARN of a role of its own.`,
                    { findingId: reading.property },
                ),
            ];
        });
        if (missing.length > 0) return missing;
        if (taskRole?.kind === "unknown" && executionRole?.kind === "unknown")
            return [notApplicable("the stack half compares roles that are not known yet")];
        if (taskRole?.kind !== "known" || executionRole?.kind !== "known") {
            const open = taskRole?.kind === "known" ? "executionRoleArn" : "taskRoleArn";
            return [inconclusive({ property: open }, "whether both roles are the same is not known yet")];
        }
        return [taskRole.value === executionRole.value ? same(task, taskRole.value) : pass];
    },
    examples: [
        badExample(
            "one role for both",
            [exampleTask([], { taskRoleArn: "arn:aws:iam::123456789012:role/a", executionRoleArn: "arn:aws:iam::123456789012:role/a" })], // prettier-ignore
            "task",
        ),
        goodExample("two roles", [
            exampleTask([], { taskRoleArn: "arn:aws:iam::123456789012:role/a", executionRoleArn: "arn:aws:iam::123456789012:role/b" }), // prettier-ignore
        ]),
        absentExample("no execution role", [exampleTask([], { taskRoleArn: unknown })], "task"),
        {
            title: "no role at all",
            shows: "absent",
            resources: [exampleTask([])],
            expect: [
                { resource: "task", kind: "violation" },
                { resource: "task", kind: "violation" },
            ],
        },
        {
            title: "both not known yet: the stack half compares them",
            shows: "good",
            resources: [exampleTask([], { taskRoleArn: unknown, executionRoleArn: unknown })],
            expect: [],
        },
        openExample(
            "one of the two not known yet",
            [exampleTask([], { taskRoleArn: "arn:aws:iam::123456789012:role/a", executionRoleArn: unknown })],
            "task",
        ),
    ],
};

function candidatesOf(reference: Reference): ResourceReader[] {
    if (reference.kind === "exact") return [reference.resource];
    return reference.kind === "candidates" ? reference.resources : [];
}

function judgeTask(graph: StackGraph, task: ResourceReader): Outcome {
    const readings = properties.map((property) => filled(task.string(property)));
    if (!readings.some(({ kind }) => kind === "unknown"))
        return notApplicable("the resource half compares roles that are known");
    const [first, second] = properties.map((property) => graph.reference(task, [property], [roleType]));
    if (!first || !second || first.kind === "absent" || second.kind === "absent")
        return notApplicable("the resource half asks for both roles");
    const [ofTask, ofExecution] = [candidatesOf(first), candidatesOf(second)];
    const [only] = ofTask;
    if (only && first.kind === "exact" && second.kind === "exact" && second.resource === only)
        return same(task, `role ${only.name}`);
    // A role that is known to be outside the stack is none of the stack's.
    const outside = [first, second].some(({ kind }) => kind === "dangling" || kind === "external");
    const told =
        ofTask.length > 0 && ofExecution.length > 0 && !ofTask.some((role) => ofExecution.includes(role));
    if (told || (outside && ofTask.length + ofExecution.length > 0)) return pass;
    return inconclusive(
        { property: "executionRoleArn" },
        "whether both roles are the same cannot be told yet",
    );
}

const role = (name: string): ExampleResource => ({ type: roleType, name, props: { name } });
const taskOf = (taskRole: string[], executionRole: string[]): ExampleResource => ({
    ...exampleTask([], { taskRoleArn: unknown, executionRoleArn: unknown }),
    propertyDependencies: { taskRoleArn: taskRole, executionRoleArn: executionRole },
});

/** Compares roles of the same stack, whose ARNs nobody knows before they exist. */
export const separateRolesOfStack: StackRule = {
    level: "stack",
    metadata,
    relevantTypes: [taskDefinitionType],
    evaluate: (graph) =>
        graph.ofType(taskDefinitionType).flatMap((task) => about(task, judgeTask(graph, task))),
    examples: [
        badExample("one role for both", [role("a"), taskOf(["a"], ["a"])], "task"),
        goodExample("two roles", [role("a"), role("b"), taskOf(["a"], ["b"])]),
        goodExample("one of the stack and one outside it", [
            role("a"),
            {
                ...exampleTask([], {
                    taskRoleArn: unknown,
                    executionRoleArn: "arn:aws:iam::123456789012:role/shared",
                }),
                propertyDependencies: { taskRoleArn: ["a"] },
            },
        ]),
        absentExample("roles that are not set are the resource half's", [exampleTask([])]),
        openExample("two roles of other stacks", [taskOf([], [])], "task"),
        openExample("one of two roles", [role("a"), role("b"), taskOf(["a", "b"], ["a"])], "task"),
    ],
};
