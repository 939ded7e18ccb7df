/** At the end of a run: exemptions that nothing needed, that match too much, or whose need is not known yet. */
import type { PackConfiguration } from "../harness/configuration";
import { inProfile } from "../harness/profiles";
import type { StackGraph } from "../harness/stackGraph";
import { stackOfUrn } from "../harness/stackName";
import {
    isInScope,
    isTarget,
    maximumMatches,
    type BookEntry,
    type ExemptionBook,
    type ExemptionProblem,
    type FindingTarget,
} from "./exemptionBook";
import type { RecordedRule, RunEvent } from "./runRecord";
import type { OpenExemption } from "./runSummary";

export interface RunToReview {
    book: ExemptionBook;
    events: readonly RunEvent[];
    graph: StackGraph;
    configuration: PackConfiguration;
    rules: ReadonlyMap<string, RecordedRule>;
    /** Resources that the engine asked about one by one. */
    asked: ReadonlySet<string>;
    /** Entries that match more resources than they may. */
    tooWide: ReadonlySet<BookEntry>;
}

/** All that PUL-05 has to say: what the file alone shows first, then what the run shows. */
export function reviewUsage(run: RunToReview): { problems: ExemptionProblem[]; open: OpenExemption[] } {
    const { book } = run;
    const problems = [...book.problems];
    const open: OpenExemption[] = [];
    for (const entry of book.entries) {
        // Said already: it does not hold.
        if (entry.void !== undefined) continue;
        const events = run.events.filter((event) => isAbout(event, entry));
        const tooLong = events.find((event) => event.kind === "tooLong");
        if (run.tooWide.has(entry)) problems.push(book.problem(entry, tooWideFault(entry, run.graph)));
        else if (tooLong)
            problems.push(
                book.problem(entry, {
                    kind: "tooLong",
                    what: tooLong.why,
                    fix: "Set an earlier day in expires.",
                }),
            );
        else if (events.some((event) => event.kind === "used")) continue;
        else if (!isJudged(entry, run)) continue;
        else if (events.some((event) => event.kind === "open")) {
            const why = `whether exemption ${entry.exemption.id} is needed is not known yet: ${entry.rule} could not judge what it is about`;
            open.push({ exemption: entry.exemption.id, place: entry.place, why });
        } else
            problems.push(
                book.problem(entry, {
                    kind: "unused",
                    what: `nothing needs it: ${unusedBecause(entry, events, run.graph)}`,
                    fix: "Remove the entry, or correct its finding and target.",
                }),
            );
    }
    return { problems, open };
}

function isAbout(event: RunEvent, entry: BookEntry): boolean {
    return event.kind === "open"
        ? event.rule === entry.rule && isTarget(entry, event.target)
        : event.entry === entry;
}

/**
 * Only what was asked can answer: an entry for another stack, a rule of another profile, or a resource that an update
 * of chosen targets left out says nothing about need.
 */
function isJudged(entry: BookEntry, { rules, configuration, graph, asked }: RunToReview): boolean {
    const rule = rules.get(entry.rule);
    const anyUrn = (graph.root() ?? graph.resources[0])?.urn;
    if (!rule || !inProfile(rule.metadata, configuration)) return false;
    if (anyUrn === undefined || !isInScope(entry, stackOfUrn(anyUrn))) return false;
    return !rule.judgesResources || matchesIn(graph, entry).every(({ urn }) => asked.has(urn));
}

function tooWideFault(entry: BookEntry, graph: StackGraph) {
    const count = matchesIn(graph, entry).length;
    return {
        kind: "overBroad",
        what: `it matches ${count} resources and was agreed to for ${maximumMatches(entry)}`,
        fix: "Narrow the name, or have a higher maximumMatches agreed to.",
    };
}

function unusedBecause(entry: BookEntry, events: readonly RunEvent[], graph: StackGraph): string {
    const spare = events.find((event) => event.kind === "spare");
    if (spare) return `exemption ${spare.by.exemption.id} already covers the same finding`;
    return matchesIn(graph, entry).length === 0
        ? "the stack has no such resource"
        : `${entry.exemption.finding} finds nothing there`;
}

/** Resources of the stack that an entry names. */
export function matchesIn(graph: StackGraph, entry: BookEntry): FindingTarget[] {
    const { type, urn } = entry.exemption.target;
    if (urn !== undefined) {
        const resource = graph.byUrn(urn);
        return resource ? [resource] : [];
    }
    return graph.ofType(type ?? "").filter((resource) => isTarget(entry, resource));
}
