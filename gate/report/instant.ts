/** Times before and after these are misreadings (a zero time, milliseconds read as seconds), not times of a scan. */
const earliest = Date.UTC(2010, 0, 1);
const latest = Date.UTC(2100, 0, 1);

/** ISO 8601 or the same with a blank, any number of decimals, with or without a zone. */
const written = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * A time as scanners and the AWS CLI write it, as ISO 8601 in UTC with milliseconds: a number of seconds or
 * milliseconds since 1970 (told apart by its size), or text. Text without a zone is UTC.
 * @returns null for anything else, among them empty text, Go's zero time and dates no scan can have.
 */
export function toInstant(value: unknown): string | null {
    const time = typeof value === "string" ? fromText(value) : fromNumber(value);
    return time >= earliest && time < latest ? new Date(time).toISOString() : null;
}

function fromNumber(value: unknown): number {
    if (typeof value !== "number" || !Number.isFinite(value)) return Number.NaN;
    // The earliest time in milliseconds is far beyond the latest one in seconds.
    return value >= earliest ? value : Math.round(value * 1000);
}

function fromText(text: string): number {
    const [, day, time, decimals = "", zone = "Z"] = written.exec(text) ?? [];
    if (day === undefined || time === undefined) return Number.NaN;
    const milliseconds = decimals.padEnd(4, "0").slice(1, 4).padEnd(3, "0");
    return Date.parse(`${day}T${time}.${milliseconds}${zone.replace(/(\d\d)(\d\d)$/, "$1:$2")}`);
}
