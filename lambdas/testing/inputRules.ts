import { Refusal } from "./callJournal";

/** Rules of one member of an operation's input, as the API references write them. */
export interface MemberRule {
    required?: boolean;
    type: "string" | "integer" | "object";
    minimum?: number;
    maximum?: number;
    pattern?: RegExp;
    values?: readonly string[];
    members?: Record<string, MemberRule>;
}

/**
 * Checks an input as the services do. Stricter in one point: a member that the operation does not have is refused, so
 * that a misspelt one shows.
 * @throws Refusal `ValidationException` (or the code that the service uses) with all problems.
 */
export function checkInput(
    input: Record<string, unknown>,
    rules: Record<string, MemberRule>,
    code = "ValidationException",
): void {
    const problems = problemsOf(input, rules, "");
    if (problems.length === 0) return;
    const count = `${problems.length} validation error${problems.length === 1 ? "" : "s"} detected`;
    throw new Refusal(code, `${count}: ${problems.join("; ")}`);
}

function problemsOf(
    input: Record<string, unknown>,
    rules: Record<string, MemberRule>,
    path: string,
): string[] {
    const unknown = Object.keys(input).filter((name) => !(name in rules));
    const problems = unknown.map((name) => `'${path}${name}' is not a member of this operation`);
    for (const [name, rule] of Object.entries(rules)) {
        const value = input[name];
        const at = `${path}${name}`;
        if (value === undefined || value === null) {
            if (rule.required)
                problems.push(`Value null at '${at}' failed to satisfy constraint: Member must not be null`);
            continue;
        }
        problems.push(...problemsOfMember(value, rule, at));
    }
    return problems;
}

function problemsOfMember(value: unknown, rule: MemberRule, at: string): string[] {
    const fails = (constraint: string): string[] => [
        `Value '${String(value)}' at '${at}' failed to satisfy constraint: Member must ${constraint}`,
    ];
    const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER, pattern, values, members } = rule;
    if (rule.type === "object") {
        if (typeof value !== "object" || Array.isArray(value)) return fails("be a structure");
        return members === undefined ? [] : problemsOf(value as Record<string, unknown>, members, `${at}.`);
    }
    if (rule.type === "integer") {
        if (!Number.isInteger(value)) return fails("be an integer");
        if (Number(value) < minimum) return fails(`have value greater than or equal to ${minimum}`);
        return Number(value) > maximum ? fails(`have value less than or equal to ${maximum}`) : [];
    }
    if (typeof value !== "string") return fails("be a string");
    if (value.length < minimum) return fails(`have length greater than or equal to ${minimum}`);
    if (value.length > maximum) return fails(`have length less than or equal to ${maximum}`);
    if (pattern !== undefined && !pattern.test(value))
        return fails(`satisfy regular expression pattern: ${pattern.source.replace(/^\^|\$$/g, "")}`);
    if (values !== undefined && !values.includes(value))
        return fails(`satisfy enum value set: [${values.join(", ")}]`);
    return [];
}
