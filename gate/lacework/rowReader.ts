import { toInstant } from "../report/instant";
import type { Finding } from "../report/scanReport";
import type { Severity } from "../report/severity";
import { laceworkRowSchema, statusMeaning, type LaceworkRow } from "./laceworkFormat";

/** Most findings of one report; an image with more is not one that anybody judges by severity. */
const mostFindings = 100_000;

const severityOf: ReadonlyMap<string, Severity> = new Map([
    ["critical", "critical"],
    ["high", "high"],
    ["medium", "medium"],
    ["low", "low"],
    ["info", "negligible"],
    ["unknown", "unknown"],
]);

/** Reads rows one by one and remembers what the judgement needs, not the rows. */
export class RowReader {
    private readonly own: Finding[] = [];
    /** Findings of other images. */
    private readonly elsewhere: Finding[] = [];
    readonly scannerVersions = new Set<string>();
    /** Rows by the place of their list, e.g. `/pages/0/data`. */
    readonly counts = new Map<string, number>();
    total = 0;
    private about = 0;
    private foreign = 0;
    private malformed = 0;
    private firstMalformed = "";
    private dropped = 0;
    private rowsWithoutTime = 0;
    private rowsWithoutDataTime = 0;
    private oldestStart: string | null = null;
    private oldestEvaluation: string | null = null;
    private oldestData: string | null = null;
    private readonly foreignDigests = new Set<string>();
    private readonly evaluations = new Set<string>();
    private readonly imageStatuses = new Set<string>();
    private readonly unknownStatuses = new Set<string>();
    private readonly unknownSeverities = new Set<string>();

    constructor(private readonly digest: string) {}

    /**
     * The findings of this image; those of a document that says nothing about this image are given whole, so that it
     * shows what it is. It is not complete in that case.
     */
    get findings(): Finding[] {
        return this.about > 0 ? this.own : [...this.own, ...this.elsewhere];
    }

    read(value: unknown, pointer: string): void {
        const list = pointer.slice(0, pointer.lastIndexOf("/"));
        this.counts.set(list, (this.counts.get(list) ?? 0) + 1);
        this.total += 1;
        const parsed = laceworkRowSchema.safeParse(value);
        if (!parsed.success) return this.noteMalformed(value, pointer, parsed.error.issues[0]);
        const row = parsed.data;
        const { digest, status: imageStatus, error_msg: errors } = row.evalCtx.image_info;
        if (digest !== this.digest) {
            this.foreign += 1;
            if (this.foreignDigests.size < 3) this.foreignDigests.add(digest);
            if (statusMeaning.get(row.status) === "nothingFound") return;
            this.add(this.elsewhere, isNamed(row) ? toFinding(row, pointer) : readable(value, pointer));
            return;
        }
        this.about += 1;
        this.evaluations.add(row.evalGuid ?? "");
        if (imageStatus !== "Success") this.imageStatuses.add([imageStatus, ...(errors ?? [])].join(": "));
        this.noteTimes(row);
        const meaning = statusMeaning.get(row.status);
        if (meaning === undefined) this.unknownStatuses.add(row.status);
        if (meaning === "nothingFound") return;
        if (!isNamed(row)) {
            this.noteMalformed(value, pointer, { path: ["severity, vulnId"], message: "missing" });
            return;
        }
        // What was a worse severity before it was damaged may count as a milder one: unknown is for the policy.
        const severity = row.severity ?? "";
        if (!severityOf.has(severity.toLowerCase()) && this.unknownSeverities.size < 3)
            this.unknownSeverities.add(severity.slice(0, 40));
        this.add(this.own, toFinding(row, pointer));
    }

    /** A row that is not as it should be counts all the same, so that it can lower nothing. */
    private noteMalformed(
        value: unknown,
        pointer: string,
        issue: { path: PropertyKey[]; message: string } | undefined,
    ): void {
        this.malformed += 1;
        if (this.firstMalformed === "") {
            this.firstMalformed = `${pointer}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
        }
        this.add(this.own, readable(value, pointer));
    }

    private add(list: Finding[], finding: Finding): void {
        if (this.own.length + this.elsewhere.length < mostFindings) list.push(finding);
        else this.dropped += 1;
    }

    private noteTimes({ startTime, evalCtx }: LaceworkRow): void {
        const evaluated = toInstant(startTime);
        if (evaluated === null) this.rowsWithoutTime += 1;
        this.oldestEvaluation = earlier(this.oldestEvaluation, evaluated);
        const { scan_request_props: request, cve_batch_info: batches, vuln_created_time: created } = evalCtx;
        this.oldestStart = earlier(this.oldestStart, toInstant(request?.scan_start_time));
        const version = request?.scanner_version ?? "";
        if (version !== "" && this.scannerVersions.size < 10) this.scannerVersions.add(version);
        const data = [created, ...(batches ?? []).map((batch) => batch.cve_created_time)].map(toInstant);
        if (data.every((time) => time === null)) this.rowsWithoutDataTime += 1;
        this.oldestData = data.reduce(earlier, this.oldestData);
    }

    times(now: Date): { startedAt: string; finishedAt: string; dataBuiltAt: string | null } {
        const finishedAt = this.oldestEvaluation ?? now.toISOString();
        return {
            startedAt: earlier(finishedAt, this.oldestStart) ?? finishedAt,
            finishedAt,
            // A row that does not name its data may be as old as anything.
            dataBuiltAt: this.rowsWithoutDataTime > 0 ? null : this.oldestData,
        };
    }

    doubts(): string[] {
        const doubts: string[] = [];
        if (this.malformed > 0) {
            doubts.push(
                `${this.malformed} of ${this.total} rows are not rows of Lacework's answer (${this.firstMalformed})`,
            );
        }
        if (this.foreign > 0) {
            doubts.push(
                `${this.foreign} of ${this.total} rows are about other images (${[...this.foreignDigests].join(", ")}); ` +
                    `ask for ${this.digest} alone`,
            );
        }
        if (this.about === 0) {
            doubts.push(
                `Lacework says nothing about ${this.digest}; it says so about a spotless image and about one that it ` +
                    "has not scanned: check the registry integration and scan again",
            );
        }
        if (this.evaluations.size > 1) {
            doubts.push(
                `the rows are of ${this.evaluations.size} evaluations; ask for the rows of one evalGuid`,
            );
        }
        for (const status of [...this.imageStatuses].sort()) {
            doubts.push(`Lacework could not look at the whole image (image_info.status ${status})`);
        }
        for (const status of [...this.unknownStatuses].sort()) {
            doubts.push(
                `the gate does not know the row status "${status}" of Lacework; it counts as vulnerable`,
            );
        }
        for (const severity of [...this.unknownSeverities].sort()) {
            doubts.push(
                `the gate does not know the severity "${severity}" of Lacework; it counts as unknown`,
            );
        }
        if (this.rowsWithoutTime > 0) {
            doubts.push(`Lacework does not say when ${this.rowsWithoutTime} rows were evaluated (startTime)`);
        }
        if (this.dropped > 0) {
            doubts.push(`there are more than ${mostFindings} findings; ${this.dropped} are not listed`);
        }
        return doubts;
    }
}

function toFinding(row: LaceworkRow, source: string): Finding {
    const { featureKey, featureProps, fixInfo } = row;
    const path = featureProps?.src ?? "";
    const available = String(fixInfo?.fix_available ?? "");
    const fixed = fixInfo?.fixed_version ?? "";
    return {
        id: row.vulnId ?? "",
        severity: toSeverity(row.severity ?? ""),
        package: {
            name: featureKey.name,
            version: featureKey.version,
            type: featureProps?.version_format ?? "",
            ...(path === "" ? {} : { path }),
        },
        // "0" with a version does not occur; the version is believed, so that nothing looks less fixable than it is.
        fixedIn: fixed !== "" ? fixed : available === "0" ? null : "a version that Lacework does not name",
        willNotFix: false,
        url: null,
        source,
    };
}

/** Whether a row says what was found. */
function isNamed({ severity, vulnId }: LaceworkRow): boolean {
    return typeof severity === "string" && (vulnId ?? "") !== "";
}

/** What can be told of a row that is not as it should be. */
function readable(value: unknown, source: string): Finding {
    const { severity, vulnId } = (value ?? {}) as Record<string, unknown>;
    return {
        id: typeof vulnId === "string" && vulnId !== "" ? vulnId : "unreadable row",
        severity: typeof severity === "string" ? toSeverity(severity) : "unknown",
        package: { name: "unreadable row", version: "", type: "" },
        fixedIn: null,
        willNotFix: false,
        url: null,
        source,
    };
}

function toSeverity(name: string): Severity {
    return severityOf.get(name.toLowerCase()) ?? "unknown";
}

function earlier(a: string | null, b: string | null): string | null {
    if (a === null || b === null) return a ?? b;
    return a < b ? a : b;
}
