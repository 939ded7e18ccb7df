/** A value of the SDK as AWS JSON 1.1 writes it: times are seconds since 1970. */
export function onTheWire(value: unknown): unknown {
    if (value instanceof Date) return value.getTime() / 1000;
    if (Array.isArray(value)) return value.map(onTheWire);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, onTheWire(part)]));
}
