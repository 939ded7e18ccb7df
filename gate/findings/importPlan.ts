/**
 * What happens to the findings in Security Hub when a report was stored or an image was published: pure, from what is
 * there.
 *
 * Events come late, twice and in any order. Three rules keep an old one from undoing a newer one:
 * - a report changes nothing where Security Hub has later news of the same digest and scanner;
 * - digests are compared by when they were tested. Only one execution of a pipeline is in the stage Test at a time, so
 *   that a digest whose test began after another one's had ended is the newer one;
 * - every update carries the time of the report or release that it comes from, and Security Hub ignores one that is not
 *   later than what it has.
 */
import type { Finding } from "../report/scanReport";
import { findingsById, type ReportFindings, type StoredScan } from "./scanFindings";
import type { GatePolicy } from "../policy/gatePolicy";
import type { FindingOrigin, SecurityFinding } from "./securityFinding";
import { archived, reactivated, storedField, whyArchived } from "./storedFinding";

/** Why findings are over. */
export const reasonsToArchive = {
    /** A newer complete report of the same scanner about the same digest does not have it. */
    gone: "gone",
    /** The digest is neither the newest that was tested nor the newest that was approved. */
    superseded: "superseded",
} as const;

/** When the gate approved a digest of an application, and in which execution of its pipeline. */
export interface Approval {
    decidedAt: Date;
    execution: string;
}

/** Digests of an application with their newest approval; null for one that is not approved. */
export type Approvals = ReadonlyMap<string, Approval | null>;

export interface ReportNews {
    origin: FindingOrigin;
    scan: StoredScan;
    policy: GatePolicy;
    /** What Security Hub has of this digest and scanner, archived or not. */
    own: readonly SecurityFinding[];
    /** What is active of the application, whatever its digest. */
    active: readonly SecurityFinding[];
    /** Of this digest, and of all that have active findings. */
    approvals: Approvals;
}

/** `outdated`: the report is not imported, and nothing changes. */
export type ImportPlan =
    | { kind: "outdated"; why: string }
    | {
          kind: "import";
          findings: ReportFindings;
          /** When a finding was first imported, by its id. */
          createdAt: Map<string, Date>;
          archive: SecurityFinding[];
      };

/** What a report changes. */
export function planReport(news: ReportNews): ImportPlan {
    const { origin, scan, policy, own } = news;
    const finishedAt = new Date(scan.report.finishedAt);
    const why = whyOutdated(news, finishedAt);
    if (why !== null) return { kind: "outdated", why };
    const findings = findingsById(origin, scan, policy);
    // A report that is not complete says nothing about what it does not have.
    const gone = scan.report.complete ? own.filter((finding) => isGone(finding, findings)) : [];
    return {
        kind: "import",
        findings,
        createdAt: new Map(own.map(({ Id, CreatedAt }) => [Id, new Date(CreatedAt)])),
        archive: [
            ...gone.map((finding) => archived(finding, reasonsToArchive.gone, finishedAt)),
            ...supersededBy(news).map((finding) =>
                archived(finding, reasonsToArchive.superseded, finishedAt),
            ),
        ],
    };
}

function isGone({ Id, RecordState }: SecurityFinding, findings: ReadonlyMap<string, Finding>): boolean {
    return RecordState === "ACTIVE" && !findings.has(Id);
}

/** Why a report is no news any more; null when it is. */
function whyOutdated({ scan, own, active, approvals }: ReportNews, finishedAt: Date): string | null {
    const later = own.find(({ UpdatedAt }) => Date.parse(UpdatedAt) > finishedAt.getTime());
    if (later !== undefined) {
        return `Security Hub has news of ${later.UpdatedAt} of this digest and scanner, and the report is of ${finishedAt.toISOString()}`;
    }
    if (scan.stage !== "test" || newestApproved(approvals) === scan.digest) return null;
    const newer = active.find(
        (finding) =>
            digestOf(finding) !== scan.digest &&
            storedField(finding, "stage") === "test" &&
            scannedAt(finding) > finishedAt.getTime(),
    );
    return newer === undefined
        ? null
        : `${digestOf(newer)} of the same application was tested later and ${scan.digest} is not the newest that was approved`;
}

/**
 * Findings of digests that were tested before this one, but for those of the newest approved digest. A report of the
 * stage ScanStagingImage supersedes nothing, and one that was being made when this test began is not superseded: its
 * digest is on its way to an approval.
 */
function supersededBy({ scan, active, approvals }: ReportNews): SecurityFinding[] {
    if (scan.stage !== "test") return [];
    const [startedAt, finishedAt] = [Date.parse(scan.report.startedAt), Date.parse(scan.report.finishedAt)];
    const kept = newestApproved(approvals);
    return active.filter((finding) => {
        const digest = digestOf(finding);
        if (digest === scan.digest || digest === kept) return false;
        const at = scannedAt(finding);
        return fieldOf(finding, "stage") === "test" ? at <= finishedAt : at < startedAt;
    });
}

/** An image was published. */
export interface PublishedNews {
    execution: string;
    at: Date;
    /** What Security Hub has from this execution, archived or not. */
    own: readonly SecurityFinding[];
    /** What is active of the application, whatever its digest. */
    active: readonly SecurityFinding[];
    /** Of all digests of these. */
    approvals: Approvals;
}

/**
 * What a release changes: findings of its digest that were taken for superseded while it waited for its approval are
 * active again, and those of digests that were approved before it are over. Of an image without findings Security Hub
 * does not know the digest; then all that were approved until it was published came before it.
 */
export function planRelease({ execution, at, own, active, approvals }: PublishedNews): SecurityFinding[] {
    const published = [...approvals].find(([, approval]) => approval?.execution === execution);
    const [digest, until] =
        published === undefined ? [null, at] : [published[0], published[1]?.decidedAt ?? at];
    const back = own.filter(
        (finding) => digestOf(finding) === digest && whyArchived(finding) === reasonsToArchive.superseded,
    );
    const over = active.filter((finding) => {
        const approval = approvals.get(digestOf(finding)) ?? null;
        return approval !== null && approval.execution !== execution && approval.decidedAt < until;
    });
    // Where a later digest was approved as well, this one is not the newest any more.
    const isNewest = digest === null || newestApproved(approvals) === digest;
    return [
        ...(isNewest ? back.map((finding) => reactivated(finding, at)) : []),
        ...over.map((finding) => archived(finding, reasonsToArchive.superseded, at)),
    ];
}

/** The digest that was approved last; null where none is. */
function newestApproved(approvals: Approvals): string | null {
    let newest: { digest: string; at: number } | null = null;
    for (const [digest, approval] of approvals) {
        const at = approval?.decidedAt.getTime() ?? -Infinity;
        if (at > (newest?.at ?? -Infinity)) newest = { digest, at };
    }
    return newest?.digest ?? null;
}

/** The digests whose approvals a plan needs to know. */
export function digestsOf(findings: readonly SecurityFinding[]): Set<string> {
    return new Set(findings.map(digestOf));
}

/** @throws Error for a scan finding that does not say what it is about. */
function digestOf(finding: SecurityFinding): string {
    return fieldOf(finding, "digest");
}

/** When the report was finished that a finding comes from, in milliseconds since 1970. */
function scannedAt(finding: SecurityFinding): number {
    const at = Date.parse(fieldOf(finding, "scannedAt"));
    if (Number.isNaN(at))
        throw new Error(`Security Hub's finding ${finding.Id} does not say when it was scanned`);
    return at;
}

function fieldOf(finding: SecurityFinding, name: string): string {
    const value = storedField(finding, name);
    if (value === undefined) {
        throw new Error(
            `Security Hub's finding ${finding.Id} has no field ${name}; see who changed it, and archive it by hand`,
        );
    }
    return value;
}
