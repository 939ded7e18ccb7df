/**
 * Reads IAM policy documents (identity, resource and trust policies) into one normal form. Text or object; single values
 * or lists; everything that is not understood is an error, so that a rule never judges half a document.
 */
import { parseJsonText } from "../harness/jsonText";
import { containsUnknown, isPlainObject, isUnknown } from "../harness/unknownValue";

/** A list of patterns, or its complement (`NotAction`, `NotResource`, `NotPrincipal`). */
export interface Patterns {
    values: string[];
    not: boolean;
}

export interface Principals {
    /** `AWS`, `Service`, `Federated`, `CanonicalUser`; `*` for the bare star. */
    byKind: Record<string, string[]>;
    not: boolean;
}

/** Operator to key to values, e.g. `{StringEquals: {"iam:PassedToService": ["codebuild.amazonaws.com"]}}`. */
export type Conditions = Record<string, Record<string, string[]>>;

export interface Statement {
    sid: string | null;
    /** Position in the document, from 0. */
    index: number;
    effect: "Allow" | "Deny";
    actions: Patterns;
    /** Null in trust policies, which have no resource. */
    resources: Patterns | null;
    principals: Principals | null;
    conditions: Conditions;
}

export type PolicyDocument =
    | { kind: "known"; statements: Statement[] }
    /** A value in it is only known after the update. */
    | { kind: "unknown" }
    | { kind: "malformed"; why: string };

const fields = new Set([
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
]);

class DocumentError extends Error {}

const cache = new Map<string, PolicyDocument>();

/** Reads a document given as JSON text or as an object. Never throws; equal text is read once. */
export function readPolicyDocument(value: unknown): PolicyDocument {
    if (isUnknown(value)) return { kind: "unknown" };
    if (typeof value !== "string") return read(value);
    const known = cache.get(value);
    if (known) return known;
    const parsed = parseJsonText(value);
    const document =
        parsed.kind === "parsed" ? read(parsed.value) : { kind: "malformed" as const, why: parsed.why };
    if (cache.size > 2_000) cache.clear();
    cache.set(value, document);
    return document;
}

function read(value: unknown): PolicyDocument {
    if (containsUnknown(value)) return { kind: "unknown" };
    try {
        if (!isPlainObject(value)) throw new DocumentError("is not an object");
        const { Statement: given } = value;
        const list = Array.isArray(given) ? given : given === undefined ? [] : [given];
        if (list.length === 0) throw new DocumentError("has no Statement");
        return { kind: "known", statements: list.map(statement) };
    } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
        return { kind: "malformed", why: error.message };
    }
}

function statement(value: unknown, index: number): Statement {
    const where = `Statement[${index}]`;
    if (!isPlainObject(value)) throw new DocumentError(`${where} is not an object`);
    for (const key of Object.keys(value)) {
        if (!fields.has(key)) throw new DocumentError(`${where}.${key} is not a field of a statement`);
    }
    const { Effect: effect, Sid: sid } = value;
    if (effect !== "Allow" && effect !== "Deny")
        throw new DocumentError(`${where}.Effect is ${JSON.stringify(effect)}, wanted Allow or Deny`);
    const actions = patterns(value, "Action", where);
    if (!actions) throw new DocumentError(`${where} has neither Action nor NotAction`);
    return {
        sid: typeof sid === "string" ? sid : null,
        index,
        effect,
        actions,
        resources: patterns(value, "Resource", where),
        principals: principals(value, where),
        conditions: conditions(value.Condition, where),
    };
}

function texts(value: unknown, where: string): string[] {
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    if (list.length === 0) throw new DocumentError(`${where} is empty`);
    return list.map((item) => {
        if (typeof item === "string") return item;
        if (typeof item === "boolean" || typeof item === "number") return String(item);
        throw new DocumentError(`${where} is not text`);
    });
}

function patterns(
    value: Record<string, unknown>,
    field: "Action" | "Resource",
    where: string,
): Patterns | null {
    const [plain, negated] = [value[field], value[`Not${field}`]];
    if (plain !== undefined && negated !== undefined)
        throw new DocumentError(`${where} has both ${field} and Not${field}`);
    if (plain !== undefined) return { values: texts(plain, `${where}.${field}`), not: false };
    if (negated !== undefined) return { values: texts(negated, `${where}.Not${field}`), not: true };
    return null;
}

function principals(value: Record<string, unknown>, where: string): Principals | null {
    const not = value.NotPrincipal !== undefined;
    const given = not ? value.NotPrincipal : value.Principal;
    if (given === undefined) return null;
    if (typeof given === "string") return { byKind: { "*": [given] }, not };
    if (!isPlainObject(given)) throw new DocumentError(`${where}.Principal is neither text nor an object`);
    const byKind = Object.fromEntries(
        Object.entries(given).map(([kind, names]) => [kind, texts(names, `${where}.Principal.${kind}`)]),
    );
    return { byKind, not };
}

function conditions(value: unknown, where: string): Conditions {
    if (value === undefined) return {};
    if (!isPlainObject(value)) throw new DocumentError(`${where}.Condition is not an object`);
    return Object.fromEntries(
        Object.entries(value).map(([operator, keys]) => {
            if (!isPlainObject(keys))
                throw new DocumentError(`${where}.Condition.${operator} is not an object`);
            const entries = Object.entries(keys).map(([key, values]): [string, string[]] => [
                key,
                Array.isArray(values) && values.length === 0
                    ? []
                    : texts(values, `${where}.Condition.${operator}.${key}`),
            ]);
            return [operator, Object.fromEntries(entries)];
        }),
    );
}

/** Values of a condition key under any operator that narrows (not `…IfExists`, not negated); keys have no case. */
export function conditionValues(conditions: Conditions, key: string): string[] | null {
    for (const [operator, keys] of Object.entries(conditions)) {
        if (
            /IfExists$/i.test(operator) ||
            /Not/.test(operator) ||
            /^Null$/i.test(operator) ||
            /^ForAllValues:/i.test(operator)
        )
            continue;
        for (const [name, values] of Object.entries(keys)) {
            if (name.toLowerCase() === key.toLowerCase()) return values;
        }
    }
    return null;
}
