/** IAM patterns: `*` is any text, `?` any one character. Actions have no case, resources do. */

const expressions = new Map<string, RegExp>();

function expression(pattern: string): RegExp {
    const known = expressions.get(pattern);
    if (known) return known;
    const source = pattern
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replace(/\*+/g, "*")
        .replace(/\*/g, "[^]*")
        .replace(/\?/g, "[^]");
    const result = new RegExp(`^${source}$`);
    if (expressions.size > 5_000) expressions.clear();
    expressions.set(pattern, result);
    return result;
}

/** Whether the pattern matches the text, which is taken literally. */
export function matches(pattern: string, text: string): boolean {
    return expression(pattern).test(text);
}

/** Actions: without case, e.g. `ECR:Put*` matches `ecr:PutImage`. */
export function matchesAction(pattern: string, action: string): boolean {
    return matches(pattern.toLowerCase(), action.toLowerCase());
}

/**
 * Whether some text matches both patterns. Exact: walks both patterns at once over the pairs of positions.
 * Time: product of the lengths.
 */
export function intersects(a: string, b: string): boolean {
    if (differEarly(a, b)) return false;
    if (!/[*?]/.test(a)) return matches(b, a);
    if (!/[*?]/.test(b)) return matches(a, b);
    const width = b.length + 1;
    const seen = new Uint8Array((a.length + 1) * width);
    const stack: [number, number][] = [[0, 0]];
    for (let pair = stack.pop(); pair; pair = stack.pop()) {
        const [i, j] = pair;
        if (i === a.length && j === b.length) return true;
        const cell = i * width + j;
        if (seen[cell]) continue;
        seen[cell] = 1;
        const [left, right] = [a[i], b[j]];
        if (left === "*") {
            stack.push([i + 1, j]);
            if (right !== undefined) stack.push([i, j + 1]);
        }
        if (right === "*") {
            stack.push([i, j + 1]);
            if (left !== undefined) stack.push([i + 1, j]);
        }
        if (left === undefined || right === undefined || left === "*" || right === "*") continue;
        if (left === right || left === "?" || right === "?") stack.push([i + 1, j + 1]);
    }
    return false;
}

/** Different before the first wildcard of either: the usual case, and cheap to see. */
function differEarly(a: string, b: string): boolean {
    const length = Math.min(a.length, b.length);
    for (let index = 0; index < length; index++) {
        const [left, right] = [a[index], b[index]];
        if (left === "*" || right === "*" || left === "?" || right === "?") return false;
        if (left !== right) return true;
    }
    return false;
}

/**
 * Whether every text that `inner` matches is matched by `outer`. Never says yes wrongly; the rare cases where a mixture
 * of `?` and `*` would need a full language comparison answer no.
 */
export function isSubset(inner: string, outer: string): boolean {
    // A text of the inner pattern with every wildcard taken for a character of its own: if the outer pattern swallows
    // even that, it swallows every text of the inner one. `*` may only be swallowed by `*`.
    const width = outer.length + 1;
    const seen = new Uint8Array((inner.length + 1) * width);
    const stack: [number, number][] = [[0, 0]];
    for (let pair = stack.pop(); pair; pair = stack.pop()) {
        const [i, j] = pair;
        if (i === inner.length && j === outer.length) return true;
        const cell = i * width + j;
        if (seen[cell]) continue;
        seen[cell] = 1;
        const [left, right] = [inner[i], outer[j]];
        if (right === "*") {
            stack.push([i, j + 1]);
            if (left !== undefined) stack.push([i + 1, j]);
        } else if (left !== undefined && right !== undefined && left !== "*") {
            if (left === right || right === "?") stack.push([i + 1, j + 1]);
        }
    }
    return false;
}
