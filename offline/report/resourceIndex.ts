/**
 * Looking things up in a captured stack: by URN, by parent, by type, by property. The cost table, the diagram and the
 * reports all read captured resources through this file, so that unknown and secret values are told apart in one place.
 */
import type { CapturedResource, Value } from "../model";

/** What a property holds. `unknown` is a value that only AWS will give; it is never the same as `absent`. */
export type Reading = { kind: "known"; value: Value } | { kind: "unknown" } | { kind: "absent" };

/** Orders two strings by code unit: the same on every machine, unlike `localeCompare`. */
export function byCodeUnit(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders names as people do: `app-2` before `app-10`. Falls back on code units, so the order is total. */
export function byName(a: string, b: string): number {
    const left = a.split(/(\d+)/);
    const right = b.split(/(\d+)/);
    for (let position = 0; position < Math.min(left.length, right.length); position++) {
        const [x = "", y = ""] = [left[position], right[position]];
        // Odd positions are runs of digits.
        const order =
            (position % 2 === 1 ? x.replace(/^0+/, "").length - y.replace(/^0+/, "").length : 0) ||
            byCodeUnit(x, y);
        if (order !== 0) {
            return order;
        }
    }
    return left.length - right.length || byCodeUnit(a, b);
}

/** Words of a type name: `AnchoreEngine` → `Anchore Engine`. */
export function wordsOf(name: string): string {
    return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, " ");
}

/** True for the marker of a value that is only known after the update. */
export function isUnknown(value: Value | undefined): boolean {
    return typeof value === "object" && value !== null && !Array.isArray(value) && "$unknown" in value;
}

/** True for the marker of a secret value. */
export function isSecret(value: Value | undefined): value is { $secret: Value } {
    return typeof value === "object" && value !== null && !Array.isArray(value) && "$secret" in value;
}

/** Takes the secret markers off the outside of a value. Callers decide by the content and must not print it. */
export function withoutSecretMark(value: Value): Value {
    let current = value;
    while (isSecret(current)) {
        current = current.$secret;
    }
    return current;
}

/**
 * Reads a property of a value by path, e.g. `["vpcConfig", "subnets", 0]`. An unknown value anywhere on the way makes
 * the answer unknown, because everything below it is unknown too. `null` counts as absent, as it does for providers.
 */
export function readPath(value: Value | undefined, path: readonly (string | number)[]): Reading {
    if (value === undefined || value === null) {
        return { kind: "absent" };
    }
    const plain = withoutSecretMark(value);
    if (isUnknown(plain)) {
        return { kind: "unknown" };
    }
    const [step, ...rest] = path;
    if (step === undefined) {
        return plain === null ? { kind: "absent" } : { kind: "known", value: plain };
    }
    if (plain === null || typeof plain !== "object") {
        return { kind: "absent" };
    }
    if (Array.isArray(plain)) {
        return typeof step === "number" ? readPath(plain[step], rest) : { kind: "absent" };
    }
    const own = Object.hasOwn(plain, String(step))
        ? (plain as Record<string, Value>)[String(step)]
        : undefined;
    return readPath(own, rest);
}

/** Reads an input; when the program did not set it, the computed output of the same name. */
export function readProperty(resource: CapturedResource, ...path: (string | number)[]): Reading {
    const input = readPath(resource.inputs, path);
    if (input.kind !== "absent") {
        return input;
    }
    const output = readPath(resource.outputs, path);
    // A preview returns no computed outputs, so an unknown output only says "nobody asked for it": that is absence.
    return output.kind === "known" ? output : { kind: "absent" };
}

/** The property as a string, or undefined when it is absent, unknown or something else. */
export function textOf(resource: CapturedResource, ...path: (string | number)[]): string | undefined {
    const reading = readProperty(resource, ...path);
    return reading.kind === "known" && typeof reading.value === "string" ? reading.value : undefined;
}

/** The property as a list; empty when it is absent, unknown or not a list. Elements keep their marks. */
export function listOf(resource: CapturedResource, ...path: (string | number)[]): Value[] {
    const reading = readProperty(resource, ...path);
    return reading.kind === "known" && Array.isArray(reading.value) ? reading.value : [];
}

/** Text of one key of a value, or undefined. */
export function textIn(value: Value | undefined, ...path: (string | number)[]): string | undefined {
    const reading = readPath(value, path);
    return reading.kind === "known" && typeof reading.value === "string" ? reading.value : undefined;
}

/** Every string in a value, at any depth, object keys left out. Secret content is skipped. */
export function stringsIn(value: Value | undefined): string[] {
    if (typeof value === "string") {
        return [value];
    }
    if (value === null || typeof value !== "object" || isSecret(value) || isUnknown(value)) {
        return [];
    }
    return Object.values(value).flatMap((each) => stringsIn(each as Value));
}

/** Logical type of the stack's own resource, the root of every tree. */
export const stackType = "pulumi:pulumi:Stack";

/**
 * Name of a type for people: `aws:ec2/subnet:Subnet` → `ec2 Subnet`, `portcullis:network:Network` → `Network`,
 * `awsx:ec2:Vpc` → `awsx ec2 Vpc`, `random:index/randomPassword:RandomPassword` → `random RandomPassword`.
 */
export function shortType(type: string): string {
    const parts = type.split(":");
    const last = parts.at(-1) ?? type;
    const packageName = parts[0] ?? "";
    const moduleName = (parts[1] ?? "").split("/")[0] ?? "";
    if (type === stackType) {
        return "Stack";
    }
    if (type.startsWith("pulumi:providers:")) {
        return `provider ${last}`;
    }
    if (parts.length < 3) {
        return type;
    }
    if (packageName === "aws") {
        return `${moduleName} ${last}`;
    }
    if (packageName === "awsx") {
        return `awsx ${moduleName} ${last}`;
    }
    return moduleName === "index" ? `${packageName} ${last}` : last;
}

/** A captured stack with its parent-child tree. Independent of the order in which resources were registered. */
export class ResourceIndex {
    /** Sorted by URN. */
    readonly resources: readonly CapturedResource[];
    readonly #byUrn = new Map<string, CapturedResource>();
    readonly #children = new Map<string, CapturedResource[]>();

    constructor(resources: readonly CapturedResource[]) {
        this.resources = [...resources].sort((a, b) => byCodeUnit(a.urn, b.urn));
        for (const resource of this.resources) {
            this.#byUrn.set(resource.urn, resource);
        }
        for (const resource of this.resources) {
            const parent =
                this.#byUrn.has(resource.parent) && resource.parent !== resource.urn ? resource.parent : "";
            const siblings = this.#children.get(parent) ?? [];
            siblings.push(resource);
            this.#children.set(parent, siblings);
        }
    }

    byUrn(urn: string): CapturedResource | undefined {
        return this.#byUrn.get(urn);
    }

    ofType(...types: string[]): CapturedResource[] {
        return this.resources.filter((resource) => types.includes(resource.type));
    }

    /** Direct children, sorted by URN. Resources whose parent was not captured are children of "". */
    childrenOf(urn: string): CapturedResource[] {
        return this.#children.get(urn) ?? [];
    }

    /** Everything below a resource, without itself. A parent loop (a broken capture) ends instead of hanging. */
    descendantsOf(urn: string): CapturedResource[] {
        const seen = new Set([urn]);
        const found: CapturedResource[] = [];
        const queue = [...this.childrenOf(urn)];
        for (let next = queue.shift(); next; next = queue.shift()) {
            if (!seen.has(next.urn)) {
                seen.add(next.urn);
                found.push(next);
                queue.push(...this.childrenOf(next.urn));
            }
        }
        return found;
    }

    /** Parents from the nearest to the stack. */
    ancestorsOf(resource: CapturedResource): CapturedResource[] {
        const found: CapturedResource[] = [];
        const seen = new Set([resource.urn]);
        for (let up = this.byUrn(resource.parent); up && !seen.has(up.urn); up = this.byUrn(up.parent)) {
            seen.add(up.urn);
            found.push(up);
        }
        return found;
    }

    /**
     * The resources of one type that a property refers to: by property dependency, or by a literal value that equals
     * the other's id, physical name or ARN.
     */
    referredBy(resource: CapturedResource, property: string, type: string): CapturedResource[] {
        const found = new Set<CapturedResource>();
        for (const urn of resource.propertyDependencies[property] ?? []) {
            const target = this.byUrn(urn);
            if (target?.type === type) {
                found.add(target);
            }
        }
        if (found.size === 0) {
            const literals = new Set(stringsIn(resource.inputs[property] ?? null));
            for (const candidate of this.ofType(type)) {
                const keys = [candidate.id, textOf(candidate, "name"), textOf(candidate, "arn")];
                if (keys.some((key) => typeof key === "string" && key !== "" && literals.has(key))) {
                    found.add(candidate);
                }
            }
        }
        return [...found];
    }
}
