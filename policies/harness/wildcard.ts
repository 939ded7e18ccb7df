/**
 * True when the text matches the pattern from end to end; `*` stands for any text, also none. Linear in practice
 * (greedy, with one point to go back to), so a hostile name cannot stall the pack.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
    let p = 0;
    let t = 0;
    let starAt = -1;
    let resumeAt = 0;
    while (t < text.length) {
        if (pattern[p] === "*") {
            starAt = p;
            resumeAt = t;
            p += 1;
        } else if (p < pattern.length && pattern[p] === text[t]) {
            p += 1;
            t += 1;
        } else if (starAt >= 0) {
            p = starAt + 1;
            resumeAt += 1;
            t = resumeAt;
        } else return false;
    }
    while (pattern[p] === "*") p += 1;
    return p === pattern.length;
}

/** True when any of the patterns matches. */
export function matchesAny(patterns: readonly string[], text: string): boolean {
    return patterns.some((pattern) => matchesWildcard(pattern, text));
}
