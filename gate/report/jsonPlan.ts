/*
 * What a reader of large JSON wants of a document, as a tree that is walked together with the document: which keys
 * are kept, and which arrays are handed out element by element.
 */

/** What to do with one value of the document. */
export interface Plan {
    /** The key this stands under; `*` for the items of an array. */
    readonly name: string;
    /** Plans of keys by the length of the key in bytes; what is not listed gets `other`. */
    readonly keys: readonly (readonly { readonly bytes: Uint8Array; readonly plan: Plan }[] | undefined)[];
    /** Plan of keys that are not listed: `whole` or `dropped`. */
    readonly other: Plan;
    /** Plan of the items when the value is an array. */
    readonly item: Plan;
    /** Number of the pattern whose elements are the items of this array; -1 for none. */
    readonly elements: number;
}

function constant(name: string): Plan {
    const plan: { -readonly [key in keyof Plan]: Plan[key] } = {
        name,
        keys: [],
        other: undefined as unknown as Plan,
        item: undefined as unknown as Plan,
        elements: -1,
    };
    plan.other = plan;
    plan.item = plan;
    return plan;
}

/** Everything below is kept. */
export const whole: Plan = constant("whole");

/** Everything below is checked and left out. */
export const dropped: Plan = constant("dropped");

/** A node while the tree is built. */
interface Draft {
    keys: Map<string, Draft>;
    item: Draft | null;
    elements: number;
    /** True when all keys below are kept, not only those that are listed. */
    all: boolean;
    /** True when it is there only because the way to elements leads through it. */
    onlyWay: boolean;
}

const draft = (all: boolean, onlyWay = false): Draft => ({
    keys: new Map(),
    item: null,
    elements: -1,
    all,
    onlyWay,
});

/**
 * The plan of the document around the elements.
 * @param patterns JSON pointers of elements; `*` stands for any index and is always the last part.
 * @param paths dot paths that are kept; undefined for all.
 * @throws TypeError when a pattern cannot be followed, or lies within another.
 */
export function documentPlan(patterns: readonly string[], paths: readonly string[] | undefined): Plan {
    const root = draftOf(paths);
    patterns.forEach((pattern, number) => {
        const parts = pattern.split("/").slice(1);
        if (!pattern.startsWith("/") || parts.at(-1) !== "*") {
            throw new TypeError(`"${pattern}" is not the pattern of elements; it has to be like /matches/*`);
        }
        let at = root;
        for (const part of parts.slice(0, -1)) {
            if (at.elements >= 0)
                throw new TypeError(`"${pattern}" lies within the elements of another pattern`);
            if (part === "*") at = at.item ??= withoutElements(at);
            else at = childOf(at, part.replaceAll("~1", "/").replaceAll("~0", "~"), true);
        }
        if (at.item !== null || at.elements >= 0)
            throw new TypeError(`"${pattern}" contains another pattern`);
        at.elements = number;
    });
    return finish("", root);
}

/** The plan of one element. @param paths dot paths that are kept; undefined for all. */
export function elementPlan(paths: readonly string[] | undefined): Plan {
    return finish("*", draftOf(paths));
}

function draftOf(paths: readonly string[] | undefined): Draft {
    const root = draft(paths === undefined);
    for (const path of paths ?? []) {
        let at = root;
        for (const key of path.split(".")) at = childOf(at, key, false);
        at.all = true;
    }
    return root;
}

function childOf(parent: Draft, key: string, onlyWay: boolean): Draft {
    const known = parent.keys.get(key);
    if (known !== undefined) return known;
    const child = draft(parent.all, onlyWay);
    parent.keys.set(key, child);
    return child;
}

/** What is kept there, were there no elements. */
function withoutElements({ keys, all }: Draft): Draft {
    const copy = draft(all);
    if (all) return copy;
    for (const [key, child] of keys) if (!child.onlyWay) copy.keys.set(key, withoutElements(child));
    return copy;
}

function leadsToElements({ keys, item, elements }: Draft): boolean {
    return elements >= 0 || item !== null || [...keys.values()].some(leadsToElements);
}

function finish(name: string, from: Draft): Plan {
    const { keys, item, elements, all } = from;
    if (all && !leadsToElements(from)) return whole;
    const byLength: { bytes: Uint8Array; plan: Plan }[][] = [];
    for (const [key, child] of keys) {
        const bytes = Buffer.from(key);
        (byLength[bytes.length] ??= []).push({ bytes, plan: finish(key, child) });
    }
    const plan: { -readonly [key in keyof Plan]: Plan[key] } = {
        name,
        keys: Array.from(byLength),
        other: all ? whole : dropped,
        item: whole,
        elements,
    };
    // An array of objects has the keys of its objects: `locations.path` are the paths of all locations.
    if (item !== null) plan.item = finish("*", item);
    else plan.item = leadsToElements(from) ? finish("*", withoutElements(from)) : plan;
    return plan;
}
