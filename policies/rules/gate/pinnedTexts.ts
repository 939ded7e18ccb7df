/**
 * What an EventBridge pattern lets through, as far as GATE-09 asks. Sources: Amazon EventBridge User Guide, "Comparison
 * operators" (values of a field are alternatives) and "Creating events" (a source that begins with `aws.` is reserved:
 * PutEvents refuses it from anyone but AWS).
 */
import type { PropertyReader, Reading } from "../../harness/reader";
import { containsUnknown, isPlainObject, isUnknown } from "../../harness/unknownValue";

/** Every way in which the field may be matched: the branches of `$or` are alternatives, each with the fields beside it. */
function alternatives(pattern: unknown, path: readonly string[]): unknown[] {
    if (isUnknown(pattern)) return [pattern];
    if (!isPlainObject(pattern)) return [undefined];
    const branches = pattern["$or"];
    const [first, ...rest] = path;
    const own = first === undefined ? pattern : pattern[first];
    if (own !== undefined && rest.length > 0) {
        const below = alternatives(own, rest);
        if (below.every((each) => each !== undefined)) return below;
    }
    if (own !== undefined && rest.length === 0) return [own];
    if (Array.isArray(branches)) return branches.flatMap((branch) => alternatives(branch, path));
    return [undefined];
}

/** One comparison of a text; `wildcard`: `*` stands for any text. */
export interface Matcher {
    operator: "equals" | "prefix" | "suffix" | "wildcard";
    text: string;
}

const operators = ["prefix", "suffix", "wildcard"] as const;

/** Null for a comparison that pins nothing: `exists`, `anything-but`, and what is not known here. */
function readMatcher(value: unknown): Matcher | null {
    if (typeof value === "string") return value === "" ? null : { operator: "equals", text: value };
    if (!isPlainObject(value) || Object.keys(value).length !== 1) return null;
    for (const operator of operators) {
        const text = value[operator];
        if (typeof text === "string" && text !== "") return { operator, text };
    }
    return null;
}

/** The texts that it lets through, as an IAM pattern; null when no name of AWS is among them. */
export function matcherPattern({ operator, text }: Matcher): string | null {
    if (operator === "wildcard") return text;
    // Elsewhere a star is only a star, and no name of AWS has one.
    if (/[*?]/.test(text)) return null;
    return operator === "prefix" ? `${text}*` : operator === "suffix" ? `*${text}` : text;
}

/**
 * What a field lets through: `unknown` when some of it is not known yet, `any` when the field is missing in one of the
 * pattern's alternatives or compared by something that does not pin it.
 */
export type Allowed =
    { kind: "pinned"; matchers: Matcher[] } | { kind: "any"; why: string } | { kind: "unknown" };

/** `path` is that of a field of the event, e.g. `["detail", "repository-name"]`. */
export function allowedTexts(pattern: PropertyReader, path: readonly string[]): Allowed {
    const name = path.join(".");
    const matchers: Matcher[] = [];
    for (const values of alternatives(pattern.raw, path)) {
        if (values === undefined) return { kind: "any", why: `asks for no ${name}` };
        const list: unknown[] = Array.isArray(values) ? values : [values];
        for (const value of list) {
            if (containsUnknown(value)) return { kind: "unknown" };
            const matcher = readMatcher(value);
            if (matcher === null) return { kind: "any", why: `accepts ${JSON.stringify(value)} as ${name}` };
            matchers.push(matcher);
        }
    }
    return { kind: "pinned", matchers };
}

/** The rule's pattern, parsed; absent when the rule only follows a schedule. */
export function readEventPattern(rule: PropertyReader): Reading<PropertyReader> {
    const pattern = rule.json("eventPattern");
    if (pattern.kind !== "known" || isPlainObject(pattern.value.raw)) return pattern;
    return { kind: "malformed", property: pattern.property, why: "is not an object" };
}
