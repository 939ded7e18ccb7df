/** The containers of a task definition; `containerDefinitions` is a JSON text, parsed once however many rules read it. */
import { inconclusive, violation } from "../../harness/outcome";
import { valueOf, type PropertyReader, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome } from "../../harness/rule";

export const taskDefinitionType = "aws:ecs/taskDefinition:TaskDefinition";

/**
 * Judges each container by itself. When the definitions are unknown or unreadable the answer is one outcome, never
 * silence.
 */
export function judgeContainers(
    taskDefinition: ResourceReader,
    judge: (container: PropertyReader, name: string) => Outcome[],
): Outcome[] {
    const definitions = taskDefinition.json("containerDefinitions");
    if (definitions.kind === "unknown") {
        return [
            inconclusive(
                definitions,
                "the container definitions are not known yet; build the text from literal names and ARNs to have it judged at preview",
            ),
        ];
    }
    const containers = definitions.kind === "known" ? definitions.value.list() : definitions;
    if (containers.kind !== "known") {
        const why = containers.kind === "malformed" ? containers.why : "is not set";
        return [
            violation(
                `The containers of task definition ${taskDefinition.name} cannot be read: ${containers.property} ${why}.`,
                "Give containerDefinitions as JSON.stringify([ … ]).",
            ),
        ];
    }
    return containers.value.flatMap((container, index) => {
        if (container.isUnknown()) return [inconclusive(container, "this container is not known yet")];
        return judge(container, valueOf(container.string("name")) ?? `number ${index + 1}`);
    });
}

/** A task definition for examples; containers become the JSON text unless they are a text already. */
export function exampleTask(containers: unknown, more: Record<string, unknown> = {}): ExampleResource {
    const definitions = Array.isArray(containers) ? JSON.stringify(containers) : containers;
    return {
        type: taskDefinitionType,
        name: "task",
        props: { family: "app", containerDefinitions: definitions, ...more },
    };
}
