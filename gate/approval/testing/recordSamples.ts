/** Request records as the gate writes them, and as somebody else might have. */
import { scanStages } from "../../policy/scanStage";
import type { Decision, RequestRecord } from "../records";
import {
    customDataOf,
    decidedBy,
    minutesAfterStart,
    requestOfMessage,
    subjectOf,
    uuid,
} from "./approvalSamples";

const noCounts = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0 };

export interface RecordChange {
    application?: string;
    digest?: string;
    execution?: string;
    token?: string;
    status?: RequestRecord["status"];
    /** When it was decided or closed, in minutes after the start of the samples. */
    minutes?: number;
    decision?: Partial<Decision>;
    closed?: Partial<NonNullable<RequestRecord["closed"]>>;
}

/** A decision that the gate would have written. */
export function decisionSample(change: Partial<Decision> = {}): Decision {
    return {
        answer: "approved",
        decidedAt: minutesAfterStart(1).toISOString(),
        decidedBy,
        policySha256: "d".repeat(64),
        limits: { critical: 0, high: 0, medium: "unlimited", low: "unlimited", negligible: "unlimited" },
        parts: [...scanStages, "registry" as const].map((part) => ({
            part,
            outcome: "pass",
            counts: { ...noCounts },
            waived: { ...noCounts },
            evidence: [],
        })),
        waivers: [],
        reasons: [],
        moreReasons: 0,
        summary: "approved",
        ...change,
    };
}

/** A record of the gate's: approved, unless said otherwise. */
export function recordSample(change: RecordChange = {}): RequestRecord {
    const { application = "orders", status = "approved", minutes = 1, token = uuid(1) } = change;
    const subject = subjectOf({
        application,
        ...(change.digest === undefined ? {} : { digest: change.digest }),
        ...(change.execution === undefined ? {} : { execution: change.execution }),
    });
    const at = minutesAfterStart(minutes).toISOString();
    const request = requestOfMessage({ application, token, customData: customDataOf(subject) });
    const base = { revision: 2, request, status };
    if (status === "waiting") return base;
    if (status === "closed") {
        const closed = { at, reason: "the action was stopped", answer: null, by: null, ...change.closed };
        return { ...base, closed };
    }
    const reasons = status === "rejected" ? ["grype: 1 critical finding, 0 are allowed"] : [];
    return {
        ...base,
        decision: decisionSample({
            answer: status,
            decidedAt: at,
            reasons,
            summary: status,
            ...change.decision,
        }),
    };
}
