/** The containers of a task definition; `containerDefinitions` is a JSON text, parsed once however many rules read it. */
import { inconclusive, violation } from "../../harness/outcome";
import { PropertyReader, valueOf, type Reading, type ResourceReader } from "../../harness/reader";
import type { ExampleResource, Outcome } from "../../harness/rule";
import { canonicalContainer } from "./propertyNames";

export const taskDefinitionType = "aws:ecs/taskDefinition:TaskDefinition";

/**
 * Judges each container by itself. When the definitions are unknown or unreadable the answer is one outcome, never
 * silence.
 */
export function judgeContainers(
    taskDefinition: ResourceReader,
    judge: (container: PropertyReader, name: string) => Outcome[],
): Outcome[] {
    const containers = containersOf(taskDefinition);
    if (containers.kind === "unknown") {
        return [
            inconclusive(
                containers,
                "the container definitions are not known yet; build the text from literal names and ARNs to have it judged at preview",
            ),
        ];
    }
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
        if (container.object().kind !== "known") {
            return [
                violation(
                    `Container number ${index + 1} of task definition ${taskDefinition.name} cannot be read: ${container.property} is not an object.`,
                    "Give each container as an object: { name, image, … }.",
                ),
            ];
        }
        return judge(container, valueOf(container.string("name")) ?? `number ${index + 1}`);
    });
}

/** The containers, each with its properties under the names of the Amazon ECS API. */
export function containersOf(taskDefinition: ResourceReader): Reading<PropertyReader[]> {
    const definitions = taskDefinition.json("containerDefinitions");
    if (definitions.kind !== "known") return definitions;
    const containers = definitions.value.list();
    if (containers.kind !== "known") return containers;
    const value = containers.value.map((container) => {
        const canonical = canonicalContainer(container.raw);
        return canonical === container.raw ? container : new PropertyReader(canonical, container.property);
    });
    return { ...containers, value };
}

/** True when the task definition says that it runs on Windows, where Linux settings mean nothing. */
export function runsOnWindows(taskDefinition: ResourceReader): boolean {
    const family = valueOf(taskDefinition.string("runtimePlatform", "operatingSystemFamily"));
    return family?.toUpperCase().startsWith("WINDOWS") ?? false;
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
