/** Reports and stored findings of an imagined stack, for specs. */
import { gatePolicySchema, type GatePolicyInput } from "../../policy/gatePolicy";
import type { ScanStage } from "../../policy/scanStage";
import type { Finding, ScannerName, ScanReport } from "../../report/scanReport";
import { findingsById, scanFindings, type StoredScan } from "../scanFindings";
import type { FindingOrigin, SecurityFinding } from "../securityFinding";

export const origin: FindingOrigin = {
    account: { partition: "aws", region: "eu-west-1", accountId: "123456789012" },
    stack: "portcullis-dev",
};

export const policyOf = (input: Partial<GatePolicyInput> = {}) =>
    gatePolicySchema.parse({ version: 1, ...input });

export const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;
export const executionOf = (number: number): string =>
    `5d8f3c1e-7a4b-4d6e-9f20-${String(number).padStart(12, "0")}`;

/** A minute of the fourth of March 2026, counted from noon. */
export const minute = (after: number): Date => new Date(Date.UTC(2026, 2, 4, 12, after));

export interface ScanParts {
    application?: string;
    digest?: string;
    execution?: string;
    stage?: ScanStage;
    scanner?: ScannerName;
    /** Minutes after noon at which the scan ended; it took one. */
    at?: number;
    findings?: Finding[];
    complete?: boolean;
}

/** A stored scan of `orders`, complete and without findings unless said otherwise. */
export function scanOf({
    application = "orders",
    digest = digestOf("a"),
    execution = executionOf(1),
    stage = "test",
    scanner = "grype",
    at = 0,
    findings = [],
    complete = true,
}: ScanParts = {}): StoredScan {
    const repository = `portcullis-dev-${application}-${stage === "test" ? "candidate" : "staging"}`;
    const report: ScanReport = {
        version: 1,
        scanner: { name: scanner, version: "0.116.0" },
        subject: {
            image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${repository}@${digest}`,
            digest,
        },
        startedAt: minute(at - 1).toISOString(),
        finishedAt: minute(at).toISOString(),
        raw: { sha256: "0".repeat(64), bytes: 2 },
        dataBuiltAt: minute(at - 600).toISOString(),
        complete,
        incompleteReasons: complete ? [] : ["the answer was cut off"],
        findings,
        refusals: [],
    };
    const place = `s3://evidence/${application}/${digest.replace(":", "-")}/${scanner}/${execution}/${stage}/report.json`;
    return { application, digest, execution, stage, report, place };
}

/** What is imported of a scan that is the first of its digest. */
export function imported(scan: StoredScan, policy = policyOf()): SecurityFinding[] {
    const findings = findingsById(origin, scan, policy);
    return [...scanFindings(origin, scan, findings, { policy, createdAt: new Map() })];
}
