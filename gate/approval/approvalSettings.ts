import type { GatePolicy } from "../policy/gatePolicy";

/** What the approval functions work with; a file in their code archive, so it changes only with the code. */
export interface ApprovalSettings {
    version: 1;
    account: { partition: string; region: string; accountId: string };
    policy: GatePolicy;
    /** What the registry scans with; ENHANCED sends other events than BASIC. */
    scanType: "ENHANCED" | "BASIC";
    table: string;
    evidenceBucket: string;
    topicArn: string;
    /** Minutes after which a request whose scan has not come is rejected. */
    scanTimeoutMinutes: number;
    /** Longest run of a function in seconds; a claim lasts longer than that. */
    functionTimeoutSeconds: number;
    applications: ApplicationGate[];
}

/** The approval action of one application, and the repository whose scan counts. */
export interface ApplicationGate {
    name: string;
    pipeline: string;
    stage: string;
    action: string;
    /** The staging repository's name, without the registry. */
    repository: string;
}
