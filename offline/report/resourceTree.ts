/**
 * The resources as a tree by component. Repeats are folded so that the tree shows structure, not bulk: many leaves of
 * one type become one line, and a subtree that looks like its sibling's is named instead of repeated.
 */
import type { CapturedResource } from "../model";
import type { ResourceIndex } from "./resourceIndex";
import { byCodeUnit, byName, shortType, stackType } from "./resourceIndex";
import { plural } from "./verdict";

export interface TreeLine {
    /** Branch drawing, e.g. `│  ├─ `. */
    branch: string;
    kind: "component" | "resource" | "group";
    name: string;
    /** Short type; for components without the package. */
    type: string;
    /** Resources below, or in the group; 0 for a leaf. */
    count: number;
    note: string;
}

/** This many leaves of one type under one parent are folded into one line. */
export const foldedFrom = 3;

type Entry =
    | { kind: "one"; resource: CapturedResource; sameAs: string | null }
    | { kind: "group"; type: string; names: string[] };

/** What a subtree looks like: types and ignored properties, without names. Equal shapes are worth showing once. */
function shapeOf(resource: CapturedResource, index: ResourceIndex): string {
    const below = index.childrenOf(resource.urn).map((child) => shapeOf(child, index));
    return `${resource.type}${resource.ignoreChanges.join(",")}(${below.sort(byCodeUnit).join(",")})`;
}

function rank(resource: CapturedResource, index: ResourceIndex): number {
    return !resource.custom ? 0 : index.childrenOf(resource.urn).length > 0 ? 1 : 2;
}

function entriesOf(parent: string, index: ResourceIndex): Entry[] {
    const shown = index
        .childrenOf(parent)
        .filter((child) => !child.type.startsWith("pulumi:providers:"))
        .sort(
            (a, b) =>
                rank(a, index) - rank(b, index) ||
                byCodeUnit(shortType(a.type), shortType(b.type)) ||
                byName(a.name, b.name) ||
                byCodeUnit(a.urn, b.urn),
        );
    const leafCounts = new Map<string, number>();
    // What others may change is never folded away.
    const isLeaf = (resource: CapturedResource): boolean =>
        rank(resource, index) === 2 && resource.ignoreChanges.length === 0;
    shown.filter(isLeaf).forEach(({ type }) => leafCounts.set(type, (leafCounts.get(type) ?? 0) + 1));
    const entries: Entry[] = [];
    const groups = new Map<string, string[]>();
    const shapes = new Map<string, string>();
    for (const resource of shown) {
        if (isLeaf(resource) && resource.custom && (leafCounts.get(resource.type) ?? 0) >= foldedFrom) {
            const names = groups.get(resource.type);
            if (names) {
                names.push(resource.name);
            } else {
                const started = [resource.name];
                groups.set(resource.type, started);
                entries.push({ kind: "group", type: resource.type, names: started });
            }
            continue;
        }
        const shape = isLeaf(resource) ? "" : shapeOf(resource, index);
        const sameAs = shape === "" ? undefined : shapes.get(shape);
        entries.push({ kind: "one", resource, sameAs: sameAs ?? null });
        if (shape !== "" && sameAs === undefined) {
            shapes.set(shape, resource.name);
        }
    }
    return entries;
}

function linesBelow(parent: string, branch: string, index: ResourceIndex): TreeLine[] {
    const entries = entriesOf(parent, index);
    return entries.flatMap((entry, position): TreeLine[] => {
        const last = position === entries.length - 1;
        const own = `${branch}${last ? "└─ " : "├─ "}`;
        if (entry.kind === "group") {
            const count = entry.names.length;
            return [
                {
                    branch: own,
                    kind: "group",
                    name: entry.names.join(", "),
                    type: shortType(entry.type),
                    count,
                    note: "",
                },
            ];
        }
        const { resource, sameAs } = entry;
        const count = index.descendantsOf(resource.urn).length;
        const unexpanded = resource.remote && count === 0;
        const line: TreeLine = {
            branch: own,
            kind: resource.custom ? "resource" : "component",
            name: resource.name,
            type: shortType(resource.type),
            count,
            note: [
                ...(sameAs !== null ? [`like ${sameAs}`] : []),
                ...(resource.remote && sameAs === null
                    ? [unexpanded ? "remote, not expanded" : "remote"]
                    : []),
                ...(resource.ignoreChanges.length > 0 && sameAs === null
                    ? [`ignores changes of ${resource.ignoreChanges.join(", ")}`]
                    : []),
            ].join(", "),
        };
        const below =
            sameAs !== null ? [] : linesBelow(resource.urn, `${branch}${last ? "   " : "│  "}`, index);
        return [line, ...below];
    });
}

/** The tree below the stack, as lines to print. Sorted: components, then resources with children, then leaves. */
export function treeLines(index: ResourceIndex): TreeLine[] {
    const roots = index.childrenOf("");
    const stack = roots.find((resource) => resource.type === stackType);
    const orphans = roots.filter(
        (resource) => resource !== stack && !resource.type.startsWith("pulumi:providers:"),
    );
    const below = stack ? linesBelow(stack.urn, "", index) : [];
    // Without a captured parent a resource would vanish from the tree; it is shown with a remark instead.
    return [
        ...below,
        ...orphans.map((resource): TreeLine => ({
            branch: "",
            kind: resource.custom ? "resource" : "component",
            name: resource.name,
            type: shortType(resource.type),
            count: index.descendantsOf(resource.urn).length,
            note: "parent not captured",
        })),
    ];
}

/** One line of the tree without colour, e.g. `├─ network  Network, 38 resources`. */
export function countNote(line: TreeLine): string {
    return line.kind === "group" || line.count === 0 ? "" : `${line.count} ${plural(line.count, "resource")}`;
}
