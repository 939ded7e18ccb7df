/** What the admission function and the continuous check report: names of metrics, in `metricsNamespace`. */

export const admissionFacts = [
    /** A service revision was admitted by the approvals of its images. */
    "Admitted",
    /** A record is being written, or the registry is scanning: the function is called again. */
    "AdmissionPending",
    /** The service was created and nothing has been released to it yet. */
    "NothingReleased",
    "AdmissionRefused",
    /** The function could not find out; the revision is not admitted. */
    "AdmissionFailed",
    /** An override is all that lets an image start, or run. */
    "BreakGlassUsed",
    /** What runs in a service is approved and still good. */
    "RunningApproved",
    /** The registry has nothing to say about a running image just now. */
    "RunningUnjudged",
    /** A service of ours has no running task. */
    "NothingRunning",
    /** A task of somebody else's service. */
    "TaskIgnored",
    "UnapprovedImageRunning",
    "EvidenceTurnedBad",
] as const;
export type AdmissionFact = (typeof admissionFacts)[number];

/** Facts that somebody should look at, and what each means: each has an alarm. */
export const alarmingAdmissionFacts = {
    AdmissionRefused: "A deployment was refused: an image in it is not approved, or is not any more",
    AdmissionFailed: "A deployment was refused because the admission function could not judge it",
    BreakGlassUsed: "An image runs, or was started, on a break-glass override instead of an approval",
    UnapprovedImageRunning: "An image runs in production that the gate has not approved",
    EvidenceTurnedBad: "An image runs in production whose approval would not be given any more",
} as const satisfies Partial<Record<AdmissionFact, string>>;
