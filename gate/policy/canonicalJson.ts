/**
 * JSON text with object keys in code-unit order at every depth and no white space, so that equal values always
 * give equal bytes (the ordering rule of RFC 8785). Properties that are undefined are left out, as in JSON.
 */
export function canonicalJson(value: unknown): string {
    return JSON.stringify(value, (_key, part: unknown) =>
        part !== null && typeof part === "object" && !Array.isArray(part)
            ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
            : part,
    );
}
