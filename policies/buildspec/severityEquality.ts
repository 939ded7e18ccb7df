/** Thresholds by equality: `.severity == "High"` lets every critical finding pass (BS-07). */
import type { BuildspecAnalysis } from "./analysis";
import type { CommandFinding } from "./commands";
import { programName } from "./invocation";
import { variablesIn } from "./standsFor";

const filters = new Set(["jq", "yq", "jaq", "gojq"]);
/** `.severity == "High"`, `.Severity==$limit`, `.["severity"] == env.FAIL_WHEN`. */
const equality = /severity["']?\]?\s*(?:\|\s*ascii_\w+case\s*)?==\s*["']?([\w.$\\{}-]+)/gi;

/** Severities that the command compares by equality; a variable stands for one that is not known here. */
function compared({ words }: CommandFinding): string[] {
    const name = programName(words[0]?.text ?? "");
    if (filters.has(name))
        return words
            .slice(1)
            .flatMap(({ text }) => [...text.matchAll(equality)].map(([, value = ""]) => value));
    if (name !== "[" && name !== "[[" && name !== "test") return [];
    const at = words.findIndex(({ text }) => text === "=" || text === "==");
    const [left, right] = [words[at - 1], words[at + 1]];
    if (!left || !right || !variablesIn(left.text).some((each) => /severity/i.test(each))) return [];
    return [right.text];
}

/** The first command of thresholds by equality that leave a severity above them out, with what they look for. */
export function severityEquality(
    analysis: BuildspecAnalysis,
): { command: CommandFinding; missing: string[] } | null {
    const found = analysis.commands.flatMap((command) =>
        compared(command).map((value) => ({ command, value: value.toUpperCase() })),
    );
    const missing = ["CRITICAL", "HIGH"].filter((name) => !found.some(({ value }) => value === name));
    return found[0] && missing.length > 0 ? { command: found[0].command, missing } : null;
}
