/** Days of the calendar in UTC, written YYYY-MM-DD: the only form in which exemptions know time. */

const dayInMilliseconds = 86_400_000;

/** The day of UTC that a moment belongs to. */
export function utcDay(moment: Date): string {
    return moment.toISOString().slice(0, 10);
}

/** Days from one day to the other, negative when it lies before; NaN when one of them is no day. */
export function daysBetween(from: string, to: string): number {
    return (startOf(to) - startOf(from)) / dayInMilliseconds;
}

function startOf(day: string): number {
    return Date.parse(`${day}T00:00:00Z`);
}
