/** Number of single-letter changes between two words (Levenshtein). */
function distance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, column) => column);
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++) {
            const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
            next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
        }
        row = next;
    }
    return row[b.length] ?? 0;
}

/** `; did you mean "high"?` when one candidate is close (a third of its letters, case ignored), or nothing. */
export function didYouMean(word: unknown, candidates: readonly string[]): string {
    // Nothing that long is a slip of one of our words, and comparing it would take long.
    if (typeof word !== "string" || word.length > 60) return "";
    const [best] = candidates
        .map((candidate) => ({ candidate, steps: distance(word.toLowerCase(), candidate.toLowerCase()) }))
        .filter(({ candidate, steps }) => steps <= Math.ceil(candidate.length / 3))
        .sort((a, b) => a.steps - b.steps);
    return best === undefined ? "" : `; did you mean "${best.candidate}"?`;
}
