/**
 * What one process of the pack keeps between requests: the exemptions, which of them were used, and what stayed
 * inconclusive. The engine asks about every resource, may ask about one twice, and asks about the stack last; what a
 * request says about a resource replaces what an earlier one said, so that the same question counts once.
 */
import type { PackConfiguration } from "../harness/configuration";
import type { RuleMetadata, RuleSeverity } from "../harness/rule";
import type { StackGraph } from "../harness/stackGraph";
import { utcDay } from "./calendarDay";
import {
    ExemptionBook,
    maximumMatches,
    type BookEntry,
    type BookOptions,
    type FindingTarget,
} from "./exemptionBook";
import { readExemptionText } from "./exemptionFile";
import { exemptionPath, readExemptionFile } from "./exemptionPath";
import type { RunSummary } from "./runSummary";
import { matchesIn, reviewUsage } from "./usageReview";

/** A rule as far as a run has to know it. */
export interface RecordedRule {
    metadata: RuleMetadata;
    /** Whether it judges single resources. */
    judgesResources: boolean;
}

/** For specs: what a run takes from outside. */
export interface RunRecordOptions {
    now?: () => Date;
    /** Text of the file at a path; throws when there is none. */
    readFile?: (path: string) => string;
    /** Folder of the pack; the working directory of its process unless given. */
    packFolder?: string;
}

/** What becomes of a violation. */
export type Settlement =
    | { kind: "exempted"; id: string; until: string; daysLeft: number; reason: string }
    /** `note`: why an exemption that names the finding does not cover it. */
    | { kind: "stands"; note?: string };

/** What a request said. */
export type RunEvent =
    | { kind: "used"; entry: BookEntry; target: FindingTarget }
    /** The entry would have covered the finding, but a narrower one did. */
    | { kind: "spare"; entry: BookEntry; by: BookEntry }
    | { kind: "tooLong"; entry: BookEntry; severity: RuleSeverity; why: string }
    /** The rule could not judge the resource; `counts` when that is limited. */
    | { kind: "open"; rule: string; target: FindingTarget; counts: boolean };

const stands: Settlement = { kind: "stands" };

export class RunRecord {
    private readonly rules: ReadonlyMap<string, RecordedRule>;
    private readonly books = new Map<string, ExemptionBook>();
    private readonly eventsByUrn = new Map<string, RunEvent[]>();
    private stackEvents: RunEvent[] = [];
    /** Resources that the engine asked about one by one; only kept when there are exemptions. */
    private readonly asked = new Set<string>();
    /** Resources that each name pattern has covered so far. */
    private readonly covered = new Map<BookEntry, Set<string>>();
    /** Patterns that match more resources of the stack than they may. */
    private readonly tooWide = new Set<BookEntry>();

    private book: ExemptionBook | undefined;
    private urn: string | undefined;

    constructor(
        rules: readonly RecordedRule[],
        private readonly options: RunRecordOptions = {},
    ) {
        this.rules = new Map(rules.map((rule) => [rule.metadata.id, rule]));
    }

    /** Comes before the rules that judge one resource. */
    beginResource(resource: FindingTarget, configuration: PackConfiguration): void {
        this.book = this.bookFor(configuration);
        this.urn = resource.urn;
        if (this.eventsByUrn.size > 0) this.eventsByUrn.delete(resource.urn);
        if (this.book) this.asked.add(resource.urn);
    }

    /** Comes before the rules that judge the stack. */
    beginStack(graph: StackGraph, configuration: PackConfiguration): void {
        this.book = this.bookFor(configuration);
        this.urn = undefined;
        this.stackEvents = [];
        this.tooWide.clear();
        for (const entry of this.book?.entries ?? [])
            if (matchesIn(graph, entry).length > maximumMatches(entry)) this.tooWide.add(entry);
    }

    /** Whether an exemption covers a violation. `severity` is the finding's own. */
    settle(
        metadata: RuleMetadata,
        findingId: string | undefined,
        severity: RuleSeverity,
        target: FindingTarget | undefined,
    ): Settlement {
        const { book } = this;
        if (!book || !target || !book.concerns(metadata.id)) return stands;
        let note: string | undefined;
        let by: BookEntry | undefined;
        for (const entry of book.entriesFor(metadata.id, findingId, target)) {
            if (by) {
                this.note({ kind: "spare", entry, by });
                continue;
            }
            const why = metadata.neverExempt
                ? `${metadata.id} can never be exempted`
                : this.whyNot(book, entry, severity, target);
            if (why === undefined) by = entry;
            else note ??= `Exemption ${entry.exemption.id} does not cover this: ${why}.`;
        }
        if (!by) return note === undefined ? stands : { kind: "stands", note };
        this.note({ kind: "used", entry: by, target });
        this.coveredBy(by).add(target.urn);
        const { id, expires, reason } = by.exemption;
        return { kind: "exempted", id, until: expires, daysLeft: by.daysLeft, reason };
    }

    /** A rule that could not judge a resource. `counts`: it is one whose findings stop a deployment. */
    leaveOpen(metadata: RuleMetadata, target: FindingTarget | undefined, counts: boolean): void {
        if (!counts && !this.book?.concerns(metadata.id)) return;
        const unnamed = { urn: "", type: "", name: "the stack" };
        this.note({ kind: "open", rule: metadata.id, target: target ?? unnamed, counts });
    }

    /** Everything so far, for the rules that come after all others. */
    summary(graph: StackGraph, configuration: PackConfiguration): RunSummary {
        const events = [...this.eventsByUrn.values(), this.stackEvents].flat();
        const inconclusive = new Map<string, RunSummary["inconclusive"][number]>();
        for (const event of events) {
            if (event.kind !== "open" || !event.counts) continue;
            const { rule, target } = event;
            const resource = target.type === "" ? target.name : `${target.type} ${target.name}`;
            inconclusive.set(`${rule} ${target.urn}`, { rule, resource });
        }
        const { book } = this;
        const { rules, asked, tooWide } = this;
        return {
            exemptions: book && {
                path: book.path,
                ...reviewUsage({ book, events, graph, configuration, rules, asked, tooWide }),
            },
            inconclusive: [...inconclusive.values()],
        };
    }

    private whyNot(
        book: ExemptionBook,
        entry: BookEntry,
        severity: RuleSeverity,
        target: FindingTarget,
    ): string | undefined {
        if (entry.void !== undefined) return entry.void;
        const tooLong = book.tooLongFor(entry, severity);
        if (tooLong !== undefined) {
            this.note({ kind: "tooLong", entry, severity, why: tooLong });
            return tooLong;
        }
        const most = maximumMatches(entry);
        const urns = this.coveredBy(entry);
        if (this.tooWide.has(entry) || (!urns.has(target.urn) && urns.size >= most))
            return `it matches more resources than its maximumMatches (${most})`;
        return undefined;
    }

    private coveredBy(entry: BookEntry): Set<string> {
        let urns = this.covered.get(entry);
        if (!urns) this.covered.set(entry, (urns = new Set()));
        return urns;
    }

    private note(event: RunEvent): void {
        const { urn } = this;
        if (urn === undefined) {
            this.stackEvents.push(event);
            return;
        }
        const events = this.eventsByUrn.get(urn);
        if (events) events.push(event);
        else this.eventsByUrn.set(urn, [event]);
    }

    private bookFor(configuration: PackConfiguration): ExemptionBook | undefined {
        const { exemptions, exemptionMaximumDays } = configuration;
        if (exemptions === undefined) return undefined;
        const key = JSON.stringify([exemptions, exemptionMaximumDays]);
        let book = this.books.get(key);
        if (!book) this.books.set(key, (book = this.open(exemptions, exemptionMaximumDays)));
        return book;
    }

    private open(setting: string, maximumDays: BookOptions["maximumDays"]): ExemptionBook {
        const { now = () => new Date(), readFile = readExemptionFile, packFolder } = this.options;
        const path = exemptionPath(setting, packFolder);
        const rules = new Map([...this.rules].map(([id, { metadata }]) => [id, metadata]));
        // One day for the whole run, whenever it ends.
        const options: BookOptions = { rules, today: utcDay(now()), maximumDays, path };
        let text: string;
        try {
            text = readFile(path);
        } catch (error) {
            return ExemptionBook.unreadable((error as Error).message, options);
        }
        return new ExemptionBook(readExemptionText(text), options);
    }
}
