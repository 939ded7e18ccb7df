import assert from "node:assert/strict";
import { brokenJudges, type BrokenJudge } from "./testing/brokenJudges";
import { brokenWaiverJudges } from "./testing/brokenWaiverJudges";
import { findingProperties } from "./findingProperties";
import type { judge } from "./verdict";
import type { VerdictProperty } from "./testing/verdictSamples";
import { verdictProperties } from "./verdictProperties";
import { waiverProperties } from "./waiverProperties";
import { waiverTimeProperties } from "./waiverTimeProperties";

/** One seed for all, so that what is found does not depend on luck. */
const seed = 20_260_304;

/**
 * The first property that a judge does not have; null when it has all.
 * @param first those that are most likely to notice, to save time.
 */
function lackedBy(broken: BrokenJudge, first: Record<string, VerdictProperty>): string | null {
    for (const [name, check] of Object.entries({ ...first, ...verdictProperties })) {
        try {
            check(broken as typeof judge, seed);
        } catch (error) {
            // A judge that merely crashes has not been found out by a property.
            const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
            if (!(cause instanceof assert.AssertionError)) throw error;
            return name;
        }
    }
    return null;
}

describe("the verdict properties find", () => {
    const waivers = { ...waiverTimeProperties, ...waiverProperties };
    const believed = "a report that cannot be believed is incomplete";
    const reports = { [believed]: verdictProperties[believed] ?? assert.fail(), ...findingProperties };
    for (const [judges, first] of [
        [brokenJudges, reports],
        [brokenWaiverJudges, waivers],
    ] as const) {
        for (const [name, broken] of Object.entries(judges)) {
            it(`a judge that ${name}`, () =>
                assert.notEqual(lackedBy(broken, first), null, "no property noticed"));
        }
    }
});
