/** Reading inside a block: a block of another type than expected is malformed, never an empty one. */
import type { PropertyReader } from "./reader";
import type { Reading } from "./reading";

/** Reads inside the object at `top`. Absent, unknown and malformed objects answer for what would be inside. */
export function nested<T>(
    reader: PropertyReader,
    top: string,
    read: (inner: PropertyReader) => Reading<T>,
): Reading<T> {
    const whole = reader.object(top);
    return whole.kind === "known" ? read(whole.value) : whole;
}
