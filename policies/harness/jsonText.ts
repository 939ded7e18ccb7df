/** JSON texts (IAM documents, container definitions, lifecycle policies) are read by many rules: parse each once. */
export type ParsedJson = { kind: "parsed"; value: unknown } | { kind: "malformed"; why: string };

const parsedByText = new Map<string, ParsedJson>();
/** A stack has at most a few thousand documents; the bound only keeps a long-lived process from growing for ever. */
const cacheLimit = 5_000;

/** Parses a JSON text; the same text gives the same object, which callers must not change. Never throws. */
export function parseJsonText(text: string): ParsedJson {
    const cached = parsedByText.get(text);
    if (cached) return cached;
    if (parsedByText.size >= cacheLimit) parsedByText.clear();
    let parsed: ParsedJson;
    try {
        parsed = { kind: "parsed", value: JSON.parse(text) as unknown };
    } catch (error) {
        parsed = { kind: "malformed", why: `not valid JSON: ${(error as Error).message}` };
    }
    parsedByText.set(text, parsed);
    return parsed;
}
