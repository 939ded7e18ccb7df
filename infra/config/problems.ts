/** How problems of the configuration are told: path, value, what is allowed. */
import type { z } from "zod";
import { didYouMean } from "../../gate/policy/didYouMean";
import { valueAt } from "../../gate/policy/policyProblems";

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
    /** Where, as it would be written in the stack file: `network.zones`, `applications[1].name`. */
    path: string;
    /** What stands there; undefined when nothing does. */
    value: unknown;
    /** What may stand there, or what to do. */
    allowed: string;
    /** Other values that the rule looked at; when one of those is wrong by itself the rule is not applied. */
    involves?: string[];
}

/** Thrown with every problem at once. */
export class ConfigError extends Error {
    constructor(readonly problems: ConfigProblem[]) {
        super(formatProblems(problems));
        this.name = "ConfigError";
    }
}

/** `applications[1].name` */
export function formatPath(path: readonly PropertyKey[]): string {
    return path
        .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
        .join("")
        .replace(/^\./, "");
}

/** Settings whose value is a secret, or is one where the name of its parameter should stand. */
const confidential = /(?:token|password|secret|api_?key|parameter)$/i;

/** The value in one line, without what must not get into a log. */
function formatValue(path: string, value: unknown): string {
    if (value === undefined) return "not set";
    if (confidential.test(path)) return "(not shown)";
    const text = JSON.stringify(value, (key, inner: unknown) =>
        confidential.test(key) ? "(not shown)" : inner,
    );
    return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** One line for each problem, in the order of their paths. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
    const lines = [...problems]
        .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
        .map(
            ({ path, value, allowed }) => `  - portcullis:${path} = ${formatValue(path, value)}: ${allowed}`,
        );
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    return [`The stack configuration has ${count}; nothing was created.`, ...lines].join("\n");
}

/** Settings of earlier versions, and what to write instead. */
const movedSettings: Partial<Record<string, string>> = {
    "approval.emails":
        "has moved to approval.human.emails: people approve after the gate now; leave it out if the gate alone is to decide",
};

const typeNames: Record<string, string> = {
    object: "an object",
    array: "a list",
    record: "an object",
    int: "a whole number",
};

function describeType(type: string): string {
    return typeNames[type] ?? `a ${type}`;
}

/**
 * Turns an issue of the schema into problems with a sentence that says what is allowed.
 *
 * @param keysAt names the keys that the schema knows at a path, for "did you mean".
 */
export function problemsOf(
    issue: z.core.$ZodIssue,
    root: unknown,
    keysAt: (path: readonly PropertyKey[]) => string[],
): ConfigProblem[] {
    const path = formatPath(issue.path);
    const value = valueAt(root, issue.path);
    switch (issue.code) {
        case "unrecognized_keys":
            return issue.keys.map((key) => ({
                path: formatPath([...issue.path, key]),
                value: valueAt(root, [...issue.path, key]),
                allowed:
                    movedSettings[formatPath([...issue.path, key])] ??
                    `is not a setting; known here: ${keysAt(issue.path).join(", ")}${didYouMean(key, keysAt(issue.path))}`,
            }));
        case "invalid_value": {
            if (!issue.message.startsWith("Invalid ")) return [{ path, value, allowed: issue.message }];
            const values = issue.values.map(String);
            return [
                { path, value, allowed: `must be one of ${values.join(", ")}${didYouMean(value, values)}` },
            ];
        }
        case "invalid_type": {
            if (!issue.message.startsWith("Invalid input")) return [{ path, value, allowed: issue.message }];
            if (value === undefined)
                return [{ path, value, allowed: `is required, ${describeType(issue.expected)}` }];
            const quotes =
                issue.expected === "string" && typeof value !== "object" ? "; put it in quotes" : "";
            return [{ path, value, allowed: `must be ${describeType(issue.expected)}${quotes}` }];
        }
        case "too_small":
        case "too_big": {
            if (!/^Too (small|big)/.test(issue.message)) return [{ path, value, allowed: issue.message }];
            const bound = issue.code === "too_small" ? issue.minimum : issue.maximum;
            const what =
                { string: " characters", array: " entries" }[issue.origin as "string" | "array"] ?? "";
            const least = issue.code === "too_small" ? "at least" : "at most";
            const have = what === "" ? "must be" : "must have";
            return [{ path, value, allowed: `${have} ${least} ${String(bound)}${what}` }];
        }
        case "invalid_union": {
            // A discriminated union whose discriminator matches nothing.
            const options =
                "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
            const allowed =
                options.length > 0
                    ? `must be one of ${options.join(", ")}${didYouMean(value, options)}`
                    : issue.message;
            return [{ path, value, allowed }];
        }
        case "invalid_key":
            return issue.issues.map((inner) => ({ path, value, allowed: `its name ${inner.message}` }));
        default:
            return [{ path, value, allowed: issue.message }];
    }
}
