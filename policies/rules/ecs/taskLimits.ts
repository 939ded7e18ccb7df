/** ECS-15: tasks have limits, and Amazon ECS can tell whether they work. */
import { inconclusive, pass, violation } from "../../harness/outcome";
import { filled, is, unknown, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { Outcome, ResourceRule } from "../../harness/rule";
import { absentExample, badExample, goodExample, openExample } from "../../harness/stackExamples";
import { containersOf, exampleTask, judgeContainers, taskDefinitionType } from "./containers";

/** A limit of the task holds for all of its containers. */
function judgeLimits(task: ResourceReader, definition: PropertyReader, name: string): Outcome[] {
    return (["memory", "cpu"] as const).flatMap((property): Outcome[] => {
        const ofTask = filled(task.string(property));
        const own = definition.number(property);
        if (ofTask.kind === "known" || (own.kind === "known" && own.value > 0)) return [];
        const open = [ofTask, own].find(({ kind }) => kind === "unknown");
        if (open) return [inconclusive(open, `the limits of container ${name} are not known yet`)];
        return [
            violation(
                `Container ${name} has no ${property}, and neither has its task: it may take all that the host has.`,
                `Set ${property} of the task definition or of the container.`,
                { findingId: `${name}|${property}` },
            ),
        ];
    });
}

/** Containers that may end are run once; whether the others still work only they can say. */
function judgeHealth(definition: PropertyReader, name: string): Outcome[] {
    if (is(definition.boolean("essential"), false)) return [];
    const check = definition.object("healthCheck");
    if (check.kind === "unknown")
        return [inconclusive(check, `whether container ${name} has a health check is not known yet`)];
    const command = definition.strings("healthCheck", "command");
    const given = command.kind === "known" ? command.value.values : [];
    if (command.kind === "unknown" || (given.length > 0 && given[0] !== "NONE")) return [];
    return [
        violation(
            `Container ${name} has no healthCheck.command: one that hangs keeps running.`,
            'Set healthCheck: { command: ["CMD-SHELL", "…"] } with a command that the image has.',
            { findingId: `${name}|healthCheck` },
        ),
    ];
}

function judgeEssential(task: ResourceReader): Outcome[] {
    const containers = containersOf(task);
    if (containers.kind !== "known" || containers.value.length === 0) return [];
    if (!containers.value.every((container) => is(container.boolean("essential"), false))) return [];
    return [
        violation(
            `No container of task definition ${task.name} is essential, so its task lives on when all that matters has ended.`,
            "Leave essential out of the container that does the work.",
            { findingId: "essential" },
        ),
    ];
}

const complete = { name: "app", cpu: 256, memory: 512, healthCheck: { command: ["CMD", "/health"] } };

export const taskLimits: ResourceRule = {
    level: "resource",
    metadata: {
        id: "ECS-15",
        family: "ecs",
        title: "Tasks have limits for processor and memory, a health check and an essential container",
        rationale:
            "A container without limits starves its neighbours; one that hangs is not replaced when nothing asks whether it works.",
        severity: "low",
        remediation:
            "Set `cpu` and `memory` of the task definition or of each container, a `healthCheck` on every essential container, and leave at least one container essential.",
        references: ["NIST SP 800-190 4.4.4"],
    },
    types: [taskDefinitionType],
    evaluate: (task) => {
        const outcomes = [
            ...judgeEssential(task),
            ...judgeContainers(task, (definition, name) => [
                ...judgeLimits(task, definition, name),
                ...judgeHealth(definition, name),
            ]),
        ];
        return outcomes.length > 0 ? outcomes : [pass];
    },
    examples: [
        badExample("a health check that is switched off", [exampleTask([{ ...complete, healthCheck: { command: ["NONE"] } }])], "task"), // prettier-ignore
        badExample("no container is essential", [exampleTask([{ ...complete, essential: false }])], "task"),
        badExample("no memory", [exampleTask([{ ...complete, memory: undefined }])], "task"),
        goodExample("limits of the container", [exampleTask([complete])]),
        goodExample("limits of the task, and a container that ends", [
            exampleTask(
                [
                    { name: "app", healthCheck: complete.healthCheck },
                    { name: "init", essential: false },
                ],
                {
                    cpu: "256",
                    memory: "512",
                },
            ),
        ]),
        {
            title: "nothing is set",
            shows: "absent",
            resources: [exampleTask([{ name: "app" }])],
            expect: [
                { resource: "task", kind: "violation" },
                { resource: "task", kind: "violation" },
                { resource: "task", kind: "violation" },
            ],
        },
        openExample("the task's memory not known yet", [exampleTask([{ ...complete, memory: undefined }], { memory: unknown })], "task"), // prettier-ignore
        absentExample("no health check", [exampleTask([{ ...complete, healthCheck: undefined }])], "task"),
        openExample("definitions not known yet", [exampleTask(unknown)], "task"),
    ],
};
