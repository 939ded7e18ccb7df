import type { z } from "zod";
import type { Finding } from "../report/scanReport";
import type { Severity } from "../report/severity";
import { digestsOf, fromBasic, fromInspector, toSeverity, unreadableFinding } from "./inspectorFinding";
import { basicFindingSchema, findingPatterns, inspectorFindingSchema } from "./inspectorFormat";

/** Most findings of one report. */
export const mostFindings = 100_000;

/** Reads findings one by one and remembers what the judgement needs, not the entries. */
export class FindingReader {
    /** What counts: everything but what Inspector calls closed. */
    readonly findings: Finding[] = [];
    /** Entries by severity: all that are there, and those that are neither suppressed nor closed. */
    readonly listed = new Map<Severity, number>();
    readonly active = new Map<Severity, number>();
    /** Kinds of lists that had an entry. */
    readonly kinds = new Set<string>();
    total = 0;
    private foreign = 0;
    private malformed = 0;
    private firstMalformed = "";
    private readonly foreignDigests = new Set<string>();

    constructor(private readonly digest: string) {}

    read(pattern: string, value: unknown, pointer: string): void {
        const kind = findingPatterns.get(pattern) ?? "listed";
        this.kinds.add(kind);
        this.total += 1;
        if (kind === "basic") this.readBasic(value, pointer);
        else this.readInspector(value, pointer, kind === "listed");
    }

    private readBasic(value: unknown, pointer: string): void {
        const parsed = basicFindingSchema.safeParse(value);
        if (!parsed.success) return this.noteMalformed(pointer, parsed.error);
        const finding = fromBasic(parsed.data, pointer);
        add(this.listed, finding.severity);
        add(this.active, finding.severity);
        this.findings.push(finding);
    }

    /** @param needsDigest whether the entry itself has to say which image it is about. */
    private readInspector(value: unknown, pointer: string, needsDigest: boolean): void {
        const parsed = inspectorFindingSchema.safeParse(value);
        if (!parsed.success) return this.noteMalformed(pointer, parsed.error);
        const { severity, status } = parsed.data;
        const digests = digestsOf(parsed.data);
        const others = digests.filter((digest) => digest !== this.digest);
        const ours = digests.length > others.length;
        if (others.length > 0 || (needsDigest && !ours)) {
            this.foreign += 1;
            for (const digest of others) if (this.foreignDigests.size < 3) this.foreignDigests.add(digest);
        }
        // What stands in the answer about one image is about that image, whatever it says itself.
        if (needsDigest && !ours) return;
        add(this.listed, toSeverity(severity));
        if (status === "CLOSED") return;
        if (status !== "SUPPRESSED") add(this.active, toSeverity(severity));
        this.findings.push(fromInspector(parsed.data, pointer));
    }

    /** An entry that cannot be read counts as a finding of unknown severity. */
    private noteMalformed(pointer: string, error: z.ZodError): void {
        this.malformed += 1;
        const [issue] = error.issues;
        if (this.firstMalformed === "") {
            this.firstMalformed = `${pointer}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
        }
        this.findings.push(unreadableFinding(pointer));
    }

    doubts(): string[] {
        const doubts: string[] = [];
        if (this.malformed > 0) {
            doubts.push(
                `${this.malformed} of ${this.total} findings are not written as Inspector and ECR do (${this.firstMalformed})`,
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
