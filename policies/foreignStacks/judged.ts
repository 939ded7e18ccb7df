/** What the whole pack says about a program, asked as the engine asks. */
import { policiesFor } from "../harness/crossguard";
import { analyze, analyzeStack, type Diagnostic } from "../harness/testing/analyzerRequests";
import { rules } from "../registry";
import type { Moment, Program } from "./program";

export interface Judged {
    /** `ECR-01 shop`, each once, sorted. */
    mandatory: string[];
    advisory: string[];
    /** Of these it is not known yet. */
    inconclusive: string[];
    /** Defects of rules. */
    errors: string[];
}

/** Each resource, then the stack, at one moment. */
export async function judged(program: Program, moment: Moment, settings = {}): Promise<Judged> {
    const policies = policiesFor(rules, { preview: moment !== "update", settings });
    const { checked, registered } = program.describe(moment);
    const said: Diagnostic[] = [];
    for (const resource of checked) said.push(...(await analyze(policies, resource)).diagnostics);
    said.push(...(await analyzeStack(policies, registered)).diagnostics);
    const named = (wanted: (diagnostic: Diagnostic) => boolean) =>
        [...new Set(said.filter(wanted).map(label))].sort();
    const open = ({ message }: Diagnostic) => /^\[[^\]]*\] Inconclusive: /.test(message);
    const failed = ({ message }: Diagnostic) => /^\[[^\]]*\] Rule error: /.test(message);
    return {
        mandatory: named((each) => !open(each) && each.enforcement === "mandatory"),
        advisory: named((each) => !open(each) && each.enforcement === "advisory"),
        inconclusive: named(open),
        errors: said.filter(failed).map(({ message }) => message),
    };
}

/** Ids of rules in labels, each once. */
export function idsOf(labels: readonly string[]): string[] {
    return [...new Set(labels.map((each) => each.split(" ")[0] ?? ""))].sort();
}

function label({ policy, urn }: Diagnostic): string {
    return `${policy} ${urn.split("::").at(-1) ?? ""}`;
}
