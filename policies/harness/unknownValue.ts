/**
 * What an unknown value looks like to a policy pack.
 *
 * During a preview the engine sends fixed UUID strings in place of values that only the update will know
 * (`@pulumi/pulumi/runtime/rpc`, `unknownValue` and the typed siblings in `@pulumi/policy/proxy`). They are repeated
 * here so that rules and their specs need not load the SDK (a second per process); `reader.spec.ts` compares them
 * with the installed SDK.
 */
export const unknownSentinels = {
    boolean: "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    number: "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    string: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    array: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    asset: "030794c1-ac77-496b-92df-f27374a8bd58",
    archive: "e48ece36-62e2-4504-bad9-02848725956a",
    object: "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
} as const;

/** Marks a value as unknown in the examples of rules; it is what the engine itself would send. */
export const unknown: string = unknownSentinels.string;

/** Text that stands for an undecryptable secret in an analysed stack export: never a literal, always unknown. */
const undecryptableSecret = "[secret]";

const unknownTexts = new Set<string>([...Object.values(unknownSentinels), undecryptableSecret]);

/** True for a value that stands for "not known yet". Looks at the value itself, not inside it. */
export function isUnknown(value: unknown): boolean {
    return typeof value === "string" && unknownTexts.has(value);
}

/** True when the value or anything inside it is unknown. Assets and archives are opaque and count as known. */
export function containsUnknown(value: unknown): boolean {
    if (isUnknown(value)) return true;
    if (Array.isArray(value)) return value.some(containsUnknown);
    if (isPlainObject(value)) return Object.values(value).some(containsUnknown);
    return false;
}

/** True for an object of properties: no array, no asset, no class instance. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null;
}
