/** Short ways to say an outcome. */
import type { Reading } from "./reading";
import type { Outcome, RuleSeverity, StackOutcome } from "./rule";
import type { ResourceReader } from "./reader";

export const pass: Outcome = { kind: "pass" };

export function notApplicable(reason: string): Outcome {
    return { kind: "notApplicable", reason };
}

/** `message`: what was read and why it matters. `fix`: the exact change. */
export function violation(
    message: string,
    fix: string,
    more: { findingId?: string; severity?: RuleSeverity } = {},
): Outcome {
    return { kind: "violation", message, fix, ...more };
}

/** For a reading that is not known; `why` says what depends on it. */
export function inconclusive(reading: Pick<Reading<unknown>, "property">, why: string): Outcome {
    return { kind: "inconclusive", why, property: reading.property };
}

/** Attaches outcomes to the resource that they are about. */
export function about(resource: ResourceReader | null, ...outcomes: Outcome[]): StackOutcome[] {
    return outcomes.map((outcome) => ({ resource, outcome }));
}
