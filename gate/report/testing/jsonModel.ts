import { randomNumbers } from "./damage";

/** The content in pieces of one to some dozen bytes, some of them empty; in one buffer that is used again. */
export function* cutAtRandom(content: Uint8Array, seed: number): Iterable<Uint8Array> {
    const random = randomNumbers(seed);
    const longest = 1 + Math.floor(random() * 40);
    const buffer = new Uint8Array(longest);
    for (let at = 0; at < content.length;) {
        const length = Math.min(Math.floor(random() * (longest + 1)), content.length - at);
        buffer.fill(0);
        buffer.set(content.subarray(at, at + length));
        yield buffer.subarray(0, length);
        at += length;
    }
}

const escaped = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

/** What readJsonStream is to give, written down as plainly as possible over a value that is there as a whole. */
export function splitElements(document: unknown, patterns: readonly string[]) {
    const elements: { pattern: string; pointer: string; value: unknown }[] = [];
    const walk = (value: unknown, pointer: string, way: string): unknown => {
        if (Array.isArray(value)) {
            const pattern = patterns.find((each) => each === `${way}/*`);
            if (pattern === undefined)
                return value.map((item, at) => walk(item, `${pointer}/${at}`, `${way}/*`));
            value.forEach((item, at) => elements.push({ pattern, pointer: `${pointer}/${at}`, value: item }));
            return [];
        }
        if (typeof value !== "object" || value === null) return value;
        return mapEntries(value, (item, key) =>
            walk(item, `${pointer}/${escaped(key)}`, `${way}/${escaped(key)}`),
        );
    };
    return { rest: walk(document, "", ""), elements };
}

/** The value with only the keys that dot paths name, below which everything stays, and those on the way to patterns. */
export function projected(
    value: unknown,
    paths: readonly string[] | undefined,
    patterns: readonly string[],
): unknown {
    if (paths === undefined) return value;
    const walk = (each: unknown, names: readonly string[], way: readonly string[][]): unknown => {
        if (Array.isArray(each)) {
            return each.map((item) => walk(item, names, below(way, "*")));
        }
        if (typeof each !== "object" || each === null) return each;
        return mapEntries(each, (item, key) => {
            const path = [...names, key];
            const text = path.join(".");
            if (paths.includes(text)) return item;
            const further = below(way, key);
            const leads = further.length > 0 || paths.some((kept) => kept.startsWith(`${text}.`));
            return leads ? walk(item, path, further) : leftOut;
        });
    };
    return walk(
        value,
        [],
        patterns.map((pattern) =>
            pattern
                .split("/")
                .slice(1, -1)
                .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")),
        ),
    );
}

const leftOut = Symbol("left out");

function below(ways: readonly string[][], part: string): string[][] {
    return ways.filter(([first]) => first === part).map(([, ...others]) => others);
}

function mapEntries(object: object, map: (value: unknown, key: string) => unknown): object {
    const mapped = {};
    for (const [key, each] of Object.entries(object)) {
        const value = map(each, key);
        // An assignment to __proto__ would not make a key.
        if (value !== leftOut)
            Object.defineProperty(mapped, key, {
                value,
                enumerable: true,
                configurable: true,
                writable: true,
            });
    }
    return mapped;
}
