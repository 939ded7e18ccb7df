/**
 * Rules on input values, in words of their own: what a service or its provider refuses before it does anything. A value
 * that is absent or not known yet breaks no rule; what a class requires is the SDK's business.
 */
import { isObject, unknownSentinel } from "../engine/wire";
import type { Wire, WireObject } from "../engine/wire";

/** Says what is wrong with the value found at `where`; nothing when it is right. */
export type Rule = (value: Wire, where: string) => string[];

/** Rules of one resource type: by property, and over all inputs (cross-checks). */
export interface InputRules {
    properties: Record<string, Rule>;
    /** @param directory folder that relative paths of assets begin at */
    together?(inputs: WireObject, directory: string): string[];
}

/** True for a value that a rule can judge. */
export function isKnown(value: Wire | undefined): value is Wire {
    return value !== undefined && value !== null && value !== unknownSentinel;
}

/** Shows a value in a message, shortened. */
function shown(value: Wire): string {
    const text = JSON.stringify(value);
    return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/**
 * A text of `min` to `max` characters that matches a pattern.
 * @param says the pattern in words, e.g. `letters, digits, - and _`
 */
export function text(min: number, max: number, pattern?: RegExp, says = ""): Rule {
    return (value, where) => {
        if (typeof value !== "string") {
            return [`${where} ${shown(value)} is not a text`];
        }
        const length = [...value].length;
        if (length < min || length > max) {
            return [`${where} has ${length} characters, allowed are ${min} to ${max}`];
        }
        return pattern === undefined || pattern.test(value)
            ? []
            : [`${where} ${shown(value)} is not made of ${says}`];
    };
}

/** A whole number in a range, both ends included. */
export function whole(min: number, max: number, unit = ""): Rule {
    return (value, where) =>
        typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
            ? []
            : [
                  `${where} ${shown(value)} is not a whole number from ${min} to ${max}${unit === "" ? "" : ` (${unit})`}`,
              ];
}

/** One of a list of words or numbers. */
export function oneOf(...allowed: (string | number)[]): Rule {
    return (value, where) =>
        allowed.includes(value as string)
            ? []
            : [`${where} ${shown(value)} is none of ${allowed.join(", ")}`];
}

/** A list of `min` to `max` items, each of which follows a rule. */
export function listOf(rule: Rule, min = 0, max = Number.MAX_SAFE_INTEGER): Rule {
    return (value, where) => {
        if (!Array.isArray(value)) {
            return [`${where} is not a list`];
        }
        return [
            ...(value.length < min || value.length > max
                ? [
                      `${where} has ${value.length} items, allowed are ${min} to ${max === Number.MAX_SAFE_INTEGER ? "any number" : max}`,
                  ]
                : []),
            ...value.flatMap((item, position) => (isKnown(item) ? rule(item, `${where}[${position}]`) : [])),
        ];
    };
}

/** An object whose known properties follow rules, and that as a whole follows `together`. */
export function fields(
    rules: Record<string, Rule>,
    together?: (value: WireObject, where: string) => string[],
): Rule {
    return (value, where) => {
        if (!isObject(value)) {
            return [`${where} is not an object`];
        }
        const each = Object.entries(rules).flatMap(([property, rule]) => {
            const inner = value[property];
            return isKnown(inner) ? rule(inner, `${where}.${property}`) : [];
        });
        return [...each, ...(together?.(value, where) ?? [])];
    };
}

/** A JSON document in a text of at most `max` characters, whose content follows a rule. */
export function json(max: number, content?: Rule): Rule {
    return (value, where) => {
        if (typeof value !== "string") {
            return [`${where} is not a text with JSON`];
        }
        if (value.length > max) {
            return [`${where} has ${value.length} characters, at most ${max} are allowed`];
        }
        let parsed: Wire;
        try {
            parsed = JSON.parse(value) as Wire;
        } catch (error) {
            return [`${where} is not JSON: ${(error as Error).message}`];
        }
        return content?.(parsed, where) ?? [];
    };
}

/** A text that begins with `arn:` and names one of the services, e.g. `sqs`. */
export function arnOf(...services: string[]): Rule {
    return (value, where) => {
        const service = typeof value === "string" ? /^arn:[\w-]+:([\w-]+):/.exec(value)?.[1] : undefined;
        return service !== undefined && (services.length === 0 || services.includes(service))
            ? []
            : [
                  `${where} ${shown(value)} is not an ARN${services.length === 0 ? "" : ` of ${services.join(" or ")}`}`,
              ];
    };
}

/** An IAM policy document: `Version`, and at least one statement with effect, actions and somebody they are for. */
export function policyDocument(max: number): Rule {
    return json(
        max,
        fields({ Version: oneOf("2012-10-17", "2008-10-17") }, (document, where) => {
            const statements = [document["Statement"] ?? []].flat();
            return [
                ...(statements.length === 0 ? [`${where} has no statement`] : []),
                ...statements.flatMap((statement, position) => {
                    const at = `${where}.Statement[${position}]`;
                    if (!isObject(statement)) {
                        return [`${at} is not an object`];
                    }
                    const has = (...keys: string[]): boolean => keys.some((key) => isKnown(statement[key]));
                    return [
                        ...oneOf("Allow", "Deny")(statement["Effect"] ?? null, `${at}.Effect`),
                        ...(has("Action", "NotAction") ? [] : [`${at} has no Action`]),
                        ...(has("Principal", "NotPrincipal") ? [] : [`${at} has no Principal`]),
                    ];
                }),
            ];
        }),
    );
}

/** Everything that a type's rules refuse, each with its place. Inputs come without secret marks. */
export function refusalsOf(rules: InputRules | undefined, inputs: WireObject, directory: string): string[] {
    if (rules === undefined) {
        return [];
    }
    const byProperty = Object.entries(rules.properties).flatMap(([property, rule]) => {
        const value = inputs[property];
        return isKnown(value) ? rule(value, property) : [];
    });
    return [...byProperty, ...(rules.together?.(inputs, directory) ?? [])];
}
