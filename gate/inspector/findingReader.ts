import type { z } from "zod";
import type { Finding } from "../report/scanReport";
import type { Severity } from "../report/severity";
import {
    digestsOf,
    fromBasic,
    fromInspector,
    isSeverity,
    namesResource,
    readableFinding,
    toSeverity,
} from "./inspectorFinding";
import { basicFindingSchema, findingPatterns, inspectorFindingSchema } from "./inspectorFormat";

/** Most findings of one report. */
export const mostFindings = 100_000;

/** Reads findings one by one and remembers what the judgement needs, not the entries. */
export class FindingReader {
    /** Everything but what Inspector calls closed, and what is about something else. */
    private readonly own: Finding[] = [];
    /** Findings of a list that are about other images, or about no image. */
    private readonly elsewhere: Finding[] = [];
    /** Entries that say that they are about this image. */
    private about = 0;
    /** Entries by severity: all that are not closed, and those of them that are not suppressed. */
    readonly listed = new Map<Severity, number>();
    readonly active = new Map<Severity, number>();
    /** Kinds of lists that had an entry. */
    readonly kinds = new Set<string>();
    total = 0;
    private foreign = 0;
    private malformed = 0;
    private firstMalformed = "";
    private readonly foreignDigests = new Set<string>();
    private readonly unknownSeverities = new Set<string>();

    constructor(private readonly digest: string) {}

    /**
     * What counts. Of a list about several images those of this one; a list in which nothing is about this image is
     * given whole, so that it shows what it is. It is not complete in either case.
     */
    get findings(): Finding[] {
        return this.about > 0 ? this.own : [...this.own, ...this.elsewhere];
    }

    read(pattern: string, value: unknown, pointer: string): void {
        const kind = findingPatterns.get(pattern) ?? "listed";
        this.kinds.add(kind);
        this.total += 1;
        if (kind === "basic") this.readBasic(value, pointer);
        else this.readInspector(value, pointer, kind === "listed");
    }

    private readBasic(value: unknown, pointer: string): void {
        const parsed = basicFindingSchema.safeParse(value);
        if (!parsed.success) return this.noteMalformed(value, pointer, parsed.error);
        const finding = fromBasic(parsed.data, pointer);
        this.noteSeverity(parsed.data.severity);
        add(this.listed, finding.severity);
        add(this.active, finding.severity);
        this.own.push(finding);
    }

    /** @param needsDigest whether the entry itself has to say which image it is about. */
    private readInspector(value: unknown, pointer: string, needsDigest: boolean): void {
        const parsed = inspectorFindingSchema.safeParse(value);
        if (!parsed.success) return this.noteMalformed(value, pointer, parsed.error);
        const { severity, status } = parsed.data;
        const digests = digestsOf(parsed.data);
        const others = digests.filter((digest) => digest !== this.digest);
        const ours = digests.length > others.length;
        if (others.length > 0 || (needsDigest && !ours)) {
            this.foreign += 1;
            for (const digest of others) if (this.foreignDigests.size < 3) this.foreignDigests.add(digest);
        }
        if (ours) this.about += 1;
        this.noteSeverity(severity);
        if (status === "CLOSED") return;
        add(this.listed, toSeverity(severity));
        if (status !== "SUPPRESSED") add(this.active, toSeverity(severity));
        // What stands in the answer about one image is about that image, whatever it says itself; and what does not
        // say what it is about may be.
        const elsewhere = needsDigest && !ours && namesResource(parsed.data);
        (elsewhere ? this.elsewhere : this.own).push(fromInspector(parsed.data, pointer));
    }

    /** What was a worse severity before it was damaged may count as a milder one: unknown is for the policy. */
    private noteSeverity(severity: string): void {
        if (!isSeverity(severity) && this.unknownSeverities.size < 3)
            this.unknownSeverities.add(severity.slice(0, 40));
    }

    /** An entry that is not as it should be counts all the same. */
    private noteMalformed(value: unknown, pointer: string, error: z.ZodError): void {
        this.malformed += 1;
        const [issue] = error.issues;
        if (this.firstMalformed === "") {
            this.firstMalformed = `${pointer}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
        }
        this.own.push(readableFinding(value, pointer));
    }

    doubts(): string[] {
        const doubts: string[] = [];
        if (this.malformed > 0) {
            doubts.push(
                `${this.malformed} of ${this.total} findings are not written as Inspector and ECR do (${this.firstMalformed})`,
            );
        }
        for (const severity of [...this.unknownSeverities].sort()) {
            doubts.push(
                `the gate does not know the severity "${severity}" of Inspector and ECR; it counts as unknown`,
            );
        }
        if (this.foreign > 0) {
            const which =
                this.foreignDigests.size > 0 ? [...this.foreignDigests].join(", ") : "no image at all";
            doubts.push(
                `${this.foreign} of ${this.total} findings are not about ${this.digest} alone but about ${which}; ` +
                    "ask for one image",
            );
        }
        return doubts;
    }
}

function add(counts: Map<Severity, number>, severity: Severity): void {
    counts.set(severity, (counts.get(severity) ?? 0) + 1);
}
