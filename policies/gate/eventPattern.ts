/**
 * Does an EventBridge event pattern, or an SNS filter policy on the message body, match an event of which only some fields
 * are known? Three-valued. Operators: Amazon EventBridge user guide, "Comparison operators for use in event patterns";
 * Amazon SNS developer guide, "Subscription filter policies" (a subset of them).
 */
import { isPlainObject, isUnknown } from "../harness/unknownValue";
import { matchesWildcard } from "../harness/wildcard";

/** A field that is there, with a value that nobody knows before the event comes. */
export const anyValue = Symbol("any value");
/** The same, and it is text for certain, so a pattern that looks inside it matches nothing. */
export const anyText = Symbol("any text");

/** What is known of an event: fields that are not listed are not there. */
export interface KnownEvent {
    [field: string]: string | typeof anyValue | typeof anyText | KnownEvent;
}

/**
 * - `yes`: every such event matches, as far as its known fields go;
 * - `maybe`: it depends on a field whose value comes with the event;
 * - `no`: none matches; `field` says which part refuses it;
 * - `unknown`: the pattern itself is not known yet at `field`;
 * - `malformed`: no pattern that the service would accept.
 */
export type PatternAnswer =
    { kind: "yes" } | { kind: "maybe" } | { kind: "no" | "unknown" | "malformed"; field: string };

const rank = { no: 0, malformed: 1, unknown: 2, maybe: 3, yes: 4 } as const;

/** All of them: the worst answer decides. */
function all(answers: readonly PatternAnswer[]): PatternAnswer {
    return answers.reduce<PatternAnswer>((a, b) => (rank[b.kind] < rank[a.kind] ? b : a), { kind: "yes" });
}

/** Any of them: the best answer decides. */
function any(answers: readonly PatternAnswer[], field: string): PatternAnswer {
    return answers.reduce<PatternAnswer>((a, b) => (rank[b.kind] > rank[a.kind] ? b : a), {
        kind: "no",
        field,
    });
}

/** @param pattern the parsed document; may contain unknown markers */
export function patternMatches(pattern: unknown, event: KnownEvent, path = ""): PatternAnswer {
    if (isUnknown(pattern)) return { kind: "unknown", field: path };
    if (!isPlainObject(pattern)) return { kind: "malformed", field: path };
    return all(
        Object.entries(pattern).map(([key, wanted]): PatternAnswer => {
            const field = path === "" ? key : `${path}.${key}`;
            if (key === "$or" && Array.isArray(wanted))
                return any(
                    wanted.map((choice) => patternMatches(choice, event, path)),
                    field,
                );
            return fieldMatches(wanted, event[key], field);
        }),
    );
}

function fieldMatches(wanted: unknown, value: KnownEvent[string] | undefined, field: string): PatternAnswer {
    if (isUnknown(wanted)) return { kind: "unknown", field };
    if (isPlainObject(wanted)) {
        if (value === anyValue) return { kind: "maybe" };
        // A pattern inside a field that is plain text matches nothing.
        if (typeof value === "string" || value === anyText) return { kind: "no", field };
        return patternMatches(wanted, value ?? {}, field);
    }
    if (!Array.isArray(wanted)) return { kind: "malformed", field };
    return any(
        wanted.map((element) => elementMatches(element, value, field)),
        field,
    );
}

const yes: PatternAnswer = { kind: "yes" };
const maybe: PatternAnswer = { kind: "maybe" };

function elementMatches(
    element: unknown,
    value: KnownEvent[string] | undefined,
    field: string,
): PatternAnswer {
    const no: PatternAnswer = { kind: "no", field };
    if (isUnknown(element)) return { kind: "unknown", field };
    if (isPlainObject(element)) {
        if ("exists" in element) return (element["exists"] === true) === (value !== undefined) ? yes : no;
        if (value === undefined) return no;
        if (value === anyValue || value === anyText) return maybe;
        if (typeof value !== "string") return no;
        return Object.entries(element).length > 0 &&
            Object.entries(element).every(([operator, operand]) => operatorMatches(operator, operand, value))
            ? yes
            : no;
    }
    if (value === undefined) return no;
    if (value === anyValue || value === anyText) return maybe;
    return element === value ? yes : no;
}

/** Operators on text. One that is not listed matches nothing, as a rule that never fires would. */
function operatorMatches(operator: string, operand: unknown, value: string): boolean {
    const folded = isPlainObject(operand) ? operand["equals-ignore-case"] : undefined;
    const text = (typeof folded === "string" ? folded.toLowerCase() : operand) as unknown;
    const subject = typeof folded === "string" ? value.toLowerCase() : value;
    switch (operator) {
        case "prefix":
            return typeof text === "string" && subject.startsWith(text);
        case "suffix":
            return typeof text === "string" && subject.endsWith(text);
        case "equals-ignore-case":
            return typeof operand === "string" && operand.toLowerCase() === value.toLowerCase();
        case "wildcard":
            return typeof operand === "string" && matchesWildcard(operand, value);
        case "anything-but":
            return !anythingBut(operand, value);
        default:
            return false;
    }
}

function anythingBut(operand: unknown, value: string): boolean {
    if (Array.isArray(operand)) return operand.includes(value);
    if (isPlainObject(operand))
        return Object.entries(operand).some(([operator, inner]) =>
            (Array.isArray(inner) ? inner : [inner]).some((each) => operatorMatches(operator, each, value)),
        );
    return operand === value;
}
