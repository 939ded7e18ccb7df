/** Reads the text of an exemption file; every problem is told with the line it stands in. */
import { LineCounter, parseDocument } from "yaml";
import { distinctComplaints, problemsOf, type PolicyProblem } from "../../gate/policy/policyProblems";
import { exemptionFileSchema, exemptionSchema, type Exemption } from "./exemption";

/** An entry whose form is right, and where it stands. */
export interface ListedExemption {
    exemption: Exemption;
    /** From 0, as it stands in the list. */
    index: number;
    /** From 1. */
    line: number;
}

/** What could be read. An entry with a problem is not among the entries; a broken document has none at all. */
export interface ReadExemptions {
    entries: ListedExemption[];
    problems: PolicyProblem[];
}

/**
 * Reads YAML or JSON (JSON is YAML, and this parser does not let a key stand twice). Never throws: text that cannot be
 * understood as written is a problem, and then nothing is exempted.
 */
export function readExemptionText(text: string): ReadExemptions {
    try {
        return read(text);
    } catch (error) {
        // Aliases without end, or nesting deeper than the stack.
        return broken([{ path: "", message: (error as Error).message, line: 1, column: 1 }]);
    }
}

function read(text: string): ReadExemptions {
    const lines = new LineCounter();
    const document = parseDocument(text, {
        uniqueKeys: true,
        strict: true,
        prettyErrors: false,
        logLevel: "error",
        lineCounter: lines,
    });
    // A warning (such as a tag that the parser does not know) means that the text was not understood as written.
    const complaints = distinctComplaints([...document.errors, ...document.warnings], lines);
    if (document.directives?.yaml.explicit === true) {
        const message = "must not have a %YAML directive: dates mean something else in other versions";
        complaints.push({ path: "", message, line: 1, column: 1 });
    }
    if (complaints.length > 0) return broken(complaints);

    const value: unknown = document.toJS({ maxAliasCount: 10 });
    const issues = exemptionFileSchema.safeParse(value).error?.issues ?? [];
    const problems = issues
        .flatMap((issue) => problemsOf(issue, value, exemptionFileSchema, { document, lines }))
        .sort((a, b) => a.line - b.line || a.column - b.column);
    const wrong = new Set(
        issues.map(({ path: [list, index] }) => (list === "exemptions" ? index : undefined)),
    );
    // Something is wrong with the document itself.
    if (wrong.has(undefined)) return broken(problems);
    const list = (value as { exemptions: unknown[] }).exemptions;
    const entries = list.flatMap((entry, index): ListedExemption[] => {
        if (wrong.has(index)) return [];
        const line = lines.linePos(rangeStart(document.getIn(["exemptions", index], true))).line;
        return [{ exemption: exemptionSchema.parse(entry), index, line }];
    });
    return { entries, problems };
}

function broken(problems: PolicyProblem[]): ReadExemptions {
    return { entries: [], problems };
}

function rangeStart(node: unknown): number {
    return (node as { range?: [number, number, number] } | undefined)?.range?.[0] ?? 0;
}
