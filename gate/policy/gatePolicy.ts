import { parseDocument } from "yaml";
import { z } from "zod";
import { scannerNames } from "../report/scanReport";
import { severities, type RankedSeverity } from "../report/severity";
import { canonicalJson } from "./canonicalJson";
import type { ScanStage } from "./scanStage";

/** Severities that can be compared, worst first. The limits of a policy are given for exactly these. */
export const rankedSeverities = severities.filter((name): name is RankedSeverity => name !== "unknown");

const count = z.int("must be a whole number of findings").min(0).max(1_000_000);
const limit = z.union([count, z.literal("unlimited")], {
    error: 'must be a whole number of findings from 0 to 1000000, or "unlimited"',
});

/** Hours in a year. Older data or reports say nothing about today, whatever anybody configures. */
const longestAgeHours = 8_760;

const requiredScanners = z
    .array(z.enum(scannerNames))
    .min(1, "must name at least one scanner: a gate without a scanner judges nothing")
    .refine((names) => new Set(names).size === names.length, "must not name a scanner twice")
    .default(["grype"]);

/**
 * The gate policy document: what an image may carry and still be released.
 *
 * - `limits`: how many findings of that severity *or worse* are allowed (0 = none), so `high: 3` allows three that
 *   are high or critical. `critical` must be a number.
 * - `unknownCountsAs`: the severity as which findings without a severity are counted.
 * - `requiredScanners`: by stage; each must have one complete report for the digest. Others are advisory.
 * - `maximumReportAgeHours`: a scan that finished longer ago is not believed.
 * - `maximumDataAgeHours`: vulnerability data that was built longer ago is not believed. The default of five
 *   days is the age at which grype itself refuses its database (`db.max-allowed-built-age`, 120h).
 */
export const gatePolicySchema = z.strictObject({
    version: z.literal(1),
    limits: z
        .strictObject({
            critical: count.default(0),
            high: limit.default(0),
            medium: limit.default("unlimited"),
            low: limit.default("unlimited"),
            negligible: limit.default("unlimited"),
        })
        .prefault({}),
    unknownCountsAs: z.enum(rankedSeverities).default("high"),
    requiredScanners: z
        .strictObject({ test: requiredScanners, scanStagingImage: requiredScanners } satisfies Record<
            ScanStage,
            unknown
        >)
        .prefault({}),
    maximumReportAgeHours: z.number().positive().max(longestAgeHours).default(24),
    maximumDataAgeHours: z.number().positive().max(longestAgeHours).default(120),
});

/** A checked gate policy, every default filled in. */
export type GatePolicy = z.infer<typeof gatePolicySchema>;

/** A gate policy as it may be written down: everything but `version` can be left out. */
export type GatePolicyInput = z.input<typeof gatePolicySchema>;

/** One thing that is wrong with a policy document. `path` is dotted, e.g. `limits.high`; empty for the whole document. */
export interface PolicyProblem {
    path: string;
    message: string;
}

/** Thrown when a policy document cannot be used; lists every problem, not only the first. */
export class GatePolicyError extends Error {
    constructor(readonly problems: PolicyProblem[]) {
        super(
            "gate policy is not valid: " +
                problems
                    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
                    .join("; "),
        );
        this.name = "GatePolicyError";
    }
}

/**
 * Reads a gate policy from YAML or JSON text (JSON is YAML) and fills in the defaults.
 * Duplicate keys, several documents, unknown keys and wrong types are all refused.
 * @throws GatePolicyError with every problem found.
 */
export function parseGatePolicy(text: string): GatePolicy {
    const document = parseDocument(text, { uniqueKeys: true, strict: true });
    // A warning (such as a tag that yaml does not know) means that the document was not understood as written.
    const syntax = [...document.errors, ...document.warnings];
    if (syntax.length > 0) {
        throw new GatePolicyError(
            syntax.map((error) => ({ path: "", message: error.message.split("\n")[0] ?? error.message })),
        );
    }
    let value: unknown;
    try {
        value = document.toJS({ maxAliasCount: 10 });
    } catch (error) {
        throw new GatePolicyError([{ path: "", message: (error as Error).message }]);
    }
    const result = gatePolicySchema.safeParse(value);
    if (!result.success) {
        throw new GatePolicyError(
            result.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message })),
        );
    }
    return result.data;
}

/** The one text of a policy that its content hash is taken of: canonical JSON, the same for equal policies. */
export function serializeGatePolicy(policy: GatePolicy): string {
    return canonicalJson(policy) + "\n";
}
