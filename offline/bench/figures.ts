/** What the benches have in common: times, and their medians with smallest and largest. */

export function median(values: readonly number[]): number {
    const sorted = values.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Cells of a Markdown table: median, smallest, largest. */
export function range(values: readonly number[], digits = 0): string {
    return [median(values), Math.min(...values), Math.max(...values)]
        .map((value) => value.toFixed(digits))
        .join(" | ");
}

export function milliseconds(work: () => void): number {
    const started = performance.now();
    work();
    return performance.now() - started;
}
