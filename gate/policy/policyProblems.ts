/** How what is wrong with a policy document is told: where it stands in the text, and what may stand there. */
import {
    isAlias,
    isMap,
    isScalar,
    isSeq,
    type Document,
    type LineCounter,
    type Node,
    type YAMLParseError,
    type YAMLWarning,
} from "yaml";
import * as z from "zod";
import { didYouMean } from "./didYouMean";

/** One thing that is wrong with a policy document. */
export interface PolicyProblem {
    /** Dotted, e.g. `limits.high` or `waivers.0.expires`; empty for the whole document. */
    path: string;
    /** What is allowed there, in one line. */
    message: string;
    /** Where it stands in the text, both from 1; what is missing is told at what it is missing from. */
    line: number;
    column: number;
}

/** The text of a policy as it was read. */
export interface PolicyText {
    document: Document.Parsed;
    lines: LineCounter;
}

/** What YAML complains about, each once: nesting without end is complained about at every level. */
export function distinctComplaints(
    complaints: readonly (YAMLParseError | YAMLWarning)[],
    lines: LineCounter,
): PolicyProblem[] {
    const problems = complaints.map(({ code, message, pos: [offset] }) => ({
        path: "",
        message:
            code === "MULTIPLE_DOCS"
                ? "must be one document, and a second one begins here"
                : (message.split("\n")[0] ?? message),
        ...positionOf(offset, lines),
    }));
    return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** Position of an offset in the text. */
function positionOf(offset: number, lines: LineCounter): Pick<PolicyProblem, "line" | "column"> {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/**
 * The problems behind an issue of the schema.
 * @param root the value that was checked.
 */
export function problemsOf(
    issue: z.core.$ZodIssue,
    root: unknown,
    schema: z.core.$ZodType,
    text: PolicyText,
): PolicyProblem[] {
    return explainIssue(issue, root, schema).map(({ path, message }) => ({
        path: path.join("."),
        message,
        ...positionOf(
            issue.code === "unrecognized_keys"
                ? offsetOf(text, issue.path, String(path.at(-1)))
                : offsetOf(text, path),
            text.lines,
        ),
    }));
}

/** What an issue of a schema of objects and lists means in words, without its place in a text. */
export function explainIssue(
    issue: z.core.$ZodIssue,
    root: unknown,
    schema: z.core.$ZodType,
): { path: PropertyKey[]; message: string }[] {
    if (issue.code === "unrecognized_keys") {
        const known = keysAt(schema, issue.path);
        return issue.keys.map((key) => ({
            path: [...issue.path, key],
            message: `is not a setting; known here: ${known.join(", ")}${didYouMean(key, known)}`,
        }));
    }
    return [{ path: issue.path, message: messageOf(issue, valueAt(root, issue.path)) }];
}

const typeNames: Record<string, string> = {
    object: "an object",
    array: "a list",
    int: "a whole number",
    string: "text",
};

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
    const allowed = allowedBy(issue, value);
    if (value === undefined) return `is required: ${allowed}`;
    // What is wrong with a whole object is said by the rule; repeating the object would hide it.
    const found = value !== null && typeof value === "object" ? "" : `, not ${shorten(written(value))}`;
    return `${allowed}${found}${issue.code === "invalid_value" ? didYouMean(value, issue.values.map(String)) : ""}`;
}

function allowedBy(issue: z.core.$ZodIssue, value: unknown): string {
    // Messages of the schema say what is allowed; those of zod itself begin like this.
    if (!/^(Invalid (input|option)|Too (small|big))/.test(issue.message)) return issue.message;
    switch (issue.code) {
        case "invalid_value": {
            const values = issue.values.map(String);
            return values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(", ")}`;
        }
        case "invalid_type": {
            const quoted = ["number", "boolean"].includes(typeof value) && issue.expected === "string";
            return `must be ${typeNames[issue.expected] ?? `a ${issue.expected}`}${quoted ? " in quotes" : ""}`;
        }
        case "too_small":
            return `must be at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
        case "too_big":
            return `must be at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
        default:
            return issue.message;
    }
}

function unitOf(origin: string): string {
    return { string: " characters", array: " entries" }[origin] ?? "";
}

function written(value: unknown): string {
    return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function shorten(text: string): string {
    return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Value at a path of a parsed document; undefined when there is none. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>(
        (value, key) =>
            value !== null && typeof value === "object"
                ? (value as Record<PropertyKey, unknown>)[key]
                : undefined,
        root,
    );
}

/** Keys that a schema of objects and lists knows at a path. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
    const inner = unwrap(schema);
    const [step, ...rest] = path;
    if (inner instanceof z.ZodArray) return keysAt(inner.element, rest);
    if (!(inner instanceof z.ZodObject)) return [];
    const shape: Record<PropertyKey, z.core.$ZodType | undefined> = inner.shape;
    if (step === undefined) return Object.keys(shape);
    const next = shape[step];
    return next === undefined ? [] : keysAt(next, rest);
}

/** Takes default, optional and the like off a schema. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
    const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
    return innerType === undefined ? schema : unwrap(innerType);
}

/**
 * Offset in the text of the value at a path, or of a key in it; of the innermost part that is there when the rest is
 * missing.
 */
function offsetOf({ document }: PolicyText, path: readonly PropertyKey[], key?: string): number {
    let node = resolve(document.contents, document);
    for (const step of path) {
        const next = resolve(childOf(node, step), document);
        if (next === null) return startOf(node);
        node = next;
    }
    if (key !== undefined && isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
        if (pair !== undefined) return startOf(pair.key as Node);
    }
    return startOf(node);
}

function childOf(node: Node | null, step: PropertyKey): unknown {
    if (isSeq(node)) return node.items[Number(step)];
    if (!isMap(node)) return null;
    return node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))?.value;
}

/** A node, or what an alias stands for. */
function resolve(node: unknown, document: Document.Parsed): Node | null {
    if (isAlias(node)) return node.resolve(document) ?? null;
    return isMap(node) || isSeq(node) || isScalar(node) ? node : null;
}

function startOf(node: Node | null): number {
    return node?.range?.[0] ?? 0;
}
