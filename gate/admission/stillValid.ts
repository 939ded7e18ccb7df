import type { ApprovedRecord } from "../approval/approvedRecord";
import { createHash } from "node:crypto";
import { serializeGatePolicy, type GatePolicy } from "../policy/gatePolicy";
import { scanStages } from "../policy/scanStage";
import { concerns, lifetimeInDays, standingOf } from "../policy/waiver";
import { compareSeverity } from "../report/severity";
import { exceededLimits } from "../verdict/limits";

/**
 * Why an approval would not be given by today's policy any more, one line for each reason; empty when it still stands.
 *
 * - Every waiver that it relied on is in today's policy, holds, and does not live too long for what it excused. It may
 *   have been renewed in the meantime; one of another owner or package is another waiver.
 * - What was counted then is within today's limits, and would not count as worse today.
 * - Every scanner that is required today was required, and believed, then. A decision that does not say which were is
 *   taken at its word only under the very policy that it was made by: counts are those of required scanners alone.
 *
 * How old the evidence is, is not asked again: an approved image can be deployed for as long as it is good.
 */
export function notStillValid(
    { decision }: Pick<ApprovedRecord, "decision">,
    { policy, application, now }: { policy: GatePolicy; application: string; now: Date },
): string[] {
    const { policySha256, parts, waivers, decidedAt } = decision;
    const isSamePolicy =
        policySha256 === createHash("sha256").update(serializeGatePolicy(policy)).digest("hex");
    const reasons = waivers.flatMap(({ id, package: name, owner, expires, severity = "critical" }) => {
        const where = name === undefined ? "" : ` in ${name}`;
        const what = `the waiver of ${id}${where} (${owner}, to ${expires}), on which the approval of ${decidedAt} relied,`;
        // Renewed, it is the same waiver with another end.
        const today = policy.waivers.filter(
            (waiver) =>
                waiver.id === id &&
                waiver.package === name &&
                waiver.owner === owner &&
                concerns(waiver, application),
        );
        if (today.length === 0) return [`${what} is not in the policy any more; release the image anew`];
        const active = today.filter((waiver) => standingOf(waiver, now) === "active");
        if (active.length === 0)
            return [`${what} does not hold today; mend the finding, or renew the waiver`];
        const most = policy.maximumWaiverDays[severity];
        if (isSamePolicy || active.some((waiver) => lifetimeInDays(waiver) <= most)) return [];
        return [
            `${what} lives longer than the ${most} days that are allowed for ${severity}; mend the finding`,
        ];
    });
    for (const { part, counts } of parts) {
        for (const { on, allowed, counted } of exceededLimits(counts, policy)) {
            const limited = on === "critical" ? "critical" : `${on} or worse`;
            reasons.push(
                `${part}: ${counted} ${limited} were counted at ${decidedAt}, ${allowed} are allowed today; mend them`,
            );
        }
    }
    if (isSamePolicy) return reasons;
    reasons.push(...countedMilder(decision, policy));
    for (const stage of scanStages) {
        const believed = parts.find(({ part }) => part === stage)?.required ?? [];
        const missing = policy.requiredScanners[stage].filter((scanner) => !believed.includes(scanner));
        if (missing.length > 0) {
            reasons.push(
                `${stage}: ${missing.join(", ")} is required today and was not when the image was approved at ` +
                    `${decidedAt}; release it anew`,
            );
        }
    }
    return reasons;
}

/** Which findings today's policy counts as worse than the one by which the image was approved. */
function countedMilder(
    { counting, decidedAt }: ApprovedRecord["decision"],
    { unknownCountsAs, unfixedCountsAs }: GatePolicy,
): string[] {
    if (counting === undefined) {
        return [
            `the approval of ${decidedAt} was given by another policy and does not say how it counted; release it anew`,
        ];
    }
    const { unknown, unfixed } = counting;
    // Without a limit of its own, a finding without a fix can count as anything.
    const unfixedToday = unfixedCountsAs === "own" ? "critical" : unfixedCountsAs;
    const milder = (what: string, then: string, today: string): string =>
        `findings without ${what} were counted as ${then} at ${decidedAt}, and count as ${today} today; release it anew`;
    return [
        ...(unknown !== null && compareSeverity(unknownCountsAs, unknown) > 0
            ? [milder("a severity", unknown, unknownCountsAs)]
            : []),
        ...(unfixed !== null && compareSeverity(unfixedToday, unfixed) > 0
            ? [milder("a fix", unfixed, unfixedCountsAs === "own" ? "any other" : unfixedCountsAs)]
            : []),
    ];
}
