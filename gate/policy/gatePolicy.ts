import * as z from "zod";
import { scannerNames } from "../report/scanReport";
import { canonicalJson } from "./canonicalJson";
import { rankedSeverities } from "./rankedSeverities";
import type { ScanStage } from "./scanStage";
import { isObject, lifetimeInDays, maximumWaiverDaysSchema, waiversSchema } from "./waiver";

export { rankedSeverities };

const wholeNumber = "must be a whole number of findings from 0 to 1000000";
const count = z.int(wholeNumber).min(0, wholeNumber).max(1_000_000, wholeNumber);
const limitAllows = `${wholeNumber}, or "unlimited"`;
const limit = z.union(
    [z.int(limitAllows).min(0, limitAllows).max(1_000_000, limitAllows), z.literal("unlimited", limitAllows)],
    limitAllows,
);

/** Hours in a year. Older data or reports say nothing about today, whatever anybody configures. */
const longestAgeHours = 8_760;
const longestAge = `must be ${longestAgeHours} hours (a year) or less`;

const requiredScanners = z
    .array(z.enum(scannerNames))
    .min(1, "must name at least one scanner: a gate without a scanner judges nothing")
    .refine((names) => new Set(names).size === names.length, {
        error: "must not name a scanner twice",
        when: ({ value }) => Array.isArray(value),
    })
    .default(["grype"]);

/**
 * The gate policy document: what an image may carry and still be released.
 *
 * - `limits`: how many findings of that severity *or worse* are allowed (0 = none), so `high: 3` allows three that
 *   are high or critical. `critical` must be a number.
 * - `unknownCountsAs`: the severity as which findings without a severity are counted.
 * - `unfixedCountsAs`: the worst severity as which a finding is counted that has no fix, or that the distributor will
 *   not fix; milder ones keep their own. `own` leaves all as they are.
 * - `requiredScanners`: by stage; each must have one complete report for the digest. Others are advisory.
 * - `maximumReportAgeHours`: a scan that finished longer ago is not believed.
 * - `maximumDataAgeHours`: vulnerability data that was built longer ago is not believed. The default of five
 *   days is the age at which grype itself refuses its database (`db.max-allowed-built-age`, 120h).
 * - `waivers`: findings that are accepted for a while; see waiver.ts.
 * - `maximumWaiverDays`: by severity, how long a waiver may live that covers such a finding.
 */
export const gatePolicySchema = z
    .strictObject({
        version: z.literal(1).describe("Version of this document's format."),
        limits: z
            .strictObject({
                critical: count.default(0),
                high: limit.default(0),
                medium: limit.default("unlimited"),
                low: limit.default("unlimited"),
                negligible: limit.default("unlimited"),
            })
            .prefault({})
            .describe("Findings of that severity or worse that are allowed, each scanner by itself."),
        unknownCountsAs: z
            .enum(rankedSeverities)
            .default("high")
            .describe("Severity as which findings without one are counted."),
        unfixedCountsAs: z
            .enum(["own", ...rankedSeverities])
            .default("own")
            .describe(
                "Worst severity as which findings are counted that have no fix or will not be fixed; own: no difference.",
            ),
        requiredScanners: z
            .strictObject({ test: requiredScanners, scanStagingImage: requiredScanners } satisfies Record<
                ScanStage,
                unknown
            >)
            .prefault({})
            .describe("By stage, the scanners that must have one complete report for the image."),
        maximumReportAgeHours: z
            .number()
            .positive("must be more than 0 hours")
            .max(longestAgeHours, longestAge)
            .default(24)
            .describe("Hours after which a scan is not believed any more."),
        maximumDataAgeHours: z
            .number()
            .positive("must be more than 0 hours")
            .max(longestAgeHours, longestAge)
            .default(120)
            .describe("Hours after which a scanner's vulnerability data is not believed any more."),
        waivers: waiversSchema.default([]).describe("Findings that are accepted for a while."),
        maximumWaiverDays: maximumWaiverDaysSchema
            .prefault({})
            .describe("By severity, the most days from created to expires of a waiver; 0: cannot be waived."),
    })
    .superRefine(
        (policy, { addIssue }) => {
            // The longest of all: what lives longer can never excuse anything.
            const most = policy.maximumWaiverDays.negligible;
            policy.waivers.forEach((waiver, index) => {
                if (!isObject(waiver) || !(lifetimeInDays(waiver) > most)) return;
                const message = `must not be more than ${most} days after created: that is the longest of maximumWaiverDays`;
                addIssue({ code: "custom", path: ["waivers", index, "expires"], message });
            });
        },
        {
            when: ({ value }) => {
                const { maximumWaiverDays, waivers } = (value ?? {}) as Partial<GatePolicy>;
                return isObject(maximumWaiverDays) && Array.isArray(waivers);
            },
        },
    );

/** A checked gate policy, every default filled in. */
export type GatePolicy = z.infer<typeof gatePolicySchema>;

/** A gate policy as it may be written down: everything but `version` can be left out. */
export type GatePolicyInput = z.input<typeof gatePolicySchema>;

/**
 * The one text of a policy that its content hash is taken of: canonical JSON, the same for policies that mean the
 * same. Lists whose order means nothing (scanners, waivers, their applications) are sorted.
 */
export function serializeGatePolicy(policy: GatePolicy): string {
    const waivers = policy.waivers.map(({ applications, ...waiver }) =>
        applications === undefined ? waiver : { ...waiver, applications: applications.toSorted() },
    );
    return (
        canonicalJson({
            ...policy,
            requiredScanners: Object.fromEntries(
                Object.entries(policy.requiredScanners).map(([stage, names]) => [stage, names.toSorted()]),
            ),
            waivers: waivers
                .map((waiver) => ({ waiver, text: canonicalJson(waiver) }))
                .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
                .map(({ waiver }) => waiver),
        }) + "\n"
    );
}
