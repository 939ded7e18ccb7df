/** What a run says about the rules themselves, for the rules that judge it (PUL-05, PUL-07). */
import type { ExemptionProblem } from "./exemptionBook";

export interface RunSummary {
    /** Undefined when no file of exemptions is configured. */
    exemptions: { path: string; problems: ExemptionProblem[]; open: OpenExemption[] } | undefined;
    /** Mandatory rules that could not judge a resource: each rule and resource once. */
    inconclusive: { rule: string; resource: string }[];
}

/** An exemption whose finding a value decides that is not known yet: neither used nor unused. */
export interface OpenExemption {
    exemption: string;
    place: string;
    why: string;
}
