import { standingOf, type Waiver } from "../../gate/policy/waiver";

/** A line for each waiver with which every verdict in its scope fails, however clean the image is. */
export function waiverNotices(waivers: readonly Waiver[], now: Date): string[] {
    return waivers.flatMap((waiver) => {
        const standing = standingOf(waiver, now);
        if (standing === "active") return [];
        const what =
            standing === "expired"
                ? `expired at the end of ${waiver.expires} (UTC): renew or remove it`
                : `only holds from ${waiver.created} (UTC): remove it until then`;
        return [
            `portcullis:gatePolicy.waivers: the waiver of ${waiver.id} ${what}; every verdict in its scope fails.`,
        ];
    });
}
