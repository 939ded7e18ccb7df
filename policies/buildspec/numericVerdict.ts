/**
 * Reports that a test of numbers judges: `COUNT=$(aws ecr describe-image-scan-findings …)`, `[ "$COUNT" -gt 0 ] && exit 1`. Tells
 * which variables carry the numbers of a scanner; whether the test can fail the build is asked of the shell itself.
 */
import type { AssignmentFinding, CommandFinding } from "./commands";
import { programName, type Argument } from "./invocation";
import { sameFile } from "./judgedReport";
import { variablesIn } from "./standsFor";
import type { SimpleCommand } from "./shellSyntax";
import { simpleCommands } from "./simpleCommands";

/** The answer of such a comparison when there are findings. */
const exceeding: Readonly<Record<string, boolean>> = {
    "-gt": true, "-ge": true, "-ne": true, ">": true, ">=": true, "!=": true,
    "-lt": false, "-le": false, "-eq": false, "<": false, "<=": false, "==": false, "=": false,
}; // prettier-ignore

/** A scanner that writes or prints a report, and what is compared with numbers. */
export interface NumericSource {
    node: SimpleCommand;
    writes: string | null;
    /** It runs in a container, where directories have other names. */
    contained: boolean;
}

/** What a comparison of a number sees: its words, and the command where it stands in the source. */
export type Comparison = Pick<CommandFinding, "words"> & { node: SimpleCommand | null };

/** Whether a test compares a number of this scanner's report, and what it answers when there are findings. */
export class NumericVerdict {
    private readonly counting = new Set<string>();

    constructor(
        private readonly source: NumericSource,
        assignments: readonly AssignmentFinding[],
    ) {
        for (const { name, from, value } of assignments) {
            const passedOn =
                from.length === 0 && variablesIn(value.text).some((each) => this.counting.has(each));
            if (passedOn || this.readsReport(from)) this.counting.add(name);
        }
    }

    /** Undefined when the words do not compare a number of the report. */
    answer({ words, node }: Comparison): boolean | undefined {
        const name = programName(words[0]?.text ?? "");
        if (name !== "[" && name !== "[[" && name !== "test") return undefined;
        const at = words.findIndex(({ text }) => Object.hasOwn(exceeding, text));
        const [left, operator, right] = [words[at - 1], words[at], words[at + 1]];
        if (!left || !operator || !right || !/^\d+$/.test(right.text)) return undefined;
        const counted =
            variablesIn(left.text).some((each) => this.counting.has(each)) ||
            (left.text.includes("__substitution") && node !== null && this.readsReport(substitutions(node)));
        return counted ? exceeding[operator.text] !== (words[1]?.text === "!") : undefined;
    }

    private readsReport(commands: readonly SimpleCommand[]): boolean {
        const { node: scanner, writes, contained } = this.source;
        const base = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
        return commands.some(
            (node) =>
                node === scanner ||
                node.text === scanner.text ||
                variablesOf(node).some((each) => this.counting.has(each)) ||
                (writes !== null &&
                    names(node).some((each) =>
                        contained ? base(each) === base(writes) : sameFile(each, writes),
                    )),
        );
    }
}

function names(node: SimpleCommand): string[] {
    const words = [...node.words, ...node.redirects.map(({ target }) => target)];
    return words.map(({ parts }) => parts.map((part) => (part.kind === "text" ? part.text : "")).join(""));
}

function variablesOf(node: SimpleCommand): string[] {
    return node.words.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.kind === "parameter" ? [part.name] : [])),
    );
}

function substitutions(node: SimpleCommand): SimpleCommand[] {
    return node.words.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.kind === "substitution" ? simpleCommands(part.script) : [])),
    );
}

/** `((COUNT > 0))` as the words of a test; null when it compares nothing with a number. */
export function arithmeticWords(expression: string): Argument[] | null {
    const match = /^\s*\$?\{?(\w+)\}?\s*(>=|<=|==|!=|>|<)\s*(\d+)\s*$/.exec(expression);
    if (!match) return null;
    const [, name = "", operator = "", number = ""] = match;
    return ["[", `\${${name}}`, operator, number, "]"].map((text) => ({ text, known: !text.includes("$") }));
}
