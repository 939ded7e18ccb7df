/** The text of a gate policy. Apart from the schema, because a reader of YAML is as large as everything else here. */
import { LineCounter, parseDocument } from "yaml";
import { gatePolicySchema, type GatePolicy } from "./gatePolicy";
import { distinctComplaints, problemsOf, type PolicyProblem } from "./policyProblems";

/** Thrown when a policy document cannot be used; lists every problem, not only the first, in the order of the text. */
export class GatePolicyError extends Error {
    constructor(readonly problems: PolicyProblem[]) {
        super(
            "gate policy is not valid: " +
                problems
                    .map(({ path, message, line, column }) =>
                        `${line}:${column} ${path} ${message}`.replace("  ", " "),
                    )
                    .join("; "),
        );
        this.name = "GatePolicyError";
    }
}

/** Of what YAML itself complains about, that after which the rest of the document still means what it says. */
const harmlessToTheRest = ["DUPLICATE_KEY", "TAG_RESOLVE_FAILED"];

/**
 * Reads a gate policy from YAML or JSON text (JSON is YAML) and fills in the defaults.
 * Duplicate keys, several documents, unknown keys and wrong types are all refused.
 * @throws GatePolicyError with every problem found.
 */
export function parseGatePolicy(text: string): GatePolicy {
    const lines = new LineCounter();
    try {
        const document = parseDocument(text, {
            uniqueKeys: true,
            strict: true,
            prettyErrors: false,
            logLevel: "error",
            lineCounter: lines,
        });
        // A warning (such as a tag that yaml does not know) means that the document was not understood as written.
        const complaints = [...document.errors, ...document.warnings];
        const problems = distinctComplaints(complaints, lines);
        // YAML 1.1 reads 010 as eight and 1:30 as ninety.
        if (document.directives?.yaml.explicit === true)
            problems.push({
                path: "",
                message: "must not have a %YAML directive: numbers mean something else in other versions",
                line: 1,
                column: 1,
            });
        if (complaints.every(({ code }) => harmlessToTheRest.includes(code))) {
            const value: unknown = document.toJS({ maxAliasCount: 10 });
            const result = gatePolicySchema.safeParse(value);
            if (result.success && problems.length === 0) return result.data;
            problems.push(
                ...(result.error?.issues ?? []).flatMap((issue) =>
                    problemsOf(issue, value, gatePolicySchema, { document, lines }),
                ),
            );
        }
        throw new GatePolicyError(problems.sort((a, b) => a.line - b.line || a.column - b.column));
    } catch (error) {
        if (error instanceof GatePolicyError) throw error;
        // Aliases without end, or nesting deeper than the stack.
        throw new GatePolicyError([{ path: "", message: (error as Error).message, line: 1, column: 1 }]);
    }
}
