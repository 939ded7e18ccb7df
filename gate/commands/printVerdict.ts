import { styleText } from "node:util";
import { rankedSeverities } from "../policy/gatePolicy";
import type { ScanReport } from "../report/scanReport";
import { severities } from "../report/severity";
import type { Reason } from "../verdict/reason";
import type { Outcome, Verdict } from "../verdict/verdict";
import type { CommandContext } from "./command";
import { inOneLine } from "./oneLine";

/** Reasons that are printed; all of them are in verdict.json. */
const mostReasons = 100;

const meaning: Record<Outcome, string> = {
    pass: "passes",
    fail: "is refused",
    incomplete: "could not be judged",
};
const colour: Record<Outcome, "green" | "red" | "yellow"> = {
    pass: "green",
    fail: "red",
    incomplete: "yellow",
};

/** Prints a verdict: one line with the outcome, then a table of reasons. */
export function printVerdict(verdict: Verdict, image: string, { print, colours }: CommandContext): void {
    const { outcome, reasons, counts } = verdict;
    const word = outcome.toUpperCase();
    const judged = verdict.scanners.some(({ required, usable }) => required && usable);
    const found = rankedSeverities.map((severity) => `${counts[severity]} ${severity}`).join(", ");
    print(
        `${colours ? styleText(["bold", colour[outcome]], word) : word}: ${inOneLine(image)} ${meaning[outcome]}` +
            (judged ? ` (${found})` : ""),
    );
    for (const line of reasonTable(reasons)) print(line);
}

/**
 * Prints what a scanner's report lists, in the scanner's own severities and before any policy: also of a report that
 * cannot be believed, which a verdict does not count.
 */
export function printFindings({ scanner, findings, complete }: ScanReport, { print }: CommandContext): void {
    // A scanner that did not look lists nothing; "0 findings" would read as good news.
    if (!complete && findings.length === 0) return;
    const counts = severities.map((severity) => {
        const found = findings.filter((finding) => finding.severity === severity).length;
        return `${found} ${severity}`;
    });
    const name = inOneLine([scanner.name, scanner.version].filter((part) => part !== "").join(" "));
    print(
        `${name} lists ${findings.length} ${findings.length === 1 ? "finding" : "findings"}: ${counts.join(", ")}`,
    );
}

/** The reasons as aligned lines; empty when there are none. */
export function reasonTable(reasons: readonly Reason[]): string[] {
    if (reasons.length === 0) return [];
    const rows = reasons
        .slice(0, mostReasons)
        .map(({ kind, scanner, message }) => [kind, scanner ?? "-", inOneLine(message)] as const);
    const table = [["KIND", "SCANNER", "REASON"] as const, ...rows];
    const width = (column: 0 | 1): number => Math.max(...table.map((row) => row[column].length));
    const [first, second] = [width(0), width(1)];
    const lines = table.map(
        ([kind, scanner, text]) => `  ${kind.padEnd(first)}  ${scanner.padEnd(second)}  ${text}`,
    );
    const left = reasons.length - rows.length;
    return left > 0 ? [...lines, `  and ${left} more, all in verdict.json (--out)`] : lines;
}
