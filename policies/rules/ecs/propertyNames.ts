/** Names of the properties of container definitions. */
import { isPlainObject } from "../../harness/unknownValue";

/**
 * The provider reads container definitions with a JSON decoder that does not tell capital letters from small ones, so
 * `"Privileged": true` is as privileged as `"privileged": true`. Names of the Amazon ECS API (ContainerDefinition) that
 * rules read, inside each other as well.
 */
const canonicalNames = new Map(
    [
        "capabilities",
        "add",
        "command",
        "containerPort",
        "cpu",
        "devices",
        "drop",
        "environment",
        "essential",
        "healthCheck",
        "hostPort",
        "image",
        "initProcessEnabled",
        "linuxParameters",
        "logConfiguration",
        "logDriver",
        "memory",
        "memoryReservation",
        "name",
        "options",
        "portMappings",
        "privileged",
        "readonlyRootFilesystem",
        "secrets",
        "user",
        "value",
        "valueFrom",
    ].map((name) => [name.toLowerCase(), name]),
);

/** Objects whose names people choose. */
const freeNames = new Set(["options", "dockerLabels"]);

const canonicalByContainer = new WeakMap<object, unknown>();

/** Worked out once per container: many rules read it, and equal texts are parsed to the same object. */
export function canonicalContainer(container: unknown): unknown {
    if (typeof container !== "object" || container === null) return container;
    let canonical = canonicalByContainer.get(container);
    if (canonical === undefined)
        canonicalByContainer.set(container, (canonical = withCanonicalNames(container)));
    return canonical;
}

/** The same container with every name as the API writes it; the container itself when that is so already. */
export function withCanonicalNames(value: unknown): unknown {
    if (Array.isArray(value)) return changedOrSame(value, value.map(withCanonicalNames));
    if (!isPlainObject(value)) return value;
    let changed = false;
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
        const name = canonicalNames.get(key.toLowerCase()) ?? key;
        const canonical = freeNames.has(name) ? inner : withCanonicalNames(inner);
        changed ||= name !== key || canonical !== inner;
        return [name, canonical];
    });
    // Of two spellings of one name the last one counts, as in the decoder.
    return changed ? Object.fromEntries(entries) : value;
}

function changedOrSame(before: unknown[], after: unknown[]): unknown[] {
    return after.some((element, index) => element !== before[index]) ? after : before;
}
