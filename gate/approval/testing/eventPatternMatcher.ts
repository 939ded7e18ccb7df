/**
 * Event patterns as Amazon EventBridge understands them ("Comparison operators for use in event patterns", Amazon
 * EventBridge user guide; where the guide is silent, AWS's open-source engine aws/event-ruler decides):
 *
 * - All keys of a pattern must match, of a list of values any; a key of the event that the pattern lacks is ignored.
 * - A list in an event matches when any of its elements does. Lists are looked through to their objects, and all
 *   values that a pattern needs within one list must come from one element of it.
 * - `null` matches null and not a missing key; `exists` asks for a value at that place: an object, `{}` and `[]` are none.
 * - Numbers are compared as numbers. (AWS's guide says that the text counts; its engine says 300 equals 3.0e2.)
 * - `$or` stands for its alternatives, each with the rest of the pattern.
 *
 * `cidr` is not implemented and is refused, like everything that is not an operator.
 */
import { parseStrictJson } from "../../report/strictJson";
import { objectOf } from "../foreignJson";

/** The pattern is none that EventBridge accepts. */
export class EventPatternError extends Error {
    override name = "EventPatternError";
}

type Leaf = string | number | boolean | null;

/** What may stand at a place: a test of the value, or that there is none. */
type Condition = "absent" | ((value: Leaf) => boolean);

/** Conditions by dotted path, of which any has to hold; the paths in their order. */
type Alternative = Map<string, Condition[]>;

/** A value of an event and, by list, the element in which it is. */
interface Placed {
    value: Leaf;
    elements: Elements;
}
type Elements = ReadonlyMap<unknown, number>;

/**
 * Whether an event matches a pattern.
 * @param pattern as in a rule: JSON text.
 * @throws EventPatternError
 */
export function matchesEventPattern(pattern: string, event: object): boolean {
    const alternatives = parseEventPattern(pattern);
    const places = new Map<string, Placed[]>();
    place(event as Record<string, unknown>, "", new Map(), places);
    return alternatives.some((alternative) => {
        const paths = [...alternative.keys()].sort();
        return holds(paths, alternative, places, new Map());
    });
}

/** @throws EventPatternError */
export function parseEventPattern(pattern: string): Alternative[] {
    let value: unknown;
    try {
        value = parseStrictJson(pattern);
    } catch (error) {
        throw new EventPatternError(`it is not JSON: ${(error as Error).message}`);
    }
    const object = objectOf(value);
    if (object === null) throw new EventPatternError("it is not an object");
    return expand(object, "", [new Map()], false);
}

function expand(
    pattern: Record<string, unknown>,
    prefix: string,
    alternatives: Alternative[],
    insideOr: boolean,
): Alternative[] {
    if (Object.keys(pattern).length === 0) throw new EventPatternError("empty objects are not allowed");
    let found = alternatives;
    for (const [key, value] of Object.entries(pattern)) {
        if (key === "$or") {
            found = expandOr(value, prefix, found);
            continue;
        }
        if (insideOr && Object.hasOwn(operators, key))
            throw new EventPatternError(`${key} cannot be a key inside $or`);
        const path = prefix === "" ? key : `${prefix}.${key}`;
        const object = objectOf(value);
        if (object !== null) {
            found = expand(object, path, found, insideOr);
        } else if (Array.isArray(value) && value.length > 0) {
            const conditions = value.map(conditionOf);
            if (found.some((alternative) => alternative.has(path))) {
                throw new EventPatternError(`${path} stands twice, in $or and beside it`);
            }
            found = found.map((alternative) => new Map(alternative).set(path, conditions));
        } else {
            throw new EventPatternError(`${path} must be an object, or a list of at least one value`);
        }
    }
    return found;
}

function expandOr(value: unknown, prefix: string, alternatives: Alternative[]): Alternative[] {
    if (!Array.isArray(value) || value.length < 2) {
        throw new EventPatternError("$or must be a list of at least two objects");
    }
    return value.flatMap((option: unknown) => {
        const object = objectOf(option);
        if (object === null) throw new EventPatternError("$or must be a list of objects");
        return expand(object, prefix, alternatives, true);
    });
}

/** Finds every value of the event, by dotted path. */
function place(
    object: Record<string, unknown>,
    prefix: string,
    elements: Elements,
    places: Map<string, Placed[]>,
): void {
    for (const [key, value] of Object.entries(object)) {
        placeValue(value, prefix === "" ? key : `${prefix}.${key}`, elements, places);
    }
}

function placeValue(value: unknown, path: string, elements: Elements, places: Map<string, Placed[]>): void {
    if (Array.isArray(value)) {
        value.forEach((element: unknown, index) => {
            const isLeaf = typeof element !== "object" || element === null;
            placeValue(element, path, isLeaf ? elements : new Map(elements).set(value, index), places);
        });
    } else if (typeof value === "object" && value !== null) {
        place(value as Record<string, unknown>, path, elements, places);
    } else {
        places.set(path, [...(places.get(path) ?? []), { value: value as Leaf, elements }]);
    }
}

/** Whether all conditions hold, with values of one element of each list. */
function holds(
    [path, ...rest]: readonly string[],
    alternative: Alternative,
    places: ReadonlyMap<string, Placed[]>,
    elements: Elements,
): boolean {
    if (path === undefined) return true;
    const conditions = alternative.get(path) ?? [];
    const found = (places.get(path) ?? []).filter((one) => isSameElement(one.elements, elements));
    if (found.length === 0) {
        return conditions.includes("absent") && holds(rest, alternative, places, elements);
    }
    return found.some(
        (one) =>
            conditions.some((condition) => condition !== "absent" && condition(one.value)) &&
            holds(rest, alternative, places, new Map([...elements, ...one.elements])),
    );
}

function isSameElement(some: Elements, others: Elements): boolean {
    return [...some].every(([list, index]) => !others.has(list) || others.get(list) === index);
}

function conditionOf(value: unknown): Condition {
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) {
        return (found) => found === value;
    }
    const entries = Object.entries(objectOf(value) ?? {});
    const [name, operand] = entries[0] ?? [""];
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (entries.length !== 1 || operator === undefined) {
        throw new EventPatternError(
            `${JSON.stringify(value)} is neither a value nor an operator with its value`,
        );
    }
    return operator(operand);
}

const operators: Record<string, (operand: unknown) => Condition> = {
    prefix: (operand) => affix(operand, (found, part) => found.startsWith(part)),
    suffix: (operand) => affix(operand, (found, part) => found.endsWith(part)),
    "equals-ignore-case": (operand) => {
        const wanted = textOf(operand).toLowerCase();
        return (found) => typeof found === "string" && found.toLowerCase() === wanted;
    },
    wildcard: (operand) => {
        const pattern = wildcard(textOf(operand));
        return (found) => typeof found === "string" && pattern.test(found);
    },
    exists: (operand) => {
        if (typeof operand !== "boolean") throw new EventPatternError("exists must be true or false");
        return operand ? () => true : "absent";
    },
    numeric,
    "anything-but": anythingBut,
};

function textOf(operand: unknown): string {
    if (typeof operand !== "string") throw new EventPatternError(`${JSON.stringify(operand)} must be text`);
    return operand;
}

function affix(
    operand: unknown,
    holdsFor: (found: string, part: string) => boolean,
): (value: Leaf) => boolean {
    const object = objectOf(operand);
    if (object === null) {
        const part = textOf(operand);
        return (found) => typeof found === "string" && holdsFor(found, part);
    }
    const { "equals-ignore-case": part, ...others } = object;
    if (Object.keys(others).length > 0) {
        throw new EventPatternError(`${JSON.stringify(operand)} is no way to compare a prefix or suffix`);
    }
    const lower = textOf(part).toLowerCase();
    return (found) => typeof found === "string" && holdsFor(found.toLowerCase(), lower);
}

/** `*` is any text; `\*` and `\\` are the characters themselves. */
function wildcard(text: string): RegExp {
    if (!/^(?:[^\\]|\\[\\*])*$/su.test(text)) {
        throw new EventPatternError(
            `${JSON.stringify(text)} has a backslash before something else than * or \\`,
        );
    }
    if (/^(?:\\.|[^\\])*?\*\*/su.test(text)) {
        throw new EventPatternError(`${JSON.stringify(text)} has two wildcards beside each other`);
    }
    const source = text.replace(/\\[\\*]|\*|[^\\*]+/gsu, (part) =>
        part === "*" ? ".*" : literal(part.startsWith("\\") ? part.slice(1) : part),
    );
    return new RegExp(`^${source}$`, "su");
}

function literal(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

const comparisons: Record<string, (found: number, bound: number) => boolean> = {
    "=": (found, bound) => found === bound,
    "<": (found, bound) => found < bound,
    "<=": (found, bound) => found <= bound,
    ">": (found, bound) => found > bound,
    ">=": (found, bound) => found >= bound,
};

/** `["=", 3]`, `["<", 10]`, or a lower and then an upper bound: `[">", 0, "<=", 5]`. */
function numeric(operand: unknown): Condition {
    const parts: unknown[] = Array.isArray(operand) ? operand : [];
    const [first, lower, second, upper] = parts;
    const isRange = parts.length === 4 && /^>=?$/.test(String(first)) && /^<=?$/.test(String(second));
    const bounds =
        parts.length === 2
            ? [[first, lower]]
            : isRange
              ? [
                    [first, lower],
                    [second, upper],
                ]
              : [];
    const tests = bounds.map(([name, bound]) => {
        const compare = Object.hasOwn(comparisons, String(name)) ? comparisons[String(name)] : undefined;
        return typeof bound === "number" && compare !== undefined
            ? (found: number) => compare(found, bound)
            : undefined;
    });
    if (tests.length === 0 || tests.includes(undefined)) {
        throw new EventPatternError(`${JSON.stringify(operand)} is no numeric comparison`);
    }
    // The engine refuses a range in which nothing can be.
    if (isRange && !(Number(lower) < Number(upper))) throw new EventPatternError("the range is empty");
    return (found) => typeof found === "number" && tests.every((test) => test?.(found) === true);
}

/** Any value that is there and is none of those: not the text, number, prefix, suffix, wildcard or case variant. */
function anythingBut(operand: unknown): Condition {
    const object = objectOf(operand);
    const [[name, inner]] =
        object === null ? [["", operand]] : (Object.entries(object) as [[string, unknown]]);
    const list: unknown[] = Array.isArray(inner) ? inner : [inner];
    const isText = list.every((one): boolean => typeof one === "string");
    const isNumeric = name === "" && list.every((one): boolean => typeof one === "number");
    if (list.length === 0 || !(isText || isNumeric)) {
        throw new EventPatternError("anything-but takes texts, or numbers, and not both");
    }
    if (name === "") return (found) => !list.includes(found);
    const operator = ["prefix", "suffix", "equals-ignore-case", "wildcard"].includes(name)
        ? operators[name]
        : undefined;
    if (operator === undefined || Object.keys(object ?? {}).length !== 1) {
        throw new EventPatternError(`anything-but cannot be applied to ${name}`);
    }
    if (["prefix", "suffix"].includes(name) && list.includes("")) {
        throw new EventPatternError(`anything-but cannot be applied to an empty ${name}`);
    }
    const conditions = list.map((one) => operator(one));
    return (found) => !conditions.some((condition) => condition !== "absent" && condition(found));
}
