/** What the approval table holds. Every record carries a revision; every write names the revision that it replaces. */
import type { ScanStage } from "../policy/scanStage";
import type { ScannerName } from "../report/scanReport";
import type { RankedSeverity } from "../report/severity";
import type { SeverityCounts } from "../verdict/limits";
import type { Outcome } from "../verdict/verdict";
import type { ApprovalRequest } from "./approvalRequest";

/** How the range key of every request begins: `request#<execution>#<token>`. */
export const requestPrefix = "request#";

/** Name of the index that holds the open requests alone, and of its partition key, whose one value it is as well. */
export const openIndex = "open";

/**
 * - `waiting`: nobody has answered yet.
 * - `approved`, `rejected`: this gate answered, and CodePipeline accepted that answer.
 * - `closed`: the action no longer waits for this token, and the answer, if there was one, was not this gate's.
 */
export type RequestStatus = "waiting" | "approved" | "rejected" | "closed";

/** One judgement that went into a decision: stored evidence of a stage, or the registry's own scan. */
export interface JudgedPart {
    part: ScanStage | "registry";
    outcome: Outcome;
    counts: SeverityCounts;
    waived: SeverityCounts;
    /**
     * Scanners that had to be believed, and were; `counts` is theirs alone. Absent in records that were written before
     * this was.
     */
    required?: ScannerName[];
    /** Where the reports are: `s3://…` of each report.json, or the registry's `<repository>@<digest>`. */
    evidence: { scanner: ScannerName; place: string }[];
}

/** What was decided and why; written before CodePipeline is told. */
export interface Decision {
    answer: "approved" | "rejected";
    decidedAt: string;
    /** Who decided: ARN or name of the function, with its version. */
    decidedBy: string;
    /** SHA-256 of the policy document. */
    policySha256: string;
    limits: Record<string, number | "unlimited">;
    /** Empty when the request was refused before anything could be judged. */
    parts: JudgedPart[];
    /**
     * As which severity findings of required scanners were counted that have none, and that were counted milder because
     * they have no fix; null where there were no such findings. Absent in records that were written before this was.
     */
    counting?: { unknown: RankedSeverity | null; unfixed: RankedSeverity | null };
    /**
     * Waivers that excused a finding: id, package where it is for one alone, owner, expiry date, and the worst severity
     * that it excused, which decides how long it may live.
     */
    waivers: { id: string; package?: string; owner: string; expires: string; severity?: RankedSeverity }[];
    /** The first fifty; `moreReasons` counts the rest. */
    reasons: string[];
    moreReasons: number;
    /** The text that CodePipeline shows, at most 512 characters. */
    summary: string;
}

export interface RequestRecord {
    /** 1 for a new record; grows by one with each write. */
    revision: number;
    request: ApprovalRequest;
    status: RequestStatus;
    /** Who works on it; others keep off until then. Absent when nobody does. */
    claim?: { owner: string; until: string };
    /** Set by whoever has news while somebody else works on the record, and by the watchdog: decide (again). */
    wakeAt?: string;
    /** The intention once claimed; the fact once `approved` or `rejected`. */
    decision?: Decision;
    /** Why the record is `closed`, who answered, and how. */
    closed?: { at: string; reason: string; answer: "approved" | "rejected" | null; by: string | null };
}

/** What scan events said about a digest in a repository: the newest one counts. */
export interface ScanRecord {
    revision: number;
    repository: string;
    digest: string;
    status: ScanNotice["status"];
    /** The status in the event's own words. */
    statusText: string;
    /** Findings that the event counts altogether; null when it did not say, or said so in contradiction. */
    total: number | null;
    /** When the event was sent; ISO 8601. */
    at: string;
    eventId: string;
}

/** A scan event, read: `ended` is a scan with a result, `failed` is one that will never have one. */
export interface ScanNotice {
    repository: string;
    digest: string;
    status: "ended" | "failed" | "other";
    statusText: string;
    total: number | null;
    at: string;
    eventId: string;
}
