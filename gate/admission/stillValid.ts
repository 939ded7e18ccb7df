import type { ApprovedRecord } from "../approval/approvedRecord";
import { createHash } from "node:crypto";
import { serializeGatePolicy, type GatePolicy } from "../policy/gatePolicy";
import { scanStages } from "../policy/scanStage";
import { concerns, standingOf } from "../policy/waiver";
import { exceededLimits } from "../verdict/limits";

/**
 * Why an approval would not be given by today's policy any more, one line for each reason; empty when it still stands.
 *
 * - Every waiver that it relied on is in today's policy as it was, and holds.
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
    const reasons = waivers.flatMap(({ id, owner, expires }) => {
        const name = `the waiver of ${id} (${owner}, to ${expires}), on which the approval of ${decidedAt} relied,`;
        const today = policy.waivers.filter(
            (waiver) =>
                waiver.id === id &&
                waiver.owner === owner &&
                waiver.expires === expires &&
                concerns(waiver, application),
        );
        if (today.length === 0) return [`${name} is not in the policy any more; release the image anew`];
        const lapsed = today.find((waiver) => standingOf(waiver, now) !== "active");
        if (lapsed === undefined) return [];
        return [
            `${name} has ${standingOf(lapsed, now) === "expired" ? "expired" : "not begun"}; mend the finding`,
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
