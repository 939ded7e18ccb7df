/**
 * Carries remediations out: on properties as the engine sends them, in which secrets, assets and unknown values are
 * marked. Whatever is not to be changed goes back exactly as it came.
 */
import { isDeepStrictEqual } from "node:util";
import type { RunRecord } from "../exemptions/runRecord";
import { judgeResource, type Finding, type RuleGroup } from "./judgement";
import { ResourceReader, type PathSegment, type ResourceDescription } from "./reader";
import type { PackConfiguration, PropertyChange, Remediation, RuleMetadata } from "./rule";
import { configurationOf } from "./ruleSettings";
import { isPlainObject, isUnknown } from "./unknownValue";

/** How the protocol marks what is no plain value (`@pulumi/pulumi`, runtime/rpc.ts): `{[markKey]: kind, …}`. */
const markKey = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** Beside the properties of an object the provider bridge keeps the names of those that it filled in itself. */
const defaultsKey = "__defaults";

type Properties = Record<string, unknown>;

/** A secret as it travels. */
export function secretOnWire(value: unknown): Properties {
    return { [markKey]: secretMark, value };
}

/** Remediations of the rules of a group that judge a type, as far as the settings let them. */
export function remediationsFor(
    group: RuleGroup,
    type: string,
    configuration: PackConfiguration,
): Remediation[] {
    return group.resourceRules.flatMap(({ types, remediation }) =>
        remediation &&
        types.includes(type) &&
        (remediation.when === "always" || configuration.remediateOnCreation)
            ? [remediation]
            : [],
    );
}

/**
 * The properties after all changes of a rule; undefined when there is nothing to do: the resource does not violate the
 * rule or is exempted from it, the rule leaves it to a person, or a change would go into a value that is secret or not
 * known yet. `resource` has its properties as they come over the wire. Throws when the remediation has a defect.
 */
export function remediated(
    group: RuleGroup,
    resource: ResourceDescription,
    configuration: PackConfiguration,
    record?: RunRecord,
): Properties | undefined {
    const own = configurationOf(configuration, group.metadata.id);
    const remediations = remediationsFor(group, resource.type, own);
    if (remediations.length === 0) return undefined;
    const reader = new ResourceReader({
        ...resource,
        properties: withoutMarks(resource.properties) as Properties,
    });
    record?.beginResource(reader, configuration);
    const { findings } = judgeResource(group, reader, configuration, record);
    const exempted = findings.some(({ message }) =>
        message.startsWith(`[${group.metadata.id}] Exempted by `),
    );
    if (exempted || !findings.some(({ kind }) => kind === "violation")) return undefined;
    const changes = remediations.flatMap((remediation) => remediation.changes(reader, own));
    try {
        forbidSecrets(changes, resource.properties);
        const properties = changes.reduce<unknown>(
            (current, change) => changed(current, change.path, change),
            resource.properties,
        ) as Properties;
        return properties === resource.properties ? undefined : properties;
    } catch (error) {
        if (error instanceof Untouchable) return undefined;
        throw error;
    }
}

/** A defect of a remediation, as a finding; the rule itself goes on. */
export function remediationFailure(metadata: RuleMetadata, text: string, urn: string): Finding {
    return {
        kind: "error",
        message:
            `[${metadata.id}] Remediation error: ${text}\n` +
            "Fix: mend the resource by hand; this is a defect of the policy pack, report it with this message.",
        severity: metadata.severity,
        enforcement: "mandatory",
        urn,
    };
}

/** A change would touch what must not be touched; all changes of the rule are dropped, a person has to decide. */
class Untouchable extends Error {}

/** A copy with the change in it; the very same value when it is as wanted already. */
function changed(current: unknown, path: readonly PathSegment[], change: PropertyChange): unknown {
    const [segment, ...rest] = path;
    if (segment === undefined) {
        if (isDeepStrictEqual(current, change.value)) return current;
        if (holdsMarks(current)) throw new Untouchable();
        return structuredClone(change.value);
    }
    if (isUnknown(current) || isMarked(current)) throw new Untouchable();
    if (typeof segment === "number") {
        const list: unknown = current ?? [];
        if (!Array.isArray(list) || segment < 0 || segment > list.length) throw noPlace(change);
        const element = changed(list[segment], rest, change);
        if (element === list[segment]) return current;
        return [...(list.slice(0, segment) as unknown[]), element, ...(list.slice(segment + 1) as unknown[])];
    }
    const object = current ?? {};
    if (!isPlainObject(object)) throw noPlace(change);
    const value = changed(object[segment], rest, change);
    return value === object[segment] ? current : withProperty(object, segment, value);
}

function withProperty(object: Properties, name: string, value: unknown): Properties {
    const defaults = object[defaultsKey];
    return {
        ...object,
        [name]: value,
        // What is set here is no default any more; else the provider would carry it on when nobody asks for it.
        ...(Array.isArray(defaults) ? { [defaultsKey]: defaults.filter((filled) => filled !== name) } : {}),
    };
}

function noPlace(change: PropertyChange): Error {
    return new Error(
        `the remediation sets ${change.path.join(".")}, but the object or list above it is not there`,
    );
}

/** A remediation reads secrets as plain values; none of them may come back as one. */
function forbidSecrets(changes: readonly PropertyChange[], properties: Properties): void {
    const texts = secretTexts(properties, false);
    if (texts.length === 0) return;
    const written = JSON.stringify(changes.map(({ value }) => value));
    // As it stands in JSON, without the quotes.
    if (texts.some((text) => written.includes(JSON.stringify(text).slice(1, -1)))) throw new Untouchable();
}

/** All texts inside secrets, but for those that are too short to tell from other text. */
function secretTexts(value: unknown, secret: boolean): string[] {
    if (typeof value === "string") return secret && value.length > 7 ? [value] : [];
    if (typeof value !== "object" || value === null) return [];
    const inside = secret || isSecret(value);
    return Object.entries(value).flatMap(([key, child]) =>
        key === markKey ? [] : secretTexts(child, inside),
    );
}

/** As rules read properties: secrets unwrapped. */
function withoutMarks(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(withoutMarks);
    if (!isPlainObject(value)) return value;
    if (isSecret(value)) return withoutMarks(value["value"]);
    if (isMarked(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withoutMarks(child)]));
}

function holdsMarks(value: unknown): boolean {
    if (isUnknown(value) || isMarked(value)) return true;
    return typeof value === "object" && value !== null && Object.values(value).some(holdsMarks);
}

function isMarked(value: unknown): boolean {
    return isPlainObject(value) && markKey in value;
}

function isSecret(value: object): boolean {
    return (value as Properties)[markKey] === secretMark;
}
