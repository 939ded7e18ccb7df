import type { ScannerName } from "../report/scanReport";
import type { RankedSeverity } from "../report/severity";

/**
 * What a reason is about. `note` never changes the outcome.
 *
 * incomplete: `reportMissing`, `reportUnreadable`, `reportConflict`, `reportIncomplete`, `reportForOtherDigest`,
 * `reportContradictory`, `reportTooOld`, `dataAgeUnknown`, `dataTooOld`; fail: `limitExceeded`, `refusal`.
 */
export type ReasonKind =
    | "reportMissing"
    | "reportUnreadable"
    | "reportConflict"
    | "reportIncomplete"
    | "reportForOtherDigest"
    | "reportContradictory"
    | "reportTooOld"
    | "dataAgeUnknown"
    | "dataTooOld"
    | "limitExceeded"
    | "refusal"
    | "note";

/** One line of a verdict: what was found, which limit it breaks, what to do. */
export interface Reason {
    kind: ReasonKind;
    /** Null when a report could not be attributed to a scanner. */
    scanner: ScannerName | null;
    message: string;
    /** Present on `limitExceeded`: the finding, the limit that is exceeded and how many findings count against it. */
    finding?: {
        id: string;
        severity: RankedSeverity;
        package: string;
        version: string;
        fixedIn: string | null;
        limitOn: RankedSeverity;
        allowed: number;
        counted: number;
    };
}
