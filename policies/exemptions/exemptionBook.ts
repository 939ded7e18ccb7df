/** The exemptions of a run: which of them hold, which do not and why, and which one covers a finding. */
import type { RuleMetadata, RuleSeverity } from "../harness/rule";
import { stackOfUrn } from "../harness/stackName";
import { matchesWildcard } from "../harness/wildcard";
import { didYouMean } from "../../gate/policy/didYouMean";
import type { PolicyProblem } from "../../gate/policy/policyProblems";
import { daysBetween } from "./calendarDay";
import { partsOfFinding, type Exemption } from "./exemption";
import type { ListedExemption, ReadExemptions } from "./exemptionFile";

/** From so many days before its end an exemption is announced to expire. */
const daysOfNotice = 7;

/** Something that PUL-05 says about the file or one of its entries. */
export interface ExemptionProblem {
    /** Id of the exemption, or `file`; with `kind` it names the finding of PUL-05. */
    exemption: string;
    kind: string;
    message: string;
    fix: string;
    /** Worth knowing, but no reason to stop. */
    advice?: boolean;
}

/** What is wrong with an entry: `what` goes on after "Exemption X: " and has no full stop. */
export interface EntryFault {
    kind: string;
    what: string;
    fix: string;
    advice?: boolean;
}

/** What the book needs to know of the resource that a finding is about. */
export interface FindingTarget {
    urn: string;
    type: string;
    name: string;
}

/** An entry with what follows from it. */
export interface BookEntry {
    exemption: Exemption;
    rule: string;
    finding: string | undefined;
    /** `exemptions[2] (line 31)` */
    place: string;
    daysLeft: number;
    /** Why it does not hold; such an entry covers nothing. */
    void?: string;
}

export interface BookOptions {
    /** Every rule of the pack, by id. */
    rules: ReadonlyMap<string, RuleMetadata>;
    /** Today in UTC. */
    today: string;
    /** By severity, the most days from `created` to `expires`. */
    maximumDays: Readonly<Record<RuleSeverity, number>>;
    /** For messages. */
    path: string;
}

export class ExemptionBook {
    readonly entries: readonly BookEntry[];
    /** What is wrong whatever the stack contains. */
    readonly problems: readonly ExemptionProblem[];
    private readonly byRule = new Map<string, BookEntry[]>();

    constructor(
        read: ReadExemptions,
        private readonly options: BookOptions,
    ) {
        const problems = read.problems.map((problem) => formProblem(problem, options.path));
        const earlier = new Map<string, BookEntry>();
        this.entries = read.entries.map((listed) => {
            const entry = this.entryOf(listed);
            const wrong = this.wrongsOf(entry, earlier);
            const [first] = wrong.filter(({ advice }) => !advice);
            problems.push(...wrong.map((fault) => this.problem(entry, fault)));
            const result = first === undefined ? entry : { ...entry, void: first.what };
            for (const key of identitiesOf(entry)) if (!earlier.has(key)) earlier.set(key, result);
            return result;
        });
        for (const entry of this.entries) {
            const same = this.byRule.get(entry.rule);
            if (same) same.push(entry);
            else this.byRule.set(entry.rule, [entry]);
        }
        // The entry that says most comes first, so that a narrow one is used before a wide one.
        for (const entries of this.byRule.values()) entries.sort((a, b) => narrowness(b) - narrowness(a));
        this.problems = problems;
    }

    /** A book for a file that cannot be read: it covers nothing and says so. */
    static unreadable(why: string, options: BookOptions): ExemptionBook {
        const problem = { path: "", message: `cannot be read: ${why}`, line: 0, column: 0 };
        return new ExemptionBook({ entries: [], problems: [problem] }, options);
    }

    /** Where the file is. */
    get path(): string {
        return this.options.path;
    }

    /** True when any entry, also one that does not hold, is about the rule. */
    concerns(rule: string): boolean {
        return this.byRule.has(rule);
    }

    /** Entries about the finding on the resource, those that do not hold too; the narrowest first. */
    entriesFor(rule: string, findingId: string | undefined, target: FindingTarget): BookEntry[] {
        return (this.byRule.get(rule) ?? []).filter(
            (entry) => isFindingOf(entry, findingId) && isTarget(entry, target),
        );
    }

    /** Entries about the rule and the resource, whatever the finding. */
    entriesAbout(rule: string, target: FindingTarget): BookEntry[] {
        return (this.byRule.get(rule) ?? []).filter((entry) => isTarget(entry, target));
    }

    /** Why an exemption may not cover a finding of this severity; undefined when it may. */
    tooLongFor(entry: BookEntry, severity: RuleSeverity): string | undefined {
        const { created, expires } = entry.exemption;
        const most = this.options.maximumDays[severity];
        const days = daysBetween(created, expires);
        if (days <= most) return undefined;
        return `it lasts ${daysText(days)}, and a ${severity} finding may be exempted for ${daysText(most)} at most`;
    }

    private entryOf({ exemption, index, line }: ListedExemption): BookEntry {
        const { rule, finding } = partsOfFinding(exemption.finding);
        const daysLeft = daysBetween(this.options.today, exemption.expires);
        return { exemption, rule, finding, place: `exemptions[${index}] (line ${line})`, daysLeft };
    }

    /** A fault of an entry, as PUL-05 tells it. */
    problem(entry: BookEntry, { kind, what, fix, advice }: EntryFault): ExemptionProblem {
        const { id } = entry.exemption;
        const message = `Exemption ${id}, ${entry.place} of ${this.options.path}: ${what}.`;
        return { exemption: id, kind, message, fix, ...(advice ? { advice } : {}) };
    }

    private wrongsOf(entry: BookEntry, earlier: ReadonlyMap<string, BookEntry>): EntryFault[] {
        const { exemption, rule, daysLeft } = entry;
        const { created, expires } = exemption;
        const { rules, today } = this.options;
        const faults: EntryFault[] = [];
        const add = (kind: string, what: string, fix: string, more: { advice?: boolean } = {}) =>
            faults.push({ kind, what, fix, ...more });

        const metadata = rules.get(rule);
        if (metadata === undefined)
            add("rule", `there is no rule ${rule}${didYouMean(rule, [...rules.keys()])}`, "Correct finding.");
        else if (metadata.neverExempt)
            add(
                "neverExempt",
                `${rule} can never be exempted`,
                `Remove the entry and mend what ${rule} finds.`,
            );

        if (daysBetween(today, created) > 0)
            add("created", `created lies in the future (${created}; today is ${today})`, "Correct created.");
        if (daysLeft < 0)
            add(
                "expired",
                `it expired on ${expires}`,
                "Mend the finding, or have the exemption agreed to anew.",
            );
        else if (daysLeft <= daysOfNotice)
            add(
                "expiring",
                `it expires on ${expires}, in ${daysText(daysLeft)}`,
                "Mend the finding before that day.",
                {
                    advice: true,
                },
            );

        const tooLong = metadata && this.tooLongFor(entry, metadata.severity);
        if (tooLong !== undefined) add("tooLong", tooLong, "Set an earlier day in expires.");

        const same = identitiesOf(entry).flatMap((key) => earlier.get(key) ?? [])[0];
        if (same !== undefined)
            add(
                "duplicate",
                `${same.exemption.id === exemption.id ? "its id is" : "its finding and target are"} also those of ${same.place}`,
                "Remove one of the two.",
            );
        return faults;
    }
}

/** True when the stack is one that the entry speaks about at all. */
export function isInScope(entry: BookEntry, stack: { stack: string; project: string } | undefined): boolean {
    const { urn, stacks } = entry.exemption.target;
    if (urn !== undefined) {
        const own = stackOfUrn(urn);
        return own?.stack === stack?.stack && own?.project === stack?.project;
    }
    return stacks === undefined || (stack !== undefined && stacks.includes(stack.stack));
}

/** True when the entry names the resource. */
export function isTarget(entry: BookEntry, target: FindingTarget): boolean {
    const { urn, type, name } = entry.exemption.target;
    if (urn !== undefined) return urn === target.urn;
    return (
        type === target.type &&
        name !== undefined &&
        matchesWildcard(name, target.name) &&
        isInScope(entry, stackOfUrn(target.urn))
    );
}

/** How many resources the entry may cover. */
export function maximumMatches(entry: BookEntry): number {
    return entry.exemption.target.maximumMatches ?? 1;
}

/** `1 day`, `5 days` */
export function daysText(days: number): string {
    return `${days} ${days === 1 ? "day" : "days"}`;
}

/** An entry without a finding id is about all findings of its rule on the target. */
function isFindingOf(entry: BookEntry, findingId: string | undefined): boolean {
    return entry.finding === undefined || entry.finding === findingId;
}

function narrowness({ finding, exemption: { target } }: BookEntry): number {
    const place = target.urn !== undefined ? 2 : target.name?.includes("*") ? 0 : 1;
    return (finding === undefined ? 0 : 3) + place;
}

/** Two entries with one of these in common contradict or repeat each other. */
function identitiesOf({ exemption: { id, finding, target } }: BookEntry): string[] {
    const { urn, type, name, stacks } = target;
    const where = urn === undefined ? [type, name, stacks?.toSorted() ?? null] : [urn];
    return [`id ${id}`, JSON.stringify([finding, ...where])];
}

function formProblem({ path, message, line }: PolicyProblem, file: string): ExemptionProblem {
    const place = line === 0 ? "" : ` line ${line}${path === "" ? "" : `, ${indexed(path)},`}`;
    return {
        exemption: "file",
        kind: line === 0 ? "unreadable" : `${line}:${path}`,
        message: `${file}${place} ${message}.`,
        fix:
            line === 0
                ? "Bring the file back, or take the setting exemptions away together with the last exemption."
                : "Correct the line; until then the entry exempts nothing.",
    };
}

/** `exemptions.2.expires` → `exemptions[2].expires` */
function indexed(path: string): string {
    return path.replace(/\.(\d+)/g, "[$1]");
}
