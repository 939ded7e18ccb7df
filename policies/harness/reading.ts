/**
 * The answer to "what is at this path?". A rule must look at `kind` before it can touch a value, so that a value
 * that is not known yet can neither be taken for a pass nor for a violation by accident.
 *
 * - `known`: the value, of the type that was asked for;
 * - `unknown`: only the update will know (or it is an undecryptable secret);
 * - `absent`: not set, or null;
 * - `malformed`: set, but not of the type that was asked for (or JSON that does not parse).
 *
 * `property` is the path for messages, e.g. `imageScanningConfiguration.scanOnPush`.
 */
export type Reading<T> =
    | { kind: "known"; value: T; property: string }
    | { kind: "unknown"; property: string }
    | { kind: "absent"; property: string }
    | { kind: "malformed"; property: string; why: string };

export type Known<T> = Extract<Reading<T>, { kind: "known" }>;
export type Unknown = Extract<Reading<unknown>, { kind: "unknown" }>;
export type Absent = Extract<Reading<unknown>, { kind: "absent" }>;
export type Malformed = Extract<Reading<unknown>, { kind: "malformed" }>;

/** The value of a known reading, else undefined. For places where "unknown" has been dealt with already. */
export function valueOf<T>(reading: Reading<T>): T | undefined {
    return reading.kind === "known" ? reading.value : undefined;
}

/** The value of a known reading, `fallback` for an absent one, and undefined when unknown or malformed. */
export function valueOr<T>(reading: Reading<T>, fallback: T): T | undefined {
    if (reading.kind === "absent") return fallback;
    return valueOf(reading);
}

/** Providers answer with "" for a text that is not set: that reads as absent. */
export function filled(reading: Reading<string>): Reading<string> {
    return reading.kind === "known" && reading.value === ""
        ? { kind: "absent", property: reading.property }
        : reading;
}

/** True when the reading is known and equal to the value. */
export function is<T>(reading: Reading<T>, value: T): boolean {
    return reading.kind === "known" && reading.value === value;
}
