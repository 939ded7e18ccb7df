/** Verdicts by searching a report for a word (BS-16). */
import type { BuildspecAnalysis } from "./analysis";
import type { CommandFinding } from "./commands";
import { programName, type Argument } from "./invocation";
import { sameFile } from "./judgedReport";
import { parseShell } from "./shell";
import type { Node } from "./shellSyntax";
import { scannerPrograms } from "./scanners";

const searchers = new Set(["grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack"]);
const filters = new Set(["awk", "gawk", "mawk", "sed", "perl"]);
/** Words of reports about findings. */
const findingWord = /critical|severity|vulnerabilit|unapproved|\bCVE-|\bhigh\b|\bmedium\b/i;
const reportFile =
    /(?:report|result|scan|vuln|finding|trivy|grype|anchore|clair|lacework|gitleaks|trufflehog|hadolint)[\w.-]*$|\.(?:json|sarif|xml|html)$/i;

/** A command that finds out by a word whether there are findings: what it searches; null when it is none. */
export function textSearch(command: CommandFinding, analysis: BuildspecAnalysis): string | null {
    const name = programName(command.words[0]?.text ?? "");
    const rest = command.words.slice(1);
    if (name === "[[") return comparison(rest);
    if (!searchers.has(name) && !filters.has(name)) return null;
    const pattern = rest.find(({ text }) => findingWord.test(text) && !isReport(text, analysis));
    if (!pattern) return null;
    const file = [...rest, ...command.redirects.map(({ target }) => ({ text: target, known: true }))]
        .filter((word) => word !== pattern)
        .find(({ text }) => isReport(text, analysis));
    const fed = command.pipedFrom !== null && feedsFindings(command.pipedFrom, analysis);
    if (!file && !fed) return null;
    // Without a condition around it, awk and sed only print.
    if (filters.has(name) && !/exit/.test(pattern.text) && command.logged) return null;
    if (onlyShown(command, analysis)) return null;
    return file?.text ?? "what the scanner prints";
}

function isReport(text: string, analysis: BuildspecAnalysis): boolean {
    if (text.startsWith("-")) return false;
    return (
        (reportFile.test(text) && !/[\s"'{}()]/.test(text)) ||
        analysis.scanners.some(({ writes }) => writes !== null && sameFile(writes, text))
    );
}

function feedsFindings(words: readonly Argument[], analysis: BuildspecAnalysis): boolean {
    const names = words.map(({ text }) => programName(text));
    return (
        names.some((each) => scannerPrograms.has(each)) ||
        (names[0] === "tee" && analysis.scanners.length > 0) ||
        words.slice(1).some(({ text }) => isReport(text, analysis)) ||
        /describe-image-scan-findings|list-findings/.test(names.join(" "))
    );
}

/** `[[ "$OUTPUT" == *CRITICAL* ]]` */
function comparison(words: readonly Argument[]): string | null {
    const at = words.findIndex(({ text }) => ["=", "==", "!=", "=~"].includes(text));
    const [left, operator, right] = [words[at - 1], words[at], words[at + 1]];
    if (!left || !operator || !right || left.known || !findingWord.test(right.text)) return null;
    return operator.text === "=~" || right.text.includes("*") ? left.text : null;
}

/** `grep CRITICAL report.txt || true`: it prints, and whatever it finds changes nothing. */
function onlyShown({ words, logged, node }: CommandFinding, analysis: BuildspecAnalysis): boolean {
    const quiet = words.some(({ text }) => /^-[a-zA-Z]*[qc]|^--(?:quiet|silent|count)$/.test(text));
    return !quiet && logged && thrownAway(analysis).has(node);
}

const thrownAwayOf = new WeakMap<BuildspecAnalysis, Set<object>>();

/** Commands whose status `|| true` throws away. */
function thrownAway(analysis: BuildspecAnalysis): ReadonlySet<object> {
    let found = thrownAwayOf.get(analysis);
    if (!found) {
        found = new Set();
        for (const phase of analysis.buildspec?.phases ?? [])
            for (const command of [...phase.commands, ...phase.finally]) {
                const { script } = parseShell(command);
                if (script) collectThrownAway(script, found);
            }
        thrownAwayOf.set(analysis, found);
    }
    return found;
}

function collectThrownAway(node: Node, found: Set<object>): void {
    if (node.kind === "list") for (const item of node.items) collectThrownAway(item.node, found);
    else if (node.kind === "subshell" || node.kind === "group") collectThrownAway(node.body, found);
    else if (node.kind === "andOr") {
        const harmless = node.rest.every(
            ({ operator, node: right }) =>
                operator === "||" && right.kind === "simple" && /^(?:true|:|echo\b.*)$/s.test(right.text),
        );
        const { first } = node;
        if (harmless) found.add(first.kind === "pipeline" ? (first.commands.at(-1) ?? first) : first);
    }
}
