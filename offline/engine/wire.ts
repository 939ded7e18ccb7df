/**
 * Values as they travel between the program, the engine and the policy pack. Signatures and sentinels are those of the
 * SDK (`@pulumi/pulumi/runtime/rpc.js`); `offline/FACTS.md` lists them.
 */
import type { Value } from "../model";
import { Struct } from "./protocol";

export const signatureKey = "4dabf18193072939515e22adb298388d";
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
export const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";
export const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
export const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
export const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";
/** How an unknown value travels, whatever its type. */
export const unknownSentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A JSON value that may hold signature objects and the unknown sentinel. */
export type Wire = null | boolean | number | string | Wire[] | { [key: string]: Wire };
export type WireObject = Record<string, Wire>;

export function isObject(value: Wire | undefined): value is WireObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function secret(value: Wire): Wire {
    return { [signatureKey]: secretSignature, value };
}

export function isSecret(value: Wire | undefined): boolean {
    return isObject(value) && value[signatureKey] === secretSignature;
}

export function resourceReference(urn: string, id: string): Wire {
    return { [signatureKey]: resourceSignature, urn, id };
}

export function decode(struct: Struct | undefined): WireObject {
    return struct === undefined ? {} : (struct.toJavaScript() as WireObject);
}

export function encode(value: WireObject): Struct {
    return Struct.fromJavaScript(value);
}

/**
 * What a provider, an analyzer and the state see: output-value wrappers are replaced by their content (unknown and
 * secret marks stay), resource references by the id (unknown while there is none) or, for components, by the URN.
 */
export function normalise(value: Wire): Wire {
    if (Array.isArray(value)) {
        return value.map(normalise);
    }
    if (!isObject(value)) {
        return value;
    }
    switch (value[signatureKey]) {
        case secretSignature:
            return secret(normalise(value["value"] ?? null));
        case resourceSignature:
            return "id" in value ? (value["id"] === "" ? unknownSentinel : value["id"]!) : value["urn"]!;
        case outputSignature: {
            const content = value["value"] === undefined ? unknownSentinel : normalise(value["value"]);
            return value["secret"] === true ? secret(content) : content;
        }
        case assetSignature:
        case archiveSignature:
            return value;
    }
    return normaliseObject(value);
}

export function normaliseObject(value: WireObject): WireObject {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalise(item)]));
}

/** The content without secret marks; unknown values stay the sentinel. */
export function revealSecrets(value: Wire): Wire {
    if (Array.isArray(value)) {
        return value.map(revealSecrets);
    }
    if (!isObject(value)) {
        return value;
    }
    if (isSecret(value)) {
        return revealSecrets(value["value"] ?? null);
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealSecrets(item)]));
}

/** Every string in the value, secret content included. */
export function* strings(value: Wire): Generator<string> {
    if (typeof value === "string") {
        yield value;
    } else if (Array.isArray(value)) {
        for (const item of value) {
            yield* strings(item);
        }
    } else if (isObject(value)) {
        for (const item of Object.values(value)) {
            yield* strings(item);
        }
    }
}

export function containsUnknown(value: Wire): boolean {
    for (const text of strings(value)) {
        if (text === unknownSentinel) {
            return true;
        }
    }
    return false;
}

/** The readable form of `offline/model.ts`. Assets and archives become `{"$asset": …}` or `{"$archive": …}`. */
export function toValue(value: Wire): Value {
    if (value === unknownSentinel) {
        return { $unknown: true };
    }
    if (Array.isArray(value)) {
        return value.map(toValue);
    }
    if (!isObject(value)) {
        return value;
    }
    switch (value[signatureKey]) {
        case secretSignature:
            return { $secret: toValue(value["value"] ?? null) };
        case assetSignature:
            return { $asset: toValue(withoutSignature(value)) };
        case archiveSignature:
            return { $archive: toValue(withoutSignature(value)) };
        case outputSignature:
        case resourceSignature:
            return toValue(normalise(value));
    }
    return toValues(value);
}

export function toValues(value: WireObject): Record<string, Value> {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toValue(item)]));
}

function withoutSignature(value: WireObject): WireObject {
    const { [signatureKey]: _, ...rest } = value;
    return rest;
}
