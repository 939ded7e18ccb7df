import { styleText } from "node:util";
import type { CommandContext } from "../commands/command";
import { inOneLine } from "../commands/oneLine";
import { lintLevels, reaches, type CheckFinding, type CheckReport } from "./checkReport";

/** Findings that are printed; all of them are in check.json. */
const mostFindings = 100;

const colour = { pass: "green", fail: "red", incomplete: "yellow" } as const;

/** Prints a check: one line with the outcome, the reasons, then the findings, those that count first. */
export function printCheck(report: CheckReport, { print, colours }: CommandContext): void {
    const { outcome, tool, incompleteReasons, notes, findings, counted, threshold } = report;
    const word = outcome.toUpperCase();
    const found = lintLevels.map(
        (level) => `${findings.filter((each) => each.level === level).length} ${level}`,
    );
    const counts =
        tool.name === "hadolint"
            ? `${found.join(", ")}; fails from ${threshold}`
            : `${counted} ${counted === 1 ? "secret" : "secrets"}`;
    print(
        `${colours ? styleText(["bold", colour[outcome]], word) : word}: ${inOneLine(subjectOf(report))} ` +
            `(${tool.name}: ${counts})`,
    );
    for (const reason of incompleteReasons) print(`  incomplete  ${inOneLine(reason)}`);
    for (const note of notes) print(`  note        ${inOneLine(note)}`);
    const order = (finding: CheckFinding): number => (reaches(finding.level, threshold) ? 0 : 1);
    const sorted = [...findings].sort(
        (one, other) => order(one) - order(other) || (one.file === other.file ? one.line - other.line : 0),
    );
    for (const finding of sorted.slice(0, mostFindings)) print(`  ${inOneLine(describe(finding))}`);
    if (findings.length > mostFindings)
        print(`  and ${findings.length - mostFindings} more, all in check.json (--out)`);
}

function subjectOf({ tool, subject: { commit, file = "the Dockerfile", range } }: CheckReport): string {
    if (tool.name === "hadolint") return `${file}${commit === null ? "" : ` of ${commit}`}`;
    if (range === undefined) return `the commits up to ${commit ?? "the head"}`;
    const commits = `${range.commits} ${range.commits === 1 ? "commit" : "commits"}`;
    return `${commits} ${range.base === null ? "up to" : `from ${range.base} to`} ${range.head}`;
}

function describe({ rule, level, message, file, line, commit }: CheckFinding): string {
    const place = `${file === "" ? "commit message" : file}${line > 0 ? `:${line}` : ""}${commit === undefined ? "" : ` in ${commit.slice(0, 12)}`}`;
    return `${level.padEnd(7)}  ${place}  ${rule}: ${message}`;
}
