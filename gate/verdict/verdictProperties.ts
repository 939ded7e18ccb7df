import { findingProperties } from "./findingProperties";
import { reportProperties } from "./reportProperties";
import type { VerdictProperty } from "./testing/verdictSamples";
import { waiverProperties } from "./waiverProperties";
import { waiverTimeProperties } from "./waiverTimeProperties";

/**
 * What must be true of any `judge`. Kept apart from the spec, so that the spec can also hand in deliberately
 * broken judges and demand that each of them is found out.
 */
export const verdictProperties: Record<string, VerdictProperty> = {
    ...reportProperties,
    ...findingProperties,
    ...waiverProperties,
    ...waiverTimeProperties,
};
