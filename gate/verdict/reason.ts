import type { ScannerName } from "../report/scanReport";
import type { RankedSeverity } from "../report/severity";

/** What a reason does to the outcome. `note` never changes it. */
export type ReasonEffect = "incomplete" | "fail" | "note";

/** What a reason can be about, in the order in which reasons are listed, and what it does to the outcome. */
export const reasonEffects = {
    reportMissing: "incomplete",
    reportUnreadable: "incomplete",
    reportConflict: "incomplete",
    reportIncomplete: "incomplete",
    reportForOtherDigest: "incomplete",
    reportContradictory: "incomplete",
    reportTooOld: "incomplete",
    dataAgeUnknown: "incomplete",
    dataTooOld: "incomplete",
    waiverExpired: "fail",
    waiverNotYetValid: "fail",
    refusal: "fail",
    limitExceeded: "fail",
    note: "note",
    waiverTooLong: "note",
    waiverBroad: "note",
    waiverUnused: "note",
    waived: "note",
} as const satisfies Record<string, ReasonEffect>;

export type ReasonKind = keyof typeof reasonEffects;

/** One line of a verdict: what was found, which limit it breaks, what to do. */
export interface Reason {
    kind: ReasonKind;
    /** Null when it is about a waiver, or about a report that could not be attributed to a scanner. */
    scanner: ScannerName | null;
    message: string;
    /** Present on `limitExceeded` and `waived`. */
    finding?: {
        id: string;
        /** As which it is counted. */
        severity: RankedSeverity;
        /** As which it would be counted if it had a fix; decides how long a waiver for it may live. */
        withFix: RankedSeverity;
        package: string;
        version: string;
        /** Null when there is no fix, or will not be one. */
        fixedIn: string | null;
    };
    /** Present on `limitExceeded`: the limit that is exceeded and how many findings count against it. */
    limit?: { on: RankedSeverity; allowed: number; counted: number };
    /** Present on all about one waiver; `package` and `applications` are null where it is for all of them. */
    waiver?: {
        id: string;
        package: string | null;
        applications: readonly string[] | null;
        owner: string;
        expires: string;
    };
}
