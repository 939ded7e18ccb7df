/** Which scanner wrote the report that `gate scan --report` judges. */
import type { ScannerFinding } from "./analysis";
import { programName, type Argument } from "./invocation";

interface Command {
    order: number;
    words: readonly Argument[];
}

/**
 * A gate that judges a report which no scanner of the buildspec wrote judges what somebody brought along.
 * @param scanners all of the buildspec
 * @param commands all programs of the buildspec
 * @param unreadable some commands cannot be read
 */
export function withReport(
    finding: ScannerFinding,
    scanners: readonly ScannerFinding[],
    commands: readonly Command[],
    unreadable: boolean,
): ScannerFinding {
    const { judges, order } = finding;
    if (finding.tool !== "gate" || judges === null) return finding;
    const earlier = scanners.filter((other) => other.order < order && other.tool !== "gate");
    const writers = earlier.filter(
        (other) =>
            (other.writes === null ? teed(judges, order, commands) : sameReport(other, judges)) &&
            other.subject === "image",
    );
    const reportOf = writers.flatMap(({ target }) => (target === null ? [] : [target]));
    if (writers.length > 0 || finding.failing.kind === "no") return { ...finding, reportOf };
    if (judges.includes("$") || unreadable) {
        const why = `which scanner wrote the report ${judges} cannot be told`;
        return { ...finding, failing: { kind: "unknown", why } };
    }
    return {
        ...finding,
        failing: {
            kind: "no",
            why: `no scanner of an image wrote the report ${judges} before it`,
            fix: `Let grype write it in this buildspec: grype registry:IMAGE --output json --file ${judges}.`,
        },
    };
}

/** Does a `tee` write the file before that command? */
function teed(file: string, order: number, commands: readonly Command[]): boolean {
    return commands.some(
        (seen) =>
            seen.order < order &&
            programName(seen.words[0]?.text ?? "") === "tee" &&
            seen.words.some((word) => sameFile(word.text, file)),
    );
}

/** In a container the directory has another name. */
function sameReport(scanner: ScannerFinding, file: string): boolean {
    const base = (path: string) => path.slice(path.lastIndexOf("/") + 1);
    const { writes, tool } = scanner;
    if (writes === null) return false;
    return tool === "container" ? base(writes) === base(file) : sameFile(writes, file);
}

export function sameFile(a: string, b: string): boolean {
    const plain = (path: string) => path.replace(/^\.\//, "");
    return plain(a) === plain(b);
}
