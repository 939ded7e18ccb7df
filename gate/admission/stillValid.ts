import type { ApprovedRecord } from "../approval/approvedRecord";
import { createHash } from "node:crypto";
import { serializeGatePolicy, type GatePolicy } from "../policy/gatePolicy";
import { scanStages } from "../policy/scanStage";
import { concerns, standingOf } from "../policy/waiver";
import { exceededLimits } from "../verdict/limits";

/**
 * Why an approval would not be given by today's policy any more, one line for each reason; empty when it still stands.
 *
 * - Every waiver that it relied on is in today's policy, and holds. It may have been renewed in the meantime; one of
 *   another owner or package is another waiver.
 * - What was counted then is within today's limits.
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
    const reasons = waivers.flatMap(({ id, package: name, owner, expires }) => {
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
        if (today.some((waiver) => standingOf(waiver, now) === "active")) return [];
        return [`${what} does not hold today; mend the finding, or renew the waiver`];
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
