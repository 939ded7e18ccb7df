/** The commonest judgement: one property has to be something. */
import { inconclusive, pass, violation } from "./outcome";
import type { Reading } from "./reading";
import type { Outcome } from "./rule";

export interface Expectation<T> {
    /** Whether a known value is right. */
    accepts(value: T): boolean;
    /** What the provider does when nothing is set: right by default, or wrong (the usual case). */
    absent?: "accepted" | "refused";
    /** What goes wrong, as a clause: `a snapshot of it can be read by anybody who gets hold of it`. */
    consequence: string;
    /** The exact change. */
    fix: string;
    findingId?: string;
}

/**
 * Judges one reading: known and accepted passes, unknown is inconclusive, everything else (refused, absent, of another
 * type) is a violation that says what was read.
 */
export function expectValue<T>(reading: Reading<T>, expectation: Expectation<T>): Outcome {
    const { accepts, absent = "refused", consequence, fix, findingId } = expectation;
    if (reading.kind === "unknown")
        return inconclusive(reading, `it is not known yet whether ${consequence}`);
    if (reading.kind === "known" && accepts(reading.value)) return pass;
    if (reading.kind === "absent" && absent === "accepted") return pass;
    const { property } = reading;
    return violation(
        `${property} ${readText(reading)}: ${consequence}.`,
        fix,
        findingId === undefined ? {} : { findingId },
    );
}

/** `is "x"`, `is not set`, `is not a list`: what was read, for messages. Never call it for a property that may be secret. */
export function readText(reading: Reading<unknown>): string {
    switch (reading.kind) {
        case "known":
            return typeof reading.value === "object" ? "is wrong" : `is ${JSON.stringify(reading.value)}`;
        case "absent":
            return "is not set";
        case "unknown":
            return "is not known yet";
        case "malformed":
            return reading.why;
    }
}
