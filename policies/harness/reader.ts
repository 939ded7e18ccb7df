/**
 * Three-valued access to resources. Rules read properties only through these classes.
 *
 * The SDK hands policies a proxy that throws on the first unknown value and so loses every later finding
 * (policy-pack behaviour of `@pulumi/policy`, `proxy.ts`). `rawProperties` steps behind that proxy; the readers then
 * answer with `known`, `unknown`, `absent` or `malformed` for each access on its own.
 */
import { parseJsonText } from "./jsonText";
import type { Reading } from "./reading";
import { containsUnknown, isPlainObject, isUnknown } from "./unknownValue";

export { filled, is, valueOf, valueOr } from "./reading";
export type { Absent, Known, Malformed, Reading, Unknown } from "./reading";
export { containsUnknown, isUnknown, unknown } from "./unknownValue";

export type PathSegment = string | number;

/** Added by the provider bridge to every object; never a property of the user. */
const bridgeDefaultsKey = "__defaults";

/** The proxy of `@pulumi/policy` gives its target away under this key (`getSpecialProxyTarget` in its proxy.ts). */
const proxyTargetKey = "__getSpecialProxyTarget";

/**
 * The properties behind the SDK's unknown-checking proxy; an object that is no such proxy is returned as it is.
 * Only the outermost object is wrapped: what is inside a target is plain.
 */
export function rawProperties(properties: Record<string, unknown>): Record<string, unknown> {
    const target = properties[proxyTargetKey];
    return isPlainObject(target) ? target : properties;
}

/** Reads below one value; paths are relative to it, messages show the path from the resource. */
export class PropertyReader {
    constructor(
        /** The raw value: may be or contain unknown markers. Prefer the readings. */
        readonly raw: unknown,
        /** Path from the resource, e.g. `stages[0].actions`; empty for the resource itself. */
        readonly property: string = "",
    ) {}

    /** Whatever is at the path. A known object may still contain unknown values further down. */
    get(...path: PathSegment[]): Reading<unknown> {
        let value = this.raw;
        let property = this.property;
        if (isUnknown(value)) return { kind: "unknown", property };
        for (const segment of path) {
            property = joinProperty(property, segment);
            value = step(value, segment);
            if (isUnknown(value)) return { kind: "unknown", property };
            if (value === undefined || value === null) {
                return { kind: "absent", property: pathText(this.property, path) };
            }
        }
        if (value === undefined || value === null) return { kind: "absent", property };
        return { kind: "known", value, property };
    }

    /** Text; numbers and booleans are turned into text, as the provider would. */
    string(...path: PathSegment[]): Reading<string> {
        return narrow(this.get(...path), "text", (value) =>
            typeof value === "string"
                ? value
                : typeof value === "number" || typeof value === "boolean"
                  ? String(value)
                  : undefined,
        );
    }

    /** True or false; the texts "true" and "false" count (launch templates carry booleans as text). */
    boolean(...path: PathSegment[]): Reading<boolean> {
        return narrow(this.get(...path), "true or false", (value) =>
            value === true || value === "true"
                ? true
                : value === false || value === "false"
                  ? false
                  : undefined,
        );
    }

    /** A number; numeric text counts. */
    number(...path: PathSegment[]): Reading<number> {
        return narrow(this.get(...path), "a number", (value) => {
            if (typeof value === "number") return value;
            if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)))
                return Number(value);
            return undefined;
        });
    }

    /** The elements of a list. Each element is a reader of its own and may be unknown (`isUnknown()`). */
    list(...path: PathSegment[]): Reading<PropertyReader[]> {
        const reading = this.get(...path);
        return narrow(reading, "a list", (value) =>
            Array.isArray(value)
                ? value.map(
                      (element, index) => new PropertyReader(element, joinProperty(reading.property, index)),
                  )
                : undefined,
        );
    }

    /**
     * A list of texts in which unknown elements are counted, not lost: `values` are the known ones, in order.
     * A single text counts as a list of one (IAM style).
     */
    strings(...path: PathSegment[]): Reading<{ values: string[]; unknownCount: number }> {
        return narrow(this.get(...path), "a list of texts", (value) => {
            const elements: unknown[] = Array.isArray(value) ? value : [value];
            const values: string[] = [];
            let unknownCount = 0;
            for (const element of elements) {
                if (isUnknown(element)) unknownCount += 1;
                else if (typeof element === "string") values.push(element);
                else if (element !== null && element !== undefined) return undefined;
            }
            return { values, unknownCount };
        });
    }

    /** A reader below the path, for an object or anything else that is set. */
    object(...path: PathSegment[]): Reading<PropertyReader> {
        const reading = this.get(...path);
        return narrow(reading, "an object", (value) =>
            isPlainObject(value) ? new PropertyReader(value, reading.property) : undefined,
        );
    }

    /**
     * A reader of a JSON document that is given as text or as an object. Texts are parsed once per process.
     * Text that does not parse is `malformed`.
     */
    json(...path: PathSegment[]): Reading<PropertyReader> {
        const reading = this.get(...path);
        if (reading.kind !== "known") return reading;
        const { value, property } = reading;
        if (typeof value !== "string")
            return { kind: "known", value: new PropertyReader(value, property), property };
        const parsed = parseJsonText(value);
        if (parsed.kind === "malformed") return { kind: "malformed", property, why: parsed.why };
        return { kind: "known", value: new PropertyReader(parsed.value, property), property };
    }

    /** Names of the properties of this object, without the provider bridge's own key. */
    keys(): string[] {
        return isPlainObject(this.raw)
            ? Object.keys(this.raw).filter((key) => key !== bridgeDefaultsKey)
            : [];
    }

    isUnknown(): boolean {
        return isUnknown(this.raw);
    }

    /** True when the value or anything inside it is unknown. */
    containsUnknown(): boolean {
        return containsUnknown(this.raw);
    }
}

/** What the reader of a resource is made of; URNs as the engine gives them. */
export interface ResourceDescription {
    type: string;
    name: string;
    urn: string;
    /** Raw properties: unknowns as markers, secrets unwrapped. */
    properties: Record<string, unknown>;
    protect?: boolean;
    ignoreChanges?: string[];
    parent?: string;
    /** URNs of resources behind each top-level property. Only known for stack rules. */
    propertyDependencies?: Record<string, string[]>;
    /**
     * Names of the properties that are inputs. Stack rules see outputs, and at preview whatever the provider may
     * compute is unknown there: a route table without in-line routes has unknown `routes`. When the inputs are given,
     * an unknown top-level property that is none of them reads as absent, as it did before the resource was created.
     */
    inputs?: ReadonlySet<string>;
    /**
     * During a preview an object with an unknown inside can vanish from the inputs altogether (pulumi/pulumi #7854).
     * When set, a top-level property that is missing but has property dependencies reads as unknown.
     */
    preview?: boolean;
}

/** One resource, with its options. */
export class ResourceReader extends PropertyReader {
    readonly type: string;
    readonly name: string;
    readonly urn: string;
    readonly protect: boolean;
    readonly ignoreChanges: readonly string[];
    /** URN, when there is one. */
    readonly parent: string | undefined;
    /** URNs by top-level property; empty for resource rules, which run before the graph exists. */
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    private readonly preview: boolean;
    private readonly inputs: ReadonlySet<string> | undefined;

    constructor(description: ResourceDescription) {
        super(description.properties);
        this.type = description.type;
        this.name = description.name;
        this.urn = description.urn;
        this.protect = description.protect ?? false;
        this.ignoreChanges = description.ignoreChanges ?? [];
        this.parent = description.parent;
        this.propertyDependencies = description.propertyDependencies ?? {};
        this.preview = description.preview ?? false;
        this.inputs = description.inputs;
    }

    /**
     * False for a top-level property that the program does not set and the provider only answers with, such as the rules
     * that others added to a security group. True when the inputs are not known.
     */
    isInput(property: string): boolean {
        return this.inputs?.has(property) ?? true;
    }

    override get(...path: PathSegment[]): Reading<unknown> {
        const reading = super.get(...path);
        const top = path[0];
        if (typeof top !== "string") return reading;
        if (
            reading.kind === "unknown" &&
            this.inputs &&
            !this.inputs.has(top) &&
            isUnknown(step(this.raw, top))
        ) {
            return { kind: "absent", property: pathText("", path) };
        }
        const vanished =
            reading.kind === "absent" &&
            this.preview &&
            step(this.raw, top) === undefined &&
            (this.propertyDependencies[top]?.length ?? 0) > 0;
        return vanished ? { kind: "unknown", property: reading.property } : reading;
    }
}

/** `a.b[0]["c d"]` style path for messages. */
export function pathText(base: string, path: readonly PathSegment[]): string {
    return path.reduce<string>(joinProperty, base);
}

function joinProperty(base: string, segment: PathSegment): string {
    if (typeof segment === "number") return `${base}[${segment}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(segment)) return `${base}[${JSON.stringify(segment)}]`;
    return base === "" ? segment : `${base}.${segment}`;
}

/** One step into a value. Own properties only; the bridge's defaults key does not exist for rules. */
function step(value: unknown, segment: PathSegment): unknown {
    if (typeof value !== "object" || value === null || segment === bridgeDefaultsKey) return undefined;
    return Object.getOwnPropertyDescriptor(value, segment)?.value;
}

function narrow<T>(
    reading: Reading<unknown>,
    wanted: string,
    convert: (value: unknown) => T | undefined,
): Reading<T> {
    if (reading.kind !== "known") return reading;
    const value = convert(reading.value);
    if (value !== undefined) return { kind: "known", value, property: reading.property };
    return { kind: "malformed", property: reading.property, why: `is not ${wanted}` };
}
